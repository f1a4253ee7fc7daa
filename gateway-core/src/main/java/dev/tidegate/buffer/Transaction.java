package dev.tidegate.buffer;

import dev.tidegate.buffer.store.Store;
import dev.tidegate.buffer.store.StoredFrame;
import dev.tidegate.flow.Delivery;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.LossRecord;
import dev.tidegate.flow.LossRecord.Reason;
import dev.tidegate.frame.FrameCodec;
import dev.tidegate.frame.FrameException;
import dev.tidegate.frame.FrameHeader;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What one commit does: settles, appends, and declares what got lost. Works on a copy of the books,
 * which is thrown away when the commit fails. Owned by the buffer's thread.
 */
final class Transaction {
  /** Frames looked at in one query. */
  static final int PAGE = 256;

  /** What is kept of the far side's own words. */
  private static final int MAX_REASON_CHARS = 200;

  private final Store store;
  private final FrameCodec codec;
  private final FrameCodec.Stamp stamp;
  private final Books books;
  private final long nowNanos;
  private final long uptimeNanos;
  private final List<LossRecord> losses = new ArrayList<>();
  private final Map<String, String> complaints = new TreeMap<>();
  private final Map<Lane, List<StoredFrame>> inserted = new EnumMap<>(Lane.class);
  private long partialAcks;
  private long unknownAcks;
  private long quarantined;

  Transaction(
      Store store,
      FrameCodec codec,
      FrameCodec.Stamp stamp,
      Books books,
      long nowNanos,
      long uptimeNanos) {
    this.store = store;
    this.codec = codec;
    this.stamp = stamp;
    this.books = books;
    this.nowNanos = nowNanos;
    this.uptimeNanos = uptimeNanos;
  }

  Books books() {
    return books;
  }

  /** Losses declared in this transaction and not yet appended to the alarm lane. */
  List<LossRecord> takeLosses() {
    List<LossRecord> taken = Losses.merge(losses);
    losses.clear();
    return taken;
  }

  void declare(LossRecord loss) {
    losses.add(loss);
  }

  long nowNanos() {
    return nowNanos;
  }

  FrameCodec.Stamp stamp() {
    return stamp;
  }

  long uptimeNanos() {
    return uptimeNanos;
  }

  /**
   * A frame that is not in the file yet.
   *
   * @param bytes the frame; must not be changed
   */
  @SuppressWarnings("ArrayRecordComponent") // ownership passes with the record
  record Encoded(StoredFrame row, byte[] bytes) {
    static long sizeBytes(List<Encoded> frames) {
      return frames.stream().mapToLong(frame -> frame.row.sizeBytes()).sum();
    }
  }

  /** Numbers, frames and stores the entries, oldest first. */
  void append(Lane lane, List<? extends Entry> entries) throws SQLException {
    insert(lane, number(lane, entries));
  }

  /** Gives the entries their numbers; the frames are the caller's to store or to refuse. */
  List<Encoded> number(Lane lane, List<? extends Entry> entries) {
    Books.Book book = books.of(lane);
    List<Encoded> frames = encode(lane, book.nextSequence, entries);
    if (!frames.isEmpty()) {
      book.nextSequence = frames.getLast().row.lastSequence() + 1;
      book.dirty = true;
    }
    return frames;
  }

  /** What the entries would take in that lane. */
  long sizeBytes(Lane lane, List<? extends Entry> entries) {
    return Encoded.sizeBytes(encode(lane, books.of(lane).nextSequence, entries));
  }

  private List<Encoded> encode(Lane lane, long firstSequence, List<? extends Entry> entries) {
    List<Encoded> frames = new ArrayList<>();
    int from = 0;
    while (from < entries.size()) {
      long first = firstSequence + from;
      FrameCodec.Encoded frame = codec.encode(lane, first, stamp, entries, from);
      int to = from + frame.count();
      StoredFrame row =
          new StoredFrame(
              first,
              first + frame.count() - 1,
              entries.get(from).atNanos(),
              entries.get(to - 1).atNanos(),
              uptimeNanos,
              frame.bytes().length);
      frames.add(new Encoded(row, frame.bytes()));
      from = to;
    }
    return frames;
  }

  /** Stores what has its numbers. */
  void insert(Lane lane, List<Encoded> frames) throws SQLException {
    Books.Book book = books.of(lane);
    for (Encoded frame : frames) {
      store.insert(lane, frame.row, frame.bytes);
      book.buffered += frame.row.count();
      book.bufferedBytes += frame.row.sizeBytes();
      book.dirty = true;
      inserted.computeIfAbsent(lane, l -> new ArrayList<>()).add(frame.row);
    }
  }

  /** Declares lost what has its numbers, instead of storing it. */
  void refuse(Lane lane, List<Encoded> frames) {
    for (Encoded frame : frames) {
      books.of(lane).lost += frame.row.count();
      declareLost(lane, frame.row, Reason.REFUSED);
    }
  }

  /**
   * Stores the same records in other frames.
   *
   * @param frames stored frames, each next to the one before
   * @param entries all of their records
   * @return the frames that took their place
   */
  List<StoredFrame> replace(Lane lane, List<StoredFrame> frames, List<Entry> entries)
      throws SQLException {
    for (StoredFrame frame : frames) {
      store.delete(lane, frame.firstSequence());
      books.of(lane).remove(frame);
    }
    List<Encoded> encoded = encode(lane, frames.getFirst().firstSequence(), entries);
    Books.Book book = books.of(lane);
    List<StoredFrame> rows = new ArrayList<>();
    for (Encoded frame : encoded) {
      store.insert(lane, frame.row, frame.bytes);
      book.buffered += frame.row.count();
      book.bufferedBytes += frame.row.sizeBytes();
      rows.add(frame.row);
    }
    return rows;
  }

  /** The frames that this transaction added, oldest first; merged ones are not among them. */
  Map<Lane, List<StoredFrame>> inserted() {
    return inserted;
  }

  /**
   * Applies what the far side said. Frames are settled whole: a range that covers part of a frame
   * leaves that frame where it is, to be sent again.
   */
  void settle(Delivery delivery) throws SQLException {
    Lane lane = delivery.lane();
    long from = delivery.firstSequence();
    long to = delivery.lastSequence();
    if (from < 1 || to < from || to >= books.of(lane).nextSequence) {
      unknownAcks++;
      return;
    }
    StoredFrame before = from == 1 ? null : store.atOrBefore(lane, from - 1);
    if (before != null && before.lastSequence() >= from) {
      partialAcks++;
    }
    List<StoredFrame> page = store.startingIn(lane, from, to, PAGE);
    while (!page.isEmpty()) {
      for (StoredFrame frame : page) {
        if (frame.lastSequence() > to) {
          partialAcks++;
        } else {
          settle(lane, frame, delivery);
        }
      }
      page =
          page.size() < PAGE
              ? List.of()
              : store.startingIn(lane, page.getLast().lastSequence() + 1, to, PAGE);
    }
  }

  private void settle(Lane lane, StoredFrame frame, Delivery delivery) throws SQLException {
    switch (delivery) {
      case Delivery.Acked acked -> {
        store.delete(lane, frame.firstSequence());
        books.of(lane).remove(frame);
        books.of(lane).delivered += frame.count();
      }
      case Delivery.Rejected rejected -> reject(lane, frame, rejected);
    }
  }

  private void reject(Lane lane, StoredFrame frame, Delivery.Rejected why) throws SQLException {
    List<Entry> entries = lane == Lane.ALARMS ? entries(lane, frame) : List.of();
    List<LossRecord> carried = Losses.in(entries);
    String reason = why.reason().substring(0, Math.min(MAX_REASON_CHARS, why.reason().length()));
    setAside(lane, frame, "rejected " + why.code() + ": " + reason);
    complaints.put(
        "rejected-" + lane.word(),
        "the far side refused records of lane "
            + lane.word()
            + " for good (code "
            + why.code()
            + "); they lie in quarantine and are declared lost: correct what refuses them there");
    // Refused loss records alone are not declared again: the far side would refuse that as well,
    // and so on for ever. The books keep the count.
    if (carried.isEmpty() || carried.size() < entries.size()) {
      carried.forEach(this::declare);
      declareLost(lane, frame, Reason.REJECTED);
    }
  }

  /** Takes a frame out whose checksum does not match, if that is still so. */
  void damaged(Lane lane, long firstSequence) throws SQLException {
    List<StoredFrame> found = store.startingIn(lane, firstSequence, firstSequence, 1);
    if (!found.isEmpty() && !isSound(lane, found.getFirst())) {
      damaged(lane, found.getFirst());
    }
  }

  private void damaged(Lane lane, StoredFrame frame) throws SQLException {
    setAside(lane, frame, "damaged");
    complaints.put(
        "damaged-" + lane.word(),
        "stored records of lane "
            + lane.word()
            + " no longer match their checksum; they lie in quarantine and are declared lost: the"
            + " flash loses bits, plan its replacement");
    declareLost(lane, frame, Reason.DAMAGED);
  }

  private void setAside(Lane lane, StoredFrame frame, String reason) throws SQLException {
    store.quarantine(lane, frame.firstSequence(), reason);
    store.delete(lane, frame.firstSequence());
    books.of(lane).remove(frame);
    books.of(lane).lost += frame.count();
    quarantined++;
  }

  /** Gives a frame up; the loss records that it may carry are the caller's to keep. */
  void evict(Lane lane, StoredFrame frame, Reason reason) throws SQLException {
    store.delete(lane, frame.firstSequence());
    books.of(lane).remove(frame);
    books.of(lane).lost += frame.count();
    declareLost(lane, frame, reason);
  }

  private void declareLost(Lane lane, StoredFrame frame, Reason reason) {
    declare(
        new LossRecord(
            lane,
            frame.firstSequence(),
            frame.lastSequence(),
            frame.firstNanos(),
            frame.lastNanos(),
            reason,
            nowNanos));
  }

  private boolean isSound(Lane lane, StoredFrame frame) throws SQLException {
    try {
      FrameHeader header = FrameCodec.header(store.bytes(lane, frame.firstSequence()));
      return header.lane() == lane
          && header.firstSequence() == frame.firstSequence()
          && header.lastSequence() == frame.lastSequence();
    } catch (FrameException e) {
      return false;
    }
  }

  /** The records of a frame; none where it is damaged. */
  List<Entry> entries(Lane lane, StoredFrame frame) throws SQLException {
    try {
      return FrameCodec.decode(store.bytes(lane, frame.firstSequence())).entries();
    } catch (FrameException e) {
      return List.of();
    }
  }

  /** Faults about what was set aside: what, and the sentence for the operator. */
  Map<String, String> complaints() {
    return complaints;
  }

  /** Acknowledged ranges that ended inside a frame. */
  long partialAcks() {
    return partialAcks;
  }

  /** Acknowledged ranges that no record has, or had. */
  long unknownAcks() {
    return unknownAcks;
  }

  /** Frames put into quarantine. */
  long quarantined() {
    return quarantined;
  }
}
