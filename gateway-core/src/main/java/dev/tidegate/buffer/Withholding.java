package dev.tidegate.buffer;

import dev.tidegate.buffer.store.Store;
import dev.tidegate.buffer.store.StoredFrame;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.Leaving;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Takes out of the stored frames what may not leave any more, once, after the list of points that
 * may ({@code sync.points}) has become narrower, and before anything of them is handed out.
 *
 * <pre>
 *   before   1 a   2 X   3 b   4 X   5 c          X must not leave
 *   after    1 a   2 b   3 c   4 and 5: declared lost, withheld
 * </pre>
 *
 * What is left of a frame moves together under its first numbers, so that each frame stays one, and
 * each makes one loss record, however its points lie among each other. A far side that has had the
 * frame knows it by its first number, and takes it for what it has (docs/spec/wire.md).
 *
 * <p>Which list the frames were stored under is kept with them. Owned by the buffer's thread.
 */
final class Withholding {
  /** Under which name the list is kept. */
  static final String KEY = "leaving";

  private static final String ALL = "*";
  private static final int MAX_FRAMES = 256;
  private static final long MAX_BYTES = 4 << 20;

  private final Leaving leaving;
  private final String list;
  private final Deque<Lane> lanes = new ArrayDeque<>();
  private long from = 1;
  private long records;

  /**
   * @param leaving what may leave
   * @param list the points of which that is
   * @param before the list that the frames were stored under; null where that is not known
   */
  Withholding(Leaving leaving, String list, @Nullable String before) {
    this.leaving = leaving;
    this.list = list;
    if (isNarrower(list, before)) {
      lanes.addAll(List.of(Lane.values()));
    }
  }

  /** The list as it is kept. */
  static String list(@Nullable Set<String> points) {
    return points == null ? ALL : String.join("\n", new TreeSet<>(points));
  }

  /** Whether the list is the one that was kept. */
  static boolean isKept(String list, @Nullable String before) {
    return list.equals(before == null ? ALL : before);
  }

  private static boolean isNarrower(String list, @Nullable String before) {
    return !list.equals(ALL)
        && (before == null
            || before.equals(ALL)
            || !Set.of(list.split("\n", -1)).containsAll(List.of(before.split("\n", -1))));
  }

  /** Whether everything was looked at. */
  boolean isDone() {
    return lanes.isEmpty();
  }

  /** How many records were taken out. */
  long records() {
    return records;
  }

  /** Does as much as fits into one commit; with the last of it, the new list is kept. */
  void apply(Transaction transaction, Store store) throws SQLException {
    int frames = 0;
    long bytes = 0;
    while (!lanes.isEmpty() && frames < MAX_FRAMES && bytes < MAX_BYTES) {
      Lane lane = lanes.element();
      List<StoredFrame> next = store.oldest(lane, from, 1);
      if (next.isEmpty()) {
        lanes.remove();
        from = 1;
        continue;
      }
      StoredFrame frame = next.getFirst();
      records += transaction.withhold(lane, frame, leaving);
      from = frame.lastSequence() + 1;
      frames++;
      bytes += frame.sizeBytes();
    }
    if (lanes.isEmpty()) {
      store.keep(KEY, list);
    }
  }
}
