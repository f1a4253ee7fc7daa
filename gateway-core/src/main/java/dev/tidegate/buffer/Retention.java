package dev.tidegate.buffer;

import dev.tidegate.buffer.store.Store;
import dev.tidegate.buffer.store.StoredFrame;
import dev.tidegate.config.BufferConfig.LaneQuota;
import dev.tidegate.config.BufferConfig.WhenFull;
import dev.tidegate.config.PointConfig;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.LossRecord;
import dev.tidegate.flow.LossRecord.Reason;
import dev.tidegate.flow.Summary;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Keeps a lane within its quota, and declares lost whatever that costs.
 *
 * <h2>Quota</h2>
 *
 * Where the frames would come to hold more than {@link Quotas} allows, the lane's rule says what
 * gives way. {@code drop-oldest}: the oldest frames go until 95 % are left, so that one loss record
 * stands for many. {@code thin}: the same, but summaries of them are kept ({@link Thinning}), as
 * long as that makes room. {@code refuse}: new records are declared lost instead of stored, and
 * their receipts are not given, until the lane is down to 95 %.
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

  private static final long NO_LIMIT = Long.MAX_VALUE;

  private final Quotas quotas;
  private final Set<Lane> refusing = EnumSet.noneOf(Lane.class);

  Retention(Quotas quotas) {
    this.quotas = quotas;
  }

  /**
   * Whether the lane takes so many bytes of new frames. Only one with {@code when-full: refuse}
   * ever says no: once full, until it is down to 95 %.
   */
  boolean admits(Transaction transaction, Lane lane, long incomingBytes) {
    if (quotas.of(lane).whenFull() != WhenFull.REFUSE || incomingBytes == 0) {
      return true;
    }
    long limitBytes = quotas.limitBytes(lane);
    long boundBytes = refusing.contains(lane) ? limitBytes - limitBytes / 20 : limitBytes;
    boolean admits = transaction.books().of(lane).bufferedBytes + incomingBytes <= boundBytes;
    if (admits) {
      refusing.remove(lane);
    } else {
      refusing.add(lane);
    }
    return admits;
  }

  /** The lanes that take no new records now. */
  Set<Lane> refusing() {
    return refusing;
  }

  /**
   * Applies one lane's bounds; the losses are left with the transaction.
   *
   * @param incomingBytes what is about to be stored, and needs its room before that
   */
  void apply(Transaction transaction, Store store, Lane lane, long incomingBytes)
      throws SQLException {
    List<Victim> victims = victims(transaction, store, lane, incomingBytes);
    if (victims.isEmpty()) {
      return;
    }
    if (lane == Lane.ALARMS) {
      evictAlarms(transaction, victims);
      return;
    }
    if (quotas.of(lane).whenFull() == WhenFull.THIN) {
      victims = thin(transaction, lane, victims);
    }
    for (Victim victim : victims) {
      transaction.evict(lane, victim.frame, victim.reason);
    }
  }

  /** Puts summaries in the place of what is over the quota; says so in the victims' reasons. */
  private static List<Victim> thin(Transaction transaction, Lane lane, List<Victim> victims)
      throws SQLException {
    Thinning thinning = new Thinning();
    List<Victim> result = new ArrayList<>();
    int frames = 0;
    long freedBytes = 0;
    for (Victim victim : victims) {
      if (frames == Thinning.MAX_FRAMES) {
        break; // the rest follows in the next commits
      }
      if (victim.reason == Reason.QUOTA && thinning.add(transaction.entries(lane, victim.frame))) {
        result.add(new Victim(victim.frame, Reason.THINNED));
        freedBytes += victim.frame.sizeBytes();
        frames++;
      } else {
        result.add(victim);
      }
    }
    List<Summary> summaries = thinning.summaries();
    if (2 * transaction.sizeBytes(Lane.SUMMARIES, summaries) > freedBytes) {
      return victims; // no room would be made
    }
    transaction.append(Lane.SUMMARIES, summaries);
    return result;
  }

  private record Victim(StoredFrame frame, Reason reason) {}

  private List<Victim> victims(Transaction transaction, Store store, Lane lane, long incomingBytes)
      throws SQLException {
    LaneQuota quota = quotas.of(lane);
    long heldBytes = transaction.books().of(lane).bufferedBytes + incomingBytes;
    long limitBytes = quota.whenFull() == WhenFull.REFUSE ? NO_LIMIT : quotas.limitBytes(lane);
    long targetBytes = heldBytes > limitBytes ? limitBytes - limitBytes / 20 : NO_LIMIT;
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
}
