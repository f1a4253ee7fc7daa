package dev.tidegate.frame;

import dev.tidegate.frame.column.BitReader;
import dev.tidegate.frame.column.BitWriter;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;

/**
 * A list of names, which are a large part of a small frame.
 *
 * <pre>
 *   number        names, less 1
 *   per name:     number    leading bytes that it shares with the name before
 *                 number    further bytes
 *                 1 bit     1: of 6 bits each, as places in the alphabet below; 0: of 8 bits each, UTF-8
 *   alphabet      a to z, 0 to 9, '/', '-', '_', '.', A to X
 * </pre>
 */
final class Names {
  private static final String ALPHABET =
      "abcdefghijklmnopqrstuvwxyz0123456789/-_.ABCDEFGHIJKLMNOPQRSTUVWX";

  /** The longest name, in bytes: a text value. */
  private static final int MAX_BYTES = 3 * 1_024;

  private static final byte[] PLACES = new byte[256];

  static {
    Arrays.fill(PLACES, (byte) -1);
    for (int i = 0; i < ALPHABET.length(); i++) {
      PLACES[ALPHABET.charAt(i)] = (byte) i;
    }
  }

  private Names() {}

  /** Writes the names, at least one. */
  static void write(BitWriter out, Collection<String> names) {
    out.number(names.size() - 1);
    byte[] before = {};
    for (String name : names) {
      byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
      int shared = Arrays.mismatch(before, bytes);
      shared = shared < 0 ? bytes.length : shared;
      boolean isPlain = true;
      for (int i = shared; i < bytes.length; i++) {
        isPlain &= PLACES[bytes[i] & 0xff] >= 0;
      }
      out.number(shared);
      out.number(bytes.length - shared);
      out.bits(isPlain ? 1 : 0, 1);
      for (int i = shared; i < bytes.length; i++) {
        out.bits(isPlain ? PLACES[bytes[i]] : bytes[i], isPlain ? 6 : 8);
      }
      before = bytes;
    }
  }

  /**
   * Reads a list of at most {@code most} names.
   *
   * @throws IllegalArgumentException when the bits are none
   */
  static String[] read(BitReader in, int most) {
    String[] names = new String[1 + in.number(most - 1)];
    byte[] before = {};
    for (int n = 0; n < names.length; n++) {
      int shared = in.number(before.length);
      int more = in.number(MAX_BYTES - shared);
      boolean isPlain = in.bits(1) == 1;
      in.expect((long) more * (isPlain ? 6 : 8));
      byte[] bytes = Arrays.copyOf(before, shared + more);
      for (int i = shared; i < bytes.length; i++) {
        bytes[i] = isPlain ? (byte) ALPHABET.charAt((int) in.bits(6)) : (byte) in.bits(8);
      }
      names[n] = text(bytes);
      before = bytes;
    }
    return names;
  }

  private static String text(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("text that is not UTF-8", e);
    }
  }
}
