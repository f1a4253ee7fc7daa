package dev.tidegate.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.config.BudgetConfig;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Event;
import dev.tidegate.flow.Lane;
import dev.tidegate.health.Counters;
import dev.tidegate.health.Faults;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Reading;
import dev.tidegate.testkit.ManualClock;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A link that costs by the byte: the lowest lane gives way, and comes back. */
class BudgetTest {
  private static final long SECOND = 1_000_000_000L;
  private static final double DAY = 86_400;

  @TempDir Path folder;
  private final ManualClock clock = new ManualClock();
  private final Counters counters = new Counters();
  private final Faults faults = new Faults(clock);

  private Vitals vitals(long linkPerDay) {
    BudgetConfig budget = new BudgetConfig(BudgetConfig.NONE, linkPerDay);
    return new Vitals(new FlashMeter(folder), budget, counters, faults, clock);
  }

  /**
   * A gateway whose summaries cost 10 B/s, and whose raw readings 90 B/s as long as all are kept.
   */
  private void run(Vitals vitals, int minutes) {
    for (int i = 0; i < 6 * minutes; i++) {
      clock.advance(10 * SECOND);
      counters.of("sync.link-bytes-out").add(100 + 900 / vitals.keepOneOf());
      vitals.sample();
    }
  }

  // Without it a SIM card's month would be gone in a week.
  @Test
  void theRawLaneIsThinnedUntilTheBudgetHoldsAndNoFurther() {
    Vitals vitals = vitals((long) (30 * DAY));
    run(vitals, 60);
    assertEquals(8, vitals.keepOneOf(), "10 + 90 / 8 is below 30 B/s, 10 + 90 / 4 is not");
    assertTrue(faults.open().stream().anyMatch(f -> f.what().equals("thinned")));
    assertFalse(faults.open().stream().anyMatch(f -> f.what().equals("exceeded")));
    double before = vitals.linkPerDay();
    assertTrue(before <= 30 * DAY, before + " B a day");
    run(vitals, 600);
    assertTrue(vitals.keepOneOf() <= 8 && vitals.keepOneOf() >= 4, "" + vitals.keepOneOf());
  }

  // Without it the test above could pass for a gateway that always thins.
  @Test
  void withoutABudgetNothingIsLeftOut() {
    Vitals vitals = vitals(BudgetConfig.NONE);
    run(vitals, 120);
    assertEquals(1, vitals.keepOneOf());
    assertEquals(List.of(), faults.open());
    assertEquals(100 * DAY, vitals.linkPerDay(), DAY);
  }

  // Without it a budget that nothing can meet would be broken in silence.
  @Test
  void aBudgetThatNothingCanMeetIsSaid() {
    Vitals vitals = vitals((long) (5 * DAY));
    run(vitals, 120);
    assertEquals(Vitals.MOST, vitals.keepOneOf());
    assertTrue(faults.open().stream().anyMatch(f -> f.what().equals("exceeded")));
  }

  // Without it alarms would give way too, or a device would wait for a receipt that never comes.
  @Test
  void onlyRawReadingsThatNobodyWaitsForAreLeftOut() {
    List<Entry> kept = new ArrayList<>();
    LongAdder thinned = new LongAdder();
    BudgetedJournal journal =
        new BudgetedJournal((lane, entry, receipt) -> kept.add(entry), () -> 4, thinned);
    for (int i = 0; i < 16; i++) {
      for (String point : List.of("a", "b")) {
        journal.append(
            Lane.RAW, new Entry.Measured(Reading.good(PointId.of("d", point), i, i)), null);
      }
    }
    assertEquals(8, kept.size());
    assertEquals(24, thinned.sum());
    journal.append(
        Lane.RAW, new Entry.Measured(Reading.good(PointId.of("d", "a"), 99, 1)), () -> {});
    Event event = new Event(1, Event.Severity.INFO, "k", "s", "m");
    journal.append(Lane.EVENTS, event, null);
    assertEquals(10, kept.size());
  }

  // Without it the meter could show nothing for ever, and nobody would notice.
  @Test
  void whatIsWrittenShows() throws Exception {
    FlashMeter meter = new FlashMeter(folder);
    long before = meter.processBytes();
    java.nio.file.Files.write(folder.resolve("file"), new byte[1 << 20]);
    long after = meter.processBytes();
    boolean isCounted = java.nio.file.Files.isReadable(Path.of("/proc/self/io"));
    System.out.println("1 MiB written shows as " + (after - before) + " bytes");
    assertTrue(!isCounted || after >= before);
  }
}
