package dev.tidegate.sync.link;

import dev.tidegate.time.Clock;
import java.util.concurrent.atomic.LongAdder;

/**
 * When bytes last moved on a connection. Written by the library's reading and writing threads, read
 * by the sync thread.
 *
 * <p>Paho's {@code isConnected()} stays true after its receiving thread has died, so a connection
 * is judged by what was read from it.
 */
public final class Pulse {
  private static final int PROGRESS_BYTES = 64;

  private final Clock clock;
  private final LongAdder read;
  private final LongAdder written;
  private volatile long inboundNanos;
  private volatile long outboundNanos;

  Pulse(Clock clock, LongAdder read, LongAdder written) {
    this.clock = clock;
    this.read = read;
    this.written = written;
    inboundNanos = clock.monotonicNanos();
    outboundNanos = inboundNanos;
  }

  void inbound() {
    inboundNanos = clock.monotonicNanos();
  }

  /** Counts bytes that came. */
  void came(int bytes) {
    read.add(bytes);
  }

  /** Notes bytes taken; a ping, which is sent to a dead server too, is no progress. */
  void outbound(int bytes) {
    written.add(bytes);
    if (bytes >= PROGRESS_BYTES) {
      outboundNanos = clock.monotonicNanos();
    }
  }

  /** When the library last took bytes from the server; at first, when this was made. */
  public long inboundNanos() {
    return inboundNanos;
  }

  /** When the operating system last took a piece of a publish for the server. */
  public long outboundNanos() {
    return outboundNanos;
  }
}
