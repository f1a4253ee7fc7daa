package dev.tidegate.acceptance;

import dev.tidegate.cli.Tidegate;
import dev.tidegate.demo.Cloud;
import dev.tidegate.demo.CloudStore;
import dev.tidegate.demo.CoapDevice;
import dev.tidegate.demo.EmbeddedBroker;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Lane;
import dev.tidegate.reading.Reading;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;

/**
 * A gateway under load that is killed again and again, between witnesses outside its crash domain:
 * a CoAP device that notes which of its counts were acknowledged, and a cloud side that stores what
 * arrives.
 *
 * <pre>
 *   CoapDevice ──CON n──▶ gateway ──frames──▶ broker ──▶ Cloud
 *       ▲──────ACK n──────┘  ▲  ◀────── acknowledged ──────┘
 *     notes n             kill -9
 * </pre>
 */
final class KillLoop {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String COUNTER = "witness/counter";

  /**
   * What came of it.
   *
   * @param kills how often the gateway was killed
   * @param acknowledged counts that the device saw acknowledged
   * @param missing those of them that the cloud side never got
   * @param cloudComplete whether the cloud side has every number up to the highest, or a loss
   *     record
   * @param account the gateway's own final account: accepted, delivered, buffered, lost
   * @param exact whether that account balances
   * @param log what the last gateway printed
   */
  record Outcome(
      int kills,
      int acknowledged,
      Set<Long> missing,
      boolean cloudComplete,
      List<Long> account,
      boolean exact,
      String log) {}

  /** When a life of the gateway ends. */
  enum Moment {
    /**
     * Up to 1.5 s after it says that it runs, whatever it is doing then; every other life not
     * before the device saw an acknowledgement from it, so that there is load on any machine.
     */
    RANDOM,
    /** As soon as the device saw an acknowledgement from it. */
    ACKNOWLEDGED
  }

  /**
   * How it is done.
   *
   * @param kills how often the gateway is killed
   * @param seed of the random moments
   * @param moment when it is killed
   * @param commitEvery the gateway's {@code commit-every}
   * @param flags further JVM flags for the gateway
   */
  record Plan(int kills, long seed, Moment moment, String commitEvery, List<String> flags) {}

  private KillLoop() {}

  /**
   * Runs it.
   *
   * @param folder an empty folder
   * @param plan how
   */
  static Outcome run(Path folder, Plan plan) throws IOException, InterruptedException {
    SplittableRandom random = new SplittableRandom(plan.seed());
    Path store = folder.resolve("cloud");
    try (Peer broker = Peer.java(EmbeddedBroker.class, List.of(), "--port", "0")) {
      String address = broker.await("ready ", PATIENCE);
      try (Peer cloud =
              Peer.java(Cloud.class, List.of(), "--broker", address, "--store", store.toString());
          Peer device = Peer.java(CoapDevice.class, List.of(), "--port", "0")) {
        cloud.await("ready", PATIENCE);
        Path config =
            configure(folder, address, device.await("ready ", PATIENCE), plan.commitEvery());
        for (int kill = 0; kill < plan.kills(); kill++) {
          try (Peer gateway = gateway(config, plan.flags())) {
            gateway.await("running", PATIENCE);
            switch (plan.moment()) {
              case ACKNOWLEDGED -> awaitAcknowledgement(device);
              case RANDOM -> {
                if (kill % 2 == 0) {
                  awaitAcknowledgement(device);
                }
                gateway.awaitEnd(Duration.ofMillis(random.nextInt(1500)));
              }
            }
            gateway.kill();
          }
        }
        Peer last = untilDelivered(config, plan.flags());
        int ended = cloud.closeInput(PATIENCE);
        Set<Long> acknowledged = acknowledged(device);
        Set<Long> missing = new TreeSet<>(acknowledged);
        missing.removeAll(stored(store));
        return new Outcome(
            plan.kills(),
            acknowledged.size(),
            missing,
            ended == 0,
            account(last),
            last.text().contains("exact: of what was accepted nothing is missing"),
            last.text() + "\n" + cloud.text());
      }
    }
  }

  /** Waits until the device says that a count was acknowledged which was not up to now. */
  private static void awaitAcknowledgement(Peer device) throws InterruptedException {
    Set<Long> before = acknowledged(device);
    device.awaitLine(
        line -> acknowledgedBy(line).filter(n -> !before.contains(n)).isPresent(),
        "a new 'acked N'",
        PATIENCE);
  }

  /** The count in a line {@code acked N}. */
  private static Optional<Long> acknowledgedBy(String line) {
    return line.startsWith("acked ")
        ? Optional.of(Long.valueOf(line.substring("acked ".length()).strip()))
        : Optional.empty();
  }

  /** Runs the gateway, unharmed, until nothing is buffered any more after a clean stop. */
  private static Peer untilDelivered(Path config, List<String> flags)
      throws IOException, InterruptedException {
    for (int attempt = 0; ; attempt++) {
      try (Peer gateway = gateway(config, flags)) {
        gateway.await("running", PATIENCE);
        gateway.awaitEnd(Duration.ofSeconds(3));
        gateway.terminate(PATIENCE);
        if (account(gateway).get(2) == 0 || attempt == 5) {
          return gateway;
        }
      }
    }
  }

  private static Peer gateway(Path config, List<String> flags) throws IOException {
    return Peer.java(
        Tidegate.class, flags, "run", "--config", config.toString(), "--status-every", "1");
  }

  private static Path configure(Path folder, String broker, String coap, String commitEvery)
      throws IOException {
    return Files.writeString(
        folder.resolve("gateway.yaml"),
        """
        gateway: {id: killed, data: ./data}
        devices:
          - id: witness
            driver: coap
            uri: %s
            points:
              - {id: counter, resource: /counter}
          - id: pump
            driver: simulator
            poll-every: 20ms
            points:
              - {id: flow, unit: l/min}
              - {id: pressure, unit: bar}
              - {id: current, unit: A}
              - {id: speed, unit: "{rev}/min"}
        windows:
          - {id: second, points: [pump/*], size: 1s}
        buffer: {commit-every: %s}
        sync: {broker: "%s", tenant: test, reconnect: {min: 100ms, max: 1s, spread: 0s}}
        """
            .formatted(coap, commitEvery, broker));
  }

  private static Set<Long> acknowledged(Peer device) {
    Set<Long> counts = new TreeSet<>();
    for (String line : device.lines()) {
      acknowledgedBy(line).ifPresent(counts::add);
    }
    return counts;
  }

  private static Set<Long> stored(Path store) throws IOException {
    Set<Long> counts = new TreeSet<>();
    for (CloudStore.Stored stored : CloudStore.read(store)) {
      if (stored.lane() == Lane.RAW
          && stored.entry() instanceof Entry.Measured measured
          && measured.sample() instanceof Reading reading
          && reading.point().name().equals(COUNTER)) {
        counts.add((long) reading.value().asDouble());
      }
    }
    return counts;
  }

  /** The line {@code all lanes a = d + b + l} of the final account. */
  private static List<Long> account(Peer gateway) {
    for (String line : gateway.lines()) {
      if (line.strip().startsWith("all lanes")) {
        return java.util.Arrays.stream(line.replace(",", "").split("[^0-9]+", -1))
            .filter(number -> !number.isEmpty())
            .map(Long::valueOf)
            .toList();
      }
    }
    throw new AssertionError("no account:\n" + gateway.text());
  }
}
