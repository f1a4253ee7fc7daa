package dev.tidegate.buffer;

import dev.tidegate.driver.Sink.Receipt;
import dev.tidegate.flow.Command;
import dev.tidegate.flow.CommandResult;
import dev.tidegate.flow.Delivery;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.ReplayRequest;
import dev.tidegate.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Where the pipeline and the sync thread leave work for the buffer's thread. Bounded in records and
 * in bytes: an append waits for room, so that pressure reaches the intake; a settlement or a
 * complaint that finds no room is turned away, because both come again by themselves.
 *
 * <p>The buffer's thread sleeps until its commit is due and is woken early only by work that cannot
 * wait: the first record after a pause, an alarm, or a queue that fills.
 */
final class Handover {
  static final int MAX_RECORDS = 8_192;
  static final long MAX_BYTES = 16 << 20;
  static final int MAX_NOTES = 4_096;

  /** How long an append waits before whoever is interested is told. */
  private static final long WAIT_NANOS = 100_000_000L;

  /** More records than there will ever be. */
  static final int NOTHING = Integer.MAX_VALUE;

  /** One record on its way in. */
  record Appended(Lane lane, Entry entry, @Nullable Receipt receipt, int weightBytes) {}

  /** What the sync thread reports. */
  sealed interface Note {
    /** What became of records on the far side. */
    record Settled(Delivery delivery) implements Note {}

    /** A stretch of a lane that the far side asks for. */
    record Requested(ReplayRequest request) implements Note {}

    /**
     * A command that came.
     *
     * @param stored called once it is durable
     */
    record Commanded(Command command, Runnable stored) implements Note {}

    /** A frame whose checksum failed when it was read. */
    record Damaged(Lane lane, long firstSequence) implements Note {}
  }

  private final Clock clock;

  /** So many bytes end the wait as many records do: they fill a batch. */
  private final long wakeBytes;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final Condition room = lock.newCondition();
  private final Queue<Appended> records = new ArrayDeque<>();
  private final Queue<Note> notes = new ArrayDeque<>();
  private long bytes;
  private volatile Runnable whileWaiting = () -> {};
  private boolean urgent;
  private boolean closed;
  private int wakeAt = NOTHING;
  private long oldestNanos;

  Handover(Clock clock, long wakeBytes) {
    this.clock = clock;
    this.wakeBytes = wakeBytes;
  }

  /** Has that done again and again by the thread that waits for room, while it waits. */
  void whileWaiting(Runnable work) {
    whileWaiting = work;
  }

  /**
   * Leaves a record, waiting for room.
   *
   * @return whether it had to wait
   * @throws InterruptedException when interrupted while waiting: the record was not taken
   */
  boolean put(Appended record) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      boolean waited = false;
      while (!closed && !fits(record)) {
        waited = true;
        wake();
        if (room.awaitNanos(WAIT_NANOS) <= 0) {
          lock.unlock();
          try {
            whileWaiting.run();
          } finally {
            lock.lock();
          }
        }
      }
      if (closed) {
        throw new IllegalStateException("the buffer is closed; stop its sources first");
      }
      stampIfFirst();
      records.add(record);
      bytes += record.weightBytes;
      urgent |= record.lane == Lane.ALARMS || record.entry instanceof CommandResult;
      if (hasCause(wakeAt)) {
        wake();
      }
      return waited;
    } finally {
      lock.unlock();
    }
  }

  private boolean fits(Appended record) {
    return records.isEmpty()
        || (records.size() < MAX_RECORDS && bytes + record.weightBytes <= MAX_BYTES);
  }

  /** Leaves a note; false when there was no room. */
  boolean offer(Note note) {
    lock.lock();
    try {
      if (closed || notes.size() >= MAX_NOTES) {
        return false;
      }
      stampIfFirst();
      notes.add(note);
      urgent |= note instanceof Note.Commanded;
      if (hasCause(wakeAt)) {
        wake();
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  private void stampIfFirst() {
    if (records.isEmpty() && notes.isEmpty()) {
      oldestNanos = clock.monotonicNanos();
    }
  }

  private void wake() {
    work.signal();
  }

  /**
   * Waits until so many records are there, or bytes for a batch, or an alarm, or the time is over;
   * notes end the wait only of who waits for a single record. {@link #NOTHING} waits for the time
   * alone.
   */
  void await(long nanos, int forRecords) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      wakeAt = forRecords;
      long left = nanos;
      while (left > 0 && !hasCause(forRecords)) {
        left = work.awaitNanos(left);
      }
    } finally {
      wakeAt = NOTHING;
      lock.unlock();
    }
  }

  private boolean hasCause(int forRecords) {
    return forRecords != NOTHING
        && (urgent
            || records.size() >= forRecords
            || bytes >= wakeBytes
            || (forRecords == 1 && !notes.isEmpty()));
  }

  /** What one {@link #drain} took over. */
  record Drained(List<Appended> records, List<Note> notes, boolean urgent, long oldestNanos) {
    int size() {
      return records.size() + notes.size();
    }
  }

  /**
   * Takes over what waits, oldest first, up to so many records, bytes and notes; at least one
   * record, whatever its size, unless {@code maxRecords} is 0.
   */
  Drained drain(int maxRecords, long maxBytes, int maxNotes) {
    lock.lock();
    try {
      List<Appended> taken = new ArrayList<>(Math.min(maxRecords, records.size()));
      long takenBytes = 0;
      Appended next = records.peek();
      while (next != null
          && taken.size() < maxRecords
          && (taken.isEmpty() || takenBytes + next.weightBytes <= maxBytes)) {
        taken.add(records.remove());
        takenBytes += next.weightBytes;
        next = records.peek();
      }
      bytes -= takenBytes;
      List<Note> takenNotes = new ArrayList<>(Math.min(maxNotes, notes.size()));
      while (takenNotes.size() < maxNotes && !notes.isEmpty()) {
        takenNotes.add(notes.remove());
      }
      boolean wasUrgent = urgent;
      urgent = urgent && next != null;
      if (!taken.isEmpty()) {
        room.signalAll();
      }
      return new Drained(taken, takenNotes, wasUrgent, oldestNanos);
    } finally {
      lock.unlock();
    }
  }

  /** Records that wait. */
  int size() {
    lock.lock();
    try {
      return records.size();
    } finally {
      lock.unlock();
    }
  }

  /** Refuses further work, and lets go of everyone who waits for room. */
  void close() {
    lock.lock();
    try {
      closed = true;
      room.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
