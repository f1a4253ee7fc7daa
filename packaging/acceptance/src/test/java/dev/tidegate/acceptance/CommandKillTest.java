package dev.tidegate.acceptance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.cli.Tidegate;
import dev.tidegate.demo.CloudSide;
import dev.tidegate.demo.CloudStore;
import dev.tidegate.demo.EmbeddedBroker;
import dev.tidegate.driver.Driver;
import dev.tidegate.flow.CommandResult;
import dev.tidegate.flow.CommandResult.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Commands to a gateway that is killed again and again, asked for again until they are answered;
 * the actuator keeps its own record of what it was told. {@code -Dtidegate.kills=100} makes it
 * longer, {@code -Dtidegate.seed=N} different.
 */
class CommandKillTest {
  private static final int KILLS = Integer.getInteger("tidegate.kills", 5);
  private static final long SEED = Long.getLong("tidegate.seed", 1);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path folder;

  /** What came of the command that writes this number. */
  private record Outcomes(Map<Integer, CommandResult> results, List<Integer> written) {
    int times(int value) {
      return Collections.frequency(written, value);
    }
  }

  private Outcomes run(int kills, boolean atTheWrite, boolean forgets) throws Exception {
    Path witness = folder.resolve("witness.txt");
    SplittableRandom random = new SplittableRandom(SEED);
    Map<Integer, CommandResult> results = new java.util.TreeMap<>();
    Path at = Files.createDirectories(folder.resolve("cloud"));
    try (EmbeddedBroker broker = EmbeddedBroker.start(0);
        CloudStore store = CloudStore.open(at);
        CloudSide cloud = CloudSide.start(broker.uri(), "tg/test/+", store)) {
      Commands commands = new Commands(cloud, "tg/test/plant");
      Path config =
          Files.writeString(
              folder.resolve("gateway.yaml"),
              """
              gateway: {id: plant, data: ./data}
              devices:
                - id: valve
                  driver: witness
                  poll-every: 50ms
                  file: "%s"
                  points: [{id: position}]
              actuators:
                - {point: valve/position, range: [0, 1000], read-back: {within: 2s}}
              buffer: {commit-every: 1s}
              sync: {broker: "%s", tenant: test, reconnect: {min: 100ms, max: 200ms, spread: 0s}}
              """
                  .formatted(witness, broker.uri()));
      for (int value = 1; value <= kills; value++) {
        String id = "c" + value;
        String json = Commands.write(id, "valve/position", value);
        try (Peer gateway = gateway(config)) {
          gateway.await("running", PATIENCE);
          int before = WitnessDriver.writes(witness).size();
          if (atTheWrite) {
            ask(gateway, commands, json, () -> WitnessDriver.writes(witness).size() > before);
          } else {
            commands.ask(id, json, Duration.ofMillis(random.nextInt(250)));
          }
          gateway.kill();
          if (forgets) {
            forget(folder.resolve("data"));
          }
        }
      }
      try (Peer gateway = gateway(config)) {
        gateway.await("running", PATIENCE);
        for (int value = 1; value <= kills; value++) {
          String id = "c" + value;
          results.put(value, commands.answer(id, Commands.write(id, "valve/position", value)));
        }
        assertEquals(0, gateway.terminate(PATIENCE));
      }
      assertTrue(forgets || store.verdict().missing().isEmpty(), () -> "" + store.verdict());
    }
    List<Integer> written = new ArrayList<>();
    WitnessDriver.writes(witness).forEach(line -> written.add((int) Double.parseDouble(line)));
    return new Outcomes(results, written);
  }

  private static void forget(Path data) throws Exception {
    try (Stream<Path> files = Files.list(data)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
  }

  @FunctionalInterface
  private interface Seen {
    boolean isSo() throws Exception;
  }

  private static void ask(Peer gateway, Commands commands, String json, Seen seen)
      throws Exception {
    for (int i = 0; i < 6_000; i++) {
      if (i % 300 == 0) {
        commands.say(json);
      }
      if (seen.isSo()) {
        return;
      }
      assertFalse(gateway.awaitEnd(Duration.ofMillis(1)), gateway::text);
    }
    throw new AssertionError("nothing was written for " + json);
  }

  /** A gateway that has the witness among its drivers; no other test's has. */
  private Peer gateway(Path config) throws Exception {
    Path services = folder.resolve("more/META-INF/services");
    Files.createDirectories(services);
    Files.writeString(services.resolve(Driver.class.getName()), WitnessDriver.class.getName());
    return Peer.java(
        folder.resolve("more"),
        Tidegate.class,
        "run",
        "--config",
        config.toString(),
        "--status-every",
        "1");
  }

  /** A pump would be started twice, or a valve that nobody wrote be reported as written. */
  @Test
  void noCommandActsTwiceAndNoneIsReportedWrongly() throws Exception {
    Outcomes outcomes = run(KILLS, false, false);
    Map<Outcome, Integer> counts = new EnumMap<>(Outcome.class);
    outcomes
        .results()
        .forEach(
            (value, result) -> {
              counts.merge(result.outcome(), 1, Integer::sum);
              int times = outcomes.times(value);
              assertTrue(times <= 1, () -> value + " was written " + times + " times");
              switch (result.outcome()) {
                case DONE -> assertEquals(1, times, result::toString);
                case REFUSED -> assertEquals(0, times, result::toString);
                default -> assertTrue(times <= 1);
              }
            });
    System.out.printf(
        "command kill loop: %d kills, outcomes %s, %d writes seen by the actuator%n",
        KILLS, counts, outcomes.written().size());
    assertEquals(KILLS, outcomes.results().size());
  }

  /** Killed right after the write, before its result is stored: unknown, and never once more. */
  @Test
  void aWriteThatMayHaveHappenedIsReportedAsUnknown() throws Exception {
    Outcomes outcomes = run(2, true, false);
    outcomes
        .results()
        .forEach(
            (value, result) -> {
              assertEquals(1, outcomes.times(value), result::toString);
              assertTrue(
                  result.outcome() == Outcome.UNKNOWN || result.outcome() == Outcome.DONE,
                  result::toString);
            });
  }

  /**
   * The harness must be able to fail: with an inbox that is lost at each kill, commands do act
   * twice.
   */
  @Test
  void withAnInboxThatIsLostCommandsActTwice() throws Exception {
    Outcomes outcomes = run(3, true, true);
    assertFalse(
        outcomes.results().keySet().stream().allMatch(value -> outcomes.times(value) == 1),
        "the harness found nothing where there must be something: " + outcomes.written());
  }
}
