package dev.tidegate.health;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counters that only rise, by name. A stage fetches its counters once, when it is built, and adds
 * to them from any thread.
 */
public final class Counters {
  private final ConcurrentMap<String, LongAdder> counters = new ConcurrentHashMap<>();

  /**
   * The counter of that name, made at the first call.
   *
   * @param name dash-case words joined by dots: {@code acquisition.readings}, {@code
   *     intake.dropped}
   */
  public LongAdder of(String name) {
    return counters.computeIfAbsent(name, n -> new LongAdder());
  }

  /** What the counter has come to; 0 where nobody has counted yet. */
  public long value(String name) {
    LongAdder counter = counters.get(name);
    return counter == null ? 0 : counter.sum();
  }

  /** All of them, by name. */
  public Map<String, Long> snapshot() {
    Map<String, Long> all = new TreeMap<>();
    counters.forEach((name, counter) -> all.put(name, counter.sum()));
    return all;
  }
}
