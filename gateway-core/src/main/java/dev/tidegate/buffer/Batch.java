package dev.tidegate.buffer;

import dev.tidegate.driver.Sink.Receipt;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Lane;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What the next commit will hold. Owned by the buffer's thread. */
final class Batch {
  /** A commit is due as soon as so much waits. */
  static final int MAX_RECORDS = 8_192;

  static final long MAX_BYTES = 4 << 20;

  private final Map<Lane, List<Entry>> entries = new EnumMap<>(Lane.class);
  private final List<Receipt> receipts = new ArrayList<>();
  private final List<Handover.Note> notes = new ArrayList<>();
  private int records;
  private long bytes;

  Batch() {
    for (Lane lane : Lane.values()) {
      entries.put(lane, new ArrayList<>());
    }
  }

  void add(Handover.Appended appended) {
    of(appended.lane()).add(appended.entry());
    if (appended.receipt() != null) {
      receipts.add(appended.receipt());
    }
    records++;
    bytes += appended.weightBytes();
  }

  void add(List<Handover.Note> more) {
    notes.addAll(more);
  }

  List<Entry> of(Lane lane) {
    return Objects.requireNonNull(entries.get(lane), "every lane has a list");
  }

  /** The receipts, which are the caller's to give from now on. */
  List<Receipt> takeReceipts() {
    List<Receipt> taken = List.copyOf(receipts);
    receipts.clear();
    return taken;
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
    return MAX_BYTES - bytes;
  }

  int notesRoom() {
    return Handover.MAX_NOTES - notes.size();
  }

  boolean isEmpty() {
    return records == 0 && notes.isEmpty();
  }

  boolean isFull() {
    return records >= MAX_RECORDS || bytes >= MAX_BYTES || notes.size() >= Handover.MAX_NOTES;
  }

  void clear() {
    entries.values().forEach(List::clear);
    receipts.clear();
    notes.clear();
    records = 0;
    bytes = 0;
  }
}
