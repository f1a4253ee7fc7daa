package dev.tidegate.flow;

import dev.tidegate.reading.PointId;

/**
 * What one window says about one point. The statistics cover the usable samples (good and
 * uncertain) with {@code startNanos <= source time < endNanos}; with {@code count} 0 they are NaN.
 *
 * @param window id of the window in the configuration
 * @param point the point
 * @param startNanos first nanosecond of the window, on the gateway's timeline
 * @param endNanos first nanosecond after it
 * @param count usable samples
 * @param bad samples left out because their quality was bad
 * @param late samples of this point that came after their window had closed, since the summary
 *     before this one
 * @param min smallest value, in the point's unit
 * @param mean arithmetic mean of the values
 * @param max largest value
 * @param stddev population standard deviation of the values, 0 for one value
 * @param first value with the earliest source time
 * @param last value with the latest source time
 * @param timeMean mean weighted with the time for which each value held (until the next value, the
 *     point's {@code gap-after} or the window's end, whichever comes first; the value held at the
 *     window's start counts); NaN when nothing held
 * @param coveredNanos time within the window for which a value held, 0 to its length: less than the
 *     length means a gap of exactly the difference
 */
public record Summary(
    String window,
    PointId point,
    long startNanos,
    long endNanos,
    long count,
    long bad,
    long late,
    double min,
    double mean,
    double max,
    double stddev,
    double first,
    double last,
    double timeMean,
    long coveredNanos)
    implements Entry {
  public Summary {
    if (endNanos <= startNanos || count < 0 || bad < 0 || late < 0) {
      throw new IllegalArgumentException("no window: " + startNanos + " to " + endNanos);
    }
  }

  @Override
  public long atNanos() {
    return endNanos;
  }
}
