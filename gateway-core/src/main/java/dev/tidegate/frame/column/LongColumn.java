package dev.tidegate.frame.column;

/**
 * A column of longs, in the cheapest of five ways. What it holds does not matter, only how it goes:
 *
 * <pre>
 *   3 bits   method
 *   0        level: a number near all of them, then the distance of each
 *   1        steps: the first, then the step from each to the next
 *   2        slopes: the first, the first step, then how each step differs from the one before
 *   3        symbols: the distinct values, then which of them each is
 *   4        symbols of steps: the first, then as 3 the steps
 * </pre>
 *
 * Distances, steps and slopes are Rice codes (R. F. Rice, JPL 79-22) of zigzag numbers: a parameter
 * k of 6 bits for each {@value #BLOCK} of them, then z &gt;&gt; k in unary and the low k bits;
 * {@value #ESCAPE} ones stand for 64 bits as they are. Symbols are numbered by how often they
 * occur, and the numbers are Rice codes again; a column of one symbol takes no bit a value. All
 * arithmetic is modulo 2^64, so every long comes back.
 *
 * <p>An instance writes for one thread; reading is free of state.
 */
public final class LongColumn {
  /** Values that share a Rice parameter. */
  static final int BLOCK = 64;

  static final int ESCAPE = 24;

  /** More distinct values than this are no symbols. */
  static final int MAX_SYMBOLS = 96;

  private static final int LEVEL = 0;
  private static final int SLOPES = 2;
  private static final int SYMBOLS = 3;
  private static final int STEP_SYMBOLS = 4;
  private static final int METHOD_BITS = 3;
  private static final int K_BITS = 6;

  /** Larger residuals count as this much, so that a block of them can be added up. */
  private static final long MOST = 1L << 56;

  /** Above every real cost, and far from an overflow when added up. */
  private static final long NEVER = 1L << 50;

  private final long[] residuals = new long[BLOCK];
  private final Symbols symbols = new Symbols();

  /** Writes the first {@code count} of the values; 1 and more. */
  public void write(BitWriter out, long[] values, int count) {
    long level = level(values, count);
    int method = LEVEL;
    long least = riceBits(values, count, LEVEL, level) + numberBits(level);
    for (int order = 1; order <= SLOPES && order < count; order++) {
      long bits = riceBits(values, count, order, 0) + numberBits(values[0]);
      bits += order == SLOPES ? numberBits(values[1] - values[0]) : 0;
      if (bits < least) {
        least = bits;
        method = order;
      }
    }
    if (symbols.of(values, count, 0) && symbols.bits() < least) {
      least = symbols.bits();
      method = SYMBOLS;
    }
    if (count > 1
        && symbols.of(values, count, 1)
        && symbols.bits() + numberBits(values[0]) < least) {
      method = STEP_SYMBOLS;
    }
    out.bits(method, METHOD_BITS);
    if (method >= SYMBOLS) {
      int order = method - SYMBOLS;
      if (order == 1) {
        out.signed(values[0]);
      }
      symbols.of(values, count, order);
      symbols.write(out, values, count, order);
    } else {
      writeRice(out, values, count, method, level);
    }
  }

  /** The rounded mean, or something near it: it only has to be cheap. */
  private static long level(long[] values, int count) {
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += (double) values[i];
    }
    return Math.round(sum / count);
  }

  /** Bits of {@link BitWriter#signed}. */
  static long numberBits(long value) {
    int bits = 64 - Long.numberOfLeadingZeros(BitWriter.zigzag(value) | 1);
    return 5L * ((bits + 3) / 4);
  }

  /** How far the value is from what the method expects, as a zigzag number. */
  private static long residual(long[] values, int i, int order, long level) {
    long expected =
        switch (order) {
          case 0 -> level;
          case 1 -> values[i - 1];
          default -> 2 * values[i - 1] - values[i - 2];
        };
    return BitWriter.zigzag(values[i] - expected);
  }

  /** About what {@link #writeRice} takes: the choice needs no more. */
  private static long riceBits(long[] values, int count, int order, long level) {
    long bits = 0;
    for (int from = order; from < count; from += BLOCK) {
      int to = Math.min(count, from + BLOCK);
      long sum = 0;
      for (int i = from; i < to; i++) {
        sum += capped(residual(values, i, order, level));
      }
      int n = to - from;
      int k = exponent(sum / n);
      // Every quotient is rounded down, by a half on average.
      bits += K_BITS + (long) n * (k + 1) + (sum >>> k) - (k == 0 ? 0 : n / 2);
    }
    return bits;
  }

  private static long capped(long z) {
    return z < 0 || z > MOST ? MOST : z;
  }

  /** Of the highest bit; 0 for 0. */
  private static int exponent(long value) {
    return value == 0 ? 0 : 63 - Long.numberOfLeadingZeros(value);
  }

  private int fill(long[] values, int from, int n, int order, long level) {
    for (int i = 0; i < n; i++) {
      residuals[i] = residual(values, from + i, order, level);
    }
    return n;
  }

  private void writeRice(BitWriter out, long[] values, int count, int order, long level) {
    if (order == LEVEL) {
      out.signed(level);
    } else {
      out.signed(values[0]);
      if (order == SLOPES) {
        out.signed(values[1] - values[0]);
      }
    }
    for (int from = order; from < count; from += BLOCK) {
      int n = fill(values, from, Math.min(BLOCK, count - from), order, level);
      int k = k(residuals, n);
      out.bits(k, K_BITS);
      for (int i = 0; i < n; i++) {
        writeRice(out, residuals[i], k);
      }
    }
  }

  /** A good parameter: the exponent of the mean, or one more where that is cheaper. */
  static int k(long[] z, int n) {
    long sum = 0;
    for (int i = 0; i < n; i++) {
      sum += capped(z[i]);
    }
    long mean = sum / n;
    int k = exponent(mean);
    if (mean >= MOST / 2) {
      return 58; // the sum was capped: such numbers are escaped, or nearly as long
    }
    return bits(z, n, k + 1) < bits(z, n, k) ? k + 1 : k;
  }

  static long bits(long[] z, int n, int k) {
    long bits = 0;
    for (int i = 0; i < n; i++) {
      long quotient = z[i] >>> k;
      bits += quotient >= ESCAPE || quotient < 0 ? ESCAPE + 64 : quotient + 1 + k;
    }
    return bits;
  }

  static void writeRice(BitWriter out, long z, int k) {
    long quotient = z >>> k;
    if (quotient < 0 || quotient >= ESCAPE) {
      out.bits((1L << ESCAPE) - 1, ESCAPE);
      out.bits(z, 64);
    } else {
      out.bits((1L << (quotient + 1)) - 2, (int) quotient + 1);
      out.bits(z, k);
    }
  }

  static long readRice(BitReader in, int k) {
    int quotient = in.ones(ESCAPE);
    return quotient == ESCAPE ? in.bits(64) : ((long) quotient << k) | in.bits(k);
  }

  /**
   * Reads {@code count} values.
   *
   * @throws IllegalArgumentException when the bits are no such column
   */
  public static long[] read(BitReader in, int count) {
    long[] values = new long[count];
    int method = (int) in.bits(METHOD_BITS);
    switch (method) {
      case SYMBOLS -> Symbols.read(in, values, 0);
      case STEP_SYMBOLS -> {
        values[0] = in.signed();
        Symbols.read(in, values, 1);
      }
      default -> {
        if (method > SLOPES || (method == SLOPES && count < 2)) {
          throw new IllegalArgumentException("no way to write " + count + " values: " + method);
        }
        readRice(in, values, method);
      }
    }
    return values;
  }

  private static void readRice(BitReader in, long[] values, int order) {
    long level = in.signed();
    if (order > 0) {
      values[0] = level;
    }
    if (order == SLOPES) {
      values[1] = values[0] + in.signed();
    }
    int k = 0;
    for (int i = order; i < values.length; i++) {
      if ((i - order) % BLOCK == 0) {
        k = (int) in.bits(K_BITS);
      }
      long z = BitReader.unzigzag(readRice(in, k));
      values[i] =
          switch (order) {
            case 0 -> level + z;
            case 1 -> values[i - 1] + z;
            default -> 2 * values[i - 1] - values[i - 2] + z;
          };
    }
  }

  /** Never chosen: more than any column costs. */
  static long never() {
    return NEVER;
  }
}
