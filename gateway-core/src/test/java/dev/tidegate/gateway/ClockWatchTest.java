package dev.tidegate.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.config.BudgetConfig;
import dev.tidegate.health.Counters;
import dev.tidegate.health.Faults;
import dev.tidegate.health.LogLines;
import dev.tidegate.testkit.ManualClock;
import dev.tidegate.timekeeping.SteppedTime;
import dev.tidegate.timekeeping.TrustedClock;
import java.nio.file.Path;
import java.util.List;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the clock's thread does besides looking at clocks. */
@Isolated("one log for the whole process")
class ClockWatchTest {
  private static final long SECOND = 1_000_000_000L;
  private static final Logger LOG = LoggerFactory.getLogger("tidegate");

  @TempDir Path folder;

  private final ManualClock time = new ManualClock();

  // Without it a log that was turned up for a minute would stay so, and fill the disk for a year.
  @Test
  void aLouderLogIsSetBackByTheClocksThread() throws Exception {
    TrustedClock clock = SteppedTime.over(time, folder);
    Faults faults = new Faults(clock);
    Counters counters = new Counters();
    Vitals vitals =
        new Vitals(new FlashMeter(folder), BudgetConfig.UNBOUNDED, counters, faults, clock);
    LogLevel level = new LogLevel();
    ClockWatch watch = new ClockWatch(clock, vitals, (lane, entry, r) -> {}, faults, level);
    try (LogLines lines = new LogLines(Level.INFO)) {
      assertTrue(level.set("debug", clock.monotonicNanos() + 60 * SECOND));
      for (int second = 0; second < 60; second++) {
        assertEquals(1, watch.step(0));
        LOG.debug("during {}", second);
        time.advance(SECOND);
      }
      assertEquals(60, lines.of("during").size());
      watch.step(0);
      assertFalse(LOG.isDebugEnabled());
      LOG.debug("after");
      assertEquals(List.of(), lines.of("after"));
    }
  }
}
