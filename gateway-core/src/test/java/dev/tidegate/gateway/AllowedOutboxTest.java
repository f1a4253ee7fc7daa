package dev.tidegate.gateway;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.flow.ClockCorrection;
import dev.tidegate.flow.CommandResult;
import dev.tidegate.flow.Decision;
import dev.tidegate.flow.Delivery;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Event;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.Leaving;
import dev.tidegate.flow.LossRecord;
import dev.tidegate.flow.Outbound;
import dev.tidegate.flow.Outbox;
import dev.tidegate.flow.ReplayRequest;
import dev.tidegate.flow.Stretch;
import dev.tidegate.flow.Summary;
import dev.tidegate.flow.Withheld;
import dev.tidegate.frame.Frame;
import dev.tidegate.frame.FrameCodec;
import dev.tidegate.frame.FrameCodec.Encoded;
import dev.tidegate.frame.FrameHeader;
import dev.tidegate.frame.RandomEntries;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Quality;
import dev.tidegate.reading.Reading;
import dev.tidegate.reading.Value;
import dev.tidegate.reading.Waveform;
import dev.tidegate.time.TimeQuality;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AllowedOutboxTest {
  private static final String EPOCH = "00112233445566778899aabbccddeeff";
  private static final String BOOT = "6f8f57ca-1f0b-4a5c-9f5e-5b3c8a3d9c10";
  private static final long T = 1_795_000_000_000_000_000L;
  private static final PointId FLOW = PointId.of("pump", "flow");
  private static final PointId SECRET = PointId.of("pump", "secret");
  private static final Leaving ONLY_FLOW = new AllowedPoints(Set.of(FLOW.name()), Map.of());
  private static final double NONE = Double.NaN;

  /** What was stored, and what became of it. */
  private static final class Stored implements Outbox {
    final List<Outbound> frames = new ArrayList<>();
    final List<Delivery> settled = new ArrayList<>();

    @Override
    public String epoch() {
      return EPOCH;
    }

    @Override
    public long head(Lane lane) {
      return 77;
    }

    @Override
    public List<Outbound> read(Lane lane, long from, long before, int maxBytes) {
      return List.copyOf(frames);
    }

    @Override
    public void settle(Delivery delivery) {
      settled.add(delivery);
    }

    @Override
    public boolean isOnRequest(Lane lane) {
      return lane == Lane.RAW;
    }

    @Override
    public boolean request(ReplayRequest request) {
      return true;
    }

    @Override
    public List<Stretch> stretches() {
      return List.of();
    }

    @Override
    public void onCommit(Runnable listener) {
      listener.run();
    }
  }

  private static Outbound stored(Lane lane, List<? extends Entry> entries) {
    Encoded made =
        new FrameCodec("plant-7", EPOCH, BOOT)
            .encode(lane, 42, new FrameCodec.Stamp(-7, TimeQuality.UNVERIFIED), entries, 0);
    return new Outbound(EPOCH, lane, 42, 41 + made.count(), made.bytes());
  }

  /** What of the frame is sent: the same each time, and its frame as before but for the records. */
  private static Frame sent(Outbound stored, Leaving leaving) throws Exception {
    Stored buffer = new Stored();
    buffer.frames.add(stored);
    Outbound sent = new AllowedOutbox(buffer, leaving).read(stored.lane(), 1, 99, 1).getFirst();
    Outbound again = new AllowedOutbox(buffer, leaving).read(stored.lane(), 42, 43, 1).getFirst();
    assertArrayEquals(sent.frame(), again.frame(), "a resend is byte-identical");
    assertEquals(stored.firstSequence(), sent.firstSequence());
    assertEquals(stored.lastSequence(), sent.lastSequence());
    assertEquals(stored.lane(), sent.lane());
    assertEquals(EPOCH, sent.epoch());
    assertTrue(sent.frame().length <= FrameCodec.MAX_BYTES);
    FrameHeader before = FrameCodec.header(stored.frame());
    Frame frame = FrameCodec.decode(sent.frame());
    assertEquals(before, frame.header());
    return frame;
  }

  private static Entry reading(PointId point, long atNanos, double value) {
    return new Entry.Measured(Reading.good(point, atNanos, value));
  }

  private static Summary summary(PointId point, long endNanos) {
    return new Summary("w", point, endNanos - 9, endNanos, 3, 2, 1, 1, 2, 3, 4, 5, 6, 7, 8);
  }

  // Without it a frame that says nothing else would be made anew, or be another one than was sent.
  @Test
  void whatMayLeaveGoesAsItIsStored() {
    Stored buffer = new Stored();
    buffer.frames.add(stored(Lane.RAW, List.of(reading(FLOW, T, 1.5), reading(FLOW, T + 1, 2))));
    buffer.frames.add(stored(Lane.SUMMARIES, List.of(summary(FLOW, T))));
    List<Outbound> sent = new AllowedOutbox(buffer, ONLY_FLOW).read(Lane.RAW, 1, 99, 1);
    assertEquals(2, sent.size());
    for (int i = 0; i < 2; i++) {
      assertSame(buffer.frames.get(i).frame(), sent.get(i).frame());
    }
  }

  // Without it what was stored under another list would leave, or what it stands beside not.
  @Test
  void aReadingThatMustNotLeaveKeepsItsNumberAndItsTimeAlone() throws Exception {
    double[] wave = {1, 2, 3};
    Frame frame =
        sent(
            stored(
                Lane.RAW,
                List.of(
                    reading(SECRET, T, 93.2),
                    reading(FLOW, T + 5, 1.5),
                    new Entry.Measured(new Reading(SECRET, T + 6, Value.of("open"), Quality.GOOD)),
                    new Entry.Measured(new Waveform(SECRET, T + 7, 10, wave, Quality.GOOD)),
                    new Entry.Measured(new Waveform(FLOW, T + 8, 10, wave, Quality.GOOD)))),
            ONLY_FLOW);
    Reading nothing =
        new Reading(new PointId("withheld/withheld"), T, Value.of(NONE), Quality.BAD_NOT_A_NUMBER);
    assertEquals(new Entry.Measured(nothing), frame.entries().getFirst());
    assertEquals(reading(FLOW, T + 5, 1.5), frame.entries().get(1));
    assertEquals(
        List.of(true, false, true, true, false),
        frame.entries().stream().map(Withheld::is).toList());
    assertEquals(
        List.of(T, T + 5, T + 6, T + 7, T + 8),
        frame.entries().stream().map(Entry::atNanos).toList());
  }

  @Test
  void aSummaryThatMustNotLeaveSaysNothing() throws Exception {
    Outbound stored = stored(Lane.SUMMARIES, List.of(summary(SECRET, T), summary(FLOW, T)));
    Summary nothing =
        new Summary(
            "withheld",
            new PointId("withheld/withheld"),
            T - 9,
            T,
            0,
            0,
            0,
            NONE,
            NONE,
            NONE,
            NONE,
            NONE,
            NONE,
            NONE,
            0);
    assertEquals(List.of(nothing, summary(FLOW, T)), sent(stored, ONLY_FLOW).entries());
  }

  // Without it an answer to who asked would be lost, or an event name what must not leave.
  @Test
  void eachKindOfRecord() throws Exception {
    Event about = new Event(T + 1, Event.Severity.ALARM, "range", SECRET.name(), "93.2 of 90");
    CommandResult result =
        new CommandResult(
            T + 2,
            "c",
            SECRET.name(),
            CommandResult.Outcome.DONE,
            CommandResult.Reason.NONE,
            93.2,
            93.3,
            "pump/secret shows 93.3");
    List<Entry> asTheyAre =
        List.of(
            new Event(T + 3, Event.Severity.ALARM, "range", FLOW.name(), "1"),
            new Event(T + 4, Event.Severity.WARNING, "device-lost", "pump", "it does not answer"),
            new Event(T + 5, Event.Severity.INFO, "replay-done", "my/request", "3 frames"),
            new Decision.Decided("m", "1", T + 6, 0.5, 0.6, false, 7),
            new LossRecord(Lane.RAW, 1, 2, T, T, LossRecord.Reason.QUOTA, T + 7),
            new ClockCorrection(BOOT, 5, TimeQuality.UNVERIFIED, T + 8),
            summary(FLOW, T + 9),
            reading(FLOW, T + 10, 1));
    List<Entry> all = new ArrayList<>(List.of(about, result, summary(SECRET, T + 2)));
    all.addAll(asTheyAre);
    Outbound stored = stored(Lane.EVENTS, all);
    Frame frame = sent(stored, ONLY_FLOW);
    assertEquals(
        new Event(T + 1, Event.Severity.INFO, "withheld", "", ""), frame.entries().getFirst());
    CommandResult told = (CommandResult) frame.entries().get(1);
    assertEquals(ONLY_FLOW.of(result), told);
    assertTrue(Double.isNaN(told.value()) && Double.isNaN(told.readBack()));
    assertEquals("none", told.message());
    assertTrue(Withheld.is(frame.entries().get(2)));
    assertEquals(asTheyAre, frame.entries().subList(3, all.size()));
  }

  @Test
  void theLargestFrameStaysOne() throws Exception {
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < FrameCodec.MAX_RECORDS; i++) {
      entries.add(reading(i % 3 == 0 ? SECRET : FLOW, T + 1_000_000L * i, i / 8.0));
    }
    Outbound stored = stored(Lane.RAW, entries);
    assertEquals(FrameCodec.MAX_RECORDS, stored.count());
    Frame frame = sent(stored, ONLY_FLOW);
    for (int i = 0; i < FrameCodec.MAX_RECORDS; i++) {
      assertEquals(i % 3 == 0, Withheld.is(frame.entries().get(i)));
      assertEquals(i % 3 != 0, entries.get(i).equals(frame.entries().get(i)));
    }
  }

  // Without it placeholders that are longer than what they stand for would not fit, or split it.
  @Test
  void aFullFrameOfRecordsThatAreShorterThanNothingStaysOne() throws Exception {
    Entry shortest = new Event(T, Event.Severity.INFO, "k", "a/b", "");
    Outbound stored = stored(Lane.EVENTS, Collections.nCopies(FrameCodec.MAX_RECORDS, shortest));
    assertTrue(stored.count() > 4_000 && stored.count() < FrameCodec.MAX_RECORDS, "it is full");
    assertTrue(sent(stored, ONLY_FLOW).entries().stream().allMatch(Withheld::is));
    PointId point = PointId.of("a", "b");
    Outbound summaries =
        stored(Lane.SUMMARIES, Collections.nCopies(FrameCodec.MAX_RECORDS, summary(point, T)));
    assertTrue(summaries.count() < FrameCodec.MAX_RECORDS, "it is full");
    assertTrue(sent(summaries, ONLY_FLOW).entries().stream().allMatch(Withheld::is));
  }

  @Test
  void whateverIsStored() throws Exception {
    Leaving some = entry -> (entry.hashCode() & 3) == 0 ? null : entry;
    for (int seed = 0; seed < 60; seed++) {
      Lane lane = seed % 2 == 0 ? Lane.RAW : Lane.ALARMS;
      List<Entry> entries = new RandomEntries(seed).of(lane, 1 + 13 * seed);
      Outbound stored = stored(lane, entries);
      List<Entry> sent = sent(stored, some).entries();
      for (int i = 0; i < stored.count(); i++) {
        Entry entry = entries.get(i);
        assertEquals(some.of(entry) == null ? Withheld.of(entry) : entry, sent.get(i));
      }
    }
  }

  // Without it what a far side could read from the bytes would not be what was tested above.
  @Test
  void theBytesNameNothing() {
    Stored buffer = new Stored();
    buffer.frames.add(
        stored(Lane.EVENTS, List.of(new Event(T, Event.Severity.ALARM, "k", SECRET.name(), "93"))));
    byte[] bytes =
        new AllowedOutbox(buffer, ONLY_FLOW).read(Lane.EVENTS, 1, 9, 1).getFirst().frame();
    assertFalse(new String(bytes, StandardCharsets.ISO_8859_1).contains("secret"));
  }

  @Test
  void everythingElseIsTheBuffers() {
    Stored buffer = new Stored();
    AllowedOutbox outbox = new AllowedOutbox(buffer, ONLY_FLOW);
    Delivery delivery = new Delivery.Acked(Lane.RAW, 1, 2);
    outbox.settle(delivery);
    assertEquals(List.of(delivery), buffer.settled);
    assertEquals(EPOCH, outbox.epoch());
    assertEquals(77, outbox.head(Lane.RAW));
    assertTrue(outbox.isOnRequest(Lane.RAW));
    assertEquals(List.of(), outbox.stretches());
    List<String> committed = new ArrayList<>();
    outbox.onCommit(() -> committed.add("commit"));
    assertEquals(List.of("commit"), committed);
  }
}
