package dev.tidegate.buffer.crash;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The bytes of one file, as they lie on the disk. */
final class Content {
  private byte[] bytes = new byte[0];
  private int size;

  Content copy() {
    Content copy = new Content();
    copy.bytes = bytes();
    copy.size = size;
    return copy;
  }

  byte[] bytes() {
    return Arrays.copyOf(bytes, size);
  }

  /**
   * Writes, or sets the size where there is no data.
   *
   * @param sectors which of the touched sectors are written; null: all
   */
  void apply(long offset, byte @Nullable [] data, boolean @Nullable [] sectors) {
    int from = Math.toIntExact(offset);
    if (data == null) {
      resize(from, (byte) 0);
      return;
    }
    if (sectors == null) {
      lengthen(offset + data.length, (byte) 0);
      System.arraycopy(data, 0, bytes, from, data.length);
      return;
    }
    for (int i = 0; i < sectors.length; i++) {
      int sector = (from / Platter.SECTOR + i) * Platter.SECTOR;
      int start = Math.max(from, sector);
      int end = Math.min(from + data.length, sector + Platter.SECTOR);
      if (sectors[i]) {
        lengthen(end, (byte) 0);
        System.arraycopy(data, start - from, bytes, start, end - start);
      }
    }
  }

  /** Makes it at least so long; does nothing where there is no filling. */
  void lengthen(long least, @Nullable Byte filling) {
    if (filling != null && least > size) {
      resize(Math.toIntExact(least), filling);
    }
  }

  private void resize(int now, byte filling) {
    if (now > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(now, 2 * bytes.length));
    }
    if (now > size) {
      Arrays.fill(bytes, size, now, filling);
    }
    size = now;
  }
}
