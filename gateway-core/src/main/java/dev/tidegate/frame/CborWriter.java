package dev.tidegate.frame;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes deterministic CBOR (RFC 8949, section 4.2.1) into an array that grows and is used again:
 * shortest heads, definite lengths, shortest float that keeps the value. Owned by one thread.
 */
public final class CborWriter {
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private static final int FIRST_BYTES = 4 << 10;
  private static final int KEPT_BYTES = 1 << 20;

  private byte[] bytes = new byte[FIRST_BYTES];
  private int size;

  /** Starts again at the front; a buffer that one large frame had blown up is let go. */
  public void clear() {
    size = 0;
    if (bytes.length > KEPT_BYTES) {
      bytes = new byte[FIRST_BYTES];
    }
  }

  /** How many bytes have been written. */
  public int size() {
    return size;
  }

  /** A copy of what has been written. */
  public byte[] toBytes() {
    return Arrays.copyOf(bytes, size);
  }

  /** Any long: major type 0 or 1. */
  public void integer(long value) {
    if (value >= 0) {
      head(0, value);
    } else {
      head(1, ~value);
    }
  }

  /** The head of an array of so many items. */
  public void array(int items) {
    head(4, items);
  }

  /** A text; an unpaired surrogate, which is no character, becomes a question mark. */
  public void text(String text) {
    int length = text.length();
    ensure(length + 9);
    int start = size;
    head(3, length);
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (c >= 0x80) {
        size = start;
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        head(3, utf8.length);
        raw(utf8, 0, utf8.length);
        return;
      }
      bytes[size++] = (byte) c;
    }
  }

  /** A byte string. */
  public void byteString(byte[] value) {
    head(2, value.length);
    raw(value, 0, value.length);
  }

  /** {@code true} or {@code false}. */
  public void flag(boolean value) {
    ensure(1);
    bytes[size++] = (byte) (value ? 0xf5 : 0xf4);
  }

  /**
   * The shortest of half, single and double that keeps the value; -0.0 and the infinities are kept,
   * every NaN is written as 0x7e00 (RFC 8949, section 4.2.2).
   */
  public void real(double value) {
    float single = (float) value;
    if (Double.isNaN(value)) {
      floating(0xf9, 0x7e00, 2);
    } else if (single != value) {
      floating(0xfb, Double.doubleToRawLongBits(value), 8);
    } else {
      short half = Float.floatToFloat16(single);
      if (Float.float16ToFloat(half) == single) {
        floating(0xf9, half, 2);
      } else {
        floating(0xfa, Float.floatToRawIntBits(single), 4);
      }
    }
  }

  /** What another writer has written. */
  void append(CborWriter other) {
    raw(other.bytes, 0, other.size);
  }

  /** The checksum of everything written so far. */
  int crc32c() {
    return Crc.of(bytes, 0, size);
  }

  private void floating(int initial, long bits, int width) {
    ensure(1 + width);
    bytes[size++] = (byte) initial;
    bigEndian(bits, width);
  }

  private void head(int major, long argument) {
    ensure(9);
    int type = major << 5;
    if (argument < 24) {
      bytes[size++] = (byte) (type | argument);
    } else if (argument <= 0xff) {
      bytes[size++] = (byte) (type | 24);
      bytes[size++] = (byte) argument;
    } else if (argument <= 0xffff) {
      bytes[size++] = (byte) (type | 25);
      bigEndian(argument, 2);
    } else if (argument <= 0xffff_ffffL) {
      bytes[size++] = (byte) (type | 26);
      bigEndian(argument, 4);
    } else {
      bytes[size++] = (byte) (type | 27);
      bigEndian(argument, 8);
    }
  }

  private void bigEndian(long value, int width) {
    switch (width) {
      case 2 -> SHORT.set(bytes, size, (short) value);
      case 4 -> INT.set(bytes, size, (int) value);
      default -> LONG.set(bytes, size, value);
    }
    size += width;
  }

  private void raw(byte[] source, int from, int length) {
    ensure(length);
    System.arraycopy(source, from, bytes, size, length);
    size += length;
  }

  private void ensure(int more) {
    if (bytes.length - size < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
    }
  }
}
