package dev.tidegate.sync.sparkplug;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Reads protocol buffers that a stranger wrote, field by field. Anything that is none throws {@link
 * BufferUnderflowException} or {@link IllegalArgumentException}. Owned by one thread.
 */
final class ProtoReader {
  private final ByteBuffer in;
  private int wire;

  ProtoReader(byte[] bytes) {
    this(ByteBuffer.wrap(bytes));
  }

  private ProtoReader(ByteBuffer in) {
    this.in = in.order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The number of the next field; 0 at the end. */
  int next() {
    if (!in.hasRemaining()) {
      return 0;
    }
    long key = varint();
    wire = (int) (key & 7);
    long field = key >>> 3;
    if (field < 1 || field > 536_870_911) {
      throw new IllegalArgumentException("no field number: " + field);
    }
    return (int) field;
  }

  /** The field as a number, whatever it was written as. */
  long number() {
    return switch (wire) {
      case 0 -> varint();
      case 1 -> in.getLong();
      case 5 -> Integer.toUnsignedLong(in.getInt());
      default -> throw new IllegalArgumentException("no number");
    };
  }

  /** A field of 32 or 64 bits as a real number. */
  double real() {
    return switch (wire) {
      case 1 -> in.getDouble();
      case 5 -> in.getFloat();
      default -> throw new IllegalArgumentException("no real number");
    };
  }

  String text() {
    ByteBuffer part = part();
    return StandardCharsets.UTF_8.decode(part).toString();
  }

  ProtoReader message() {
    return new ProtoReader(part());
  }

  void skip() {
    switch (wire) {
      case 0 -> varint();
      case 1 -> in.getLong();
      case 2 -> part();
      case 5 -> in.getInt();
      default -> throw new IllegalArgumentException("no wire type: " + wire);
    }
  }

  private ByteBuffer part() {
    long length = wire == 2 ? varint() : -1;
    if (length < 0 || length > in.remaining()) {
      throw new IllegalArgumentException("no length: " + length);
    }
    ByteBuffer part = in.slice(in.position(), (int) length);
    in.position(in.position() + (int) length);
    return part;
  }

  private long varint() {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      byte b = in.get();
      value |= (long) (b & 0x7F) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw new IllegalArgumentException("a varint has at most ten bytes");
  }
}
