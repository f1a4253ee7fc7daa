package dev.tidegate.aggregation;

import dev.tidegate.flow.Summary;
import dev.tidegate.reading.PointId;
import java.util.ArrayDeque;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * One point in one {@link Grid}: its samples since the start of the oldest open window, and the
 * last one before. Owned by the pipeline thread.
 *
 * <h2>Why samples are kept one by one</h2>
 *
 * A sample may come out of order as long as one of its windows is open, and the time mean, first
 * and last must then come out as if it had come in order. So a window is computed when it closes,
 * from samples in the order of their source times:
 *
 * <pre>
 *   before            folded                  samples
 *   one sample     | tallies of panes      | one by one, sorted, at most KEPT       | -&gt; time
 *   (what holds)   | (only after overflow) |                                        |
 *                  ^ openFrom              ^ foldedUntil: older ones are turned away
 * </pre>
 *
 * When more than {@value #KEPT} are waiting, the older half is folded into one {@link Tally} per
 * pane. That is still exact; only a sample older than the youngest folded one can no longer take
 * its place, and is turned away and counted.
 *
 * <h2>Panes</h2>
 *
 * A pane is one slide long; a sliding window is the merge of its panes. The tally of a pane is kept
 * until its last window has closed, and computed anew where a sample came in between.
 *
 * <h2>Bounds</h2>
 *
 * 64 KiB of samples, one tally (about 150 bytes) per pane of one window, and at most {@value
 * #FOLDED} folded tallies and half as many again.
 */
final class Series {
  static final int KEPT = 4096;
  static final int FOLDED = 4096;

  /** Of a point's empty windows in a row, one round skips those beyond this many. */
  static final int EMPTY = 10_000;

  private final Grid grid;
  private final PointId point;
  private final SortedSamples samples;
  private final ArrayDeque<Tally> folded = new ArrayDeque<>(0);
  private final Tally[] panes;
  private final Tally window;
  private final long gapAfterNanos;

  private long beforeNanos = Long.MIN_VALUE;
  private double before = Double.NaN;
  private long foldedUntilNanos = Long.MIN_VALUE;
  private long foldedPaneEndNanos;

  /** End of the youngest pane whose tally has been made. */
  private long talliedUntilNanos = Long.MIN_VALUE;

  private long late;

  /** The youngest window of this round, and how many empty ones in a row it has emitted last. */
  private long through = Long.MIN_VALUE;

  private int empty;

  /** The oldest window that has not been emitted; there is none before the first sample. */
  private long next = Long.MAX_VALUE;

  Series(Grid grid, PointId point, long gapAfterNanos, int kept) {
    samples = new SortedSamples(kept);
    this.grid = grid;
    this.point = point;
    this.gapAfterNanos = gapAfterNanos;
    panes = new Tally[grid.panes];
    window = new Tally(gapAfterNanos);
  }

  /** A sample further ahead of the time than this is turned away. */
  long aheadNanos() {
    return grid.aheadNanos;
  }

  /** Takes one sample; NaN for a bad one. */
  void add(long timeNanos, double value) {
    if (next > grid.firstOpen && timeNanos < startsBeforeNanos()) {
      next = Math.max(grid.firstOpen, grid.oldestWindowOf(timeNanos));
    }
    boolean isLate = timeNanos < grid.closedUntilNanos;
    if (timeNanos < grid.openFromNanos) {
      countLate();
      if (timeNanos >= beforeNanos) { // none of its windows is open, but it may be what holds now
        beforeNanos = timeNanos;
        before = value;
      }
      return;
    }
    boolean unreachable = timeNanos < foldedUntilNanos;
    if (isLate || unreachable) {
      countLate();
    }
    if (unreachable || (samples.isFull() && folded.size() >= FOLDED)) {
      grid.overflow.increment();
      return;
    }
    if (samples.isFull() && !foldBefore(timeNanos)) {
      fold(timeNanos, value); // older than all that are kept one by one
    } else {
      samples.insert(timeNanos, value);
    }
    if (timeNanos < talliedUntilNanos) {
      forget(grid.paneOf(timeNanos));
    }
  }

  /** A sample before this time has an older window than {@code next}. */
  private long startsBeforeNanos() {
    return next == Long.MAX_VALUE ? Long.MAX_VALUE : grid.startOf(next) + grid.overlapNanos;
  }

  private void countLate() {
    late++;
    grid.late.increment();
  }

  /** Starts a round that closes windows up to {@code through}. */
  void beginRound(long through) {
    this.through = through;
    empty = 0;
  }

  /** The oldest window that this round has yet to emit; {@link Long#MAX_VALUE}: none. */
  long pending() {
    return next <= through ? next : Long.MAX_VALUE;
  }

  /** The youngest window that has begun by then or holds a sample already. */
  long youngestWindow(long nowNanos) {
    long youngest = grid.paneOf(nowNanos - 1);
    return hasSamples() ? Math.max(youngest, grid.paneOf(lastNanos())) : youngest;
  }

  private boolean hasSamples() {
    return samples.size() > 0 || !folded.isEmpty();
  }

  /** Time of the youngest sample; there must be one. */
  private long lastNanos() {
    return samples.size() > 0
        ? samples.time(samples.size() - 1)
        : folded.getLast().heldSinceNanos();
  }

  /**
   * Closes the window that is pending and goes on to the one after it.
   *
   * @param knownUntilNanos nothing holds beyond this time or the last sample, whichever is later
   */
  Summary close(long knownUntilNanos) {
    long startNanos = grid.startOf(next);
    long endNanos = startNanos + grid.sizeNanos;
    window.begin(startNanos, beforeNanos, before);
    mergePanes(endNanos);
    window.holdUntil(
        Math.min(
            endNanos, hasSamples() ? Math.max(knownUntilNanos, lastNanos()) : knownUntilNanos));
    Summary summary =
        new Summary(
            grid.id,
            point,
            startNanos,
            endNanos,
            window.count,
            window.bad,
            late,
            window.min,
            window.mean(),
            window.max,
            window.stddev(),
            window.first,
            window.last,
            window.timeMean(),
            window.coveredNanos());
    boolean wasEmpty = window.isEmpty() && late == 0;
    late = 0;
    next++;
    dropBefore(grid.startOf(next));
    empty = wasEmpty ? empty + 1 : 0;
    if (empty >= EMPTY) {
      skipEmpty();
    }
    return summary;
  }

  private void mergePanes(long endNanos) {
    Iterator<Tally> older = folded.iterator();
    Tally fold = older.hasNext() ? older.next() : null;
    int at = 0;
    long paneEndNanos = endNanos - grid.sizeNanos;
    for (long pane = next; pane < next + grid.panes; pane++) {
      paneEndNanos += grid.slideNanos;
      while (fold != null && fold.pane < pane) {
        fold = older.hasNext() ? older.next() : null;
      }
      Tally tally = panes[slot(pane)];
      if (tally == null || tally.pane != pane) {
        tally = tally(pane, paneEndNanos, at, fold != null && fold.pane == pane ? fold : null);
      }
      if (tally != null) {
        at += tally.kept;
        window.merge(tally);
      }
    }
  }

  /** Computes the tally of a pane; null where it has no sample. */
  private @Nullable Tally tally(long pane, long endNanos, int from, @Nullable Tally fold) {
    int to = from;
    if (fold == null && (to == samples.size() || samples.time(to) >= endNanos)) {
      return null;
    }
    int slot = slot(pane);
    Tally tally = panes[slot];
    if (tally == null) {
      tally = new Tally(gapAfterNanos);
      panes[slot] = tally;
    }
    if (fold == null) {
      tally.begin(Long.MIN_VALUE, Long.MIN_VALUE, Double.NaN);
    } else {
      tally.copy(fold);
    }
    while (to < samples.size() && samples.time(to) < endNanos) {
      tally.add(samples.time(to), samples.value(to));
      to++;
    }
    tally.pane = pane;
    tally.kept = to - from;
    talliedUntilNanos = Math.max(talliedUntilNanos, endNanos);
    return tally;
  }

  private int slot(long pane) {
    return panes.length == 1 ? 0 : Math.floorMod(pane, panes.length);
  }

  private void forget(long pane) {
    Tally tally = panes[slot(pane)];
    if (tally != null && tally.pane == pane) {
      tally.pane = Long.MIN_VALUE;
    }
  }

  /** Lets go of the samples of closed windows; the last of them is what holds from then on. */
  private void dropBefore(long timeNanos) {
    while (!folded.isEmpty() && folded.getFirst().pane < next) {
      Tally gone = folded.removeFirst();
      beforeNanos = gone.heldSinceNanos();
      before = gone.held();
    }
    int gone = 0;
    while (gone < samples.size() && samples.time(gone) < timeNanos) {
      gone++;
    }
    if (gone > 0) {
      beforeNanos = samples.time(gone - 1);
      before = samples.value(gone - 1);
      samples.drop(gone);
    }
  }

  /** Goes on to the next window that holds a sample, or past the round's last one. */
  private void skipEmpty() {
    long target = through + 1;
    if (hasSamples()) {
      long firstPane = folded.isEmpty() ? grid.paneOf(samples.time(0)) : folded.getFirst().pane;
      target = Math.min(target, firstPane - grid.panes + 1);
    }
    if (target > next) {
      grid.skipped.add(target - next);
      next = target;
    }
  }

  /** Folds the older half, but nothing younger than that time; false when that is nothing. */
  private boolean foldBefore(long timeNanos) {
    int count = 0;
    for (int half = samples.size() / 2; count < half; count++) {
      if (samples.time(count) > timeNanos) {
        break;
      }
      fold(samples.time(count), samples.value(count));
    }
    samples.drop(count);
    return count > 0;
  }

  /** Folds one sample, not older than those before, into its pane. */
  private void fold(long timeNanos, double value) {
    Tally tally = folded.peekLast();
    if (tally == null || timeNanos >= foldedPaneEndNanos) {
      long pane = grid.paneOf(timeNanos);
      foldedPaneEndNanos = grid.startOf(pane + 1);
      tally = new Tally(gapAfterNanos);
      tally.pane = pane;
      folded.addLast(tally);
    }
    forget(tally.pane); // its samples are no longer where it had found them
    tally.add(timeNanos, value);
    foldedUntilNanos = timeNanos;
    grid.folded.increment();
  }
}
