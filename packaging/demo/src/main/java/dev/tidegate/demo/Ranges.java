package dev.tidegate.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** A set of sequence numbers, kept as ranges. Owned by one thread. */
final class Ranges {
  private final NavigableMap<Long, Long> lastByFirst = new TreeMap<>();

  /**
   * Numbers from first to last, both included.
   *
   * @param first 1 and above
   */
  record Range(long first, long last) {
    long count() {
      return last - first + 1;
    }
  }

  /** Adds the numbers; returns how many of them were not there yet. */
  long add(long first, long last) {
    long from = first;
    long to = last;
    long known = 0;
    Map.Entry<Long, Long> near = lastByFirst.floorEntry(first);
    if (near == null || near.getValue() < first - 1) {
      near = lastByFirst.ceilingEntry(first);
    }
    while (near != null && near.getKey() <= last + 1) {
      known += Math.max(0, Math.min(last, near.getValue()) - Math.max(first, near.getKey()) + 1);
      from = Math.min(from, near.getKey());
      to = Math.max(to, near.getValue());
      lastByFirst.remove(near.getKey());
      near = lastByFirst.ceilingEntry(near.getKey());
    }
    lastByFirst.put(from, to);
    return last - first + 1 - known;
  }

  /** The highest number; 0 for none. */
  long highest() {
    return lastByFirst.isEmpty() ? 0 : lastByFirst.lastEntry().getValue();
  }

  /** How many numbers there are. */
  long count() {
    long count = 0;
    for (Map.Entry<Long, Long> range : lastByFirst.entrySet()) {
      count += range.getValue() - range.getKey() + 1;
    }
    return count;
  }

  /** What is missing between 1 and the highest number. */
  List<Range> gaps() {
    List<Range> gaps = new ArrayList<>();
    long next = 1;
    for (Map.Entry<Long, Long> range : lastByFirst.entrySet()) {
      if (range.getKey() > next) {
        gaps.add(new Range(next, range.getKey() - 1));
      }
      next = range.getValue() + 1;
    }
    return gaps;
  }
}
