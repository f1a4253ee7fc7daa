package dev.tidegate.sync;

import dev.tidegate.sync.binding.Slot;
import java.util.random.RandomGenerator;

/**
 * Pauses before reconnects, spread so that a fleet does not come back all at once.
 *
 * <ul>
 *   <li>After a connection that had held: a slot that is the gateway's own, an even part of the
 *       spread, since a fleet loses its server at one moment; and a random part of the least pause.
 *   <li>After anything else, a kick right behind CONNACK as well: full jitter, a random part of a
 *       ceiling that begins at the spread and doubles. A fleet whose server falls over under it, or
 *       that finds none when its power returns, is spread by that as by the slots.
 * </ul>
 *
 * <p>So a fleet makes at most about twice {@code fleet / spread} attempts a second, whatever its
 * server does (docs/decisions/0016-three-bindings.md). Owned by the sync thread.
 */
final class Backoff {
  private final long minNanos;
  private final long firstNanos;
  private final long maxNanos;
  private final long slotNanos;
  private final RandomGenerator random;
  private long ceilingNanos;
  private boolean hasHeld;

  /**
   * @param minNanos the least ceiling where there is no spread
   * @param maxNanos the greatest ceiling; {@code spreadNanos} where that is longer
   * @param id of the gateway
   * @param spreadNanos over how long a fleet's attempts are spread; 0 for not at all
   */
  Backoff(long minNanos, long maxNanos, String id, long spreadNanos, RandomGenerator random) {
    this.minNanos = Math.max(1, minNanos);
    this.firstNanos = Math.max(this.minNanos, spreadNanos);
    this.maxNanos = Math.max(firstNanos, maxNanos);
    this.slotNanos = Slot.nanos(id, spreadNanos);
    this.random = random;
    this.ceilingNanos = firstNanos;
  }

  /** The next pause, after a failure or a loss. */
  long nextNanos() {
    boolean isSlotEnough = hasHeld && ceilingNanos == firstNanos; // nobody said that it is busy
    long jitter = 1 + random.nextLong(isSlotEnough ? minNanos : ceilingNanos);
    long pause = hasHeld ? slotNanos + jitter : jitter;
    ceilingNanos = ceilingNanos > maxNanos / 2 ? maxNanos : ceilingNanos * 2;
    hasHeld = false;
    return pause;
  }

  /** The server says that it has too much to do: it is left alone for longer from now on. */
  void busy() {
    ceilingNanos = Math.max(ceilingNanos, maxNanos / 4);
  }

  /** Begins anew: the connection has proved healthy. */
  void held() {
    ceilingNanos = firstNanos;
    hasHeld = true;
  }
}
