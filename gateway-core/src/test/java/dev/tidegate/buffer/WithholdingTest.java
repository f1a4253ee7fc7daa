package dev.tidegate.buffer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.flow.Command;
import dev.tidegate.flow.CommandResult;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Event;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.Leaving;
import dev.tidegate.flow.LossRecord;
import dev.tidegate.flow.Outbound;
import dev.tidegate.frame.FrameCodec;
import dev.tidegate.frame.FrameHeader;
import dev.tidegate.reading.Value;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was stored before a point was no longer listed. */
class WithholdingTest {
  private static final Set<String> ALL = Set.of("pump/p0", "pump/p1", "pump/p2");
  private static final Set<String> FEWER = Set.of("pump/p0", "pump/p2");

  @TempDir Path folder;

  private static Leaving only(Set<String> points) {
    return entry ->
        switch (entry) {
          case Entry.Measured m -> points.contains(m.sample().point().name()) ? entry : null;
          case Event e -> e.subject().contains("/") && !points.contains(e.subject()) ? null : entry;
          case CommandResult r -> bare(r);
          default -> entry;
        };
  }

  private static CommandResult bare(CommandResult r) {
    return new CommandResult(
        r.atNanos(),
        r.id(),
        r.subject(),
        r.outcome(),
        r.reason(),
        Double.NaN,
        Double.NaN,
        r.reason().word());
  }

  private static Event about(Rig rig, String subject) {
    return new Event(rig.clock.monotonicNanos(), Event.Severity.ALARM, "gap", subject, "silent");
  }

  /** Readings of three points in turns, in many frames, and alarms about them. */
  private Rig stored() throws Exception {
    Rig rig = Rig.in(folder).open();
    rig.buffer().withhold(null, entry -> entry);
    for (int round = 0; round < 20; round++) {
      rig.readings(31);
      rig.append(Lane.ALARMS, about(rig, "pump/p1"), about(rig, "pump"), about(rig, "pump/p0"));
      rig.commit();
    }
    return rig;
  }

  private static List<Entry> allowed(List<Entry> entries, Set<String> points) {
    return entries.stream().filter(e -> only(points).of(e) != null).toList();
  }

  // Without it what was stored before the list was narrowed would leave with the backlog; or what
  // may leave would be gone with it.
  @Test
  void whatIsNoLongerListedIsTakenOutOfWhatIsStored() throws Exception {
    try (Rig rig = stored()) {
      List<Entry> raw = allowed(rig.entries(Lane.RAW), FEWER);
      List<Entry> alarms = allowed(rig.entries(Lane.ALARMS), FEWER);
      List<FrameHeader> before = headers(rig);
      rig.reopen();
      rig.buffer().withhold(FEWER, only(FEWER));
      assertTrue(rig.hasFault("withheld"));
      assertEquals(raw, rig.entries(Lane.RAW));
      List<LossRecord> losses = rig.losses();
      List<Entry> rest = new ArrayList<>(rig.entries(Lane.ALARMS));
      rest.removeAll(losses);
      assertEquals(alarms, rest);
      List<FrameHeader> after = headers(rig);
      assertEquals(before.size(), after.size(), "each frame stays one");
      for (int i = 0; i < before.size(); i++) {
        assertEquals(before.get(i).firstSequence(), after.get(i).firstSequence());
        assertEquals(before.get(i).bootId(), after.get(i).bootId());
        assertEquals(before.get(i).wallOffsetNanos(), after.get(i).wallOffsetNanos());
        long next = after.get(i).lastSequence() + 1;
        long last = before.get(i).lastSequence();
        assertTrue(
            losses.stream()
                .anyMatch(
                    l ->
                        l.lane() == Lane.RAW
                            && l.reason() == LossRecord.Reason.WITHHELD
                            && l.firstSequence() == next
                            && l.lastSequence() == last),
            "no gap that is not declared");
      }
      assertTrue(rig.buffer().account().balances());
      assertEquals(
          losses.stream().mapToLong(LossRecord::count).sum(),
          rig.buffer().account().total().lost());
      assertNothingMoreChanges(rig);
    }
  }

  private static List<FrameHeader> headers(Rig rig) throws Exception {
    List<FrameHeader> headers = new ArrayList<>();
    for (Outbound frame : rig.frames(Lane.RAW)) {
      headers.add(FrameCodec.header(frame.frame()));
    }
    return headers;
  }

  /** Frames are byte-identical from then on, whatever starts follow. */
  private static void assertNothingMoreChanges(Rig rig) throws Exception {
    List<Outbound> frames = rig.frames(Lane.RAW);
    rig.reopen();
    rig.buffer().withhold(FEWER, only(FEWER));
    rig.reopen();
    rig.buffer().withhold(ALL, only(ALL)); // a wider list costs nothing
    List<Outbound> again = rig.frames(Lane.RAW);
    assertEquals(frames.size(), again.size());
    for (int i = 0; i < frames.size(); i++) {
      assertArrayEquals(frames.get(i).frame(), again.get(i).frame());
    }
    rig.append(Lane.RAW, rig.reading(1)); // of p1, which may leave now
    rig.commit();
    int stored = rig.entries(Lane.RAW).size();
    rig.reopen();
    rig.buffer().withhold(FEWER, only(FEWER));
    assertEquals(stored - 1, rig.entries(Lane.RAW).size(), "narrower once more");
  }

  // Without it a full disk at the wrong moment would let go what must not leave.
  @Test
  void whereTheDiskRefusesNothingIsHandedOut() throws Exception {
    try (Rig rig = stored()) {
      rig.buffer().close();
      String url = "jdbc:sqlite:" + rig.folder.resolve("buffer.db");
      try (Connection other = DriverManager.getConnection(url);
          Statement statement = other.createStatement()) {
        rig.open();
        statement.execute("BEGIN IMMEDIATE");
        rig.buffer().withhold(FEWER, only(FEWER));
        statement.execute("ROLLBACK");
      }
      assertTrue(rig.hasFault("withhold-failed"));
      assertEquals(List.of(), rig.frames(Lane.RAW));
      rig.clock.advance(60 * Rig.SECOND);
      rig.readings(3);
      rig.commit();
      assertFalse(rig.hasFault("commit-failed"), "what comes is stored");
      assertEquals(List.of(), rig.frames(Lane.RAW));
      rig.reopen();
      rig.buffer().withhold(FEWER, only(FEWER));
      assertFalse(rig.frames(Lane.RAW).isEmpty());
      assertTrue(
          rig.entries(Lane.RAW).stream().allMatch(e -> only(FEWER).of(e) != null), "and no p1");
      assertEquals(0, rig.buffer().account().of(Lane.RAW).delivered());
    }
  }

  // Without it a command that comes again would be answered in the words of before.
  @Test
  void aRepeatedCommandIsAnsweredWithWhatMayLeave() throws Exception {
    try (Rig rig = Rig.in(folder).open()) {
      Command command =
          new Command(
              "c",
              Command.Action.WRITE,
              "pump/p1",
              Value.of(7.0),
              "",
              Command.Origin.TWIN,
              Command.NOT_SAID,
              Command.NOT_SAID);
      rig.buffer().receive(command, () -> {});
      rig.commit();
      rig.append(
          Lane.EVENTS,
          new CommandResult(
              rig.clock.monotonicNanos(),
              "c",
              "pump/p1",
              CommandResult.Outcome.DONE,
              CommandResult.Reason.NONE,
              7,
              93.2,
              "pump/p1 shows 93.2"));
      rig.commit();
      rig.reopen();
      rig.buffer().withhold(FEWER, only(FEWER));
      rig.buffer().receive(command, () -> {});
      rig.commit();
      List<Entry> events = rig.entries(Lane.EVENTS);
      assertEquals(2, events.size(), "what was stored, and the answer");
      for (Entry each : events) {
        CommandResult said = (CommandResult) each;
        assertTrue(Double.isNaN(said.readBack()), said.toString());
        assertEquals("none", said.message());
      }
    }
  }
}
