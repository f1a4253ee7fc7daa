package dev.tidegate.sync.binding;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/** A gateway's own place in a stretch of time, so that a fleet does not do all things at once. */
public final class Slot {
  private Slot() {}

  /**
   * A part of {@code spreadNanos} that is always the same for the id, and evenly spread over ids.
   */
  public static long nanos(String id, long spreadNanos) {
    if (spreadNanos <= 0) {
      return 0;
    }
    CRC32C hash = new CRC32C();
    hash.update(id.getBytes(StandardCharsets.UTF_8));
    return (long) (spreadNanos * (hash.getValue() / 0x1p32));
  }
}
