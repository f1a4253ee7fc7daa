package dev.tidegate.sync;

import java.util.random.RandomGenerator;

/**
 * Pauses before reconnects, spread so that a fleet does not come back all at once: full jitter, a
 * random part of a ceiling that doubles. Owned by the sync thread.
 */
final class Backoff {
  private final long minNanos;
  private final long maxNanos;
  private final RandomGenerator random;
  private long ceilingNanos;

  Backoff(long minNanos, long maxNanos, RandomGenerator random) {
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

  /** Begins anew: the connection has proved healthy. */
  void reset() {
    ceilingNanos = minNanos;
  }
}
