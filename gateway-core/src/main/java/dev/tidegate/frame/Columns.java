package dev.tidegate.frame;

import dev.tidegate.flow.Entry;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Quality;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The body of a raw frame of version 1, which is still read: samples in the order in which they
 * arrived, one column after the other.
 *
 * <pre>
 * 86                      array of 6
 *   unit                  ns that one step of the time column stands for: 1, 10^3, 10^6 or 10^9,
 *                         the largest that divides all steps, so nothing is rounded
 *   [text ..]             points, in the order in which they first appear
 *   [uint ..]             per sample: index into the points
 *   [int ..]              per sample but the first: time since the sample before, in units
 *   [code, run, ..]       qualities, run-length encoded; empty when all are good
 *   [value ..]            per sample: {@link Values}
 * </pre>
 *
 * <p>Times are subtracted modulo 2^64, so every pair of longs comes back exactly. Owned by one
 * thread.
 */
final class Columns {
  private static final long[] UNITS_NANOS = {1_000_000_000L, 1_000_000L, 1_000L};
  private static final int MAX_POINT_BYTES = 129;

  private Columns() {}

  private static long unitNanos(long[] stepNanos, int count) {
    for (long unit : UNITS_NANOS) {
      boolean divides = true;
      for (int i = 1; i < count && divides; i++) {
        divides = stepNanos[i] % unit == 0;
      }
      if (divides) {
        return unit;
      }
    }
    return 1;
  }

  static List<Entry> read(CborReader in, int count, long baseNanos) throws FrameException {
    in.arrayOf(6);
    long unitNanos = in.integer(1, 1_000_000_000);
    PointId[] points = new PointId[in.array(count)];
    for (int i = 0; i < points.length; i++) {
      points[i] = new PointId(in.text(MAX_POINT_BYTES));
    }
    int[] pointOf = readIndices(in, count, points);
    long[] stepNanos = readSteps(in, count, unitNanos);
    Quality[] qualities = readQualities(in, count);
    in.arrayOf(count);
    List<Entry> entries = new ArrayList<>(count);
    long atNanos = baseNanos;
    for (int i = 0; i < count; i++) {
      atNanos += stepNanos[i];
      PointId point = points[pointOf[i]];
      entries.add(new Entry.Measured(Values.read(in, point, atNanos, qualities[i])));
    }
    return entries;
  }

  private static int[] readIndices(CborReader in, int count, PointId[] points)
      throws FrameException {
    in.arrayOf(count);
    int[] pointOf = new int[count];
    int seen = 0;
    for (int i = 0; i < count; i++) {
      pointOf[i] = (int) in.integer(0, Math.min(seen, points.length - 1));
      seen = Math.max(seen, pointOf[i] + 1);
    }
    Map<PointId, Integer> distinct = new HashMap<>();
    for (PointId point : points) {
      distinct.put(point, 0);
    }
    if (seen != points.length || distinct.size() != points.length) {
      throw in.bad("a point that is named twice or has no sample");
    }
    return pointOf;
  }

  private static long[] readSteps(CborReader in, int count, long unitNanos) throws FrameException {
    in.arrayOf(count - 1);
    long[] stepNanos = new long[count];
    for (int i = 1; i < count; i++) {
      stepNanos[i] = in.integer(Long.MIN_VALUE / unitNanos, Long.MAX_VALUE / unitNanos) * unitNanos;
    }
    if (unitNanos(stepNanos, count) != unitNanos) {
      throw in.bad("a time unit of " + unitNanos + " ns");
    }
    return stepNanos;
  }

  private static Quality[] readQualities(CborReader in, int count) throws FrameException {
    int items = in.array(2 * count);
    Quality[] qualities = new Quality[count];
    int filled = 0;
    Quality before = null;
    boolean allGood = true;
    for (int i = 0; i + 1 < items; i += 2) {
      Quality quality = Quality.ofCode((int) in.integer(0, 63));
      int run = (int) in.integer(1, count - filled);
      if (quality == before) {
        throw in.bad("two runs of the same quality");
      }
      Arrays.fill(qualities, filled, filled + run, quality);
      filled += run;
      before = quality;
      allGood &= quality.isGood();
    }
    if (items % 2 != 0 || (items > 0 && (filled != count || allGood))) {
      throw in.bad("a quality column that does not cover its samples once");
    }
    if (items == 0) {
      Arrays.fill(qualities, Quality.GOOD);
    }
    return qualities;
  }
}
