package dev.tidegate.buffer;

import dev.tidegate.flow.Account;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.LossRecord;
import dev.tidegate.flow.Outbound;
import dev.tidegate.frame.Frame;
import dev.tidegate.frame.FrameCodec;
import dev.tidegate.frame.FrameException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Knows from its marks what a process was promised and had promised up to some moment, and tells
 * what a folder that it left lacks.
 */
final class CrashWitness {
  /** What can be wrong with what was left. */
  enum Wrong {
    /** A record with a receipt is neither stored, nor settled, nor declared lost. */
    LOST,
    /** Something is there that was never written so. */
    CORRUPT,
    /** The buffer could not be opened, or set the file aside, or reports a fault. */
    DAMAGED,
    /** The figures do not add up. */
    ACCOUNT
  }

  /** One finding, in words. */
  record Finding(Wrong wrong, String what) {}

  private static final class Told {
    private long appended;
    private long receipts;
    private final BitSet settled = new BitSet();
    private final BitSet carried = new BitSet();
  }

  private final CrashRecords records;
  private final Map<Lane, Told> told = new EnumMap<>(Lane.class);
  private @Nullable String epoch;
  private int settledAlarm;
  private String phase = "";

  CrashWitness(CrashRecords records) {
    this.records = records;
    for (Lane lane : Lane.values()) {
      told.put(lane, new Told());
    }
  }

  /** Takes a mark in; see {@link CrashMarks}. */
  void hear(String mark) {
    String[] words = mark.split(" ", -1);
    switch (words[0]) {
      case "E" -> epoch = words[1];
      case "P" -> phase = words[1];
      case "A" -> of(Lane.of(words[1])).appended = Long.parseLong(words[2]);
      case "R" -> {
        Told lane = of(Lane.of(words[1]));
        long n = Long.parseLong(words[2]);
        if (n != lane.receipts + 1) {
          throw new AssertionError("receipt out of order: " + mark);
        }
        lane.receipts = n;
      }
      case "X" -> settledAlarm = Math.max(settledAlarm, Integer.parseInt(words[1]));
      case "D" -> range(of(Lane.of(words[1])).settled, words);
      case "L" -> range(of(Lane.of(words[1])).carried, words);
      default -> throw new AssertionError("no mark: " + mark);
    }
  }

  private static void range(BitSet set, String[] words) {
    set.set(Integer.parseInt(words[2]), Integer.parseInt(words[3]) + 1);
  }

  private Told of(Lane lane) {
    return Objects.requireNonNull(told.get(lane));
  }

  /** Receipts heard of so far. */
  long receipts() {
    return told.values().stream().mapToLong(lane -> lane.receipts).sum();
  }

  /** What the process was at, by its last word on it. */
  String phase() {
    return phase;
  }

  /** Opens what was left, looks at all of it, and closes it. */
  List<Finding> examine(Rig rig) throws InterruptedException {
    List<Finding> findings = new ArrayList<>();
    try {
      rig.open();
    } catch (BufferException | RuntimeException e) {
      return List.of(new Finding(Wrong.DAMAGED, "it does not open: " + e));
    }
    try {
      if (receipts() > 0 && !rig.buffer().epoch().equals(epoch)) {
        findings.add(new Finding(Wrong.LOST, "another database: " + receipts() + " receipts"));
      } else {
        look(rig, findings);
      }
    } catch (FrameException | RuntimeException e) {
      findings.add(new Finding(Wrong.CORRUPT, e.toString()));
    } finally {
      rig.close();
    }
    examineTree(rig, findings);
    rig.faults.open().forEach(fault -> findings.add(new Finding(Wrong.DAMAGED, fault.message())));
    return findings;
  }

  /** SQLite's own look at what no query of the buffer's touches. */
  private static void examineTree(Rig rig, List<Finding> findings) {
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + rig.folder.resolve("buffer.db"));
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("PRAGMA integrity_check")) {
      String said = row.getString(1);
      if (!said.equals("ok")) {
        findings.add(new Finding(Wrong.CORRUPT, said));
      }
    } catch (SQLException e) {
      findings.add(new Finding(Wrong.CORRUPT, e.toString()));
    }
  }

  private void look(Rig rig, List<Finding> findings) throws FrameException {
    Map<Lane, BitSet> declared = new EnumMap<>(Lane.class);
    for (Lane lane : Lane.values()) {
      declared.put(lane, (BitSet) of(lane).carried.clone());
    }
    for (LossRecord loss : rig.losses()) {
      Objects.requireNonNull(declared.get(loss.lane()))
          .set((int) loss.firstSequence(), (int) loss.lastSequence() + 1);
    }
    for (Lane lane : Lane.values()) {
      look(rig, lane, Objects.requireNonNull(declared.get(lane)), findings);
    }
  }

  private void look(Rig rig, Lane lane, BitSet declared, List<Finding> findings)
      throws FrameException {
    Account.Line line = rig.buffer().account().of(lane);
    if (!line.balances()) {
      findings.add(new Finding(Wrong.ACCOUNT, lane + ": " + line));
    }
    BitSet stored = new BitSet();
    BitSet alarms = new BitSet();
    for (Outbound out : rig.frames(lane)) {
      Frame frame = FrameCodec.decode(out.frame());
      long n = out.firstSequence();
      for (Entry entry : frame.entries()) {
        if (stored.get((int) n)) {
          findings.add(new Finding(Wrong.CORRUPT, lane + "/" + n + " is there twice"));
        }
        stored.set((int) n);
        compare(lane, n, entry, alarms, findings);
        n++;
      }
    }
    if (line.buffered() != stored.cardinality() || stored.length() - 1 > line.accepted()) {
      findings.add(new Finding(Wrong.ACCOUNT, lane + ": " + line + " and not " + stored));
    }
    BitSet there = (BitSet) stored.clone();
    there.or(of(lane).settled);
    there.or(declared);
    if (there.nextClearBit(1) <= line.accepted()) {
      String gap = lane + "/" + there.nextClearBit(1) + " of " + line.accepted();
      findings.add(new Finding(Wrong.LOST, gap + " is neither there nor declared"));
    }
    if (lane != Lane.ALARMS && line.accepted() < of(lane).receipts) {
      long lost = of(lane).receipts - line.accepted();
      findings.add(new Finding(Wrong.LOST, lane + ": the last " + lost + " with receipts"));
    }
    if (lane == Lane.ALARMS) {
      lookForAlarms(alarms, findings);
    }
  }

  private void compare(Lane lane, long n, Entry entry, BitSet alarms, List<Finding> findings) {
    long which = lane == Lane.ALARMS ? CrashRecords.alarm(entry) : n;
    if (lane == Lane.ALARMS) {
      if (which == 0 && entry instanceof LossRecord) {
        return;
      }
      if (alarms.length() - 1 >= which) {
        findings.add(new Finding(Wrong.CORRUPT, "alarm " + which + " out of order"));
      }
      alarms.set((int) which);
    }
    if (which > of(lane).appended || which < 1 || !records.of(lane, which).equals(entry)) {
      findings.add(new Finding(Wrong.CORRUPT, lane + "/" + n + " is " + entry));
    }
  }

  /** Alarms share their numbers with loss records: they are told by what they say. */
  private void lookForAlarms(BitSet alarms, List<Finding> findings) {
    int missing = alarms.nextClearBit(settledAlarm + 1);
    if (missing <= of(Lane.ALARMS).receipts) {
      findings.add(new Finding(Wrong.LOST, "alarm " + missing + " with a receipt"));
    }
  }
}
