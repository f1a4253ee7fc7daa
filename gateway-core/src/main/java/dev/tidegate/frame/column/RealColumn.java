package dev.tidegate.frame.column;

/**
 * A column of doubles. Measurements are decimals of few digits, so most columns are whole numbers
 * once multiplied by a power of ten; what is not, travels as the bits of the double.
 *
 * <pre>
 *   1 bit      1: scaled
 *   scaled:    4 bits    digits e after the point, 0 to {@value #MAX_DIGITS}
 *              number    multiple m, 1 and more
 *              number    exceptions: values that are no n * m / 10^e
 *              per exception: number (values since the one before), 64 bits
 *              column    n of every value; that of an exception says nothing
 *   otherwise: column    the bits of every double
 * </pre>
 *
 * Without a quantum, m is 1 and every double comes back bit for bit, -0.0 and the payload of a NaN
 * included. A quantum m / 10^e makes finite values multiples of it, each within half a quantum of
 * what it was; encoding what was decoded gives the same multiples. For one thread.
 */
public final class RealColumn {
  /** Digits after the point that a decimal may have. */
  static final int MAX_DIGITS = 12;

  private static final double[] TENS = new double[MAX_DIGITS + 1];
  private static final long MAX_EXACT = 1L << 50;

  private final LongColumn longs;
  private long[] scaled = new long[1_024];
  private int[] exceptions = new int[1_024];
  private int exceptionCount;

  static {
    double ten = 1;
    for (int i = 0; i <= MAX_DIGITS; i++) {
      TENS[i] = ten;
      ten *= 10;
    }
  }

  /**
   * A quantum as whole numbers: {@code multiple / 10^digits}.
   *
   * @param multiple 1 to 2^31 - 1
   * @param digits 0 to {@value #MAX_DIGITS}
   */
  public record Quantum(int multiple, int digits) {
    /** Keeps every bit. */
    public static final Quantum NONE = new Quantum(0, 0);

    /**
     * The quantum of that value, in at most nine digits and never larger than it.
     *
     * @param value finite, above 0 and at least 10^-12; 0 for none
     */
    public static Quantum of(double value) {
      if (value == 0) {
        return NONE;
      }
      for (int digits = 0; digits <= MAX_DIGITS; digits++) {
        double multiple = value * TENS[digits];
        boolean exact = Math.rint(multiple) / TENS[digits] == value && multiple <= MAX_MULTIPLE;
        boolean last = digits == MAX_DIGITS || multiple * 10 > MAX_MULTIPLE;
        if (exact || last) {
          double whole = exact ? Math.rint(multiple) : Math.floor(multiple);
          if (whole < 1 || whole > MAX_MULTIPLE) {
            throw new IllegalArgumentException("no quantum: " + value);
          }
          return new Quantum((int) whole, digits);
        }
      }
      throw new AssertionError("the last digit always ends it");
    }

    private static final double MAX_MULTIPLE = 999_999_999;

    boolean isNone() {
      return multiple == 0;
    }

    /**
     * The same, finer: as many times smaller, for values that are known better than one reading.
     */
    public Quantum finer(int times) {
      return isNone() ? NONE : of((double) multiple / times / TENS[digits]);
    }
  }

  /** Columns of longs are written by that one. */
  public RealColumn(LongColumn longs) {
    this.longs = longs;
  }

  /** Writes the first {@code count} of the values, 1 and more. */
  public void write(BitWriter out, double[] values, int count, Quantum quantum) {
    if (scaled.length < count) {
      scaled = new long[Math.max(count, 2 * scaled.length)];
      exceptions = new int[scaled.length];
    }
    int digits = quantum.isNone() ? scale(values, count) : quantize(values, count, quantum);
    out.bits(digits < 0 ? 0 : 1, 1);
    if (digits < 0) {
      for (int i = 0; i < count; i++) {
        scaled[i] = Double.doubleToRawLongBits(values[i]);
      }
    } else {
      out.bits(digits, 4);
      out.number(quantum.isNone() ? 1 : quantum.multiple);
      out.number(exceptionCount);
      int before = 0;
      for (int i = 0; i < exceptionCount; i++) {
        out.number(exceptions[i] - before);
        out.bits(Double.doubleToRawLongBits(values[exceptions[i]]), 64);
        before = exceptions[i];
      }
    }
    longs.write(out, scaled, count);
  }

  /** Fills the whole numbers; returns the digits, or -1 when too many values are no decimals. */
  private int scale(double[] values, int count) {
    int most = count / 8;
    int digits = 0;
    boolean raised = false;
    exceptionCount = 0;
    for (int i = 0; i < count; i++) {
      int needed = digits;
      while (needed <= MAX_DIGITS && !isExact(values[i], TENS[needed])) {
        needed++;
      }
      if (needed <= MAX_DIGITS) {
        raised |= needed > digits && i > 0;
        digits = needed;
        scaled[i] = (long) Math.rint(values[i] * TENS[digits]);
      } else if (exceptionCount == most) {
        return -1;
      } else {
        except(i);
      }
    }
    return raised && !scaleAgain(values, count, digits, most) ? -1 : digits;
  }

  /** The same once more, now that the digits are known, where fewer were thought to do. */
  private boolean scaleAgain(double[] values, int count, int digits, int most) {
    exceptionCount = 0;
    for (int i = 0; i < count; i++) {
      if (isExact(values[i], TENS[digits])) {
        scaled[i] = (long) Math.rint(values[i] * TENS[digits]);
      } else {
        except(i);
      }
    }
    return exceptionCount <= most;
  }

  private static boolean isExact(double value, double tens) {
    double whole = Math.rint(value * tens);
    return Math.abs(whole) <= MAX_EXACT
        && Double.doubleToRawLongBits(decode((long) whole, 1, tens))
            == Double.doubleToRawLongBits(value);
  }

  private static double decode(long n, int multiple, double tens) {
    return (double) n * multiple / tens;
  }

  private int quantize(double[] values, int count, Quantum quantum) {
    double tens = TENS[quantum.digits];
    exceptionCount = 0;
    for (int i = 0; i < count; i++) {
      double whole = Math.rint(values[i] * tens / quantum.multiple);
      if (Math.abs(whole) * quantum.multiple <= MAX_EXACT) {
        scaled[i] = (long) whole;
      } else { // NaN too
        except(i);
      }
    }
    return quantum.digits;
  }

  private void except(int i) {
    scaled[i] = i == 0 ? 0 : scaled[i - 1];
    exceptions[exceptionCount++] = i;
  }

  /**
   * Reads {@code count} values.
   *
   * @throws IllegalArgumentException when the bits are no such column
   */
  public static double[] read(BitReader in, int count) {
    double[] values = new double[count];
    if (in.bits(1) == 0) {
      long[] bits = LongColumn.read(in, count);
      for (int i = 0; i < count; i++) {
        values[i] = Double.longBitsToDouble(bits[i]);
      }
      return values;
    }
    int digits = (int) in.bits(4);
    int multiple = in.number(Integer.MAX_VALUE);
    if (digits > MAX_DIGITS || multiple < 1) {
      throw new IllegalArgumentException("no scale: " + multiple + " / 10^" + digits);
    }
    int exceptions = in.number(count);
    int[] where = new int[exceptions];
    double[] what = new double[exceptions];
    int at = 0;
    for (int i = 0; i < exceptions; i++) {
      at += in.number(count);
      if (at >= count) {
        throw new IllegalArgumentException("an exception beyond the column");
      }
      where[i] = at;
      what[i] = Double.longBitsToDouble(in.bits(64));
    }
    long[] wholes = LongColumn.read(in, count);
    for (int i = 0; i < count; i++) {
      values[i] = decode(wholes[i], multiple, TENS[digits]);
    }
    for (int i = 0; i < exceptions; i++) {
      values[where[i]] = what[i];
    }
    return values;
  }
}
