package dev.tidegate.health;

import dev.tidegate.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is wrong now: each distinct fault once, with its count and its first and last time. A fault
 * is logged when it begins, when its message changes, and when it ends; never once per repetition.
 *
 * <p>At most {@value #MAX} faults are kept; further ones are counted, and logged once.
 */
public final class Faults {
  static final int MAX = 256;
  private static final Logger LOG = LoggerFactory.getLogger("tidegate");

  private final Clock clock;
  private final Map<Key, Fault> open = new LinkedHashMap<>();
  private long turnedAway;

  /**
   * One fault that has not ended.
   *
   * @param where what is concerned: {@code device pump}, {@code buffer}, {@code sync}
   * @param what a dash-case word that tells faults of the same place apart: {@code poll-failed}
   * @param message what failed and what to do next
   * @param count how often it was seen
   * @param firstWallNanos when first, by the wall clock
   * @param lastWallNanos when last
   */
  public record Fault(
      String where,
      String what,
      String message,
      long count,
      long firstWallNanos,
      long lastWallNanos) {}

  private record Key(String where, String what) {}

  public Faults(Clock clock) {
    this.clock = clock;
  }

  /** Notes that the fault was seen (again). */
  public synchronized void raise(String where, String what, String message) {
    long now = clock.wallNanos();
    Key key = new Key(where, what);
    Fault before = open.get(key);
    if (before == null && open.size() >= MAX) {
      if (turnedAway++ == 0) {
        LOG.error("more than {} different faults: further ones are only counted", MAX);
      }
      return;
    }
    if (before == null || !before.message.equals(message)) {
      LOG.warn("{}: {}", where, message);
    }
    open.put(
        key,
        before == null
            ? new Fault(where, what, message, 1, now, now)
            : new Fault(where, what, message, before.count + 1, before.firstWallNanos, now));
  }

  /** Notes that the fault is over; does nothing where there is none. */
  public synchronized void clear(String where, String what) {
    Fault ended = open.remove(new Key(where, what));
    if (ended != null) {
      LOG.info("{}: {} is over, seen {} times", where, what, ended.count);
    }
  }

  /** The faults that have not ended, oldest first. */
  public synchronized List<Fault> open() {
    return new ArrayList<>(open.values());
  }

  /** How many different faults were not kept for want of room. */
  public synchronized long turnedAway() {
    return turnedAway;
  }
}
