package dev.tidegate.buffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.config.BufferConfig;
import dev.tidegate.config.BufferConfig.LaneQuota;
import dev.tidegate.config.PointConfig;
import dev.tidegate.flow.Account;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.LossRecord;
import dev.tidegate.flow.LossRecord.Reason;
import dev.tidegate.flow.Outbound;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a lane gives up, and that it says so. */
class RetentionTest {
  private static final long QUOTA_BYTES = 20_000;

  @TempDir Path folder;

  private static BufferConfig alarmQuota(long alarmBytes) {
    LaneQuota quota = new LaneQuota(QUOTA_BYTES, PointConfig.NEVER);
    return new BufferConfig(
        Rig.SECOND, new LaneQuota(alarmBytes, PointConfig.NEVER), quota, quota, quota);
  }

  // Without it the card would fill while the link is down, or losses go undeclared.
  @Test
  void aLaneOverItsQuotaGivesUpTheOldestAndDeclaresThem() throws Exception {
    try (Rig rig = Rig.in(folder)) {
      rig.config = Rig.quota(QUOTA_BYTES, PointConfig.NEVER);
      rig.open();
      while (rig.buffer().account().of(Lane.RAW).lost() == 0) {
        long before = rig.buffer().account().of(Lane.RAW).bufferedBytes();
        assertTrue(before <= QUOTA_BYTES);
        rig.readings(100);
        rig.commit();
      }
      Account.Line raw = rig.buffer().account().of(Lane.RAW);
      assertTrue(raw.bufferedBytes() <= QUOTA_BYTES * 95 / 100);
      assertTrue(raw.bufferedBytes() > QUOTA_BYTES * 80 / 100, "no more than needed");
      assertEquals(raw.lost() + 1, rig.frames(Lane.RAW).getFirst().firstSequence());
      List<LossRecord> losses = rig.losses();
      assertEquals(1, losses.size());
      LossRecord loss = losses.getFirst();
      assertEquals(1, loss.firstSequence());
      assertEquals(raw.lost(), loss.lastSequence());
      assertEquals(Reason.QUOTA, loss.reason());
      assertEquals(Lane.RAW, loss.lane());
      assertTrue(rig.buffer().account().balances());
    }
  }

  // Without it a wall clock that jumps could delete, or a restart make everything young again.
  @Test
  void ageCountsTheTimeThatTheGatewayRanOverAllStarts() throws Exception {
    Rig rig = Rig.in(folder);
    rig.config = Rig.quota(16 << 20, 100 * Rig.HOUR);
    rig.open();
    rig.readings(10);
    rig.commit();
    rig.clock.advance(60 * Rig.HOUR);
    rig.readings(10);
    rig.commit();
    rig.clock.advance(1_000 * Rig.SECOND);
    rig.commit(); // an idle buffer notes its uptime as well
    rig.close();
    rig.clock.advance(5_000 * Rig.HOUR); // switched off
    rig.open();
    rig.readings(1);
    rig.commit();
    rig.clock.jumpWall(5_000 * Rig.HOUR);
    rig.readings(1);
    rig.commit();
    assertEquals(0, rig.buffer().account().of(Lane.RAW).lost());
    rig.clock.advance(44 * Rig.HOUR);
    rig.readings(1);
    rig.commit();
    assertEquals(0, rig.buffer().account().of(Lane.RAW).lost(), "not before 5 % over");
    rig.clock.advance(Rig.HOUR);
    rig.readings(1);
    rig.commit();
    assertEquals(10, rig.buffer().account().of(Lane.RAW).lost());
    assertEquals(Reason.EXPIRED, rig.losses().getFirst().reason());
    assertEquals(10, rig.losses().getFirst().count());
    assertTrue(rig.buffer().account().balances());
    rig.close();
  }

  // Without it a gateway that has stopped measuring would keep its records beyond their age.
  @Test
  void anIdleLaneExpiresAsWell() throws Exception {
    try (Rig rig = Rig.in(folder)) {
      rig.config = Rig.quota(16 << 20, Rig.HOUR);
      rig.open();
      rig.readings(10);
      rig.commit();
      rig.clock.advance(2 * Rig.HOUR);
      rig.buffer().step(0);
      assertEquals(10, rig.buffer().account().of(Lane.RAW).lost());
    }
  }

  // Without it the declaration of a loss could itself be lost without a trace.
  @Test
  void lossRecordsOutliveTheAlarmLanesOwnEvictions() throws Exception {
    try (Rig rig = Rig.in(folder)) {
      rig.config = alarmQuota(QUOTA_BYTES);
      rig.open();
      Random random = new Random(2);
      for (int round = 0; round < 150; round++) {
        rig.readings(200);
        rig.append(Lane.ALARMS, rig.event("round " + round + " " + noise(random)));
        rig.commit();
      }
      Account account = rig.buffer().account();
      assertTrue(account.of(Lane.ALARMS).lost() > 50, account.toString());
      assertTrue(account.balances());
      assertTrue(account.of(Lane.ALARMS).bufferedBytes() <= QUOTA_BYTES);
      List<LossRecord> losses = new ArrayList<>(rig.losses());
      losses.sort(Comparator.comparingLong(LossRecord::firstSequence));
      for (Lane lane : List.of(Lane.RAW, Lane.ALARMS)) {
        long next = 1;
        for (LossRecord loss : losses) {
          if (loss.lane() == lane) {
            assertEquals(next, loss.firstSequence(), "declared once, without a gap");
            next = loss.lastSequence() + 1;
          }
        }
        assertEquals(account.of(lane).lost(), next - 1);
      }
    }
  }

  /** A message that no compression makes small. */
  private static String noise(Random random) {
    byte[] bytes = new byte[200];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  // Without it a lane that holds nothing but loss records would be rewritten at every commit.
  @Test
  void anAlarmLaneOfScatteredLossesStaysBeyondItsQuota() throws Exception {
    try (Rig rig = Rig.in(folder)) {
      rig.config = alarmQuota(2_000);
      rig.open();
      for (int round = 0; round < 100; round++) {
        rig.readings(1);
        rig.commit();
        rig.readings(1);
        rig.commit();
        rig.ack(Lane.RAW, 2 * round + 1, 2 * round + 1);
        rig.reject(Lane.RAW, 2 * round + 2, 2 * round + 2);
        rig.commit();
      }
      Account account = rig.buffer().account();
      assertTrue(account.balances());
      assertEquals(100, account.of(Lane.RAW).lost());
      assertEquals(100, rig.losses().stream().filter(loss -> loss.lane() == Lane.RAW).count());
      List<Outbound> before = rig.frames(Lane.ALARMS);
      rig.readings(1);
      rig.commit();
      assertEquals(before.size(), rig.frames(Lane.ALARMS).size());
    }
  }

  // Without it the numbers of a lane that is too small for one frame would be lost in silence.
  @Test
  void aFrameLargerThanItsLaneIsDeclaredAtOnce() throws Exception {
    try (Rig rig = Rig.in(folder)) {
      rig.config = Rig.quota(500, PointConfig.NEVER);
      rig.open();
      rig.readings(4_000);
      rig.commit();
      assertEquals(new Account.Line(4_000, 0, 0, 4_000, 0), rig.buffer().account().of(Lane.RAW));
      assertEquals(4_000, rig.losses().getFirst().count());
      assertFalse(rig.hasFault("commit-failed"));
    }
  }

  // Without it what is declared would not be what the ranges say.
  @Test
  void mergingLossesKeepsExactlyTheSameNumbers() {
    LossRecord a = loss(Lane.RAW, 1, 5, Reason.QUOTA);
    LossRecord b = loss(Lane.RAW, 6, 9, Reason.QUOTA);
    LossRecord gap = loss(Lane.RAW, 11, 12, Reason.QUOTA);
    LossRecord why = loss(Lane.RAW, 13, 13, Reason.DAMAGED);
    LossRecord lane = loss(Lane.EVENTS, 10, 10, Reason.QUOTA);
    assertEquals(
        List.of(lane, loss(Lane.RAW, 1, 9, Reason.QUOTA), gap, why),
        Losses.merge(List.of(why, gap, b, lane, a)));
  }

  private static LossRecord loss(Lane lane, long first, long last, Reason reason) {
    return new LossRecord(lane, first, last, first * 10, last * 10, reason, 7);
  }
}
