package dev.tidegate.buffer;

import dev.tidegate.buffer.store.Store;
import dev.tidegate.buffer.store.StoredFrame;
import dev.tidegate.config.BufferConfig;
import dev.tidegate.config.BufferConfig.LaneQuota;
import dev.tidegate.config.PointConfig;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.LossRecord;
import dev.tidegate.flow.LossRecord.Reason;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Gives up the oldest frames of a lane that is over its quota, and declares each of them lost.
 *
 * <h2>Quota</h2>
 *
 * Once the frames hold more than {@code max-bytes}, the oldest go until 95 % are left, so that one
 * loss record stands for many frames.
 *
 * <h2>Age</h2>
 *
 * Age is time during which the gateway ran, over all starts: no wall clock is trusted with a
 * deletion. Frames expire together, once the oldest is 5 % older than {@code max-age}.
 *
 * <h2>Loss records</h2>
 *
 * A declared loss is never lost: when the alarm lane gives up a frame that carries loss records,
 * these are appended to the lane again, merged where they touch. Frames of which less than half
 * would be gained in this way stay, beyond the quota, until more frames make it worth while.
 *
 * <p>Owned by the buffer's thread.
 */
final class Retention {
  /** Frames given up in one commit; the rest follows in the next ones. */
  static final int MAX_EVICTED = 4_096;

  /** About what one loss record takes. */
  private static final long LOSS_BYTES = 64;

  private static final long FRAME_BYTES = 128;

  private final BufferConfig config;

  Retention(BufferConfig config) {
    this.config = config;
  }

  /** Applies one lane's bounds; the losses are left with the transaction. */
  void apply(Transaction transaction, Store store, Lane lane) throws SQLException {
    List<Victim> victims = victims(transaction, store, lane);
    if (victims.isEmpty()) {
      return;
    }
    if (lane == Lane.ALARMS) {
      evictAlarms(transaction, victims);
      return;
    }
    for (Victim victim : victims) {
      transaction.evict(lane, victim.frame, victim.reason);
    }
  }

  private record Victim(StoredFrame frame, Reason reason) {}

  private List<Victim> victims(Transaction transaction, Store store, Lane lane)
      throws SQLException {
    LaneQuota quota = quota(lane);
    long heldBytes = transaction.books().of(lane).bufferedBytes;
    long targetBytes =
        heldBytes > quota.maxBytes() ? quota.maxBytes() - quota.maxBytes() / 20 : Long.MAX_VALUE;
    long expiredBefore = Long.MIN_VALUE;
    List<Victim> victims = new ArrayList<>();
    long from = 1;
    while (victims.size() < MAX_EVICTED) {
      int limit = victims.isEmpty() ? 1 : Transaction.PAGE;
      List<StoredFrame> page = store.oldest(lane, from, limit);
      if (page.isEmpty()) {
        return victims;
      }
      if (victims.isEmpty() && isOverdue(page.getFirst(), quota, transaction.uptimeNanos())) {
        expiredBefore = transaction.uptimeNanos() - quota.maxAgeNanos();
      }
      for (StoredFrame frame : page) {
        boolean expired = frame.uptimeNanos() < expiredBefore;
        if (!expired && heldBytes <= targetBytes) {
          return victims;
        }
        victims.add(new Victim(frame, expired ? Reason.EXPIRED : Reason.QUOTA));
        heldBytes -= frame.sizeBytes();
        from = frame.lastSequence() + 1;
      }
    }
    return victims;
  }

  private static boolean isOverdue(StoredFrame oldest, LaneQuota quota, long uptimeNanos) {
    long ageNanos = uptimeNanos - oldest.uptimeNanos();
    return quota.maxAgeNanos() != PointConfig.NEVER
        && ageNanos - quota.maxAgeNanos() / 20 > quota.maxAgeNanos();
  }

  private static void evictAlarms(Transaction transaction, List<Victim> victims)
      throws SQLException {
    List<LossRecord> carried = new ArrayList<>();
    long freedBytes = 0;
    for (Victim victim : victims) {
      carried.addAll(Losses.in(transaction.entries(Lane.ALARMS, victim.frame)));
      freedBytes += victim.frame.sizeBytes();
    }
    // One more for the loss of these frames themselves.
    long backBytes = FRAME_BYTES + LOSS_BYTES * (Losses.merge(carried).size() + 1);
    if (2 * backBytes > freedBytes) {
      return;
    }
    carried.forEach(transaction::declare);
    for (Victim victim : victims) {
      transaction.evict(Lane.ALARMS, victim.frame, victim.reason);
    }
    transaction.append(Lane.ALARMS, transaction.takeLosses());
  }

  private LaneQuota quota(Lane lane) {
    return switch (lane) {
      case ALARMS -> config.alarms();
      case EVENTS -> config.events();
      case SUMMARIES -> config.summaries();
      case RAW -> config.raw();
    };
  }
}
