package dev.tidegate.conditioning;

import dev.tidegate.config.PointConfig;
import dev.tidegate.reading.Quality;
import dev.tidegate.reading.Value;
import org.jspecify.annotations.Nullable;

/**
 * Compares one point's value with its own past: did it change faster than {@code max-rate}, has it
 * not changed for longer than {@code stuck-after}? Owned by the pipeline thread.
 *
 * <p>The past is the non-bad reading with the latest source time. A reading that is older than it
 * (out of order) is not judged and changes nothing; one of the same time is not judged for its rate
 * and takes its place. Over a gap (more than {@code gap-after} between the two) nothing is known,
 * so the first reading after it is not judged, and a run of equal values starts anew.
 */
final class Plausibility {
  private final double maxRatePerSecond;
  private final long stuckAfterNanos;
  private final long gapAfterNanos;

  private @Nullable Value lastRaw;
  private @Nullable Value last;
  private long lastNanos;
  private long unchangedSinceNanos;

  Plausibility(PointConfig point) {
    maxRatePerSecond = point.maxRatePerSecond();
    stuckAfterNanos = point.stuckAfterNanos();
    gapAfterNanos = point.gapAfterNanos();
  }

  static boolean applies(PointConfig point) {
    return point.maxRatePerSecond() != Double.POSITIVE_INFINITY
        || point.stuckAfterNanos() != PointConfig.NEVER;
  }

  /**
   * What the past says about a non-bad reading: {@code GOOD}, {@code UNCERTAIN_RATE} or {@code
   * UNCERTAIN_STUCK}.
   *
   * @param raw as the device gave it: a stuck sensor repeats this exactly
   * @param value after calibration and conversion, finite where it is a number
   */
  Quality judge(Value raw, Value value, long sourceNanos) {
    Value before = last;
    Value beforeRaw = lastRaw;
    if (before == null || beforeRaw == null) {
      remember(raw, value, sourceNanos, sourceNanos);
      return Quality.GOOD;
    }
    if (sourceNanos < lastNanos) {
      return Quality.GOOD;
    }
    long elapsedNanos = elapsed(lastNanos, sourceNanos);
    boolean afterGap = elapsedNanos > gapAfterNanos;
    boolean tooFast =
        !afterGap
            && elapsedNanos > 0
            && distance(before, value) > maxRatePerSecond * (elapsedNanos / 1e9);
    boolean same = !afterGap && same(beforeRaw, raw);
    long since = same ? unchangedSinceNanos : sourceNanos;
    remember(raw, value, sourceNanos, since);
    if (tooFast) {
      return Quality.UNCERTAIN_RATE;
    }
    return elapsed(since, sourceNanos) > stuckAfterNanos ? Quality.UNCERTAIN_STUCK : Quality.GOOD;
  }

  private void remember(Value raw, Value value, long sourceNanos, long sinceNanos) {
    lastRaw = raw;
    last = value;
    lastNanos = sourceNanos;
    unchangedSinceNanos = sinceNanos;
  }

  /** {@code to - from} for {@code to >= from}, at most {@link Long#MAX_VALUE}. */
  private static long elapsed(long from, long to) {
    long difference = to - from;
    return difference < 0 ? Long.MAX_VALUE : difference;
  }

  /** How far two values are apart; counters exactly, texts not at all. */
  private static double distance(Value a, Value b) {
    if (a instanceof Value.Whole(long x) && b instanceof Value.Whole(long y)) {
      long difference = y - x;
      boolean overflowed = ((x ^ y) & (y ^ difference)) < 0;
      return Math.abs(overflowed ? (double) y - (double) x : (double) difference);
    }
    double distance = Math.abs(b.asDouble() - a.asDouble());
    return Double.isNaN(distance) ? 0 : distance;
  }

  private static boolean same(Value a, Value b) {
    return switch (a) {
      case Value.Real(double x) -> b instanceof Value.Real(double y) && x == y;
      case Value.Whole(long x) -> b instanceof Value.Whole(long y) && x == y;
      case Value.Flag(boolean x) -> b instanceof Value.Flag(boolean y) && x == y;
      case Value.Text(String x) -> b instanceof Value.Text(String y) && x.equals(y);
    };
  }
}
