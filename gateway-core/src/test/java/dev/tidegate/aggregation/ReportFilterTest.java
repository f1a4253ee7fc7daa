package dev.tidegate.aggregation;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.config.PointConfig;
import dev.tidegate.config.PointConfig.Report;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Quality;
import dev.tidegate.reading.Reading;
import dev.tidegate.reading.Value;
import dev.tidegate.reading.Waveform;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Which samples go to the raw lane. */
final class ReportFilterTest {
  private static final PointId A = new PointId("d/a");

  private static ReportFilter filter(Report report, double deadband, long maxSilenceNanos) {
    PointConfig p = PointConfig.plain(A);
    return new ReportFilter(
        List.of(
            new PointConfig(
                A,
                null,
                null,
                p.calibration(),
                p.rangeLow(),
                p.rangeHigh(),
                p.maxRatePerSecond(),
                p.stuckAfterNanos(),
                p.gapAfterNanos(),
                report,
                deadband,
                maxSilenceNanos)));
  }

  private static Reading at(long nanos, Value value) {
    return new Reading(A, nanos, value, Quality.GOOD);
  }

  // The promise of a deadband: who holds reported values is never further off than it says.
  @Test
  void neverDeviatesByMoreThanTheDeadband() {
    for (int seed = 0; seed < 500; seed++) {
      Random random = new Random(seed);
      double deadband = random.nextInt(3) == 0 ? 0 : random.nextDouble() * 2;
      ReportFilter filter = filter(Report.CHANGES, deadband, PointConfig.NEVER);
      double value = 0;
      double held = Double.NaN;
      int reported = 0;
      for (int i = 0; i < 500; i++) {
        value += random.nextInt(3) == 0 ? 0 : random.nextGaussian() * 0.2;
        if (filter.report(Reading.good(A, i, value))) {
          held = value;
          reported++;
        }
        assertTrue(Math.abs(value - held) <= deadband, "seed " + seed + ", sample " + i);
      }
      assertTrue(deadband < 0.5 || reported < 300, "a filter that lets everything pass: " + seed);
    }
  }

  // "More than": a value exactly the deadband away stays unreported.
  @Test
  void reportsOnlyBeyondTheDeadband() {
    ReportFilter filter = filter(Report.CHANGES, 0.5, PointConfig.NEVER);
    assertTrue(filter.report(Reading.good(A, 0, 1)));
    assertFalse(filter.report(Reading.good(A, 1, 1.5)));
    assertTrue(filter.report(Reading.good(A, 2, 1.5000001)));
    assertFalse(filter.report(Reading.good(A, 3, 1.1)));
  }

  // A value that cannot be trusted any more, or again, is news even when it did not move.
  @Test
  void reportsEveryChangeOfQuality() {
    ReportFilter filter = filter(Report.CHANGES, 100, PointConfig.NEVER);
    assertTrue(filter.report(Reading.good(A, 0, 1)));
    assertTrue(filter.report(new Reading(A, 1, Value.of(1.0), Quality.UNCERTAIN_STUCK)));
    assertFalse(filter.report(new Reading(A, 2, Value.of(1.0), Quality.UNCERTAIN_STUCK)));
    assertTrue(filter.report(new Reading(A, 3, Value.of(1.0), Quality.BAD_RANGE)));
    assertTrue(filter.report(Reading.good(A, 4, 1)));
  }

  // NaN compares false with everything: a dead sensor must be reported once, not always or never.
  @Test
  void reportsNotANumberOnce() {
    ReportFilter filter = filter(Report.CHANGES, 0, PointConfig.NEVER);
    assertTrue(filter.report(Reading.good(A, 0, 1)));
    assertTrue(filter.report(Reading.good(A, 1, Double.NaN)));
    assertFalse(filter.report(Reading.good(A, 2, Double.NaN)));
    assertTrue(filter.report(Reading.good(A, 3, Double.POSITIVE_INFINITY)));
    assertFalse(filter.report(Reading.good(A, 4, Double.POSITIVE_INFINITY)));
    assertTrue(filter.report(Reading.good(A, 5, Double.NEGATIVE_INFINITY)));
    assertTrue(filter.report(Reading.good(A, 6, 1)));
  }

  // The far side must see that a constant is alive; an old sample must not turn that clock back.
  @Test
  void breaksTheSilence() {
    ReportFilter filter = filter(Report.CHANGES, 1, 10);
    assertTrue(filter.report(Reading.good(A, 0, 1)));
    assertFalse(filter.report(Reading.good(A, 9, 1)));
    assertTrue(filter.report(Reading.good(A, 10, 1)));
    assertTrue(filter.report(Reading.good(A, 3, 5))); // out of order, but it moved
    assertFalse(filter.report(Reading.good(A, 19, 5)));
    assertTrue(filter.report(Reading.good(A, 20, 5)));
    assertFalse(filter.report(Reading.good(A, Long.MIN_VALUE, 5)));
    assertTrue(filter.report(Reading.good(A, Long.MAX_VALUE, 5)));
  }

  // States and counters change exactly or not at all.
  @Test
  void comparesOtherValuesExactly() {
    ReportFilter filter = filter(Report.CHANGES, 0, PointConfig.NEVER);
    long large = (1L << 53) + 1; // a double cannot tell it from its neighbour
    assertTrue(filter.report(at(0, Value.of("open"))));
    assertFalse(filter.report(at(1, Value.of("open"))));
    assertTrue(filter.report(at(2, Value.of("shut"))));
    assertTrue(filter.report(at(3, Value.of(true))));
    assertFalse(filter.report(at(4, Value.of(true))));
    assertTrue(filter.report(at(5, Value.of(false))));
    assertTrue(filter.report(at(6, Value.of(large))));
    assertFalse(filter.report(at(7, Value.of(large))));
    assertTrue(filter.report(at(8, Value.of(large - 1))));
    assertTrue(filter.report(at(9, Value.of(Long.MIN_VALUE))));
    assertTrue(filter.report(at(10, Value.of(Long.MAX_VALUE))));
  }

  // One value of a waveform that moved is enough; a waveform of another shape is another thing.
  @Test
  void comparesWaveformsValueByValue() {
    ReportFilter filter = filter(Report.CHANGES, 0.5, PointConfig.NEVER);
    assertTrue(filter.report(wave(0, 1, 1, 2)));
    assertFalse(filter.report(wave(10, 1, 1.5, 1.5)));
    assertTrue(filter.report(wave(20, 1, 1, 2.6)));
    assertTrue(filter.report(wave(30, 2, 1, 2.6)));
    assertTrue(filter.report(wave(40, 2, 1, 2.6, 1)));
    assertTrue(filter.report(Reading.good(A, 50, 1)));
    assertTrue(filter.report(wave(60, 2, 1)));
  }

  private static Waveform wave(long nanos, long step, double... values) {
    return new Waveform(A, nanos, step, values, Quality.GOOD);
  }

  // The other two settings, and a point nobody configured.
  @Test
  void reportsAllOrNone() {
    ReportFilter all = filter(Report.ALL, 5, PointConfig.NEVER);
    ReportFilter none = filter(Report.NONE, 0, 1);
    for (int i = 0; i < 3; i++) {
      assertTrue(all.report(Reading.good(A, i, 1)));
      assertFalse(none.report(Reading.good(A, i * 1_000L, i)));
      assertTrue(none.report(Reading.good(new PointId("d/unknown"), i, 1)));
    }
  }
}
