package dev.tidegate.buffer;

import dev.tidegate.buffer.store.StoredFrame;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Lane;
import dev.tidegate.frame.FrameCodec;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Makes few large frames of many small ones, as long as nobody outside has seen them.
 *
 * <pre>
 *   commits      ▫▫▫▫▫▫▫▫▫▫▫▫▫▫▫▫   64 small frames that touch each other, of this run
 *   small        └──────┬───────┘
 *   middle              ▪▪▪▪▪▪▪▪    8 of those
 *   done                └──┬───┘
 *                          █
 * </pre>
 *
 * A commit every second makes a frame every second, most of it header; while the link is down, or
 * in a lane that is sent on request, so many of them take several times the room of a large one. A
 * frame that was handed out is never touched again: the far side may have it, and a resend must be
 * byte-identical. After a start nobody knows what was handed out before, so only frames of this run
 * are merged.
 *
 * <h2>Concurrency</h2>
 *
 * {@link #handedOut} is called by whoever reads, with {@link #lock} held over the whole read; a
 * commit that merges holds it until it has ended. Everything else belongs to the buffer's thread.
 */
final class Coalescer {
  /** So many frames become one of the middle size. */
  static final int SMALL = 64;

  /** So many of the middle size become a large one. */
  static final int MIDDLE = 8;

  /** A frame of so many records or bytes is large enough, and not worth the rewriting. */
  private static final int ENOUGH_RECORDS = 512;

  private static final int ENOUGH_BYTES = FrameCodec.SPLIT_BYTES / 8;

  /** A large frame that spans more makes a replay bring along what nobody asked for: 1 h. */
  private static final long MOST_NANOS = 3_600_000_000_000L;

  /** Held while frames are read to be handed out, and while a commit replaces frames. */
  final ReentrantLock lock = new ReentrantLock();

  private final Map<Lane, Long> seenBelow = new EnumMap<>(Lane.class);
  private final Map<Lane, Tail> tails = new EnumMap<>(Lane.class);

  /** One lane's newest frames, oldest first, each next to the one before. */
  private static final class Tail {
    final List<StoredFrame> small = new ArrayList<>();
    final List<StoredFrame> middle = new ArrayList<>();

    void clear() {
      small.clear();
      middle.clear();
    }

    /** Takes a frame in; what does not touch it, or has passed its size, is left as it is. */
    void add(StoredFrame frame) {
      List<StoredFrame> before = small.isEmpty() ? middle : small;
      boolean touches =
          before.isEmpty() || before.getLast().lastSequence() + 1 == frame.firstSequence();
      if (!touches || isLarge(frame)) {
        clear();
      }
      if (!isLarge(frame)) {
        small.add(frame);
      }
    }

    void forgetBelow(long sequence) {
      small.removeIf(frame -> frame.firstSequence() < sequence);
      middle.removeIf(frame -> frame.firstSequence() < sequence);
    }
  }

  Coalescer() {
    for (Lane lane : Lane.values()) {
      seenBelow.put(lane, 1L);
      tails.put(lane, new Tail());
    }
  }

  private static boolean isLarge(StoredFrame frame) {
    return frame.count() >= ENOUGH_RECORDS || frame.sizeBytes() >= ENOUGH_BYTES;
  }

  /** Notes that somebody outside has seen all frames below that number. The lock must be held. */
  void handedOut(Lane lane, long below) {
    seenBelow.merge(lane, below, Math::max);
  }

  /** Whether a lane has enough small frames for {@link #merge} to be worth while. */
  boolean isDue() {
    return tails.values().stream().anyMatch(tail -> tail.small.size() >= SMALL);
  }

  /** Replaces frames by merged ones. The lock must be held until the transaction has ended. */
  void merge(Transaction transaction) throws SQLException {
    for (Map.Entry<Lane, Tail> each : tails.entrySet()) {
      Lane lane = each.getKey();
      Tail tail = each.getValue();
      tail.forgetBelow(seenBelow.getOrDefault(lane, 1L));
      if (tail.small.size() >= SMALL) {
        tail.middle.addAll(merge(transaction, lane, tail.small));
        tail.small.clear();
        tail.middle.removeIf(Coalescer::isLarge);
      }
      if (tail.middle.size() >= MIDDLE) {
        if (spanNanos(tail.middle) <= MOST_NANOS) {
          merge(transaction, lane, tail.middle);
        }
        tail.middle.clear();
      }
    }
  }

  private static long spanNanos(List<StoredFrame> frames) {
    return frames.getLast().lastNanos() - frames.getFirst().firstNanos();
  }

  /** The frames that stand for these now; none where they are no longer as they were. */
  private static List<StoredFrame> merge(
      Transaction transaction, Lane lane, List<StoredFrame> frames) throws SQLException {
    List<Entry> entries = new ArrayList<>();
    for (StoredFrame frame : frames) {
      List<Entry> own = transaction.entries(lane, frame);
      if (own.size() != frame.count()) {
        return List.of(); // given up meanwhile, or damaged: whoever reads it finds that
      }
      entries.addAll(own);
    }
    return transaction.replace(lane, frames, entries);
  }

  /** Notes what a commit has added, once it is durable. */
  void committed(Map<Lane, List<StoredFrame>> added) {
    added.forEach((lane, frames) -> frames.forEach(frame -> of(lane).add(frame)));
  }

  private Tail of(Lane lane) {
    return tails.computeIfAbsent(lane, l -> new Tail());
  }

  /** After a failed commit nobody knows which frames there are: they stay as they are. */
  void forget() {
    tails.values().forEach(Tail::clear);
  }
}
