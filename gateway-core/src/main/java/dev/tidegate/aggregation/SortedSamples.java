package dev.tidegate.aggregation;

import java.util.Arrays;

/**
 * A bounded run of samples ordered by source time, and by arrival where the times are equal. The
 * value of a bad sample is NaN. Owned by the pipeline thread.
 *
 * <pre>
 *          from            to
 *   times  [ . . . | t0 t1 t2 ... | . . ]     t0 &lt;= t1 &lt;= t2: a sample that arrives in order is
 *   values [ . . . | v0 v1 v2 ... | . . ]     written at `to`; another one is moved into its place
 * </pre>
 */
final class SortedSamples {
  private static final int FIRST_CAPACITY = 16;

  private final int limit;
  private long[] times = new long[0];
  private double[] values = new double[0];
  private int from;
  private int to;

  /** Takes at most {@code limit} samples, 16 bytes each; the arrays grow as needed. */
  SortedSamples(int limit) {
    this.limit = limit;
  }

  int size() {
    return to - from;
  }

  boolean isFull() {
    return to - from >= limit;
  }

  /** Source time of the i-th sample, 0 being the oldest. */
  long time(int i) {
    return times[from + i];
  }

  double value(int i) {
    return values[from + i];
  }

  /** Puts a sample after all that are not younger. There must be room. */
  void insert(long time, double value) {
    if (to == times.length) {
      makeRoom();
    }
    int at = to;
    if (to > from && times[to - 1] > time) {
      at = firstAfter(time);
      System.arraycopy(times, at, times, at + 1, to - at);
      System.arraycopy(values, at, values, at + 1, to - at);
    }
    times[at] = time;
    values[at] = value;
    to++;
  }

  /** Forgets the {@code count} oldest. */
  void drop(int count) {
    from += count;
    if (from == to) {
      from = 0;
      to = 0;
    }
  }

  private int firstAfter(long time) {
    int low = from;
    int high = to;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (times[middle] > time) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  /** Moves the samples to the front where that frees half of the arrays; lets them grow if not. */
  private void makeRoom() {
    int size = to - from;
    if (from >= times.length / 2 && from > 0) {
      System.arraycopy(times, from, times, 0, size);
      System.arraycopy(values, from, values, 0, size);
    } else {
      int capacity = Math.max(FIRST_CAPACITY, times.length * 2);
      times = Arrays.copyOf(Arrays.copyOfRange(times, from, to), capacity);
      values = Arrays.copyOf(Arrays.copyOfRange(values, from, to), capacity);
    }
    from = 0;
    to = size;
  }
}
