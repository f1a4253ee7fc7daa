package dev.tidegate.aggregation;

import dev.tidegate.config.PointConfig;
import dev.tidegate.config.WindowConfig;
import dev.tidegate.flow.Summary;
import dev.tidegate.health.Counters;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Reading;
import dev.tidegate.reading.Sample;
import dev.tidegate.reading.Waveform;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/**
 * All windows of the gateway: conditioned samples in, summaries out. The semantics, with a drawing:
 * docs/spec/windows.md. In one sentence: <em>the summary of a window is a function of the samples
 * of its point that were added before it closed</em>, whatever their order.
 *
 * <p>A window closes at the first {@link #advance} whose time has reached its end plus lateness;
 * call that with the arrival time before each {@link #add}, and the summaries do not depend on how
 * samples were batched. It costs one comparison when nothing is due.
 *
 * <p>A point emits nothing before its first sample, and from the window of that sample on every
 * window, also empty ones (count 0, NaN), so that silence is visible. After a leap of the time, a
 * point's empty windows beyond {@value Series#EMPTY} in one round are skipped and counted.
 *
 * <p>Memory: see {@link Series}; at most about 64 KiB plus one tally per pane for each point of
 * each window. Owned by the pipeline thread; {@code out} must not call back.
 */
public final class Windows {
  private final Grid[] grids;

  /** By the point's name, since a string knows its hash and a record does not. */
  private final Map<String, Series[]> byPoint = new HashMap<>();

  private final LongAdder implausible;
  private boolean advanced;
  private boolean flushed;
  private long nowNanos = Tally.FOREVER;
  private long dueNanos = Long.MIN_VALUE;

  /**
   * @param windows what is summarised; the order decides between windows that close together
   * @param points their {@code gap-after}; a point that is not listed holds until its next sample
   * @param counters gets {@code aggregation.summaries} (emitted), {@code .late} (samples, once per
   *     window configuration), {@code .implausible-time} (samples turned away: further ahead than
   *     the window's size and a minute), {@code .folded} (samples no longer kept one by one for
   *     want of room), {@code .overflow} (samples turned away because they would belong before a
   *     folded one) and {@code .skipped-windows}
   * @throws IllegalArgumentException when a window has more than 10,000 panes or is longer than 366
   *     days
   */
  public Windows(List<WindowConfig> windows, List<PointConfig> points, Counters counters) {
    this(windows, points, counters, Series.KEPT);
  }

  /** With another bound for the samples kept one by one, at least 2. */
  Windows(List<WindowConfig> windows, List<PointConfig> points, Counters counters, int kept) {
    Map<PointId, Long> gaps = new HashMap<>();
    for (PointConfig point : points) {
      gaps.put(point.id(), point.gapAfterNanos());
    }
    Map<PointId, List<Series>> listening = new HashMap<>();
    grids = new Grid[windows.size()];
    for (int i = 0; i < grids.length; i++) {
      Grid grid =
          new Grid(windows.get(i), p -> gaps.getOrDefault(p, PointConfig.NEVER), counters, kept);
      grids[i] = grid;
      List<PointId> ids = windows.get(i).points();
      for (int p = 0; p < grid.series.length; p++) {
        listening.computeIfAbsent(ids.get(p), id -> new ArrayList<>()).add(grid.series[p]);
      }
    }
    listening.forEach((point, all) -> byPoint.put(point.name(), all.toArray(Series[]::new)));
    implausible = counters.of("aggregation.implausible-time");
  }

  /** Whether any window looks at the point. */
  public boolean contains(PointId point) {
    return byPoint.containsKey(point.name());
  }

  /**
   * Takes one conditioned sample. A bad one, and one that is no finite number, counts as bad and
   * ends what held before; each value of a waveform counts as one sample.
   *
   * @throws IllegalStateException after {@link #flush}
   */
  public void add(Sample conditioned) {
    if (flushed) {
      throw new IllegalStateException("the windows were flushed: nothing more can be added");
    }
    Series[] listening = byPoint.get(conditioned.point().name());
    if (listening == null) {
      return;
    }
    boolean bad = conditioned.quality().isBad();
    switch (conditioned) {
      case Reading reading -> {
        double value = bad ? Double.NaN : reading.value().asDouble();
        for (Series series : listening) {
          add(series, reading.sourceNanos(), value);
        }
      }
      case Waveform waveform -> {
        for (Series series : listening) {
          addAll(series, waveform, bad);
        }
      }
    }
  }

  private void addAll(Series series, Waveform waveform, boolean bad) {
    double[] values = waveform.values();
    long timeNanos = waveform.sourceNanos();
    for (int i = 0; i < values.length; i++) {
      add(series, timeNanos, bad ? Double.NaN : values[i]);
      long then = timeNanos + waveform.stepNanos();
      timeNanos = then < timeNanos ? Long.MAX_VALUE : then;
    }
  }

  private void add(Series series, long timeNanos, double value) {
    if (timeNanos - series.aheadNanos() > nowNanos || timeNanos < -Tally.FOREVER) {
      implausible.increment();
      return;
    }
    series.add(timeNanos, Double.isInfinite(value) ? Double.NaN : value);
  }

  /**
   * Closes every window whose end plus lateness is not after {@code nowNanos}, in the order of (end
   * plus lateness, window in the configuration, point in the window), which is the order in which
   * they would have closed had each moment been told. A time before the last one, and any time
   * after {@link #flush}, does nothing.
   */
  public void advance(long nowNanos, Consumer<Summary> out) {
    if (flushed || (advanced && nowNanos <= this.nowNanos)) {
      return;
    }
    advanced = true;
    this.nowNanos = nowNanos;
    if (nowNanos >= dueNanos) {
      round(out);
    }
  }

  /**
   * For a clean stop: closes what is due, and then every window that has begun or holds a sample,
   * before its time. Such a window keeps its real end, but nothing holds in it beyond {@code
   * nowNanos} (or its last sample, where that is later), so its {@code coveredNanos} stays below
   * its length. Nothing can be added afterwards.
   */
  public void flush(long nowNanos, Consumer<Summary> out) {
    advance(nowNanos, out);
    if (flushed) {
      return;
    }
    flushed = true;
    for (Grid grid : grids) {
      grid.beginLastRound(this.nowNanos);
    }
    emit(this.nowNanos, out);
  }

  private void round(Consumer<Summary> out) {
    for (Grid grid : grids) {
      grid.beginRound(grid.closedBy(nowNanos));
    }
    emit(Long.MAX_VALUE, out);
    dueNanos = Long.MAX_VALUE;
    for (Grid grid : grids) {
      grid.closed(grid.closedBy(nowNanos));
      dueNanos = Math.min(dueNanos, grid.dueNanos);
    }
  }

  /** Emits what this round has pending: what was due first comes first. */
  private void emit(long knownUntilNanos, Consumer<Summary> out) {
    while (true) {
      Grid earliest = null;
      long window = Long.MAX_VALUE;
      long earliestNanos = Long.MAX_VALUE;
      for (Grid grid : grids) {
        long pending = grid.pending();
        if (pending != Long.MAX_VALUE && grid.dueNanos(pending) < earliestNanos) {
          earliest = grid;
          window = pending;
          earliestNanos = grid.dueNanos(pending);
        }
      }
      if (earliest == null) {
        return;
      }
      earliest.emit(window, knownUntilNanos, out);
    }
  }
}
