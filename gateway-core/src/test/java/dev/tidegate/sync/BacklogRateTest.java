package dev.tidegate.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.config.SyncConfig;
import dev.tidegate.sync.ScriptedBroker.Published;
import dev.tidegate.testkit.ManualClock;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** After an outage: live data at once, the backlog as fast as it may. */
final class BacklogRateTest {
  private static final long SECOND = Workbench.SECOND;
  private static final long RATE = 10_000;
  private static final int BACKLOG = 60;

  @TempDir Path folder;

  private final ManualClock clock = new ManualClock();

  private static ScriptedBroker attentive() throws Exception {
    return new ScriptedBroker(
        peer -> {
          peer.accept();
          peer.grant();
          for (Published next = peer.publish(); next != null; next = peer.publish()) {
            peer.pubAck(next, 0);
          }
        });
  }

  private Workbench afterOutage(URI broker, long rate) throws Exception {
    SyncConfig c = SyncConfig.to(broker);
    SyncConfig paced =
        new SyncConfig(
            broker,
            c.tenant(),
            c.topics(),
            c.sendWindow(),
            c.batchBytes(),
            3_600 * SECOND,
            3_600 * SECOND,
            c.reconnectMinNanos(),
            c.reconnectMaxNanos(),
            null,
            null,
            null,
            rate,
            SyncConfig.Limits.NONE,
            new SyncConfig.FarSide.Plain(),
            SyncConfig.Identity.NONE,
            List.of(),
            0);
    Workbench bench = new Workbench(folder, clock, paced, new Random(3), null);
    bench.alarms(BACKLOG);
    bench.until("the connection", () -> bench.count("connects") == 1);
    return bench;
  }

  /** Without it, a backlog would take the whole of a metered link, or hold up what happens now. */
  @Test
  void theBacklogKeepsToItsRateAndLiveFramesDoNotWait() throws Exception {
    try (ScriptedBroker broker = attentive();
        Workbench bench = afterOutage(broker.uri(), RATE)) {
      bench.settle();
      Published first = broker.next("/up/batch");
      long packet = first.rest().length;
      List<Long> nanos = new ArrayList<>();
      List<Long> backlog = new ArrayList<>();
      long live = 0;
      for (int tick = 0; bench.count("published") - live < BACKLOG; tick++) {
        assertTrue(tick < 500, () -> "stuck; " + bench.counters.snapshot());
        nanos.add(clock.monotonicNanos());
        backlog.add(bench.count("published") - live);
        if (tick == 20) {
          long before = bench.count("published");
          bench.alarms(1);
          bench.until("the live frame", () -> bench.count("published") > before);
          bench.settle();
          assertEquals(before + 1, bench.count("published"), "the live frame alone");
          live++;
        }
        clock.advance(SECOND / 50);
        bench.settle();
      }
      for (int i = 0; i < nanos.size(); i++) {
        for (int j = i; j < nanos.size(); j++) {
          double budget = (nanos.get(j) - nanos.get(i)) / 1e9 * RATE + packet;
          assertTrue(
              (backlog.get(j) - backlog.get(i)) * packet <= budget, "from " + i + " to " + j);
        }
      }
      double seconds = (clock.monotonicNanos() - nanos.getFirst()) / 1e9;
      assertTrue(BACKLOG * packet / seconds > RATE / 3.0, "the rate is used: " + seconds + " s");
    }
  }

  /** The control: without a rate all of it goes while the clock stands still. */
  @Test
  void withoutARateTheBacklogGoesAtOnce() throws Exception {
    try (ScriptedBroker broker = attentive();
        Workbench bench = afterOutage(broker.uri(), SyncConfig.UNLIMITED)) {
      bench.until("all of it", () -> bench.count("published") == BACKLOG);
    }
  }

  /** Without it, a link that comes and goes would send faster than it may. */
  @Test
  void aPaceIsPaidForInTime() {
    Pace pace = new Pace(1_000);
    assertTrue(pace.isFree(0));
    pace.spend(500, 0);
    assertTrue(!pace.isFree(SECOND / 2 - 1));
    assertEquals(SECOND / 2, pace.wakeNanos(0));
    assertTrue(pace.isFree(SECOND / 2));
    assertEquals(LaneRun.NEVER, pace.wakeNanos(SECOND / 2));
  }
}
