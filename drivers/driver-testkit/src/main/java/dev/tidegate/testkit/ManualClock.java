package dev.tidegate.testkit;

import dev.tidegate.time.Clock;
import dev.tidegate.time.TimeQuality;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/** A clock that stands still until a test moves it. Safe for use by any thread. */
public final class ManualClock implements Clock {
  /** Where the timeline starts unless told otherwise: 2026-11-23T00:00:00Z. */
  public static final long START_NANOS =
      Instant.parse("2026-11-23T00:00:00Z").getEpochSecond() * 1_000_000_000L;

  private final AtomicLong monotonicNanos;
  private final AtomicLong wallAheadNanos = new AtomicLong();
  private volatile TimeQuality quality = TimeQuality.SYNCHRONISED;

  public ManualClock() {
    this(START_NANOS);
  }

  /** A clock whose timeline and wall both start at that many nanoseconds since the Unix epoch. */
  public ManualClock(long startNanos) {
    this.monotonicNanos = new AtomicLong(startNanos);
  }

  /** Lets time pass, on the timeline and on the wall; 0 or more nanoseconds. */
  public void advance(long nanos) {
    if (nanos < 0) {
      throw new IllegalArgumentException("the timeline never goes back: " + nanos + " ns");
    }
    monotonicNanos.addAndGet(nanos);
  }

  /** Lets time pass until the timeline shows that. */
  public void advanceTo(long timelineNanos) {
    advance(timelineNanos - monotonicNanos());
  }

  /** Sets the wall clock forward, or back where negative; the timeline does not move. */
  public void jumpWall(long nanos) {
    wallAheadNanos.addAndGet(nanos);
  }

  /** What {@link #quality()} says from now on. */
  public void quality(TimeQuality now) {
    quality = now;
  }

  @Override
  public long monotonicNanos() {
    return monotonicNanos.get();
  }

  @Override
  public long wallNanos() {
    return monotonicNanos.get() + wallAheadNanos.get();
  }

  @Override
  public TimeQuality quality() {
    return quality;
  }
}
