package dev.tidegate.sync;

import dev.tidegate.config.SyncConfig;

/**
 * How fast what is not live may go: a token bucket as deep as one frame, on monotonic time. A frame
 * goes when those before it are paid for, so that any stretch of time sees at most its share of the
 * rate and one frame more. Outlives connections, so that a link that comes and goes does not send
 * faster. Owned by the sync thread.
 */
final class Pace {
  private static final double NANOS_PER_SECOND = 1e9;

  private final double bytesPerSecond;
  private final long savedNanos;
  private long paidNanos;

  /**
   * Begins with nothing to pay for.
   *
   * @param bytesPerSecond 1 and above, or {@link SyncConfig#UNLIMITED}
   */
  Pace(long bytesPerSecond) {
    this(bytesPerSecond == SyncConfig.UNLIMITED ? 0 : (double) bytesPerSecond, 0, Long.MIN_VALUE);
  }

  private Pace(double bytesPerSecond, long savedNanos, long paidNanos) {
    this.bytesPerSecond = bytesPerSecond;
    this.savedNanos = savedNanos;
    this.paidNanos = paidNanos;
  }

  /**
   * A pace that saves up what is not used, at most {@code savedBytes}; any stretch of time sees at
   * most its share of the rate and that. Begins with nothing saved.
   */
  static Pace saving(double bytesPerSecond, double savedBytes, long nowNanos) {
    return new Pace(
        bytesPerSecond, (long) (savedBytes / bytesPerSecond * NANOS_PER_SECOND), nowNanos);
  }

  /** Whether a frame may go. */
  boolean isFree(long nowNanos) {
    return nowNanos >= paidNanos;
  }

  /** Notes that so many bytes went. */
  void spend(long bytes, long nowNanos) {
    if (bytesPerSecond > 0) {
      long nanos = (long) Math.ceil(bytes * NANOS_PER_SECOND / bytesPerSecond);
      paidNanos = Math.max(paidNanos, nowNanos - savedNanos) + nanos;
    }
  }

  /** When the next frame may go, after now; {@link LaneRun#NEVER} when one may go already. */
  long wakeNanos(long nowNanos) {
    return isFree(nowNanos) ? LaneRun.NEVER : paidNanos;
  }
}
