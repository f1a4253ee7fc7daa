package dev.tidegate.frame;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads deterministic CBOR (RFC 8949, section 4.2.1) and refuses everything else: longer heads than
 * needed, indefinite lengths, tags, floats that a shorter one would keep. Owned by one thread.
 *
 * <p>Nothing is allocated before the bytes that it needs have been seen to be there, so hostile
 * bytes cost no more memory than a small multiple of their own length.
 */
public final class CborReader {
  private final byte[] bytes;
  private final int end;
  private int at;

  public CborReader(byte[] bytes) {
    this(bytes, 0, bytes.length);
  }

  CborReader(byte[] bytes, int from, int end) {
    this.bytes = bytes;
    this.at = from;
    this.end = end;
  }

  /** Whether all bytes have been read. */
  public boolean atEnd() {
    return at == end;
  }

  /** Bytes not yet read. */
  public int remaining() {
    return end - at;
  }

  /** The next item's major type, 0 to 7; nothing is consumed. */
  public int major() throws FrameException {
    need(1);
    return (bytes[at] & 0xff) >>> 5;
  }

  /** A whole number that fits a long. */
  public long integer() throws FrameException {
    int major = major();
    if (major > 1) {
      throw bad("expected an integer");
    }
    long argument = head(major);
    if (argument < 0) {
      throw bad("an integer beyond 64 bits");
    }
    return major == 0 ? argument : ~argument;
  }

  /** A whole number from {@code min} to {@code max}, both included. */
  public long integer(long min, long max) throws FrameException {
    long value = integer();
    if (value < min || value > max) {
      throw bad(value + " is outside " + min + " to " + max);
    }
    return value;
  }

  /** The head of an array of at most {@code max} items; that many bytes are there at least. */
  public int array(int max) throws FrameException {
    long items = head(4);
    if (items < 0 || items > max || items > remaining()) {
      throw bad("an array of " + Long.toUnsignedString(items) + " items");
    }
    return (int) items;
  }

  /** The head of an array of exactly so many items. */
  public void arrayOf(int items) throws FrameException {
    if (array(items) != items) {
      throw bad("expected an array of " + items + " items");
    }
  }

  /** A text of at most {@code maxBytes} bytes of well-formed UTF-8. */
  public String text(int maxBytes) throws FrameException {
    int length = length(3, maxBytes);
    int from = at;
    at += length;
    for (int i = from; i < at; i++) {
      if (bytes[i] < 0) {
        return utf8(from, length);
      }
    }
    return new String(bytes, from, length, StandardCharsets.ISO_8859_1);
  }

  /** A byte string of any length that is there. */
  public byte[] byteString() throws FrameException {
    int length = length(2, Integer.MAX_VALUE);
    at += length;
    return Arrays.copyOfRange(bytes, at - length, at);
  }

  /** A byte string of exactly so many bytes. */
  public byte[] byteString(int exactly) throws FrameException {
    if (length(2, exactly) != exactly) {
      throw bad("expected " + exactly + " bytes");
    }
    byte[] value = new byte[exactly];
    System.arraycopy(bytes, at, value, 0, exactly);
    at += exactly;
    return value;
  }

  /** {@code true} or {@code false}. */
  public boolean flag() throws FrameException {
    need(1);
    int initial = bytes[at++] & 0xff;
    if (initial != 0xf4 && initial != 0xf5) {
      throw bad("expected true or false");
    }
    return initial == 0xf5;
  }

  /** Whether the next item is {@code true} or {@code false}; nothing is consumed. */
  public boolean isFlag() throws FrameException {
    need(1);
    int initial = bytes[at] & 0xff;
    return initial == 0xf4 || initial == 0xf5;
  }

  /** A float of any width. */
  public double real() throws FrameException {
    need(1);
    return switch (bytes[at++] & 0xff) {
      case 0xf9 -> {
        short half = (short) bigEndian(2);
        float value = Float.float16ToFloat(half);
        if (Float.isNaN(value) && half != 0x7e00) {
          throw bad("a NaN other than 0x7e00");
        }
        yield value;
      }
      case 0xfa -> {
        float value = Float.intBitsToFloat((int) bigEndian(4));
        if (Float.isNaN(value) || Float.float16ToFloat(Float.floatToFloat16(value)) == value) {
          throw bad("a float that fits half precision");
        }
        yield value;
      }
      case 0xfb -> {
        double value = Double.longBitsToDouble(bigEndian(8));
        if (Double.isNaN(value) || (float) value == value) {
          throw bad("a float that fits single precision");
        }
        yield value;
      }
      default -> throw bad("expected a float");
    };
  }

  /** Complains about the item just read. */
  public FrameException bad(String what) {
    return new FrameException(what + ", before byte " + at);
  }

  private int length(int major, int max) throws FrameException {
    long length = head(major);
    if (length < 0 || length > max || length > remaining()) {
      throw bad("a string of " + Long.toUnsignedString(length) + " bytes");
    }
    return (int) length;
  }

  /** The argument of a head of that major type, as an unsigned number. */
  private long head(int major) throws FrameException {
    if (major() != major) {
      throw bad("expected major type " + major + ", found " + major());
    }
    int info = bytes[at++] & 0x1f;
    if (info < 24) {
      return info;
    }
    if (info > 27) {
      throw bad("an indefinite or reserved length");
    }
    int width = 1 << (info - 24);
    long argument = bigEndian(width);
    // Section 4.2.1: the argument must not fit the next shorter form.
    boolean shortest = width == 1 ? argument >= 24 : argument >>> (4 * width) != 0;
    if (!shortest) {
      throw bad("a head longer than needed");
    }
    return argument;
  }

  private long bigEndian(int width) throws FrameException {
    need(width);
    long value = 0;
    for (int i = 0; i < width; i++) {
      value = value << 8 | (bytes[at++] & 0xff);
    }
    return value;
  }

  private String utf8(int from, int length) throws FrameException {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes, from, length))
          .toString();
    } catch (CharacterCodingException e) {
      throw bad("a text that is no UTF-8");
    }
  }

  private void need(int more) throws FrameException {
    if (end - at < more) {
      throw new FrameException("the bytes end early, at byte " + end);
    }
  }
}
