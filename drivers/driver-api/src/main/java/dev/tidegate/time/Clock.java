package dev.tidegate.time;

/**
 * The only way anyone asks for the time. Safe for use by any thread.
 *
 * <p>Durations, order within a boot and every timer come from {@link #monotonicNanos()}; the wall
 * clock only stamps what leaves the gateway, because a gateway without a battery clock boots in
 * 1970 and is corrected later.
 */
public interface Clock {
  /**
   * The gateway's timeline: nanoseconds since the Unix epoch as the wall clock had it when this
   * process started, advancing steadily from there and never stepped. The difference to {@link
   * #wallNanos()} is what the wall clock has been corrected by since the start.
   */
  long monotonicNanos();

  /** Nanoseconds since the Unix epoch as the wall clock has it now; may jump either way. */
  long wallNanos();

  /** How far {@link #wallNanos()} can be trusted now. */
  TimeQuality quality();
}
