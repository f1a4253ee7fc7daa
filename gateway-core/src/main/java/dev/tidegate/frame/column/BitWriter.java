package dev.tidegate.frame.column;

import java.util.Arrays;

/** Bits in a byte array that grows, the most significant bit of each byte first. For one thread. */
public final class BitWriter {
  private byte[] bytes = new byte[1_024];
  private int size;

  /** Bits that do not fill a byte yet, in its low end. */
  private long open;

  private int openBits;

  /** Forgets everything written. */
  public void clear() {
    size = 0;
    open = 0;
    openBits = 0;
  }

  /** Appends the low {@code count} bits of the value; 0 to 64. */
  public void bits(long value, int count) {
    if (count > 32) {
      bits(value >>> 32, count - 32);
      bits(value, 32);
      return;
    }
    open = (open << count) | (value & ((1L << count) - 1));
    openBits += count;
    if (bytes.length - size < 8) {
      bytes = Arrays.copyOf(bytes, 2 * bytes.length);
    }
    while (openBits >= 8) {
      openBits -= 8;
      bytes[size++] = (byte) (open >>> openBits);
    }
  }

  /**
   * Appends a number that is mostly small: groups of 4 bits, the lowest first, each led by "more".
   */
  public void number(long unsigned) {
    long rest = unsigned;
    while (rest >>> 4 != 0) {
      bits(0x10 | (rest & 0xf), 5);
      rest >>>= 4;
    }
    bits(rest, 5);
  }

  /** Appends a number of either sign that is mostly close to 0. */
  public void signed(long value) {
    number(zigzag(value));
  }

  /** 0, -1, 1, -2, 2 … as 0, 1, 2, 3, 4 … */
  static long zigzag(long value) {
    return (value << 1) ^ (value >> 63);
  }

  /** What was written, filled up with zero bits to whole bytes. */
  public byte[] toBytes() {
    byte[] all = Arrays.copyOf(bytes, openBits == 0 ? size : size + 1);
    if (openBits > 0) {
      all[size] = (byte) (open << (8 - openBits));
    }
    return all;
  }
}
