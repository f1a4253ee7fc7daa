package dev.tidegate.sync;

import dev.tidegate.time.Clock;

/**
 * When bytes last moved on a connection. Written by the library's reading and writing threads, read
 * by the sync thread.
 *
 * <p>Paho's {@code isConnected()} stays true after its receiving thread has died, so a connection
 * is judged by what was read from it.
 */
final class Pulse {
  private static final int PROGRESS_BYTES = 64;

  private final Clock clock;
  private volatile long inboundNanos;
  private volatile long outboundNanos;

  Pulse(Clock clock) {
    this.clock = clock;
    inboundNanos = clock.monotonicNanos();
    outboundNanos = inboundNanos;
  }

  void inbound() {
    inboundNanos = clock.monotonicNanos();
  }

  /** Notes bytes taken; a ping, which is sent to a dead server too, is no progress. */
  void outbound(int bytes) {
    if (bytes >= PROGRESS_BYTES) {
      outboundNanos = clock.monotonicNanos();
    }
  }

  /** When the library last took bytes from the server; at first, when this was made. */
  long inboundNanos() {
    return inboundNanos;
  }

  /** When the operating system last took a piece of a publish for the server. */
  long outboundNanos() {
    return outboundNanos;
  }
}
