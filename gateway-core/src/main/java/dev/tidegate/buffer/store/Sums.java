package dev.tidegate.buffer.store;

import dev.tidegate.flow.Lane;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/** Checksums of rows: CRC-32C (RFC 3385) over their values. */
final class Sums {
  private Sums() {}

  static long ofMeta(String key, String value) {
    return of(key + "=" + value);
  }

  static long ofLane(
      Lane lane, long nextSequence, long delivered, long lost, long uptimeNanos, long commit) {
    return of(lane.word(), nextSequence, delivered, lost, uptimeNanos, commit);
  }

  static long ofFrame(Lane lane, StoredFrame row) {
    return of(
        lane.word(),
        row.firstSequence(),
        row.lastSequence(),
        row.firstNanos(),
        row.lastNanos(),
        row.uptimeNanos());
  }

  static long of(String text, long... numbers) {
    CRC32C crc = new CRC32C();
    crc.update(text.getBytes(StandardCharsets.UTF_8));
    ByteBuffer bytes = ByteBuffer.allocate(8 * numbers.length);
    for (long number : numbers) {
      bytes.putLong(number);
    }
    crc.update(bytes.flip());
    return crc.getValue();
  }
}
