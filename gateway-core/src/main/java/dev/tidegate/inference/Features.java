package dev.tidegate.inference;

import dev.tidegate.flow.Summary;
import dev.tidegate.reading.PointId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Puts the summaries of one model's window together: those with the same end make one feature
 * vector, in the manifest's order, once every mapped point has sent its own.
 *
 * <p>A window whose last summary never comes is given up when a later one is complete, or when more
 * than {@value #MAX_PENDING} wait. A vector with a feature that is no number (a point without a
 * usable sample) is given up as well. Both are counted. Owned by the pipeline thread.
 */
final class Features {
  static final int MAX_PENDING = 16;

  private final String window;
  private final Map<PointId, List<Column>> columns = new HashMap<>();
  private final int width;
  private final LongAdder incomplete;
  private final LongAdder empty;
  private final LongAdder stale;
  private final TreeMap<Long, Pending> pending = new TreeMap<>();
  private long lastEndNanos = Long.MIN_VALUE;

  /**
   * Where one feature comes from.
   *
   * @param point the point
   * @param stat the statistic of its window
   * @param gain from the point's unit to the model's
   * @param offset added after that
   */
  record Source(PointId point, Stat stat, double gain, double offset) {}

  private record Column(int at, Source source) {}

  /** One window's features so far. */
  private static final class Pending {
    private final float[] values;
    private final List<PointId> seen = new ArrayList<>();

    Pending(int width) {
      values = new float[width];
    }
  }

  /**
   * @param window id of the window in the configuration
   * @param sources one for each feature, in order
   * @param incomplete counts windows of which a summary never came
   * @param empty counts windows in which a point had no usable sample
   * @param stale counts summaries of windows that are over
   */
  Features(
      String window, List<Source> sources, LongAdder incomplete, LongAdder empty, LongAdder stale) {
    this.window = window;
    this.width = sources.size();
    this.incomplete = incomplete;
    this.empty = empty;
    this.stale = stale;
    for (int i = 0; i < width; i++) {
      Source source = sources.get(i);
      columns.computeIfAbsent(source.point, p -> new ArrayList<>()).add(new Column(i, source));
    }
  }

  /** Takes a summary; returns the feature vector that it completes, or null. */
  float @Nullable [] take(Summary summary) {
    List<Column> of = summary.window().equals(window) ? columns.get(summary.point()) : null;
    if (of == null) {
      return null;
    }
    long end = summary.endNanos();
    if (end <= lastEndNanos) {
      stale.increment();
      return null;
    }
    Pending set = pending.computeIfAbsent(end, e -> new Pending(width));
    for (Column column : of) {
      Source source = column.source;
      set.values[column.at] = (float) (source.stat.of(summary) * source.gain + source.offset);
    }
    if (!set.seen.contains(summary.point())) {
      set.seen.add(summary.point());
    }
    if (set.seen.size() < columns.size()) {
      if (pending.size() > MAX_PENDING) {
        giveUp(pending.firstKey());
      }
      return null;
    }
    pending.remove(end);
    giveUp(end);
    lastEndNanos = end;
    for (float value : set.values) {
      if (!Float.isFinite(value)) {
        empty.increment();
        return null;
      }
    }
    return set.values;
  }

  /** Gives up every window that ends at that time or earlier. */
  private void giveUp(long endNanos) {
    Iterator<Long> ends = pending.headMap(endNanos, true).keySet().iterator();
    while (ends.hasNext()) {
      ends.next();
      ends.remove();
      incomplete.increment();
    }
    lastEndNanos = Math.max(lastEndNanos, endNanos);
  }
}
