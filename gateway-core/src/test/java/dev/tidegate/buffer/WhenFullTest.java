package dev.tidegate.buffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.config.BufferConfig;
import dev.tidegate.config.BufferConfig.LaneQuota;
import dev.tidegate.config.BufferConfig.Send;
import dev.tidegate.config.BufferConfig.WhenFull;
import dev.tidegate.config.PointConfig;
import dev.tidegate.flow.Account;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.LossRecord;
import dev.tidegate.flow.LossRecord.Reason;
import dev.tidegate.flow.Summary;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Quality;
import dev.tidegate.reading.Reading;
import dev.tidegate.reading.Value;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What gives way in a full lane: its oldest records, their detail, or the new ones. */
class WhenFullTest {
  private static final long BYTES = 40_000;
  private static final long ROOMY = 16 << 20;
  private static final PointId POINT = PointId.of("pump", "flow");

  @TempDir Path folder;

  private Rig rig(Lane lane, WhenFull whenFull) throws Exception {
    Rig rig = Rig.in(folder);
    LaneQuota roomy = new LaneQuota(ROOMY, PointConfig.NEVER);
    LaneQuota full = new LaneQuota(BYTES, PointConfig.NEVER, whenFull, Send.ALWAYS);
    rig.config =
        new BufferConfig(
            Rig.SECOND,
            roomy,
            lane == Lane.EVENTS ? full : roomy,
            lane == Lane.SUMMARIES ? full : roomy,
            lane == Lane.RAW ? full : roomy);
    return rig.open();
  }

  /** Lost numbers of the lane, from declarations that must not overlap or leave gaps in sum. */
  private static void assertDeclaredExactly(Rig rig, Lane lane, Reason reason) throws Exception {
    long declared = 0;
    long next = 1;
    List<LossRecord> losses = new ArrayList<>(rig.losses());
    losses.sort(Comparator.comparingLong(LossRecord::firstSequence));
    for (LossRecord loss : losses) {
      if (loss.lane() == lane) {
        assertEquals(reason, loss.reason());
        assertTrue(loss.firstSequence() >= next, "declared twice: " + loss);
        next = loss.lastSequence() + 1;
        declared += loss.count();
      }
    }
    Account.Line line = rig.buffer().account().of(lane);
    assertEquals(line.lost(), declared);
    assertTrue(rig.buffer().account().balances());
  }

  // Without it a full lane that was told to refuse would give up what it had promised to keep, or a
  // peer would be told that its record is stored.
  @Test
  void aRefusingLaneKeepsWhatItHasAndGivesNoReceiptForTheRest() throws Exception {
    AtomicInteger receipts = new AtomicInteger();
    try (Rig rig = rig(Lane.RAW, WhenFull.REFUSE)) {
      int appended = 0;
      while (rig.buffer().account().of(Lane.RAW).lost() == 0) {
        for (int i = 0; i < 50; i++) {
          rig.buffer().append(Lane.RAW, rig.reading(i), receipts::incrementAndGet);
        }
        rig.buffer().append(Lane.EVENTS, rig.event("e"), receipts::incrementAndGet);
        appended += 50;
        rig.commit();
      }
      Account.Line raw = rig.buffer().account().of(Lane.RAW);
      assertEquals(50, raw.lost());
      assertEquals(appended - 50, raw.buffered());
      assertEquals(1, rig.frames(Lane.RAW).getFirst().firstSequence(), "the oldest stay");
      assertEquals(appended - 50 + appended / 50, receipts.get(), "other lanes get theirs");
      assertTrue(rig.hasFault("lane-refusing-raw"));
      assertDeclaredExactly(rig, Lane.RAW, Reason.REFUSED);

      rig.readings(1); // one would fit: but not before the lane is down to 95 %
      rig.commit();
      assertEquals(51, rig.buffer().account().of(Lane.RAW).lost());

      rig.ack(Lane.RAW, 1, raw.buffered() / 2);
      rig.readings(50);
      rig.commit();
      assertEquals(51, rig.buffer().account().of(Lane.RAW).lost());
      assertFalse(rig.hasFault("lane-refusing-raw"));
      assertDeclaredExactly(rig, Lane.RAW, Reason.REFUSED);
      Account before = rig.buffer().account();
      rig.reopen();
      assertEquals(before.of(Lane.RAW), rig.buffer().account().of(Lane.RAW));
    }
  }

  private static Entry measured(long atNanos, double value, Quality quality) {
    return new Entry.Measured(new Reading(POINT, atNanos, new Value.Real(value), quality));
  }

  // Without it a long outage would leave nothing of the days before, where minutes would do.
  @Test
  void aThinnedRawLaneLeavesSummariesOfExactlyWhatItGaveUp() throws Exception {
    try (Rig rig = rig(Lane.RAW, WhenFull.THIN)) {
      TreeMap<Long, Double> values = new TreeMap<>();
      long number = 0;
      while (rig.buffer().account().of(Lane.RAW).lost() < 5_000) {
        for (int i = 0; i < 500; i++) {
          double value = Math.sin((double) number) * 1e3;
          boolean bad = number % 10 == 3;
          rig.append(
              Lane.RAW,
              measured(number * 100_000_000L, value, bad ? Quality.BAD_SENSOR : Quality.GOOD));
          values.put(++number, bad ? Double.NaN : value);
        }
        rig.commit();
      }
      assertDeclaredExactly(rig, Lane.RAW, Reason.THINNED);
      long thinned = rig.buffer().account().of(Lane.RAW).lost();
      long count = 0;
      long bad = 0;
      double sum = 0;
      for (Entry entry : rig.entries(Lane.SUMMARIES)) {
        Summary summary = (Summary) entry;
        assertEquals(Thinning.RAW_WINDOW, summary.window());
        assertEquals(POINT, summary.point());
        long minute = 60 * Rig.SECOND;
        assertEquals(summary.startNanos() / minute, (summary.endNanos() - 1) / minute);
        count += summary.count();
        bad += summary.bad();
        sum += summary.mean() * summary.count();
      }
      assertEquals(thinned, count + bad, "every reading given up is in one summary");
      double expected =
          values.headMap(thinned, true).values().stream()
              .filter(Double::isFinite)
              .mapToDouble(Double::doubleValue)
              .sum();
      assertEquals(expected, sum, 1e-6 * count);
      assertTrue(bad > 0);
    }
  }

  // Without it thinning could grow what it must shrink, and never end.
  @Test
  void whatSummariesWouldNotShrinkIsGivenUpAsInAnyLane() throws Exception {
    try (Rig rig = rig(Lane.RAW, WhenFull.THIN)) {
      long number = 0;
      while (rig.buffer().account().of(Lane.RAW).lost() == 0) {
        for (int i = 0; i < 100; i++) {
          rig.append(Lane.RAW, measured(number++ * 60 * Rig.SECOND, (double) number, Quality.GOOD));
        }
        rig.commit();
      }
      assertDeclaredExactly(rig, Lane.RAW, Reason.QUOTA);
      assertEquals(0, rig.buffer().account().of(Lane.SUMMARIES).accepted());
    }
  }

  // Without it a month of minutes would end where a month of ten minutes still fits.
  @Test
  void thinnedSummariesAreJoinedWithoutLosingACount() throws Exception {
    try (Rig rig = rig(Lane.SUMMARIES, WhenFull.THIN)) {
      long minute = 0;
      while (rig.buffer().account().of(Lane.SUMMARIES).lost() < 200) {
        for (int i = 0; i < 100; i++) {
          rig.append(Lane.SUMMARIES, summary(minute++));
        }
        rig.commit();
      }
      assertDeclaredExactly(rig, Lane.SUMMARIES, Reason.THINNED);
      long count = 0;
      long covered = 0;
      double sum = 0;
      for (Entry entry : rig.entries(Lane.SUMMARIES)) {
        Summary s = (Summary) entry;
        assertEquals((s.endNanos() - s.startNanos()) / (60 * Rig.SECOND) * 60, s.count());
        count += s.count();
        covered += s.coveredNanos();
        sum += s.mean() * s.count();
      }
      assertEquals(minute * 60, count);
      assertEquals(minute * 59 * Rig.SECOND, covered);
      assertEquals(minute * (minute - 1) / 2.0 * 60, sum, 2e-3 * sum);
    }
  }

  private static Summary summary(long minute) {
    long start = minute * 60 * Rig.SECOND;
    Random noise = new Random(minute); // or columns would make nothing of it
    double mean = minute + noise.nextDouble();
    return new Summary(
        "1m",
        POINT,
        start,
        start + 60 * Rig.SECOND,
        60,
        0,
        0,
        mean - noise.nextDouble(),
        mean,
        mean + noise.nextDouble(),
        noise.nextDouble(),
        mean - noise.nextDouble(),
        mean + noise.nextDouble(),
        mean + noise.nextDouble(),
        59 * Rig.SECOND);
  }
}
