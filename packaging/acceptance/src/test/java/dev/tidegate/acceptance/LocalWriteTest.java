package dev.tidegate.acceptance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.cli.Exit;
import dev.tidegate.cli.Tidegate;
import dev.tidegate.demo.CloudSide;
import dev.tidegate.demo.CloudStore;
import dev.tidegate.demo.EmbeddedBroker;
import dev.tidegate.flow.CommandResult;
import dev.tidegate.flow.CommandResult.Outcome;
import dev.tidegate.flow.CommandResult.Reason;
import dev.tidegate.flow.Entry;
import dev.tidegate.local.Caller;
import dev.tidegate.local.WriteAnswer;
import dev.tidegate.reading.Reading;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The gateway as a process, commanded by someone who sits at it. */
class LocalWriteTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String SPEED = "pump/speed-setpoint";

  private static final String GATEWAY =
      """
      gateway: {id: plant, data: ./data}
      devices:
        - id: pump
          driver: simulator
          poll-every: 50ms
          faults-every: 0s
          speed: 40
          points:
            - {id: speed-setpoint, unit: "{rev}/min"}
            - {id: valve-setpoint, unit: "%"}
            - {id: speed, unit: "{rev}/min"}
            - {id: flow, unit: l/min}
      actuators:
        - point: pump/speed-setpoint
          mode: local
          range: [0, 2800]
          read-back: {point: pump/speed, tolerance: 30, within: 20s}
        - point: pump/valve-setpoint
          range: [-10, 100]
          interlocks:
            - {point: pump/flow, above: -1}
      buffer: {commit-every: 100ms}
      sync:
        broker: "@broker@"
        tenant: test
        reconnect: {min: 100ms, max: 1s, spread: 0s}
      """;

  @TempDir Path folder;

  private record Said(int code, String text) {}

  private Said write(String... arguments) throws Exception {
    String[] all = new String[arguments.length + 3];
    all[0] = "write";
    all[1] = "--config";
    all[2] = folder.resolve("gateway.yaml").toString();
    System.arraycopy(arguments, 0, all, 3, arguments.length);
    try (Peer peer = Peer.java(Tidegate.class, List.of(), all)) {
      int code = peer.end(PATIENCE);
      return new Said(code, peer.text());
    }
  }

  /** Without it, {@code mode: local} would lock an actuator for everybody. */
  @Test
  void whatTheCloudMayNotDoIsDoneFromTheGatewayItself() throws Exception {
    Path at = Files.createDirectories(folder.resolve("cloud"));
    try (EmbeddedBroker broker = EmbeddedBroker.start(0);
        CloudStore store = CloudStore.open(at);
        CloudSide cloud = CloudSide.start(broker.uri(), "tg/test/+", store)) {
      Path config =
          Files.writeString(
              folder.resolve("gateway.yaml"), GATEWAY.replace("@broker@", broker.uri().toString()));
      Said early = write(SPEED, "1200");
      assertEquals(Exit.FAILED, early.code, early.text);
      assertTrue(early.text.contains("is it running"), early.text);

      try (Peer gateway =
          Peer.java(
              Tidegate.class,
              List.of(),
              "run",
              "--config",
              config.toString(),
              "--status-every",
              "1")) {
        gateway.await("running", PATIENCE);
        Commands commands = new Commands(cloud, "tg/test/plant");
        CommandResult far = commands.answer("far", Commands.write("far", SPEED, 1_200));
        assertEquals(Reason.MODE, far.reason(), far.message());

        Said done = write(SPEED, "1200");
        assertEquals(new Said(Exit.OK, SPEED + ": done, pump/speed shows it"), done);
        assertTrue(store.await(() -> shows(at, "pump/speed", 1_200, 30), PATIENCE));
        Map<String, Object> expected =
            Map.of(
                "actuators/" + SPEED + "/value", 1_200.0, "actuators/" + SPEED + "/status", 200.0);
        assertTrue(
            store.await(
                () -> cloud.reported("tg/test/plant").entrySet().containsAll(expected.entrySet()),
                PATIENCE),
            () -> cloud.reported("tg/test/plant").toString());

        Said json = write("--json", SPEED, "1300");
        assertEquals(Exit.OK, json.code, json.text);
        WriteAnswer answer = Caller.writeAnswer(json.text);
        assertEquals("done", answer.outcome());
        assertTrue(store.await(() -> store.result(answer.id()) != null, PATIENCE));
        CommandResult record = store.result(answer.id());
        assertEquals(Outcome.DONE, record == null ? null : record.outcome(), "it is a record too");

        Said beyond = write(SPEED, "2900");
        assertEquals(
            new Said(Exit.NOT_DONE, SPEED + ": refused (range): 2900 is outside 0 to 2800"),
            beyond);
        Said locked = write("pump/valve-setpoint", "-5");
        assertEquals(Exit.NOT_DONE, locked.code, locked.text);
        assertTrue(
            locked.text.startsWith("pump/valve-setpoint: refused (interlock): "), locked.text);
        Said sensor = write("pump/flow", "1");
        assertEquals(Exit.NOT_DONE, sensor.code, sensor.text);
        assertTrue(sensor.text.contains("what may be written: " + SPEED), sensor.text);
        Said words = write(SPEED, "1,200");
        assertEquals(Exit.USAGE, words.code, words.text);
        assertTrue(words.text.contains("a number such as 1200"), words.text);
        assertEquals(0, gateway.terminate(PATIENCE));
        assertEquals(List.of(), store.verdict().missing());
      }
    }
  }

  private static boolean shows(Path at, String point, double value, double tolerance) {
    try {
      return CloudStore.read(at).stream()
          .anyMatch(
              s ->
                  s.entry() instanceof Entry.Measured m
                      && m.sample() instanceof Reading r
                      && r.point().name().equals(point)
                      && Math.abs(r.value().asDouble() - value) <= tolerance);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
