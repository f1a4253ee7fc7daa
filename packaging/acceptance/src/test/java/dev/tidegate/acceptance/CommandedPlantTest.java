package dev.tidegate.acceptance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.cli.Tidegate;
import dev.tidegate.demo.CloudSide;
import dev.tidegate.demo.CloudStore;
import dev.tidegate.demo.EmbeddedBroker;
import dev.tidegate.flow.CommandResult;
import dev.tidegate.flow.CommandResult.Outcome;
import dev.tidegate.flow.CommandResult.Reason;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Event;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.Summary;
import dev.tidegate.reading.Reading;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The gateway as a process, told by a cloud side what to do with the plant. */
class CommandedPlantTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path folder;

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
            - {id: valve, unit: "%"}
            - {id: vibration, unit: mm/s, range: [0, 0.0001]}
      windows:
        - {id: second, points: [pump/*], size: 1s}
      actuators:
        - point: pump/speed-setpoint
          range: [0, 2800]
          max-step: 2000
          allow: [test, cloud]
          read-back: {point: pump/speed, tolerance: 30, within: 20s}
        - point: pump/valve-setpoint
          range: [0, 100]
          read-back: {point: pump/valve, tolerance: 2, within: 20s}
          interlocks:
            - {point: pump/flow, below: -1}
      buffer: {commit-every: 100ms}
      sync:
        broker: "@broker@"
        tenant: test
        reconnect: {min: 100ms, max: 1s, spread: 0s}
      @more@
      """;

  private Path configure(String broker, String more) throws IOException {
    return Files.writeString(
        folder.resolve("gateway.yaml"),
        GATEWAY.replace("@broker@", broker).replace("@more@", more.isEmpty() ? "" : "  " + more));
  }

  private static double lastOf(List<CloudStore.Stored> stored, String point) {
    double last = Double.NaN;
    for (CloudStore.Stored each : stored) {
      if (each.entry() instanceof Entry.Measured m
          && m.sample() instanceof Reading r
          && r.point().name().equals(point)) {
        last = r.value().asDouble();
      }
    }
    return last;
  }

  /** Without it, commands would be answered, and the plant would stand still. */
  @Test
  void aPumpAndAValveAreWrittenReadBackAndChangeTheProcess() throws Exception {
    Path at = Files.createDirectories(folder.resolve("cloud"));
    try (EmbeddedBroker broker = EmbeddedBroker.start(0);
        CloudStore store = CloudStore.open(at);
        CloudSide cloud = CloudSide.start(broker.uri(), "tg/test/+", store);
        Peer gateway = gateway(broker.uri(), "")) {
      Commands commands = new Commands(cloud, "tg/test/plant");
      gateway.await("running", PATIENCE);

      String speed = "pump/speed-setpoint";
      CommandResult slow = commands.answer("slow", Commands.write("slow", speed, 1_000));
      assertEquals(Outcome.DONE, slow.outcome(), slow.message());
      assertEquals(1_000, slow.readBack(), 30);
      CommandResult shut = commands.answer("v1", Commands.write("v1", "pump/valve-setpoint", 20));
      assertEquals(Outcome.DONE, shut.outcome(), shut.message());
      pause(commands, store, "s1");
      double little = lastOf(CloudStore.read(at), "pump/flow");

      CommandResult fast = commands.answer("fast", Commands.write("fast", speed, 2_600));
      assertEquals(Outcome.DONE, fast.outcome(), fast.message());
      assertEquals(2_600, fast.readBack(), 30);
      CommandResult open = commands.answer("v2", Commands.write("v2", "pump/valve-setpoint", 90));
      assertEquals(Outcome.DONE, open.outcome(), open.message());
      pause(commands, store, "s2");
      double much = lastOf(CloudStore.read(at), "pump/flow");
      assertTrue(much > 2 * little, "flow " + little + " before, " + much + " after");

      CommandResult beyond = commands.answer("far", Commands.write("far", speed, 2_900));
      assertEquals(Reason.RANGE, beyond.reason());
      CommandResult sensor = commands.answer("no", Commands.write("no", "pump/flow", 1));
      assertEquals(Reason.NOT_WRITABLE, sensor.reason());
      // a level, and not an edge: it is told until it is known, and reported as it is
      cloud.desire("tg/test/plant", speed, 1_800.0);
      Map<String, Object> expected =
          Map.of(
              "actuators/" + speed + "/value",
              1_800.0,
              "actuators/" + speed + "/status",
              200.0,
              "devices/pump",
              "online");
      assertTrue(
          store.await(
              () -> cloud.reported("tg/test/plant").entrySet().containsAll(expected.entrySet()),
              PATIENCE),
          () -> cloud.reported("tg/test/plant").toString());
      cloud.desire("tg/test/plant", speed, 2_600.0);
      assertTrue(
          store.await(
              () ->
                  Double.valueOf(2_600.0)
                      .equals(cloud.reported("tg/test/plant").get("actuators/" + speed + "/value")),
              PATIENCE));
      // the id again, with another value: the first one's answer stands
      commands.say(Commands.write("slow", speed, 1_400));
      pause(commands, store, "s3");
      assertEquals(2_600, lastOf(CloudStore.read(at), "pump/speed"), 60);
      assertEquals(0, gateway.terminate(PATIENCE));
    }
  }

  /**
   * Lets half a minute of the plant's time pass: until another window has closed, and a snapshot is
   * answered after it.
   */
  private static void pause(Commands commands, CloudStore store, String id)
      throws InterruptedException {
    long before = store.stored(Lane.SUMMARIES);
    assertTrue(store.await(() -> store.stored(Lane.SUMMARIES) > before + 6, PATIENCE));
    CommandResult shot = commands.answer(id, Commands.request(id, "snapshot", "", 0));
    assertTrue(shot.message().contains("raw: accepted"), shot.message());
  }

  private Peer gateway(URI broker, String more) throws IOException {
    Path config = configure(broker.toString(), more);
    return Peer.java(
        Tidegate.class, List.of(), "run", "--config", config.toString(), "--status-every", "1");
  }

  /** Without it, an operator could not keep a metered link free, or see why something fails. */
  @Test
  void requestsOfTheTwinAreCarriedOutForALimitedTime() throws Exception {
    Path at = Files.createDirectories(folder.resolve("cloud"));
    try (EmbeddedBroker broker = EmbeddedBroker.start(0);
        CloudStore store = CloudStore.open(at);
        CloudSide cloud = CloudSide.start(broker.uri(), "tg/test/+", store);
        Peer gateway = gateway(broker.uri(), "")) {
      Commands commands = new Commands(cloud, "tg/test/plant");
      gateway.await("running", PATIENCE);
      assertTrue(
          store.await(() -> cloud.reported("tg/test/plant").containsKey("devices/pump"), PATIENCE));
      ask(
          commands,
          "k",
          "snapshot",
          "",
          0,
          Outcome.DONE); // by now the gateway knows that it is known
      int wholes = cloud.wholeDocuments("tg/test/plant");
      ask(commands, "b", "rebirth", "", 0, Outcome.DONE);
      assertTrue(
          store.await(() -> cloud.wholeDocuments("tg/test/plant") > wholes, PATIENCE),
          "the reported state is told anew, as a whole");
      ask(commands, "p0", "pause", "alarms", 60, Outcome.REFUSED);
      ask(commands, "p1", "pause", "raw", 90_000, Outcome.REFUSED);
      ask(commands, "l0", "log-level", "everything", 10, Outcome.REFUSED);
      ask(commands, "l1", "log-level", "debug", 3_601, Outcome.REFUSED);
      ask(commands, "l2", "log-level", "debug", 2, Outcome.DONE);
      ask(commands, "p2", "pause", "raw", 3_600, Outcome.DONE);
      for (String line :
          List.of(
              "in tg/test/plant/down ",
              "out #",
              "answer 200 for ",
              "polled pump: 6 points in ",
              "command p2 about raw: done none")) {
        gateway.awaitLine(said -> said.contains(line), line, PATIENCE);
      }
      ask(commands, "p3", "snapshot", "", 0, Outcome.DONE);
      long paused = store.stored(Lane.RAW);
      long summaries = store.stored(Lane.SUMMARIES);
      pause(commands, store, "s");
      assertEquals(paused, store.stored(Lane.RAW), "the paused lane is not sent");
      assertTrue(store.stored(Lane.SUMMARIES) > summaries, "the others are");
      ask(commands, "r", "resume", "raw", 0, Outcome.DONE);
      CommandResult replay =
          commands.answer(
              "again",
              "{\"type\":\"replay\",\"id\":\"again\",\"lane\":\"raw\",\"from\":\"%s\",\"to\":\"%s\"}"
                  .formatted("2026-11-26T10:00:00Z", "2026-11-26T10:15:00Z"));
      assertEquals(Outcome.DONE, replay.outcome(), replay.message());
      assertTrue(
          store.await(() -> told(at, "replay-refused", "again"), PATIENCE),
          "the lane is sent as it comes, and that is said");
      assertTrue(store.await(() -> store.stored(Lane.RAW) > paused, PATIENCE), "the lane goes on");
      assertEquals(0, gateway.terminate(PATIENCE));
      assertEquals(List.of(), store.verdict().missing(), "what was kept back was kept");
    }
  }

  /** Without it, a flight recorder would never be heard. */
  @Test
  void aReplayThatTheTwinAsksForArrives() throws Exception {
    Path at = Files.createDirectories(folder.resolve("cloud"));
    String lanes = "buffer: {commit-every: 100ms, lanes: {raw: {send: on-request}}}";
    Path config = configure("@broker@", "");
    String yaml = Files.readString(config).replace("buffer: {commit-every: 100ms}", lanes);
    try (EmbeddedBroker broker = EmbeddedBroker.start(0);
        CloudStore store = CloudStore.open(at);
        CloudSide cloud = CloudSide.start(broker.uri(), "tg/test/+", store)) {
      Files.writeString(config, yaml.replace("@broker@", broker.uri().toString()));
      try (Peer gateway =
          Peer.java(
              Tidegate.class,
              List.of(),
              "run",
              "--config",
              config.toString(),
              "--status-every",
              "1")) {
        Commands commands = new Commands(cloud, "tg/test/plant");
        gateway.await("running", PATIENCE);
        pause(commands, store, "s");
        assertEquals(0, store.stored(Lane.RAW), "nothing of it is sent by itself");
        CommandResult replay =
            commands.answer(
                "stretch",
                "{\"type\":\"replay\",\"id\":\"stretch\",\"lane\":\"raw\",\"from\":\"%s\",\"to\":\"%s\"}"
                    .formatted("2020-01-01T00:00:00Z", "2120-01-01T00:00:00Z"));
        assertEquals(Outcome.DONE, replay.outcome(), replay.message());
        assertTrue(store.await(() -> told(at, "replay-done", "stretch"), PATIENCE));
        assertTrue(store.stored(Lane.RAW) > 10, "readings: " + store.stored(Lane.RAW));
        assertEquals(0, gateway.terminate(PATIENCE));
      }
    }
  }

  private static boolean told(Path at, String kind, String subject) {
    try {
      return CloudStore.read(at).stream()
          .anyMatch(
              s ->
                  s.entry() instanceof Event e
                      && e.kind().equals(kind)
                      && e.subject().equals(subject));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static void ask(
      Commands commands, String id, String action, String subject, double value, Outcome expected)
      throws InterruptedException {
    CommandResult result = commands.answer(id, Commands.request(id, action, subject, value));
    assertEquals(expected, result.outcome(), result.message());
  }

  /** Without it, what must stay in the plant would be in the cloud. */
  @Test
  void whatIsNotListedNeverLeaves() throws Exception {
    assertEquals(
        Set.of("pump/flow", "pump/speed", "pump/speed-setpoint"),
        seen("points: [pump/flow, pump/speed, pump/speed-setpoint]", Duration.ofSeconds(2)));
  }

  /** The control: without the list all of it arrives, so that its absence means something. */
  @Test
  void withoutAListEverythingLeaves() throws Exception {
    Set<String> seen = seen("", Duration.ofSeconds(2));
    assertTrue(seen.contains("pump/vibration") && seen.contains("pump/valve"), seen::toString);
    assertEquals(6, seen.size());
  }

  /** The points that any record on the wire is about. */
  private Set<String> seen(String more, Duration time) throws Exception {
    Path at = Files.createDirectories(folder.resolve("cloud"));
    List<byte[]> frames = new ArrayList<>();
    try (EmbeddedBroker broker = EmbeddedBroker.start(0);
        CloudStore store = CloudStore.open(at);
        CloudSide cloud =
            CloudSide.start(
                broker.uri(), "tg/test/+", store, (header, fresh, bytes) -> frames.add(bytes));
        Peer gateway = gateway(broker.uri(), more)) {
      gateway.await("running", PATIENCE);
      assertFalse(gateway.awaitEnd(time));
      assertEquals(0, gateway.terminate(PATIENCE));
      assertEquals(0, cloud.unreadable());
    }
    Set<String> seen = new TreeSet<>();
    for (CloudStore.Stored stored : CloudStore.read(at)) {
      switch (stored.entry()) {
        case Entry.Measured m -> seen.add(m.sample().point().name());
        case Summary s -> seen.add(s.point().name());
        case Event e when e.subject().contains("/") -> seen.add(e.subject());
        default -> {}
      }
    }
    assertTrue(frames.size() > 3, "hardly anything was sent");
    return seen;
  }
}
