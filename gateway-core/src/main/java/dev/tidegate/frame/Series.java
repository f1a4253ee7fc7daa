package dev.tidegate.frame;

import dev.tidegate.frame.column.BitReader;
import dev.tidegate.frame.column.BitWriter;
import dev.tidegate.frame.column.LongColumn;
import java.util.Arrays;

/**
 * Which of several series each record of a frame belongs to, and when it was: the part of a
 * columnar body that all its columns share.
 *
 * <pre>
 *   records as they came:   a b c d   a b c d   a b   d   …
 *   rows:                   └──1──┘   └──2──┘   └──3──┘
 *   column                  order: series less the one expected (the next, or the first again)
 *   2 bits                  time unit: 1, 10^3, 10^6, 10^9 ns, the largest that divides all below
 *   column                  rows: time at which each begins, less the base
 *   column                  within rows: time since the record before; absent where rows are single
 * </pre>
 *
 * A row ends where a series comes that is not after the one before. Devices are polled in the same
 * order again and again, so the order costs nothing, and the samples of one poll share one time.
 * Times are subtracted modulo 2^64, so every pair of longs comes back exactly. For one thread.
 */
final class Series {
  private static final long[] UNITS_NANOS = {1, 1_000L, 1_000_000L, 1_000_000_000L};

  /** Index of each record's series. */
  final int[] of = new int[FrameCodec.MAX_RECORDS];

  /** Each record's time. */
  final long[] atNanos = new long[FrameCodec.MAX_RECORDS];

  /** Records by series: first those of series 0, oldest first, and so on. */
  private final int[] bySeries = new int[FrameCodec.MAX_RECORDS];

  private final long[] order = new long[FrameCodec.MAX_RECORDS];
  private final long[] rows = new long[FrameCodec.MAX_RECORDS];
  private final long[] within = new long[FrameCodec.MAX_RECORDS];
  private int[] starts = new int[16];

  /** Groups the first {@code count} records, whose {@link #of} is filled, by series. */
  void group(int count, int series) {
    starts = starts.length < series + 1 ? new int[2 * (series + 1)] : starts;
    Arrays.fill(starts, 0, series + 1, 0);
    for (int i = 0; i < count; i++) {
      starts[of[i] + 1]++;
    }
    for (int s = 0; s < series; s++) {
      starts[s + 1] += starts[s];
    }
    int[] next = Arrays.copyOf(starts, series);
    for (int i = 0; i < count; i++) {
      bySeries[next[of[i]]++] = i;
    }
  }

  /** How many records a series has. */
  int size(int series) {
    return starts[series + 1] - starts[series];
  }

  /** Index of the {@code i}-th record of a series. */
  int record(int series, int i) {
    return bySeries[starts[series] + i];
  }

  /** Writes the order and the times of the first {@code count} records. */
  void write(BitWriter out, LongColumn longs, int count, int series) {
    int rowCount = 0;
    int withinCount = 0;
    int before = -1;
    for (int i = 0; i < count; i++) {
      int expected = before + 1 < series ? before + 1 : 0;
      order[i] = (long) of[i] - expected;
      if (i == 0 || of[i] <= before) {
        rows[rowCount++] = atNanos[i] - atNanos[0];
      } else {
        within[withinCount++] = atNanos[i] - atNanos[i - 1];
      }
      before = of[i];
    }
    longs.write(out, order, count);
    int unit = Math.min(unit(rows, rowCount), unit(within, withinCount));
    out.bits(unit, 2);
    divide(rows, rowCount, UNITS_NANOS[unit]);
    divide(within, withinCount, UNITS_NANOS[unit]);
    longs.write(out, rows, rowCount);
    if (withinCount > 0) {
      longs.write(out, within, withinCount);
    }
  }

  private static int unit(long[] nanos, int count) {
    int unit = UNITS_NANOS.length - 1;
    for (int i = 0; i < count; i++) {
      while (nanos[i] % UNITS_NANOS[unit] != 0) {
        unit--;
      }
    }
    return unit;
  }

  private static void divide(long[] nanos, int count, long unitNanos) {
    for (int i = 0; i < count; i++) {
      nanos[i] /= unitNanos;
    }
  }

  /**
   * Reads what {@link #write} wrote into {@link #of} and {@link #atNanos}, and groups it.
   *
   * @throws IllegalArgumentException when the bits say anything else
   */
  void read(BitReader in, int count, int series, long baseNanos) {
    long[] orders = LongColumn.read(in, count);
    int before = -1;
    int rowCount = 0;
    for (int i = 0; i < count; i++) {
      long index = orders[i] + (before + 1 < series ? before + 1 : 0);
      if (index < 0 || index >= series) {
        throw new IllegalArgumentException("a series that there is not: " + index);
      }
      of[i] = (int) index;
      rowCount += i == 0 || of[i] <= before ? 1 : 0;
      before = of[i];
    }
    long unitNanos = UNITS_NANOS[(int) in.bits(2)];
    long[] starting = LongColumn.read(in, rowCount);
    long[] since = rowCount < count ? LongColumn.read(in, count - rowCount) : new long[0];
    int row = 0;
    int other = 0;
    for (int i = 0; i < count; i++) {
      boolean starts = i == 0 || of[i] <= of[i - 1];
      atNanos[i] =
          starts
              ? baseNanos + starting[row++] * unitNanos
              : atNanos[i - 1] + since[other++] * unitNanos;
    }
    group(count, series);
  }
}
