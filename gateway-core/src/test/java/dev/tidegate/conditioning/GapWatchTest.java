package dev.tidegate.conditioning;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.flow.Event;
import dev.tidegate.flow.Event.Severity;
import dev.tidegate.health.Counters;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Quality;
import dev.tidegate.reading.Reading;
import dev.tidegate.reading.Value;
import dev.tidegate.reading.Waveform;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Gaps as the operator hears of them, through the conditioner. */
final class GapWatchTest {
  private static final PointId A = Rules.A;
  private static final PointId B = new PointId("d/b");
  private static final long SECOND = 1_000_000_000L;

  private final Counters counters = new Counters();
  private final List<Event> events = new ArrayList<>();
  private final Conditioner conditioner =
      new Conditioner(
          List.of(
              new Rules().of(B).gapAfter(20 * SECOND).build(),
              new Rules().gapAfter(5 * SECOND).build(),
              new Rules().of(new PointId("d/never")).build()),
          counters,
          events::add);

  private void good(PointId point, long second) {
    conditioner.condition(Reading.good(point, second * SECOND, 1), second * SECOND);
  }

  private List<String> told() {
    return events.stream()
        .map(e -> e.atNanos() / SECOND + " " + e.severity() + " " + e.kind() + " " + e.subject())
        .toList();
  }

  // One event when it begins, one when it ends, dated exactly, however often anyone looks.
  @Test
  void tellsEachGapOnceWithItsExactLength() {
    conditioner.advance(0);
    good(B, 1);
    good(A, 2);
    conditioner.advance(7 * SECOND);
    assertEquals(List.of(), told());
    conditioner.advance(7 * SECOND + 1);
    conditioner.advance(9 * SECOND);
    assertEquals(List.of("7 WARNING gap d/a"), told());
    assertTrue(
        events.getFirst().message().startsWith("no usable sample since 1970-01-01T00:00:02Z"),
        events.getFirst().message());
    conditioner.condition(Reading.good(A, 0, 1), 14 * SECOND + 250_000_000);
    good(A, 15);
    conditioner.advance(15 * SECOND);
    assertEquals(List.of("7 WARNING gap d/a", "14 INFO gap-over d/a"), told());
    assertEquals(
        "usable samples are back after 12.25 s of silence that began at 1970-01-01T00:00:02Z.",
        events.getLast().message());
    assertEquals(1, counters.value("conditioning.gaps"));
  }

  // A device that never answers must be told as well.
  @Test
  void countsFromTheStartBeforeTheFirstSample() {
    conditioner.advance(100 * SECOND);
    conditioner.advance(105 * SECOND);
    assertEquals(List.of(), told());
    conditioner.advance(300 * SECOND);
    assertEquals(List.of("105 WARNING gap d/a", "120 WARNING gap d/b"), told());
    assertTrue(
        events.getLast().message().startsWith("no usable sample ever since the start at"),
        events.getLast().message());
  }

  // Bad samples are no sign of life; uncertain ones and waveforms are.
  @Test
  void hearsUsableSamplesOnly() {
    conditioner.advance(0);
    good(B, 0);
    conditioner.condition(
        new Waveform(A, 3 * SECOND, 1, new double[] {1}, Quality.UNCERTAIN_SOURCE), 3 * SECOND);
    conditioner.condition(
        new Reading(A, 6 * SECOND, Value.of(1.0), Quality.BAD_SENSOR), 6 * SECOND);
    conditioner.condition(Reading.good(A, 7 * SECOND, Double.NaN), 7 * SECOND);
    conditioner.advance(9 * SECOND);
    assertEquals(List.of("8 WARNING gap d/a"), told());
  }

  // Whether advance was called during the silence must not show in what is told.
  @Test
  void tellsTheSameHoweverOftenItLooks() {
    for (int seed = 0; seed < 300; seed++) {
      List<List<Event>> told = new ArrayList<>();
      List<String> expected = new ArrayList<>();
      for (int looks = 0; looks < 3; looks++) {
        Random random = new Random(seed);
        List<Event> all = new ArrayList<>();
        expected.clear();
        Conditioner c =
            new Conditioner(List.of(new Rules().gapAfter(10).build()), new Counters(), all::add);
        c.advance(0);
        long heard = 0;
        long now = 0;
        for (int i = 0; i < 50; i++) {
          long arrival = now + random.nextInt(20);
          for (int look = 1; look <= looks; look++) {
            c.advance(now + (arrival - now) * look / looks);
          }
          now = arrival;
          boolean bad = random.nextInt(4) == 0;
          c.condition(
              new Reading(A, now, Value.of(1.0), bad ? Quality.BAD_SENSOR : Quality.GOOD), now);
          if (!bad) {
            if (now - heard > 10) { // the oracle: a gap is what lies between usable samples
              expected.add(heard + 10 + " gap");
              expected.add(now + " gap-over");
            }
            heard = now;
          }
        }
        all.removeIf(e -> e.severity() == Severity.WARNING && e.atNanos() > lastOver(all));
        told.add(all);
      }
      assertEquals(
          expected,
          told.getFirst().stream().map(e -> e.atNanos() + " " + e.kind()).toList(),
          "seed " + seed);
      assertEquals(told.get(0), told.get(1), "seed " + seed);
      assertEquals(told.get(1), told.get(2), "seed " + seed);
    }
  }

  /** A gap that has not ended is told only by looking; leave it out of the comparison. */
  private static long lastOver(List<Event> events) {
    return events.stream()
        .filter(e -> e.kind().equals("gap-over"))
        .mapToLong(Event::atNanos)
        .max()
        .orElse(-1);
  }
}
