package dev.tidegate.buffer;

import dev.tidegate.driver.Sink.Receipt;
import dev.tidegate.flow.CommandResult;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Lane;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** What the next commit will hold. Owned by the buffer's thread. */
final class Batch {
  /** A commit is due as soon as so much waits. */
  static final int MAX_RECORDS = 8_192;

  /** The bound in bytes, where the quotas leave room for it. */
  static final long MAX_BYTES = 4 << 20;

  private final Map<Lane, List<Entry>> entries = new EnumMap<>(Lane.class);
  private final Map<Lane, List<Receipt>> receipts = new EnumMap<>(Lane.class);
  private final List<Handover.Note> notes = new ArrayList<>();
  private int records;
  private long bytes;

  private final long maxBytes;

  /**
   * An empty one.
   *
   * @param maxBytes the most that it takes before it counts as full
   */
  Batch(long maxBytes) {
    this.maxBytes = maxBytes;
    for (Lane lane : Lane.values()) {
      entries.put(lane, new ArrayList<>());
      receipts.put(lane, new ArrayList<>());
    }
  }

  void add(Handover.Appended appended) {
    of(appended.lane()).add(appended.entry());
    if (appended.receipt() != null) {
      of(receipts, appended.lane()).add(appended.receipt());
    }
    records++;
    bytes += appended.weightBytes();
  }

  void add(List<Handover.Note> more) {
    notes.addAll(more);
  }

  List<Entry> of(Lane lane) {
    return of(entries, lane);
  }

  private static <T> List<T> of(Map<Lane, List<T>> lists, Lane lane) {
    return Objects.requireNonNull(lists.get(lane), "every lane has a list");
  }

  /**
   * The receipts, which are the caller's to give from now on.
   *
   * @param refused lanes whose receipts are thrown away
   */
  List<Receipt> takeReceipts(Set<Lane> refused) {
    List<Receipt> taken = new ArrayList<>();
    receipts.forEach(
        (lane, list) -> {
          if (!refused.contains(lane)) {
            taken.addAll(list);
          }
          list.clear();
        });
    return taken;
  }

  boolean hasCommands() {
    return notes.stream().anyMatch(Handover.Note.Commanded.class::isInstance)
        || of(Lane.EVENTS).stream().anyMatch(CommandResult.class::isInstance);
  }

  /** What to call once the batch is durable, for commands that came with it. */
  List<Runnable> commandReceipts() {
    List<Runnable> receipts = new ArrayList<>();
    for (Handover.Note note : notes) {
      if (note instanceof Handover.Note.Commanded commanded) {
        receipts.add(commanded.stored());
      }
    }
    return receipts;
  }

  /** Drops the notes that were committed without the batch's records; the others wait for those. */
  void clearSettlements() {
    notes.removeIf(
        note ->
            !(note instanceof Handover.Note.Commanded)
                && !(note instanceof Handover.Note.Requested));
  }

  List<Handover.Note> notes() {
    return notes;
  }

  int records() {
    return records;
  }

  int recordsRoom() {
    return MAX_RECORDS - records;
  }

  long bytesRoom() {
    return maxBytes - bytes;
  }

  int notesRoom() {
    return Handover.MAX_NOTES - notes.size();
  }

  boolean isEmpty() {
    return records == 0 && notes.isEmpty();
  }

  boolean isFull() {
    return records >= MAX_RECORDS || bytes >= maxBytes || notes.size() >= Handover.MAX_NOTES;
  }

  void clear() {
    entries.values().forEach(List::clear);
    receipts.values().forEach(List::clear);
    notes.clear();
    records = 0;
    bytes = 0;
  }
}
