package dev.tidegate.timekeeping;

import dev.tidegate.time.Clock;
import dev.tidegate.time.TimeQuality;
import java.time.Instant;

/**
 * The machine's clocks. Safe for use by any thread.
 *
 * <p>The timeline starts at the wall time of construction and advances with {@link
 * System#nanoTime()}, so a wall clock that is set later shows as a difference between the two and
 * moves no timer.
 */
public final class SystemClock implements Clock {
  /** No wall clock can be earlier than this software: 2026-11-01T00:00:00Z. */
  static final long BUILT_NANOS =
      Instant.parse("2026-11-01T00:00:00Z").getEpochSecond() * 1_000_000_000L;

  private final long originNanos = wallNow() - System.nanoTime();

  @Override
  public long monotonicNanos() {
    return originNanos + System.nanoTime();
  }

  @Override
  public long wallNanos() {
    return wallNow();
  }

  @Override
  public TimeQuality quality() {
    return wallNow() < BUILT_NANOS ? TimeQuality.IMPLAUSIBLE : TimeQuality.UNVERIFIED;
  }

  private static long wallNow() {
    Instant now = Instant.now();
    return now.getEpochSecond() * 1_000_000_000L + now.getNano();
  }
}
