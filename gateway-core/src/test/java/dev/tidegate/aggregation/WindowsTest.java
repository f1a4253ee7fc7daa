package dev.tidegate.aggregation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.config.PointConfig;
import dev.tidegate.config.WindowConfig;
import dev.tidegate.flow.Summary;
import dev.tidegate.health.Counters;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Quality;
import dev.tidegate.reading.Reading;
import dev.tidegate.reading.Value;
import dev.tidegate.reading.Waveform;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What the specification says (docs/spec/windows.md), case by case. */
final class WindowsTest {
  private static final PointId A = new PointId("d/a");
  private static final PointId B = new PointId("d/b");
  private static final double NAN = Double.NaN;

  private final Counters counters = new Counters();
  private final List<Summary> out = new ArrayList<>();

  private Windows windows(long gapAfterNanos, WindowConfig... configs) {
    return new Windows(
        List.of(configs), List.of(Script.held(A, gapAfterNanos), PointConfig.plain(B)), counters);
  }

  private static WindowConfig tumbling(long sizeNanos, long latenessNanos) {
    return new WindowConfig("t", List.of(A), sizeNanos, sizeNanos, latenessNanos);
  }

  private static Reading bad(long nanos) {
    return new Reading(A, nanos, Value.of(0.0), Quality.BAD_SENSOR);
  }

  // Every field of a summary, worked out by hand.
  @Test
  void summarisesOneWindow() {
    Windows w = windows(30, tumbling(100, 0));
    w.advance(0, out::add);
    w.add(Reading.good(A, 10, 4));
    w.add(Reading.good(A, 20, 8));
    w.add(Reading.good(A, 60, 3));
    w.advance(99, out::add);
    assertEquals(List.of(), out);
    w.advance(100, out::add);
    // 4 holds 10 ns, 8 holds 30 of its 40 ns (gap-after), 3 holds 30.
    double timeMean = (4 * 10 + 8 * 30 + 3 * 30) / 70.0;
    double stddev = Math.sqrt((16 + 64 + 9) / 3.0 - 25);
    Summary s = out.getFirst();
    assertEquals(timeMean, s.timeMean(), 1e-12);
    assertEquals(stddev, s.stddev(), 1e-12);
    assertEquals(
        new Summary("t", A, 0, 100, 3, 0, 0, 3, 5, 8, s.stddev(), 4, 3, s.timeMean(), 70), s);
  }

  // A sample at the end would otherwise count twice, or nowhere.
  @Test
  void givesASampleAtTheEndToTheNextWindow() {
    Windows w = windows(PointConfig.NEVER, tumbling(10, 0));
    w.add(Reading.good(A, 0, 1));
    w.add(Reading.good(A, 10, 2));
    w.advance(20, out::add);
    assertEquals(List.of(1L, 1L), out.stream().map(Summary::count).toList());
    assertEquals(List.of(0L, 10L), out.stream().map(Summary::startNanos).toList());
  }

  // A gateway without a battery clock starts in 1970; division must round down, not to zero.
  @Test
  void alignsWindowsBefore1970() {
    Windows w = windows(PointConfig.NEVER, tumbling(10, 0));
    w.add(Reading.good(A, -1, 1));
    w.add(Reading.good(A, -10, 2));
    w.add(Reading.good(A, -11, 3));
    w.advance(0, out::add);
    assertEquals(List.of(-20L, -10L), out.stream().map(Summary::startNanos).toList());
    assertEquals(List.of(1L, 2L), out.stream().map(Summary::count).toList());
  }

  // Silence must be visible, and must not be told of a point that never spoke.
  @Test
  void emitsEmptyWindowsOnlyAfterTheFirstSample() {
    Windows w = windows(15, tumbling(10, 0));
    w.advance(1_000, out::add);
    assertEquals(List.of(), out);
    w.add(Reading.good(A, 1_005, 7));
    w.advance(1_030, out::add);
    assertEquals(
        List.of(
            new Summary("t", A, 1_000, 1_010, 1, 0, 0, 7, 7, 7, 0, 7, 7, 7, 5),
            new Summary("t", A, 1_010, 1_020, 0, 0, 0, NAN, NAN, NAN, NAN, NAN, NAN, 7, 10),
            new Summary("t", A, 1_020, 1_030, 0, 0, 0, NAN, NAN, NAN, NAN, NAN, NAN, NAN, 0)),
        out);
  }

  // After a failure nobody knows the value: it must not be held across.
  @Test
  void endsTheHoldAtABadSample() {
    Windows w = windows(PointConfig.NEVER, tumbling(100, 0));
    w.add(Reading.good(A, 0, 5));
    w.add(bad(40));
    w.add(Reading.good(A, 90, 6));
    w.advance(100, out::add);
    assertEquals(2, out.getFirst().count());
    assertEquals(1, out.getFirst().bad());
    assertEquals(50, out.getFirst().coveredNanos());
    assertEquals((5 * 40 + 6 * 10) / 50.0, out.getFirst().timeMean(), 1e-12);
  }

  // A text or an infinity that nobody marked must not poison the mean.
  @Test
  void countsWhatIsNoNumberAsBad() {
    Windows w = windows(PointConfig.NEVER, tumbling(10, 0));
    w.add(new Reading(A, 1, Value.of("open"), Quality.GOOD));
    w.add(Reading.good(A, 2, Double.POSITIVE_INFINITY));
    w.add(new Reading(A, 3, Value.of(true), Quality.GOOD));
    w.advance(10, out::add);
    assertEquals(2, out.getFirst().bad());
    assertEquals(1, out.getFirst().mean());
  }

  // A late sample changes no closed window; it is counted, and is known to what holds.
  @Test
  void countsALateSampleOnceAndNeverReopens() {
    Windows w = windows(PointConfig.NEVER, tumbling(10, 5));
    w.add(Reading.good(A, 2, 1));
    w.advance(14, out::add);
    w.add(Reading.good(A, 9, 2)); // in time: the window closes at 15
    w.advance(15, out::add);
    w.add(Reading.good(A, 9, 3)); // late
    w.add(Reading.good(A, 1, 4)); // late, and older than what holds
    w.advance(25, out::add);
    assertEquals(
        List.of(
            new Summary("t", A, 0, 10, 2, 0, 0, 1, 1.5, 2, 0.5, 1, 2, 9.0 / 8, 8),
            new Summary("t", A, 10, 20, 0, 0, 2, NAN, NAN, NAN, NAN, NAN, NAN, 3, 10)),
        out);
    assertEquals(2, counters.value("aggregation.late"));
  }

  // For a sliding window a sample can be too late for one and in time for the next.
  @Test
  void countsALateSampleInTheWindowsThatAreStillOpen() {
    Windows w = windows(PointConfig.NEVER, new WindowConfig("s", List.of(A), 30, 10, 0));
    w.advance(0, out::add);
    w.add(Reading.good(A, 25, 1));
    w.advance(30, out::add);
    w.add(Reading.good(A, 24, 5)); // window [0, 30) has closed, [10, 40) and [20, 50) have not
    w.advance(60, out::add);
    assertEquals(List.of(0L, 10L, 20L, 30L), out.stream().map(Summary::startNanos).toList());
    assertEquals(List.of(1L, 2L, 2L, 0L), out.stream().map(Summary::count).toList());
    assertEquals(List.of(0L, 1L, 0L, 0L), out.stream().map(Summary::late).toList());
    assertEquals(5, out.get(1).first());
  }

  // One order, which does not depend on how many windows close in one go.
  @Test
  void emitsInTheOrderOfClosingThenConfigurationThenPoint() {
    Windows w =
        windows(
            PointConfig.NEVER,
            new WindowConfig("long", List.of(B, A), 20, 20, 0),
            new WindowConfig("slow", List.of(A), 10, 10, 10),
            new WindowConfig("fast", List.of(A, B), 10, 10, 0));
    w.add(Reading.good(A, 1, 1));
    w.add(Reading.good(B, 1, 1));
    w.advance(20, out::add);
    assertEquals(
        List.of(
            "fast d/a 10",
            "fast d/b 10",
            "long d/b 20",
            "long d/a 20",
            "slow d/a 10",
            "fast d/a 20",
            "fast d/b 20"),
        out.stream().map(s -> s.window() + " " + s.point() + " " + s.endNanos()).toList());
  }

  // A vibration record spans windows: each value belongs where it was taken.
  @Test
  void spreadsAWaveformOverItsWindows() {
    Windows w = windows(PointConfig.NEVER, tumbling(10, 0));
    w.add(new Waveform(A, 4, 3, new double[] {1, 2, 3, 4}, Quality.GOOD)); // 4, 7, 10, 13
    w.add(new Waveform(A, 20, 5, new double[] {9, 9}, Quality.BAD_RANGE));
    w.advance(30, out::add);
    assertEquals(List.of(2L, 2L, 0L), out.stream().map(Summary::count).toList());
    assertEquals(List.of(0L, 0L, 2L), out.stream().map(Summary::bad).toList());
    assertEquals(3, out.get(1).first());
  }

  // The gateway's stop must not swallow the windows that are under way.
  @Test
  void flushEmitsOpenWindowsWithTheCoverageSoFar() {
    Windows w = windows(PointConfig.NEVER, new WindowConfig("s", List.of(A), 20, 10, 5));
    w.add(Reading.good(A, 2, 1));
    w.add(Reading.good(A, 12, 3));
    w.flush(16, out::add);
    assertEquals(List.of(-10L, 0L, 10L), out.stream().map(Summary::startNanos).toList());
    assertEquals(List.of(10L, 20L, 30L), out.stream().map(Summary::endNanos).toList());
    assertEquals(List.of(8L, 14L, 6L), out.stream().map(Summary::coveredNanos).toList());
    assertEquals((10 * 1 + 4 * 3) / 14.0, out.get(1).timeMean(), 1e-12);
    out.clear();
    w.flush(100, out::add);
    w.advance(200, out::add);
    assertEquals(List.of(), out);
    assertThrows(IllegalStateException.class, () -> w.add(Reading.good(A, 17, 1)));
  }

  // A point that never spoke has nothing to flush.
  @Test
  void flushesNothingWithoutSamples() {
    windows(PointConfig.NEVER, tumbling(10, 0)).flush(1_000, out::add);
    assertEquals(List.of(), out);
  }

  // The order in which samples come must not show, not even in the last bit.
  @Test
  void givesTheSameBitsInAnyOrderOfArrival() {
    Random random = new Random(7);
    for (int round = 0; round < 200; round++) {
      List<Reading> samples = new ArrayList<>();
      for (long t = 0; t < 120; t += 1 + random.nextInt(5)) {
        samples.add(random.nextInt(8) == 0 ? bad(t) : Reading.good(A, t, random.nextGaussian()));
      }
      List<Summary> inOrder = feed(samples);
      Collections.shuffle(samples, random);
      assertEquals(inOrder, feed(samples), "round " + round);
    }
  }

  private List<Summary> feed(List<Reading> samples) {
    Windows w = windows(25, tumbling(20, 0), new WindowConfig("s", List.of(A), 40, 10, 0));
    List<Summary> all = new ArrayList<>();
    samples.forEach(w::add);
    w.advance(200, all::add);
    return all;
  }

  // How the pipeline batches must not show: looking more often changes nothing.
  @Test
  void doesNotDependOnHowOftenTheTimeIsTold() {
    for (int seed = 0; seed < 200; seed++) {
      Script script = new Script(seed);
      List<List<Summary>> both = new ArrayList<>();
      for (boolean often : new boolean[] {false, true}) {
        Random arrivals = new Random(seed);
        Random looks = new Random(-seed);
        Windows w = new Windows(script.windows, script.points, new Counters());
        List<Summary> all = new ArrayList<>();
        long now = -100;
        for (int i = 0; i < 100; i++) {
          long step = arrivals.nextInt(8);
          for (long look = now; often && look < now + step; look += 1 + looks.nextInt(3)) {
            w.advance(look, all::add);
          }
          now += step;
          w.advance(now, all::add);
          PointId point = Script.POINTS.get(arrivals.nextInt(3));
          w.add(Reading.good(point, now - arrivals.nextInt(30), arrivals.nextInt(9)));
        }
        w.advance(now + 500, all::add);
        both.add(all);
      }
      assertTrue(both.getFirst().size() > 20, "stream of seed " + seed);
      assertEquals(both.getFirst(), both.getLast(), "stream of seed " + seed);
    }
  }
}
