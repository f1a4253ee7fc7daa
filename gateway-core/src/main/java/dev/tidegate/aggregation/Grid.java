package dev.tidegate.aggregation;

import dev.tidegate.config.WindowConfig;
import dev.tidegate.flow.Summary;
import dev.tidegate.health.Counters;
import dev.tidegate.reading.PointId;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;

/**
 * The aligned windows of one configuration, numbered: window k is {@code [k·slide, k·slide + size)}
 * and consists of the panes k to k + panes − 1, pane k being {@code [k·slide, (k+1)·slide)}. Owned
 * by the pipeline thread.
 */
final class Grid {
  /** The longest size, lateness: 366 days. Keeps all sums within a long. */
  static final long LONGEST_NANOS = 366L * 86_400 * 1_000_000_000L;

  /** How far beyond a window's size a sample may be ahead of the time: one minute. */
  static final long AHEAD_NANOS = 60_000_000_000L;

  /** The most panes that one window may have. */
  static final int MOST_PANES = 10_000;

  final String id;
  final long sizeNanos;
  final long slideNanos;
  final long latenessNanos;
  final int panes;

  /** What two neighbouring windows share. */
  final long overlapNanos;

  final Series[] series;
  final LongAdder late;
  final LongAdder skipped;
  final LongAdder overflow;
  final LongAdder folded;
  private final LongAdder emitted;

  /** Index of the oldest window that is open; before the first round all are. */
  long firstOpen = Long.MIN_VALUE;

  /** Its start: an older sample has no open window. */
  long openFromNanos = Long.MIN_VALUE;

  /** End of the youngest closed window: an older sample is late. */
  long closedUntilNanos = Long.MIN_VALUE;

  /** A sample further ahead of the time than this is turned away. */
  final long aheadNanos;

  /** When the oldest open window closes. */
  long dueNanos = Long.MIN_VALUE;

  Grid(WindowConfig config, ToLongFunction<PointId> gapAfterNanos, Counters counters, int kept) {
    id = config.id();
    sizeNanos = config.sizeNanos();
    slideNanos = config.slideNanos();
    latenessNanos = config.latenessNanos();
    overlapNanos = sizeNanos - slideNanos;
    aheadNanos = sizeNanos + AHEAD_NANOS;
    if (sizeNanos < slideNanos || sizeNanos > LONGEST_NANOS || latenessNanos > LONGEST_NANOS) {
      throw new IllegalArgumentException(
          "window " + id + ": size and lateness are durations up to 366 days");
    }
    if (sizeNanos / slideNanos > MOST_PANES) {
      throw new IllegalArgumentException(
          "window " + id + ": its size may be up to " + MOST_PANES + " slides; lengthen the slide");
    }
    panes = (int) (sizeNanos / slideNanos);
    late = counters.of("aggregation.late");
    skipped = counters.of("aggregation.skipped-windows");
    overflow = counters.of("aggregation.overflow");
    folded = counters.of("aggregation.folded");
    emitted = counters.of("aggregation.summaries");
    List<PointId> points = config.points();
    series = new Series[points.size()];
    for (int i = 0; i < series.length; i++) {
      series[i] = new Series(this, points.get(i), gapAfterNanos.applyAsLong(points.get(i)), kept);
    }
  }

  long paneOf(long timeNanos) {
    return Math.floorDiv(timeNanos, slideNanos);
  }

  /** The oldest window that the time lies in. */
  long oldestWindowOf(long timeNanos) {
    return paneOf(timeNanos) - panes + 1;
  }

  long startOf(long window) {
    return window * slideNanos;
  }

  /** When the window closes. */
  long dueNanos(long window) {
    return startOf(window) + sizeNanos + latenessNanos;
  }

  /** The youngest window whose end and lateness have passed. */
  long closedBy(long nowNanos) {
    return Math.floorDiv(nowNanos - latenessNanos - sizeNanos, slideNanos);
  }

  /** From now on, the windows up to {@code through} take no more samples. */
  void closed(long through) {
    firstOpen = through + 1;
    openFromNanos = startOf(firstOpen);
    closedUntilNanos = startOf(through) + sizeNanos;
    dueNanos = dueNanos(firstOpen);
  }

  /** Starts a round that closes the windows up to {@code through}. */
  void beginRound(long through) {
    for (Series s : series) {
      s.beginRound(through);
    }
  }

  /** Starts the last round, which closes every window that has begun or holds a sample. */
  void beginLastRound(long nowNanos) {
    for (Series s : series) {
      s.beginRound(s.youngestWindow(nowNanos));
    }
  }

  /** The oldest window that this round has yet to emit; {@link Long#MAX_VALUE}: none. */
  long pending() {
    long pending = Long.MAX_VALUE;
    for (Series s : series) {
      pending = Math.min(pending, s.pending());
    }
    return pending;
  }

  /** Emits that window of each series that has it pending, in the order of the configuration. */
  void emit(long window, long knownUntilNanos, Consumer<Summary> out) {
    for (Series s : series) {
      if (s.pending() == window) {
        out.accept(s.close(knownUntilNanos));
        emitted.increment();
      }
    }
  }
}
