package dev.tidegate.inference;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * A cursor over one message in Protocol Buffers' wire format that believes nothing: every length is
 * checked against the message around it, a field that the message does not have is refused, and so
 * is one that comes twice where it may come once. Nothing is copied but names; nothing recurses.
 *
 * <pre>
 *   tag = varint (field << 3 | type)    type 0 varint, 1 eight bytes, 2 length and bytes, 5 four bytes
 * </pre>
 *
 * Owned by one thread.
 */
final class Wire {
  static final int VARINT = 0;
  static final int FIXED64 = 1;
  static final int LENGTH = 2;
  static final int FIXED32 = 5;

  private static final int MAX_NAME_BYTES = 1_024;

  private final byte[] bytes;
  private final int end;
  private final Message message;
  private int at;
  private int type;
  private long seen;

  /**
   * What a message may hold.
   *
   * @param name for complaints
   * @param once bit set of the fields that may come once
   * @param often bit set of those that may come any number of times
   */
  record Message(String name, long once, long often) {
    static Message of(String name, int[] once, int[] often) {
      return new Message(name, bits(once), bits(often));
    }

    private static long bits(int[] fields) {
      long bits = 0;
      for (int field : fields) {
        bits |= 1L << field;
      }
      return bits;
    }
  }

  Wire(byte[] bytes, Message message) {
    this(bytes, 0, bytes.length, message);
  }

  private Wire(byte[] bytes, int from, int end, Message message) {
    this.bytes = bytes;
    this.at = from;
    this.end = end;
    this.message = message;
  }

  /** Goes to the next field, whose value must then be taken or skipped; 0 at the end. */
  int next() throws Refused {
    if (at == end) {
      return 0;
    }
    long tag = raw();
    long number = tag >>> 3;
    if (number < 1 || number > 63 || ((message.once | message.often) >>> number & 1) == 0) {
      throw bad("has a field " + Long.toUnsignedString(number) + " that is not known");
    }
    long bit = 1L << number;
    if ((message.once & seen & bit) != 0) {
      throw bad("has its field " + number + " twice");
    }
    seen |= bit;
    type = (int) (tag & 7);
    return (int) number;
  }

  /** Which of the four types the field has. */
  int type() {
    return type;
  }

  long varint() throws Refused {
    expect(VARINT);
    return raw();
  }

  String text() throws Refused {
    expect(LENGTH);
    int length = length();
    if (length > MAX_NAME_BYTES) {
      throw bad("has a name of " + length + " bytes, and at most 1,024 are allowed");
    }
    try {
      String text =
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, at, length)).toString();
      at += length;
      return text;
    } catch (CharacterCodingException e) {
      throw bad("has a name that is no UTF-8");
    }
  }

  /** A cursor over the field's own message; this one goes on behind it. */
  Wire message(Message inner) throws Refused {
    expect(LENGTH);
    int length = length();
    at += length;
    return new Wire(bytes, at - length, at, inner);
  }

  /** How many numbers the field holds: those of a packed list, or one. */
  long countNumbers(int plainType) throws Refused {
    if (type == plainType) {
      skip();
      return 1;
    }
    expect(LENGTH);
    int length = length();
    int until = at + length;
    int width =
        switch (plainType) {
          case FIXED32 -> 4;
          case FIXED64 -> 8;
          default -> 0;
        };
    if (width > 0) {
      if (length % width != 0) {
        throw bad("has a list of " + length + " bytes, no multiple of " + width);
      }
      at = until;
      return length / width;
    }
    long count = 0;
    while (at < until) {
      raw();
      count++;
    }
    if (at != until) {
      throw bad("has a list whose last number goes on behind its end");
    }
    return count;
  }

  /** Whole numbers, packed or not, handed over one by one. */
  void numbers(Numbers each) throws Refused {
    if (type == VARINT) {
      each.take(raw());
      return;
    }
    expect(LENGTH);
    int length = length();
    int until = at + length;
    while (at < until) {
      each.take(raw());
    }
    if (at != until) {
      throw bad("has a list whose last number goes on behind its end");
    }
  }

  /** Takes one number after another. */
  interface Numbers {
    void take(long number) throws Refused;
  }

  /** Steps over the value. Returns its length in bytes, without the length itself. */
  int skip() throws Refused {
    int from = at;
    switch (type) {
      case VARINT -> raw();
      case FIXED64 -> forward(8);
      case LENGTH -> {
        int length = length();
        from = at;
        forward(length);
      }
      case FIXED32 -> forward(4);
      default -> throw bad("has a field of wire type " + type + ", which is out of use");
    }
    return at - from;
  }

  Refused bad(String what) {
    return new Refused(
        "model.onnx is no ONNX file that is loaded here: its "
            + message.name
            + " at byte "
            + at
            + " "
            + what);
  }

  private void expect(int wanted) throws Refused {
    if (type != wanted) {
      throw bad("has a field of wire type " + type + " where " + wanted + " belongs");
    }
  }

  private void forward(int by) throws Refused {
    if (by > end - at) {
      throw bad("is cut off");
    }
    at += by;
  }

  private int length() throws Refused {
    long length = raw();
    if (length < 0 || length > end - at) {
      throw bad("is cut off");
    }
    return (int) length;
  }

  private long raw() throws Refused {
    long value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      if (at == end) {
        throw bad("is cut off");
      }
      byte b = bytes[at++];
      value |= (long) (b & 0x7F) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw bad("has a number of more than ten bytes");
  }
}
