package dev.tidegate.acceptance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Promises 1 and 2 on real processes. {@code -Dtidegate.kills=100} makes it longer, {@code
 * -Dtidegate.seed=N} different.
 */
class KillLoopTest {
  private static final int KILLS = Integer.getInteger("tidegate.kills", 10);
  private static final long SEED = Long.getLong("tidegate.seed", 1);

  @TempDir Path folder;

  /** What the gateway acknowledged to a sensor would be gone, and nobody would ever know. */
  @Test
  void nothingAcknowledgedIsLostHoweverOftenItIsKilled() throws Exception {
    KillLoop.Outcome outcome =
        KillLoop.run(
            folder, new KillLoop.Plan(KILLS, SEED, KillLoop.Moment.RANDOM, "250ms", List.of()));
    System.out.printf(
        "kill loop: %d kills, %d counts acknowledged to the device, %d of them missing;"
            + " account %s (accepted, delivered, buffered, lost)%n",
        outcome.kills(), outcome.acknowledged(), outcome.missing().size(), outcome.account());
    assertEquals(Set.of(), outcome.missing(), outcome.log());
    assertEquals(KILLS, outcome.kills());
    // Every other life waits for one, however slow the machine is.
    assertTrue(outcome.acknowledged() >= (KILLS + 1) / 2, "hardly any load: " + outcome);
    assertTrue(outcome.cloudComplete(), "gaps without a loss record: " + outcome.log());
    assertTrue(outcome.exact(), outcome.log());
    assertEquals(4, outcome.account().size());
    assertEquals(
        outcome.account().get(0),
        outcome.account().get(1) + outcome.account().get(2) + outcome.account().get(3));
  }

  /**
   * The harness must be able to fail: acknowledged before the commit, counts do get lost. Each life
   * ends right after an acknowledgement and long before a commit.
   */
  @Test
  void acknowledgingBeforeTheCommitIsCaught() throws Exception {
    KillLoop.Outcome outcome =
        KillLoop.run(
            folder,
            new KillLoop.Plan(
                6,
                SEED,
                KillLoop.Moment.ACKNOWLEDGED,
                "10s",
                List.of("-Dtidegate.unsafe.durability=none")));
    System.out.printf(
        "kill loop, control: %d kills, %d counts acknowledged, %d of them missing%n",
        outcome.kills(), outcome.acknowledged(), outcome.missing().size());
    assertFalse(outcome.missing().isEmpty(), "the harness found no loss where there must be one");
  }
}
