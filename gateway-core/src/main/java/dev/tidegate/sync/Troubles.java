package dev.tidegate.sync;

import dev.tidegate.health.Faults;
import java.util.HashMap;
import java.util.Map;

/**
 * Faults that the far side or the server raises. Each ends when it was not seen for long enough: at
 * least {@value #QUIET_SECONDS} seconds, since a peer that mixes good and bad messages would
 * otherwise fill the log, and longer where a fault that lasts is seen more seldom. Owned by the
 * sync thread; as many entries as there are kinds of fault.
 */
final class Troubles {
  static final int QUIET_SECONDS = 180;
  private static final long QUIET_NANOS = QUIET_SECONDS * 1_000_000_000L;
  private static final String WHERE = "sync";

  private final Faults faults;
  private final Map<String, Seen> seen = new HashMap<>();

  /**
   * @param atNanos when last
   * @param quietNanos how long it must not be seen to be over
   * @param ofDelivery whether frames that are taken are evidence against it
   */
  private record Seen(long atNanos, long quietNanos, boolean ofDelivery) {}

  Troubles(Faults faults) {
    this.faults = faults;
  }

  /** Notes a fault; the message must not carry the peer's words, lest each be logged. */
  void raise(String what, String message, long nowNanos) {
    raise(what, message, nowNanos, 0);
  }

  /** Notes a fault that is seen again within that time if it lasts. */
  void raise(String what, String message, long nowNanos, long againNanos) {
    note(what, message, new Seen(nowNanos, Math.max(QUIET_NANOS, againNanos), false));
  }

  /** The same for a fault against which {@link #delivered} is evidence. */
  void raiseOfDelivery(String what, String message, long nowNanos, long againNanos) {
    note(what, message, new Seen(nowNanos, Math.max(QUIET_NANOS, againNanos), true));
  }

  private void note(String what, String message, Seen now) {
    seen.put(what, now);
    faults.raise(WHERE, what, message);
  }

  /** Notes that the far side stores frames and that none waits for another try. */
  void delivered() {
    seen.replaceAll((what, s) -> s.ofDelivery ? new Seen(s.atNanos, QUIET_NANOS, false) : s);
  }

  /** Ends what was not seen for long enough. */
  void tick(long nowNanos) {
    seen.entrySet()
        .removeIf(
            e -> {
              boolean over = nowNanos - e.getValue().atNanos > e.getValue().quietNanos;
              if (over) {
                faults.clear(WHERE, e.getKey());
              }
              return over;
            });
  }
}
