package dev.tidegate.frame;

import java.util.zip.CRC32C;

/** The Castagnoli checksum (RFC 3720, appendix B.4), which finds every single flipped bit. */
final class Crc {
  private Crc() {}

  static int of(byte[] bytes, int from, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, from, length);
    return (int) crc.getValue();
  }
}
