package dev.tidegate.inference;

import java.util.Arrays;
import java.util.Random;

/** Spoils a file in one to four places: bits, bytes, lengths, cuts, repeats. */
final class Mutation {
  private Mutation() {}

  static byte[] of(byte[] good, Random random) {
    byte[] bytes = good.clone();
    int times = 1 + random.nextInt(4);
    for (int i = 0; i < times && bytes.length > 1; i++) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(6)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[at] = (byte) random.nextInt(256);
        case 2 -> bytes[at] = (byte) 0xFF;
        case 3 -> bytes = Arrays.copyOf(bytes, at + 1);
        case 4 -> bytes = repeated(bytes, at, random);
        default -> bytes[at] += (byte) (random.nextBoolean() ? 1 : -1);
      }
    }
    return bytes;
  }

  private static byte[] repeated(byte[] bytes, int at, Random random) {
    int length = Math.min(1 + random.nextInt(32), bytes.length - at);
    byte[] longer = new byte[bytes.length + length];
    System.arraycopy(bytes, 0, longer, 0, at + length);
    System.arraycopy(bytes, at, longer, at + length, bytes.length - at);
    return longer;
  }
}
