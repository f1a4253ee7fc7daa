package dev.tidegate.models;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * A message in Protocol Buffers' wire format, written field by field in the order of the calls.
 *
 * <p>Only what ONNX needs: varints, 32-bit floats and length-delimited fields ("Encoding", Protocol
 * Buffers documentation). It knows no schema, so that a test can write a hostile message as easily
 * as a good one. Owned by one thread.
 */
public final class Proto {
  private static final int VARINT = 0;
  private static final int LENGTH = 2;
  private static final int FIXED32 = 5;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** A whole number or an enumeration. */
  public Proto varint(int field, long value) {
    tag(field, VARINT);
    raw(value);
    return this;
  }

  /** One 32-bit float. */
  public Proto fixed32(int field, float value) {
    tag(field, FIXED32);
    littleEndian(value);
    return this;
  }

  public Proto bytes(int field, byte[] value) {
    tag(field, LENGTH);
    raw(value.length);
    out.writeBytes(value);
    return this;
  }

  public Proto text(int field, String value) {
    return bytes(field, value.getBytes(StandardCharsets.UTF_8));
  }

  public Proto message(int field, Proto value) {
    return bytes(field, value.toBytes());
  }

  /** What has been written so far. */
  public byte[] toBytes() {
    return out.toByteArray();
  }

  /** Floats as a tensor's {@code raw_data} holds them: IEEE 754, little-endian. */
  static byte[] rawFloats(float[] values) {
    Proto all = new Proto();
    for (float value : values) {
      all.littleEndian(value);
    }
    return all.toBytes();
  }

  private void tag(int field, int wireType) {
    raw((long) field << 3 | wireType);
  }

  private void raw(long value) {
    while ((value & ~0x7FL) != 0) {
      out.write((int) ((value & 0x7F) | 0x80));
      value >>>= 7;
    }
    out.write((int) value);
  }

  private void littleEndian(float value) {
    int bits = Float.floatToIntBits(value);
    for (int shift = 0; shift < 32; shift += 8) {
      out.write(bits >>> shift);
    }
  }
}
