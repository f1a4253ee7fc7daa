package dev.tidegate.buffer;

import dev.tidegate.buffer.store.Opening;
import dev.tidegate.buffer.store.Sqlite;
import dev.tidegate.buffer.store.Store;
import dev.tidegate.buffer.store.StoreException;
import dev.tidegate.buffer.store.StoredFrame;
import dev.tidegate.buffer.store.Timeline;
import dev.tidegate.flow.Account;
import dev.tidegate.flow.ClockCorrection;
import dev.tidegate.flow.CommandResult;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Inbox.Received;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.Leaving;
import dev.tidegate.flow.LossRecord;
import dev.tidegate.flow.Stretch;
import dev.tidegate.frame.FrameCodec;
import dev.tidegate.health.Counters;
import dev.tidegate.health.Faults;
import dev.tidegate.time.Clock;
import java.io.IOException;
import java.sql.SQLException;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Turns one batch into one transaction, and knows after every kind of failure whether it is on the
 * disk. Owned by the buffer's thread.
 *
 * <h2>Crash safety</h2>
 *
 * A transaction is durable once {@code COMMIT} has returned (log mode WAL, synchronous FULL). When
 * it fails instead, nobody knows: the connection is thrown away, the log is written and
 * synchronised anew, because after a failed fsync the kernel may hold pages that will never be
 * written, and the file is opened again. The number that every commit leaves behind then says
 * whether it is there.
 */
final class Committer implements AutoCloseable {
  static final String WHERE = Opening.WHERE;

  /** Counters of the bytes of new frames, by lane. */
  private static final String STORED_BYTES = "buffer.stored-bytes.";

  /** A wall clock that moved by less against the timeline is not worth a write. */
  private static final long OFFSET_STEP_NANOS = 10_000_000L;

  private final Disk disk;
  private final Clock clock;
  private final FrameCodec codec;
  private final Quotas quotas;
  private final Retention retention;
  private final Coalescer coalescer;
  private final Replays replays;
  private final Commands commands;
  private final Set<Lane> refused = EnumSet.noneOf(Lane.class);
  private final Faults faults;
  private final Counters counters;
  private final LongAdder commits;
  private final LongAdder failures;
  private final LongAdder partialAcks;
  private final LongAdder unknownAcks;
  private final LongAdder quarantined;
  private final long startUptimeNanos;
  private final long startNanos;

  /** What the file says of this run's wall time; null until that was looked up. */
  private FrameCodec.@Nullable Stamp recorded;

  private Books books;

  /** Losses of a damaged file that no commit has declared yet. */
  private List<LossRecord> owed;

  private long commitNumber;

  /** Number of the commit that may or may not be on the disk; 0: none. */
  private long inDoubt;

  private boolean inDoubtHasRecords;

  /** The commit in doubt was found on the disk: the batch must not be committed again. */
  private boolean hasArrived;

  Committer(
      Opening opening,
      Options options,
      Quotas quotas,
      Coalescer coalescer,
      FrameCodec codec,
      Clock clock,
      Counters counters,
      Faults faults) {
    disk = new Disk(opening, options, quotas, counters, faults);
    this.codec = codec;
    this.clock = clock;
    this.counters = counters;
    this.faults = faults;
    this.quotas = quotas;
    this.coalescer = coalescer;
    replays = new Replays(quotas, coalescer, opening.contents().stretches());
    commands = new Commands(codec.bootId(), faults);
    retention = new Retention(quotas);
    books = new Books(opening.contents().account());
    owed = opening.losses();
    commitNumber = opening.contents().commitNumber();
    startUptimeNanos = opening.contents().uptimeNanos();
    startNanos = clock.monotonicNanos();
    commits = counters.of("buffer.commits");
    failures = counters.of("buffer.commit-failures");
    partialAcks = counters.of("buffer.acks-partial");
    unknownAcks = counters.of("buffer.acks-unknown");
    quarantined = counters.of("buffer.frames-quarantined");
  }

  /** The file and its disk. */
  Disk disk() {
    return disk;
  }

  /** Stretches promised to the far side, as of the last commit. */
  List<Stretch> stretches() {
    return replays.stretches();
  }

  /** The commands that wait to be carried out and were not handed over yet. */
  List<Received> takeCommands() {
    return commands.takeReady();
  }

  /** What the inbox answered by itself; once. */
  List<CommandResult> takeAnswers() {
    return commands.takeAnswers();
  }

  /** The figures as of the last commit. */
  Books books() {
    return books;
  }

  /**
   * Whether the last batch may be on the disk already, or is. Nothing must be added to it until
   * {@link #commit} has found out and said so.
   */
  boolean isInDoubt() {
    return inDoubt != 0 || hasArrived;
  }

  /**
   * Commits the batch.
   *
   * @return whether it is durable; false: keep what is left of it, and try again after a pause.
   *     Even then its settlements may have been committed, and {@link #books} have changed.
   */
  boolean commit(Batch batch) {
    Store store;
    try {
      store = connect();
      if (!hasArrived) {
        commit(store, batch, true);
      }
    } catch (SQLException | StoreException | IOException e) {
      failed(e);
      if (e instanceof SQLException sql && Sqlite.isFull(sql)) {
        settleAlone(sql, batch);
      }
      faults.raise(WHERE, "commit-failed", disk.advice(e));
      return false;
    }
    boolean mayBeNew = hasArrived || batch.hasCommands();
    hasArrived = false;
    try {
      commands.look(store, mayBeNew);
      faults.clear(WHERE, "commit-failed");
      checkpoint(store);
    } catch (SQLException e) {
      failed(e); // what was committed is durable, and must not be committed again
      faults.raise(WHERE, "commit-failed", disk.advice(e));
    }
    return true;
  }

  /** What of answers to commands may leave. */
  void leaving(Leaving leaving) {
    commands.leaving(leaving);
  }

  /** Commits the batch's settlements, and its records with them or not. */
  private void commit(Store store, Batch batch, boolean withRecords) throws SQLException {
    boolean merges = withRecords && coalescer.isDue();
    if (merges) {
      coalescer.lock.lock();
    }
    try {
      commit(store, batch, withRecords, merges);
    } finally {
      if (merges) {
        coalescer.lock.unlock();
      }
    }
  }

  private void commit(Store store, Batch batch, boolean withRecords, boolean merges)
      throws SQLException {
    Transaction transaction = transaction(store);
    store.begin();
    record(store, transaction.stamp());
    for (LossRecord loss : owed) {
      long now = transaction.nowNanos();
      transaction.declare(
          new LossRecord(
              loss.lane(),
              loss.firstSequence(),
              loss.lastSequence(),
              now,
              now,
              loss.reason(),
              now));
    }
    if (withRecords) {
      commands.begin(transaction, store);
    }
    settle(transaction, store, batch, withRecords);
    if (merges) {
      coalescer.merge(transaction);
    }
    if (withRecords) {
      append(transaction, store, batch);
    }
    transaction.append(Lane.ALARMS, transaction.takeLosses());
    if (withRecords) {
      retention.apply(transaction, store, Lane.ALARMS, 0);
    }
    replays.finish(transaction, store);
    long number = commitNumber + 1;
    // A commit that changes nothing (an acknowledgement that came twice) is not counted.
    boolean changes = update(transaction, store, number, batch.isEmpty() || !owed.isEmpty());
    if (changes) {
      doubt(number, withRecords);
    }
    store.commit();
    inDoubt = 0;
    commitNumber = changes ? number : commitNumber;
    books = transaction.books();
    owed = List.of();
    disk.note(codec.epoch(), commitNumber);
    coalescer.committed(transaction.inserted());
    replays.committed();
    quotas.measured(store.usedPages(), books.account().total().bufferedBytes());
    report(transaction);
  }

  private static boolean update(Transaction transaction, Store store, long number, boolean all)
      throws SQLException {
    boolean changes = false;
    for (Lane lane : Lane.values()) {
      Books.Book book = transaction.books().of(lane);
      if (book.dirty || all) {
        store.update(lane, book.line(), transaction.uptimeNanos(), number);
        book.dirty = false;
        changes = true;
      }
    }
    return changes;
  }

  private Transaction transaction(Store store) {
    long nowNanos = clock.monotonicNanos();
    FrameCodec.Stamp stamp = new FrameCodec.Stamp(clock.wallNanos() - nowNanos, clock.quality());
    long uptimeNanos = startUptimeNanos + (nowNanos - startNanos);
    return new Transaction(store, codec, stamp, books.copy(), nowNanos, uptimeNanos);
  }

  /** Comes first, so that nothing is declared lost that the far side has. */
  private void settle(Transaction transaction, Store store, Batch batch, boolean withRecords)
      throws SQLException {
    for (Handover.Note note : batch.notes()) {
      switch (note) {
        case Handover.Note.Requested requested -> {
          if (withRecords) { // the answer needs room, of which there may be none
            replays.answer(transaction, store, requested.request());
          }
        }
        case Handover.Note.Commanded commanded -> {
          if (withRecords) {
            commands.receive(transaction, store, commanded.command());
          }
        }
        case Handover.Note.Settled settled -> transaction.settle(settled.delivery());
        case Handover.Note.Damaged damaged ->
            transaction.damaged(damaged.lane(), damaged.firstSequence());
      }
    }
  }

  /** Whether there is something to commit that came with the file itself. */
  boolean isOwing() {
    return !owed.isEmpty();
  }

  /** Notes what wall time the frames of this run bear. */
  private void record(Store store, FrameCodec.Stamp stamp) throws SQLException {
    Timeline timeline = store.timeline();
    if (recorded == null) {
      Map<Lane, Long> next = new EnumMap<>(Lane.class);
      for (Lane lane : Lane.values()) {
        next.put(lane, books.of(lane).nextSequence);
      }
      timeline.begin(codec.bootId(), next, stamp.wallOffsetNanos(), stamp.quality());
      recorded = stamp;
    } else if (recorded.quality() != stamp.quality()
        || Math.abs(recorded.wallOffsetNanos() - stamp.wallOffsetNanos()) > OFFSET_STEP_NANOS) {
      timeline.correct(codec.bootId(), stamp.wallOffsetNanos(), stamp.quality());
      recorded = stamp;
    }
  }

  private void append(Transaction transaction, Store store, Batch batch) throws SQLException {
    refused.clear();
    commands.note(transaction, store, batch.of(Lane.EVENTS));
    for (Lane lane : new Lane[] {Lane.RAW, Lane.SUMMARIES, Lane.EVENTS}) {
      for (Entry entry : batch.of(lane)) {
        if (entry instanceof ClockCorrection c) {
          store.timeline().correct(c.bootId(), c.wallOffsetNanos(), c.quality());
        }
      }
      List<Transaction.Encoded> frames = transaction.number(lane, batch.of(lane));
      long incomingBytes = Transaction.Encoded.sizeBytes(frames);
      if (retention.admits(transaction, lane, incomingBytes)) {
        retention.apply(transaction, store, lane, incomingBytes);
        transaction.insert(lane, frames);
      } else {
        transaction.refuse(lane, frames);
        refused.add(lane);
      }
      retention.apply(transaction, store, lane, 0); // a frame may be larger than its lane
    }
    transaction.append(Lane.ALARMS, batch.of(Lane.ALARMS));
  }

  /** The lanes whose records the last commit declared lost instead of storing them. */
  Set<Lane> refused() {
    return refused;
  }

  private void report(Transaction transaction) {
    commits.increment();
    transaction
        .inserted()
        .forEach(
            (lane, frames) ->
                counters
                    .of(STORED_BYTES + lane.word())
                    .add(frames.stream().mapToLong(StoredFrame::sizeBytes).sum()));
    partialAcks.add(transaction.partialAcks());
    unknownAcks.add(transaction.unknownAcks());
    quarantined.add(transaction.quarantined());
    if (transaction.unknownAcks() > 0) {
      faults.raise(
          WHERE,
          "ack-unknown",
          "the far side acknowledged records that were never sent: check that no other gateway has"
              + " the same id");
    }
    transaction.complaints().forEach((what, complaint) -> faults.raise(WHERE, what, complaint));
    for (Lane lane : refused) {
      faults.raise(
          WHERE,
          "lane-refusing-" + lane.word(),
          "the lane "
              + lane.word()
              + " is full and takes no new records; they are declared lost, and devices that wait"
              + " for a receipt get none: restore the link, or raise buffer.lanes."
              + lane.word()
              + ".max-bytes");
    }
    for (Lane lane : Lane.values()) {
      if (!retention.refusing().contains(lane)) {
        faults.clear(WHERE, "lane-refusing-" + lane.word());
      }
    }
  }

  /** After any failure the connection is made anew: its statements cannot be used again. */
  private void failed(Exception e) {
    failures.increment();
    disconnect(e);
    if (e instanceof SQLException sql && Sqlite.isDamage(sql)) {
      disk.suspect();
    }
  }

  /**
   * On a full disk, what was delivered makes room for what waits. Connecting also ends the doubt
   * that a failed {@code COMMIT} leaves, so that the batch can take further settlements. The log
   * cannot grow, but once it is copied it is written from its beginning again.
   */
  private void settleAlone(SQLException because, Batch batch) {
    try {
      Store store = connect();
      Disk.reuseLog(store, because);
      if (!hasArrived && !batch.notes().isEmpty()) {
        commit(store, batch, false);
        batch.clearSettlements();
        Disk.reuseLog(store, because);
      }
    } catch (SQLException | StoreException | IOException e) {
      because.addSuppressed(e);
      disconnect(because);
    }
  }

  /** The connection; where it had to be made anew, the commit in doubt is looked for first. */
  private Store connect() throws SQLException, StoreException, IOException {
    boolean isNew = !disk.isConnected();
    Store store = disk.connect();
    if (isNew) {
      resolve(store);
    }
    return store;
  }

  private void disconnect(Exception because) {
    coalescer.forget();
    recorded = null;
    disk.disconnect(because);
  }

  private void checkpoint(Store store) {
    SQLException failure = disk.checkpoint(store);
    if (failure != null) {
      disconnect(failure);
    }
  }

  /** From here on the commit of that number may be on the disk or not. */
  void doubt(long number, boolean withRecords) {
    inDoubt = number;
    inDoubtHasRecords = withRecords;
  }

  /** Finds out whether the commit in doubt is there; the log it lies in is on the disk by now. */
  private void resolve(Store store) throws SQLException {
    Store.Contents contents = store.contents(!owed.isEmpty());
    boolean there = inDoubt != 0 && contents.commitNumber() == inDoubt;
    if (!contents.epoch().equals(codec.epoch())
        || (!there && contents.commitNumber() != commitNumber)) {
      throw Store.damaged("it is not the file that was written before");
    }
    // Settlements that are applied twice change nothing; records would be stored twice.
    hasArrived = there && inDoubtHasRecords;
    inDoubt = 0;
    commitNumber = contents.commitNumber();
    books = new Books(contents.account());
    replays.load(contents.stretches());
  }

  /**
   * Empties the log and lets go of the file.
   *
   * @return the figures counted anew from the file; null when it could not be read
   */
  @Nullable Account recountAndClose() {
    try {
      Store store = connect();
      Account counted = store.contents(!owed.isEmpty()).account();
      store.checkpoint("TRUNCATE");
      close();
      return counted;
    } catch (SQLException | StoreException | IOException e) {
      faults.raise(
          WHERE,
          "close-failed",
          disk.file() + " cannot be read at the end (" + e.getMessage() + "): check the disk");
      disconnect(e);
      return null;
    }
  }

  @Override
  public void close() throws SQLException {
    disk.close();
  }
}
