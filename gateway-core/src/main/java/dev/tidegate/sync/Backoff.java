package dev.tidegate.sync;

import java.nio.charset.StandardCharsets;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32C;

/**
 * Pauses before reconnects, spread so that a fleet does not come back all at once: full jitter, a
 * random part of a ceiling that doubles; and after a connection that is lost a slot that is the
 * gateway's own before that, since a fleet loses its server at one moment. Owned by the sync
 * thread.
 */
final class Backoff {
  private final long minNanos;
  private final long maxNanos;
  private final RandomGenerator random;
  private final long slotNanos;
  private long ceilingNanos;

  /**
   * @param slotNanos the gateway's own pause after a connection that is lost
   */
  Backoff(long minNanos, long maxNanos, long slotNanos, RandomGenerator random) {
    this.slotNanos = slotNanos;
    this.minNanos = Math.max(1, minNanos);
    this.maxNanos = Math.max(this.minNanos, maxNanos);
    this.random = random;
    this.ceilingNanos = this.minNanos;
  }

  /** The next pause: 1 ns up to the ceiling, which doubles. */
  long nextNanos() {
    long pause = 1 + random.nextLong(ceilingNanos);
    ceilingNanos = ceilingNanos > maxNanos / 2 ? maxNanos : ceilingNanos * 2;
    return pause;
  }

  /** The pause after a connection that held: the slot, and a random part of the ceiling. */
  long afterLossNanos() {
    return slotNanos + nextNanos();
  }

  /** The server says that it has too much to do: it is left alone for longer from now on. */
  void busy() {
    ceilingNanos = Math.max(ceilingNanos, maxNanos / 4);
  }

  /**
   * A part of {@code spreadNanos} that is always the same for the id, and evenly spread over ids.
   */
  static long slotNanos(String id, long spreadNanos) {
    if (spreadNanos <= 0) {
      return 0;
    }
    CRC32C hash = new CRC32C();
    hash.update(id.getBytes(StandardCharsets.UTF_8));
    return (long) (spreadNanos * (hash.getValue() / 0x1p32));
  }

  /** Begins anew: the connection has proved healthy. */
  void reset() {
    ceilingNanos = minNanos;
  }
}
