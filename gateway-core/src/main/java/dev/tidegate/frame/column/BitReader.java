package dev.tidegate.frame.column;

/**
 * Reads what {@link BitWriter} wrote. Bits that are not there, and numbers that do not fit, are
 * refused with an {@link IllegalArgumentException}. For one thread.
 */
public final class BitReader {
  private final byte[] bytes;
  private int at;

  /** Bits read from the bytes and not taken, in the low end. */
  private long ahead;

  private int aheadBits;

  /** A reader of all of the bytes, which must not change meanwhile. */
  public BitReader(byte[] bytes) {
    this.bytes = bytes;
  }

  /** The next {@code count} bits, 0 to 64. */
  public long bits(int count) {
    if (count > 32) {
      long high = bits(count - 32);
      return (high << 32) | bits(32);
    }
    while (aheadBits < count) {
      if (at == bytes.length) {
        throw new IllegalArgumentException("it ends too early");
      }
      ahead = (ahead << 8) | (bytes[at++] & 0xff);
      aheadBits += 8;
    }
    aheadBits -= count;
    return (ahead >>> aheadBits) & ((1L << count) - 1);
  }

  /**
   * How many one-bits come before the next zero, which is taken too; {@code most} of them end it.
   */
  int ones(int most) {
    int count = 0;
    while (count < most && bits(1) == 1) {
      count++;
    }
    return count;
  }

  /** What {@link BitWriter#number} wrote. */
  public long number() {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 4) {
      long group = bits(5);
      value |= (group & 0xf) << shift;
      if (group < 0x10) {
        return value;
      }
    }
    throw new IllegalArgumentException("a number of more than 64 bits");
  }

  /**
   * What {@link BitWriter#number} wrote, of which no more than {@code most} is believed.
   *
   * @throws IllegalArgumentException when it is larger
   */
  public int number(int most) {
    long value = number();
    if (value < 0 || value > most) {
      throw new IllegalArgumentException("a number above " + most);
    }
    return (int) value;
  }

  /** What {@link BitWriter#signed} wrote. */
  public long signed() {
    return unzigzag(number());
  }

  static long unzigzag(long coded) {
    return (coded >>> 1) ^ -(coded & 1);
  }

  /**
   * Makes sure that so many bits are there, before memory is taken for them.
   *
   * @throws IllegalArgumentException when there are fewer
   */
  public void expect(long bits) {
    if (bits > 8L * (bytes.length - at) + aheadBits) {
      throw new IllegalArgumentException("it ends too early");
    }
  }

  /** Makes sure that nothing but the filling of the last byte is left. */
  public void end() {
    if (at != bytes.length || aheadBits >= 8 || bits(aheadBits) != 0) {
      throw new IllegalArgumentException("more than the columns");
    }
  }
}
