package dev.tidegate.sync.ditto;

import dev.tidegate.sync.binding.Slot;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * When what is said of a thing outside of frames is said again: until it is answered, after pauses
 * that double, and where that is wanted now and then after it was. Each pause is between half of
 * what is named here and all of it, by the gateway's id: a fleet whose Ditto came back at one
 * moment does not ask in step. At most one entry for each thing. Owned by the sync thread.
 */
final class Asks {
  static final long FIRST_NANOS = 10_000_000_000L;
  static final long LONGEST_NANOS = 300_000_000_000L;

  /** An event that was lost is noticed after so long. */
  static final long EVERY_NANOS = 600_000_000_000L;

  /** From the next look on. */
  private static final long FROM_NOW = Long.MAX_VALUE;

  private final Map<String, Ask> asks = new LinkedHashMap<>();

  /** When the first is due; {@link Long#MIN_VALUE} while that has to be found out. */
  private long firstNanos = Long.MAX_VALUE;

  private final String id;

  /** {@code pauseNanos} as named, and not yet the gateway's own. */
  private record Ask(boolean isOpen, long pauseNanos, long dueNanos) {}

  /**
   * @param id of the gateway
   */
  Asks(String id) {
    this.id = id;
  }

  private long own(long pauseNanos) {
    return pauseNanos - Slot.nanos(id, pauseNanos / 2);
  }

  /** A new connection: nothing is under way. */
  void clear() {
    asks.clear();
    firstNanos = Long.MAX_VALUE;
  }

  /** It was said just now, or is to be said a while later. */
  void asked(String thing) {
    put(thing, new Ask(true, FIRST_NANOS, FROM_NOW));
  }

  /** It is to be said as soon as possible. */
  void askSoon(String thing) {
    put(thing, new Ask(false, 0, FROM_NOW));
  }

  /** It is answered, and is never said again. */
  void answered(String thing) {
    asks.remove(thing);
  }

  /** It is answered, and is said again now and then. */
  void answeredForNow(String thing) {
    put(thing, new Ask(false, EVERY_NANOS, FROM_NOW));
  }

  private void put(String thing, Ask ask) {
    asks.put(thing, ask);
    firstNanos = Long.MIN_VALUE;
  }

  /** Whether it was said, or is to be, and is not answered. */
  boolean isOpen(String thing) {
    Ask ask = asks.get(thing);
    return ask != null && ask.isOpen;
  }

  /** The things of which it is to be said now. */
  List<String> due(long nowNanos) {
    if (nowNanos < firstNanos) {
      return List.of();
    }
    List<String> due = new ArrayList<>();
    for (Map.Entry<String, Ask> each : asks.entrySet()) {
      Ask ask = each.getValue();
      long dueNanos = ask.dueNanos == FROM_NOW ? nowNanos + own(ask.pauseNanos) : ask.dueNanos;
      if (nowNanos >= dueNanos) {
        due.add(each.getKey());
        long pause = ask.isOpen ? Math.min(2 * ask.pauseNanos, LONGEST_NANOS) : FIRST_NANOS;
        each.setValue(new Ask(true, pause, nowNanos + own(pause)));
      } else if (dueNanos != ask.dueNanos) {
        each.setValue(new Ask(ask.isOpen, ask.pauseNanos, dueNanos));
      }
    }
    firstNanos = asks.values().stream().mapToLong(Ask::dueNanos).min().orElse(Long.MAX_VALUE);
    return due;
  }

  /** When {@link #due} may have something; it is looked at after each message anyway. */
  long dueNanos() {
    return firstNanos == Long.MIN_VALUE ? Long.MAX_VALUE : firstNanos;
  }
}
