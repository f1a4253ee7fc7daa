package dev.tidegate.aggregation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.config.WindowConfig;
import dev.tidegate.flow.Summary;
import dev.tidegate.health.Counters;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Quality;
import dev.tidegate.reading.Reading;
import dev.tidegate.reading.Waveform;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What happens at each limit: turned away, skipped, folded, and always counted. */
final class WindowsBoundsTest {
  private static final PointId A = new PointId("d/a");
  private static final long SECOND = 1_000_000_000L;

  private final Counters counters = new Counters();
  private final List<Summary> out = new ArrayList<>();

  private Windows windows(int kept, long size, long slide, long lateness) {
    WindowConfig config = new WindowConfig("w", List.of(A), size, slide, lateness);
    return new Windows(List.of(config), List.of(), counters, kept);
  }

  // Folding saves memory; as long as nothing is turned away, it must not change one bit.
  @Test
  void foldingChangesNothing() {
    int compared = 0;
    long folded = 0;
    for (int seed = 0; seed < 1_000; seed++) {
      Script script = new Script(seed);
      Counters counted = new Counters();
      List<Summary> small = script.run(new Windows(script.windows, script.points, counted, 6));
      if (counted.value("aggregation.overflow") == 0) {
        compared++;
        folded += counted.value("aggregation.folded");
        List<Summary> plain = script.run();
        assertEquals(plain.size(), small.size(), "stream of seed " + seed);
        for (int i = 0; i < plain.size(); i++) {
          assertEquals(plain.get(i), small.get(i), "stream of seed " + seed + ", summary " + i);
        }
      }
    }
    assertTrue(compared > 100 && folded > 100, compared + " compared, " + folded + " folded");
  }

  // A sample that belongs before a folded one cannot be placed: it must be counted, not guessed.
  @Test
  void turnsAwayWhatBelongsBeforeAFoldedSample() {
    Windows w = windows(4, 100, 100, 0);
    w.advance(0, out::add);
    for (long t = 10; t <= 50; t += 10) {
      w.add(Reading.good(A, t, (double) t)); // the fifth folds 10 and 20
    }
    w.add(Reading.good(A, 15, 99));
    w.add(Reading.good(A, 20, 21)); // after the folded one of the same time
    w.add(Reading.good(A, 25, 22));
    w.advance(100, out::add);
    assertEquals(3, counters.value("aggregation.folded")); // with the next 20, to make room
    assertEquals(1, counters.value("aggregation.overflow"));
    assertEquals(7, out.getFirst().count());
    assertEquals(1, out.getFirst().late());
    assertEquals(90, out.getFirst().coveredNanos());
    assertEquals(
        (10 * 10 + 21 * 5 + 22 * 5 + 30 * 10 + 40 * 10 + 50 * 50) / 90.0,
        out.getFirst().timeMean(),
        1e-12);
  }

  // A long window at a high rate must stay within its memory and still be exact.
  @Test
  void summarisesMoreSamplesThanItKeeps() {
    Windows w = windows(Series.KEPT, SECOND, SECOND, 0);
    w.advance(0, out::add);
    int n = 100_000;
    for (int i = 0; i < n; i++) {
      w.add(Reading.good(A, i * (SECOND / n), i % 100));
    }
    w.advance(SECOND, out::add);
    Summary s = out.getFirst();
    assertEquals(n, s.count());
    assertEquals(49.5, s.mean(), 1e-9);
    assertEquals(49.5, s.timeMean(), 1e-9);
    assertEquals(Math.sqrt((100 * 100 - 1) / 12.0), s.stddev(), 1e-9);
    assertEquals(SECOND, s.coveredNanos());
    assertEquals(0, counters.value("aggregation.overflow"));
  }

  // Samples strewn over ever more panes must not take ever more memory.
  @Test
  void foldsIntoABoundedNumberOfPanes() {
    Windows w = windows(2, 10, 10, Grid.LONGEST_NANOS);
    w.advance(0, out::add);
    int n = 3 * Series.FOLDED;
    for (int i = 0; i < n; i++) {
      w.add(Reading.good(A, i * 10L, 1));
    }
    assertTrue(counters.value("aggregation.folded") <= Series.FOLDED * 3 / 2);
    assertEquals(
        n - counters.value("aggregation.folded") - 2, counters.value("aggregation.overflow"));
    w.flush(10L * n, out::add);
    assertEquals(
        n - counters.value("aggregation.overflow"), out.stream().mapToLong(Summary::count).sum());
  }

  // A leap of the time must not emit a window for every second since 1970.
  @Test
  void skipsEmptyWindowsAfterALeap() {
    Windows w = windows(Series.KEPT, SECOND, SECOND, 0);
    w.add(Reading.good(A, 0, 1));
    long leap = 1_795_000_000L * SECOND;
    w.advance(leap, out::add);
    assertEquals(1 + Series.EMPTY, out.size());
    assertEquals(1_795_000_000L - out.size(), counters.value("aggregation.skipped-windows"));
    w.add(Reading.good(A, leap, 2));
    w.advance(leap + SECOND, out::add);
    assertEquals(2 + Series.EMPTY, out.size());
    assertEquals(leap, out.getLast().startNanos());
    assertEquals(1, out.getLast().count());
  }

  // The skip must stop at the next window that has something to tell.
  @Test
  void skipsNoWindowThatHoldsASample() {
    Windows w = windows(Series.KEPT, 30, 10, 0);
    w.add(Reading.good(A, 5, 1));
    w.add(Reading.good(A, 1_000_005, 2));
    w.advance(1_000_100, out::add);
    // The first 3 windows, 10,000 empty ones, 3 with the second sample, and 7 more.
    assertEquals(10_013, out.size());
    assertEquals(6, out.stream().mapToLong(Summary::count).sum());
    assertEquals(1_000_100, out.getLast().endNanos());
    assertTrue(counters.value("aggregation.skipped-windows") > 80_000);
  }

  // A source with a wild clock must neither throw nor claim memory for windows in 2262.
  @Test
  void turnsAwayImplausibleTimes() {
    Windows w = windows(Series.KEPT, SECOND, SECOND, 0);
    w.advance(0, out::add);
    long ahead = SECOND + Grid.AHEAD_NANOS;
    w.add(Reading.good(A, ahead, 1));
    assertEquals(0, counters.value("aggregation.implausible-time"));
    w.add(Reading.good(A, ahead + 1, 1));
    w.add(Reading.good(A, Long.MAX_VALUE, 1));
    w.add(Reading.good(A, Long.MIN_VALUE, 1));
    w.add(new Waveform(A, 0, Long.MAX_VALUE, new double[3], Quality.GOOD));
    assertEquals(5, counters.value("aggregation.implausible-time"));
    w.advance(ahead + SECOND, out::add);
    assertEquals(2, out.stream().mapToLong(Summary::count).sum());
  }

  // The same before anyone told the time.
  @Test
  void takesAnyTimeBeforeTheFirstAdvanceWithoutOverflow() {
    Windows w = windows(Series.KEPT, SECOND, SECOND, 0);
    w.add(Reading.good(A, Long.MAX_VALUE, 1));
    w.add(Reading.good(A, Long.MIN_VALUE, 1));
    w.add(Reading.good(A, 0, 1));
    w.advance(SECOND, out::add);
    assertEquals(1, out.size());
    assertEquals(2, counters.value("aggregation.implausible-time"));
  }

  // A point that no window lists costs nothing and disturbs nothing.
  @Test
  void ignoresOtherPoints() {
    Windows w = windows(Series.KEPT, 10, 10, 0);
    PointId other = new PointId("d/other");
    assertTrue(w.contains(A));
    assertFalse(w.contains(other));
    w.add(Reading.good(other, 1, 1));
    w.advance(100, out::add);
    assertEquals(List.of(), out);
  }

  // A window that would need unbounded memory is refused when it is built.
  @Test
  void refusesWindowsBeyondTheLimits() {
    assertThrows(IllegalArgumentException.class, () -> windows(2, 10_001, 1, 0));
    assertThrows(IllegalArgumentException.class, () -> windows(2, 0, 10, 0));
    long year = Grid.LONGEST_NANOS;
    assertThrows(IllegalArgumentException.class, () -> windows(2, year + 1, year + 1, 0));
    assertThrows(IllegalArgumentException.class, () -> windows(2, 10, 10, year + 1));
  }
}
