package dev.tidegate.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.config.SyncConfig;
import dev.tidegate.flow.Lane;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Reading;
import dev.tidegate.testkit.ManualClock;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is paused or has used up its bytes stays back, and nothing else does. */
final class LaneGateTest {
  private static final long SECOND = 1_000_000_000L;
  private static final long DAY = 86_400 * SECOND;

  @TempDir Path folder;

  private final ManualClock clock = new ManualClock();

  private record Sent(long atNanos, long bytes) {}

  /** Without it, a lane could send its day's bytes at midnight and again a minute later. */
  @Test
  void anyDaySeesTheBudgetAndAtMostOneFrameMore() {
    Random random = new Random(11);
    for (int round = 0; round < 20; round++) {
      long budget = 100_000 + random.nextLong(1_000_000);
      long largest = 1 + random.nextLong(20_000);
      LaneGate gate = new LaneGate(Map.of("raw", budget), 0);
      Deque<Sent> day = new ArrayDeque<>();
      long inDay = 0;
      long most = 0;
      for (long now = 0; now < 10 * DAY; ) {
        boolean idle = random.nextInt(1_500) == 0; // saves something up
        now += idle ? random.nextLong(DAY / 2) : random.nextLong(300 * SECOND);
        while (gate.isOpen(Lane.RAW, now)) {
          long bytes = 1 + random.nextLong(largest);
          gate.spend(Lane.RAW, bytes, now);
          day.add(new Sent(now, bytes));
          inDay += bytes;
          while (now - day.getFirst().atNanos() > DAY) {
            inDay -= day.removeFirst().bytes();
          }
          most = Math.max(most, inDay);
        }
        assertTrue(gate.wakeNanos(Lane.RAW, now) > now);
        assertTrue(gate.isOpen(Lane.RAW, gate.wakeNanos(Lane.RAW, now)));
      }
      assertTrue(most <= budget + largest, most + " of " + budget);
      assertTrue(most > budget * 0.9, "the budget is used: " + most + " of " + budget);
    }
  }

  /** Without it, a pause would also hold back what was not paused. */
  @Test
  void aPauseIsOfOneLaneAndEnds() {
    LaneGate gate = new LaneGate(Map.of("raw", 86_400_000L), 0);
    gate.pause(Lane.SUMMARIES, 10);
    assertFalse(gate.isOpen(Lane.SUMMARIES, 9));
    assertEquals(10, gate.wakeNanos(Lane.SUMMARIES, 9));
    assertTrue(gate.isOpen(Lane.SUMMARIES, 10));
    assertTrue(gate.isOpen(Lane.EVENTS, 9));
    gate.pause(Lane.SUMMARIES, 5);
    assertTrue(gate.isOpen(Lane.SUMMARIES, 6));
    gate.spend(Lane.RAW, 86_400_000, 0);
    gate.pause(Lane.RAW, 3);
    assertTrue(gate.wakeNanos(Lane.RAW, 1) > DAY - DAY / 20, "the later of the two");
  }

  private ScriptedBroker broker() throws Exception {
    return new ScriptedBroker(
        peer -> {
          peer.accept();
          peer.grant();
          peer.takeAll();
        });
  }

  private void readings(Workbench bench, int count) throws InterruptedException {
    for (int i = 0; i < count; i++) {
      Reading reading = Reading.good(new PointId("a/b"), clock.monotonicNanos(), i);
      bench.buffer.append(Lane.RAW, new dev.tidegate.flow.Entry.Measured(reading), null);
      clock.advance(2 * SECOND);
      bench.buffer.step(0);
    }
  }

  /** Without it, readings would use up what a metered link has for the month. */
  @Test
  void aLaneThatHasUsedUpItsBytesWaitsAndSaysSoAndTheOthersGoOn() throws Exception {
    try (ScriptedBroker broker = broker();
        Workbench bench = bench(broker.uri(), Map.of("raw", 65_536L))) {
      bench.until("the connection", () -> bench.count("connects") == 1);
      bench.settle();
      readings(bench, 30);
      bench.settle();
      long sent = bench.count("published");
      assertTrue(sent < 10, "a frame takes 6 minutes of such a budget: " + sent);
      assertTrue(bench.faults.open().stream().anyMatch(f -> f.what().equals("link-budget-raw")));
      bench.alarms(3);
      bench.until("the alarms", () -> bench.count("published") == sent + 3);
      clock.advance(3_600 * SECOND);
      bench.until("the rest, in time", () -> bench.count("published") > sent + 5);
    }
  }

  private Workbench bench(URI broker, Map<String, Long> budgets) throws Exception {
    SyncConfig config = Workbench.config(broker, 16, 7_200 * SECOND, 1, 2);
    SyncConfig patient =
        new SyncConfig(
                broker,
                config.tenant(),
                config.topics(),
                16,
                config.batchBytes(),
                7_200 * SECOND,
                7_200 * SECOND,
                1,
                2,
                null,
                null,
                null)
            .with(new SyncConfig.Limits(budgets, 0, null));
    return new Workbench(
        folder.resolve("b" + budgets.get("raw")), clock, patient, new Random(3), null);
  }
}
