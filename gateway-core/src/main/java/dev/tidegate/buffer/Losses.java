package dev.tidegate.buffer;

import dev.tidegate.flow.Entry;
import dev.tidegate.flow.LossRecord;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Arithmetic on loss records. */
final class Losses {
  private Losses() {}

  /** The loss records among the entries. */
  static List<LossRecord> in(List<Entry> entries) {
    List<LossRecord> found = new ArrayList<>();
    for (Entry entry : entries) {
      if (entry instanceof LossRecord loss) {
        found.add(loss);
      }
    }
    return found;
  }

  /**
   * The same losses in as few records as can say them exactly: ranges of the same lane and reason
   * that touch become one, with the earlier start and the later end of both. Sorted by lane, then
   * sequence.
   */
  static List<LossRecord> merge(List<LossRecord> losses) {
    List<LossRecord> sorted = new ArrayList<>(losses);
    sorted.sort(
        Comparator.comparing(LossRecord::lane)
            .thenComparing(LossRecord::reason)
            .thenComparingLong(LossRecord::firstSequence));
    List<LossRecord> merged = new ArrayList<>();
    for (LossRecord loss : sorted) {
      LossRecord last = merged.isEmpty() ? null : merged.getLast();
      if (last != null && touches(last, loss)) {
        merged.set(merged.size() - 1, join(last, loss));
      } else {
        merged.add(loss);
      }
    }
    merged.sort(
        Comparator.comparing(LossRecord::lane).thenComparingLong(LossRecord::firstSequence));
    return merged;
  }

  private static boolean touches(LossRecord a, LossRecord b) {
    return a.lane() == b.lane()
        && a.reason() == b.reason()
        && b.firstSequence() == a.lastSequence() + 1;
  }

  private static LossRecord join(LossRecord a, LossRecord b) {
    return new LossRecord(
        a.lane(),
        a.firstSequence(),
        b.lastSequence(),
        a.firstNanos(),
        b.lastNanos(),
        a.reason(),
        Math.max(a.atNanos(), b.atNanos()));
  }
}
