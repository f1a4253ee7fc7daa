package dev.tidegate.buffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.config.BufferConfig;
import dev.tidegate.config.BufferConfig.LaneQuota;
import dev.tidegate.config.BufferConfig.Send;
import dev.tidegate.config.BufferConfig.WhenFull;
import dev.tidegate.config.PointConfig;
import dev.tidegate.flow.ClockCorrection;
import dev.tidegate.flow.Event;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.Outbound;
import dev.tidegate.flow.ReplayRequest;
import dev.tidegate.flow.Stretch;
import dev.tidegate.time.TimeQuality;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The flight recorder: lane, from, to. */
class ReplaysTest {
  private static final long MINUTE = 60 * Rig.SECOND;

  @TempDir Path folder;
  private Rig rig;

  @BeforeEach
  void record() {
    rig = Rig.in(folder);
    LaneQuota roomy = new LaneQuota(16 << 20, PointConfig.NEVER);
    rig.config =
        new BufferConfig(
            Rig.SECOND,
            roomy,
            roomy,
            roomy,
            new LaneQuota(16 << 20, PointConfig.NEVER, WhenFull.DROP_OLDEST, Send.ON_REQUEST));
  }

  /** One reading a minute; their wall time is what the clock says, plus {@code i} ns. */
  private void minutes(int count) throws Exception {
    for (int i = 0; i < count; i++) {
      rig.append(Lane.RAW, rig.reading(0));
      rig.clock.advance(MINUTE - Rig.SECOND);
      rig.commit();
    }
  }

  private void ask(String id, Lane lane, long from, long to) throws Exception {
    rig.buffer().request(new ReplayRequest(id, lane, from, to));
    rig.commit();
  }

  private List<String> said() throws Exception {
    return rig.entries(Lane.EVENTS).stream()
        .filter(Event.class::isInstance)
        .map(e -> ((Event) e).kind() + " " + ((Event) e).subject())
        .toList();
  }

  private String last() throws Exception {
    return ((Event) rig.entries(Lane.EVENTS).getLast()).message();
  }

  // Without it the twin could not look at what led to an alarm, or got the whole week instead.
  @Test
  void aStretchIsPromisedKeptAcrossRestartsAndDoneWhenAllOfItIsSettled() throws Exception {
    rig.open();
    long start = rig.clock.wallNanos();
    minutes(600);
    ask("a", Lane.RAW, start + 200 * MINUTE, start + 300 * MINUTE);
    assertEquals(List.of("replay-accepted a"), said());
    Stretch stretch = rig.buffer().stretches().getFirst();
    assertTrue(stretch.firstSequence() <= 201 && stretch.lastSequence() >= 301, "" + stretch);
    // Frames are handed out whole: at most those that hold the two ends come along.
    assertTrue(stretch.firstSequence() > 100 && stretch.lastSequence() < 400, "" + stretch);
    rig.reopen();
    assertEquals(List.of(stretch), rig.buffer().stretches());
    List<Outbound> frames =
        rig.buffer().read(Lane.RAW, stretch.firstSequence(), stretch.lastSequence() + 1, 1 << 20);
    assertEquals(stretch.firstSequence(), frames.getFirst().firstSequence());
    assertEquals(stretch.lastSequence(), frames.getLast().lastSequence());
    for (Outbound frame : frames) {
      assertEquals(1, rig.buffer().stretches().size());
      rig.ack(Lane.RAW, frame.firstSequence(), frame.lastSequence());
      rig.commit();
    }
    assertEquals(List.of(), rig.buffer().stretches());
    assertEquals(List.of("replay-accepted a", "replay-done a"), said());
    assertTrue(rig.buffer().account().balances());
    rig.close();
  }

  // Without it merging would carry records out of a promised stretch, or into it.
  @Test
  void promisedFramesAreNotMergedAnyMore() throws Exception {
    rig.open();
    long start = rig.clock.wallNanos();
    minutes(50);
    ask("a", Lane.RAW, start + 10 * MINUTE, start + 20 * MINUTE);
    Stretch stretch = rig.buffer().stretches().getFirst();
    assertEquals(new Stretch("a", Lane.RAW, 11, 21), stretch);
    minutes(200);
    List<Outbound> frames = rig.buffer().read(Lane.RAW, 11, 22, 1 << 20);
    assertEquals(11, frames.size());
    rig.close();
  }

  // Without it an operator who asks for the wrong day would wait for ever.
  @Test
  void whatItDoesNotHoldIsRefusedWithWhatItHolds() throws Exception {
    rig.open();
    long start = rig.clock.wallNanos();
    ask("empty", Lane.RAW, 0, Long.MAX_VALUE);
    assertTrue(last().contains("holds nothing"), last());
    minutes(10);
    ask("old", Lane.RAW, 0, start - 1);
    assertTrue(last().contains("the lane raw holds 20"), last());
    ask("other", Lane.SUMMARIES, 0, Long.MAX_VALUE);
    assertTrue(last().contains("'send' to on-request"), last());
    for (int i = 0; i < Replays.MAX; i++) {
      ask("many-" + i, Lane.RAW, start, start + MINUTE);
    }
    ask("many-3", Lane.RAW, start, start + MINUTE);
    assertTrue(last().contains("under way already"), last());
    ask("too-many", Lane.RAW, start, start + MINUTE);
    assertTrue(last().contains("16 replays"), last());
    assertEquals(Replays.MAX, rig.buffer().stretches().size());
    assertEquals(
        List.of("replay-refused empty", "replay-refused old", "replay-refused other"),
        said().subList(0, 3));
    rig.close();
  }

  // Without it what was recorded in "1970" could never be asked for by its true time.
  @Test
  void aCorrectedClockMovesWhatWasRecordedBefore() throws Exception {
    rig.clock.jumpWall(-50 * 365 * 24 * Rig.HOUR);
    rig.clock.quality(TimeQuality.IMPLAUSIBLE);
    rig.open();
    minutes(10);
    long wrong = rig.clock.wallNanos();
    rig.clock.jumpWall(50 * 365 * 24 * Rig.HOUR);
    long right = rig.clock.wallNanos();
    minutes(1);
    ask("wrong", Lane.RAW, wrong - 10 * MINUTE, wrong);
    ask("right", Lane.RAW, right - 10 * MINUTE, right - 1);
    assertEquals(List.of("replay-refused wrong", "replay-accepted right"), said());
    assertEquals(new Stretch("right", Lane.RAW, 1, 10), rig.buffer().stretches().getFirst());
    rig.close();
  }

  // Without it only the present run could be set right, and a restart would lose the past.
  @Test
  void aCorrectionOfAnEarlierRunIsTakenFromTheEventsLane() throws Exception {
    rig.open();
    minutes(10);
    long trueNow = rig.clock.wallNanos() + 77 * Rig.HOUR;
    long offset = trueNow - rig.clock.monotonicNanos();
    rig.append(
        Lane.EVENTS,
        new ClockCorrection(
            "00000000-0000-4000-8000-000000000000", offset, TimeQuality.SYNCHRONISED, 1));
    rig.commit();
    ask("unknown-run", Lane.RAW, trueNow - 10 * MINUTE, trueNow);
    rig.append(Lane.EVENTS, new ClockCorrection(Rig.BOOT, offset, TimeQuality.SYNCHRONISED, 1));
    rig.commit();
    ask("known", Lane.RAW, trueNow - 10 * MINUTE, trueNow);
    List<String> said =
        rig.entries(Lane.EVENTS).stream()
            .filter(Event.class::isInstance)
            .map(e -> ((Event) e).kind())
            .toList();
    assertEquals(List.of("replay-refused", "replay-accepted"), said);
    rig.close();
  }
}
