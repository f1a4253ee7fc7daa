package dev.tidegate.frame;

import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Summary;
import dev.tidegate.frame.column.BitReader;
import dev.tidegate.frame.column.BitWriter;
import dev.tidegate.frame.column.LongColumn;
import dev.tidegate.frame.column.RealColumn;
import dev.tidegate.frame.column.RealColumn.Quantum;
import dev.tidegate.reading.PointId;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The body of a frame of summaries: what one window says about one point again and again is a
 * series.
 *
 * <pre>
 *   {@link Names}  of windows and points, each once
 *   number        series, less 1; per series: number (place of its window's name), number (of its
 *                 point's)
 *   {@link Series} order, and the times at which the windows end
 *   5 columns     in the order of the records: length in ns, count, bad, late, length less covered ns
 *   per series:   7 times {@link RealColumn}: first, last, min, max, mean, stddev, time mean
 * </pre>
 *
 * Where the point has a quantum, first, last, min and max are multiples of it, and the means and
 * the deviation, which are known better than one reading, of an eighth of it. For one thread.
 */
final class Summaries {
  private static final int STATISTICS = 7;
  private static final int INTEGERS = 5;

  /** How much finer than a reading a mean is kept. */
  private static final int FINER = 8;

  private record Key(String window, PointId point) {}

  private final int mostBytes;
  private final LongColumn longs = new LongColumn();
  private final RealColumn reals = new RealColumn(longs);
  private final Series series = new Series();
  private final Map<Key, Integer> indices = new LinkedHashMap<>();
  private final long[] column = new long[FrameCodec.MAX_RECORDS];
  private final double[] numbers = new double[FrameCodec.MAX_RECORDS];

  /** Of at most so many bytes, unless it is a single summary. */
  Summaries(int mostBytes) {
    this.mostBytes = mostBytes;
  }

  /** Whether all entries from that one on, as many as a frame may take, are summaries. */
  static boolean fits(List<? extends Entry> entries, int from) {
    int to = Math.min(entries.size(), from + FrameCodec.MAX_RECORDS);
    for (int i = from; i < to; i++) {
      if (!(entries.get(i) instanceof Summary)) {
        return false;
      }
    }
    return true;
  }

  /** Writes as many summaries as fit, at least one; says how many. */
  int write(
      BitWriter out,
      List<? extends Entry> entries,
      int from,
      Function<PointId, Quantum> quantumOf) {
    int count = index(entries, from);
    writeNames(out);
    series.group(count, indices.size());
    series.write(out, longs, count, indices.size());
    for (int which = 0; which < INTEGERS; which++) {
      for (int i = 0; i < count; i++) {
        column[i] = integer(summary(entries, from + i), which);
      }
      longs.write(out, column, count);
    }
    int index = 0;
    for (Key key : indices.keySet()) {
      Quantum quantum = quantumOf.apply(key.point);
      Quantum finer = quantum.finer(FINER);
      int size = series.size(index);
      for (int which = 0; which < STATISTICS; which++) {
        for (int i = 0; i < size; i++) {
          numbers[i] = statistic(summary(entries, from + series.record(index, i)), which);
        }
        reals.write(out, numbers, size, which < 4 ? quantum : finer);
      }
      index++;
    }
    return count;
  }

  private int index(List<? extends Entry> entries, int from) {
    indices.clear();
    int most = Math.min(FrameCodec.MAX_RECORDS, entries.size() - from);
    int bytes = 32;
    for (int i = 0; i < most; i++) {
      Summary summary = summary(entries, from + i);
      bytes += Rows.mostBytes(summary);
      if (bytes > mostBytes && i > 0) {
        return i;
      }
      Key key = new Key(summary.window(), summary.point());
      Integer known = indices.putIfAbsent(key, indices.size());
      series.of[i] = known == null ? indices.size() - 1 : known;
      series.atNanos[i] = summary.endNanos();
    }
    return most;
  }

  private static Summary summary(List<? extends Entry> entries, int i) {
    return (Summary) entries.get(i);
  }

  private void writeNames(BitWriter out) {
    Map<String, Integer> names = new LinkedHashMap<>();
    for (Key key : indices.keySet()) {
      names.putIfAbsent(key.window, names.size());
      names.putIfAbsent(key.point.name(), names.size());
    }
    Names.write(out, names.keySet());
    out.number(indices.size() - 1);
    for (Key key : indices.keySet()) {
      out.number(names.getOrDefault(key.window, 0));
      out.number(names.getOrDefault(key.point.name(), 0));
    }
  }

  private static long integer(Summary summary, int which) {
    long lengthNanos = summary.endNanos() - summary.startNanos();
    return switch (which) {
      case 0 -> lengthNanos;
      case 1 -> summary.count();
      case 2 -> summary.bad();
      case 3 -> summary.late();
      default -> lengthNanos - summary.coveredNanos();
    };
  }

  private static double statistic(Summary summary, int which) {
    return switch (which) {
      case 0 -> summary.first();
      case 1 -> summary.last();
      case 2 -> summary.min();
      case 3 -> summary.max();
      case 4 -> summary.mean();
      case 5 -> summary.stddev();
      default -> summary.timeMean();
    };
  }

  /**
   * Reads a body.
   *
   * @throws IllegalArgumentException when the bits are none
   */
  static List<Entry> read(BitReader in, int count, long baseNanos) {
    String[] names = Names.read(in, 2 * count);
    Key[] keys = new Key[1 + in.number(count - 1)];
    Map<String, PointId> points = new HashMap<>();
    for (int i = 0; i < keys.length; i++) {
      String window = names[in.number(names.length - 1)];
      String point = names[in.number(names.length - 1)];
      keys[i] = new Key(window, points.computeIfAbsent(point, PointId::new));
    }
    Series series = new Series();
    series.read(in, count, keys.length, baseNanos);
    long[][] integers = new long[INTEGERS][];
    for (int i = 0; i < INTEGERS; i++) {
      integers[i] = LongColumn.read(in, count);
    }
    Entry[] entries = new Entry[count];
    for (int k = 0; k < keys.length; k++) {
      int size = series.size(k);
      if (size == 0) {
        throw new IllegalArgumentException("a series without a summary");
      }
      double[][] statistics = new double[STATISTICS][];
      for (int i = 0; i < STATISTICS; i++) {
        statistics[i] = RealColumn.read(in, size);
      }
      for (int i = 0; i < size; i++) {
        int record = series.record(k, i);
        entries[record] = summary(keys[k], series.atNanos[record], integers, record, statistics, i);
      }
    }
    return List.of(entries);
  }

  private static Summary summary(
      Key key, long endNanos, long[][] integers, int record, double[][] statistics, int i) {
    long lengthNanos = integers[0][record];
    return new Summary(
        key.window,
        key.point,
        endNanos - lengthNanos,
        endNanos,
        integers[1][record],
        integers[2][record],
        integers[3][record],
        statistics[2][i],
        statistics[4][i],
        statistics[3][i],
        statistics[5][i],
        statistics[0][i],
        statistics[1][i],
        statistics[6][i],
        lengthNanos - integers[4][record]);
  }
}
