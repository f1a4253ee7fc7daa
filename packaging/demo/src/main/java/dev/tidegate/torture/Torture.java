package dev.tidegate.torture;

import dev.tidegate.cli.Tidegate;
import dev.tidegate.demo.CloudSide;
import dev.tidegate.demo.CloudStore;
import dev.tidegate.demo.CoapDevice;
import dev.tidegate.demo.EmbeddedBroker;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Lane;
import dev.tidegate.reading.Reading;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Lives of one gateway, each ended by SIGKILL, with faults in between, and the reckoning.
 *
 * <pre>
 *   CoapDevice ──CON n──▶ gateway ──frames──▶ broker ──▶ cloud side
 *    says "acked n"         │  ▲                          stores, then acknowledges
 *                      kill -9, full disk, clock          link down
 * </pre>
 *
 * Three witnesses that the gateway cannot influence: the device says which counts were acknowledged
 * to it, the cloud side stores what came, the kernel says what was written. Owned by one thread.
 */
final class Torture {
  private static final long PATIENCE_MILLIS = 30_000;
  private static final int DRAINING_LIVES = 4;
  private static final String COUNTER = "witness/counter";

  /**
   * What is to be done.
   *
   * @param kills how often the gateway is killed
   * @param linkDownMillis how long the link is down, at the speed of the run; 0 for never
   * @param clockStepNanos by how much the wall clock is set while the gateway runs; 0 for not
   * @param diskFull whether the disk is full for one life
   * @param pollMillis how often the simulated pump is read
   * @param seed of the moments
   * @param control whether acknowledgements come before the commit, so that losses must be found
   */
  record Plan(
      int kills,
      long linkDownMillis,
      long clockStepNanos,
      boolean diskFull,
      long pollMillis,
      long seed,
      boolean control) {}

  /**
   * What came of it.
   *
   * @param acknowledged counts that the device saw acknowledged
   * @param missing those of them that the cloud side never got
   * @param account accepted, delivered, buffered, lost by the gateway's own last account
   * @param isExact whether that account balances
   * @param verdict the cloud side's books
   * @param flashBytes written by all lives
   */
  record Outcome(
      int kills,
      int acknowledged,
      Set<Long> missing,
      List<Long> account,
      boolean isExact,
      CloudStore.Verdict verdict,
      long flashBytes) {
    /** Records that the cloud side has or was told the loss of. */
    long arrived() {
      return verdict.stored().values().stream().mapToLong(Long::longValue).sum()
          + verdict.declaredLost();
    }

    /** Whether nothing is unaccounted for, by anybody's books. */
    boolean held() {
      return isExact
          && verdict.complete()
          && missing.isEmpty()
          && account.size() == 4
          && account.get(0) == account.get(1) + account.get(2) + account.get(3)
          && arrived() >= account.get(0) - account.get(2);
    }
  }

  private final Plan plan;
  private final Path folder;
  private final Consumer<String> say;
  private final SplittableRandom random;
  private long flashBytes;
  private @Nullable EmbeddedBroker broker;

  Torture(Plan plan, Path folder, Consumer<String> say) {
    this.plan = plan;
    this.folder = folder;
    this.say = say;
    this.random = new SplittableRandom(plan.seed());
  }

  Outcome run() throws IOException, InterruptedException {
    EmbeddedBroker first = EmbeddedBroker.start(0);
    broker = first;
    try (CloudStore store = CloudStore.open(folder.resolve("cloud"));
        CloudSide cloud = CloudSide.start(first.uri(), "tg/torture/+", store);
        Life device = Life.start(CoapDevice.class, List.of(), "--port", "0")) {
      if (!cloud.awaitConnected(PATIENCE_MILLIS * 1_000_000)) {
        throw new IOException("the cloud side does not reach the broker");
      }
      String ready = device.await(line -> line.startsWith("ready "), 0, PATIENCE_MILLIS);
      if (ready.isEmpty()) {
        throw new IOException("the CoAP device does not start: " + device.lines());
      }
      setClock(0);
      Path config = configure(first.uri(), ready.substring("ready ".length()).strip());
      for (int kill = 0; kill < plan.kills(); kill++) {
        live(config, device, kill, first.port());
      }
      restore(first.port());
      List<String> last = drain(config);
      Set<Long> acknowledged = acknowledged(device);
      Set<Long> missing = new TreeSet<>(acknowledged);
      missing.removeAll(stored());
      return new Outcome(
          plan.kills(),
          acknowledged.size(),
          missing,
          account(last),
          last.stream().anyMatch(line -> line.contains("exact: of what was accepted")),
          store.verdict(),
          flashBytes);
    } finally {
      if (broker != null) {
        broker.close();
      }
    }
  }

  /** One life, with the faults that fall into it. */
  private void live(Path config, Life device, int number, int port)
      throws IOException, InterruptedException {
    boolean isFull = plan.diskFull() && number == plan.kills() - 1;
    boolean isCut = plan.linkDownMillis() > 0 && number == Math.min(1, plan.kills() - 1);
    boolean isStepped = plan.clockStepNanos() != 0 && number == Math.min(2, plan.kills() - 1);
    try (Life gateway = gateway(config, isFull)) {
      String running = gateway.await("running"::equals, 0, PATIENCE_MILLIS);
      if (running.isEmpty()) {
        throw new IOException("the gateway does not start: " + gateway.lines());
      }
      int before = device.lines().size();
      long untilKill = 500L + random.nextInt(1_500);
      if (isCut) {
        say.accept("life " + number + ": the link goes down");
        cut();
        gateway.endsWithin(plan.linkDownMillis());
        say.accept("life " + number + ": the link is back");
        restore(port);
      }
      if (isStepped) {
        say.accept(
            "life " + number + ": the clock is set by " + plan.clockStepNanos() / 1e9 + " s");
        setClock(plan.clockStepNanos());
        gateway.endsWithin(1_500);
      }
      if (isFull) {
        say.accept("life " + number + ": the disk is full");
      }
      if (plan.control() || number % 2 == 0) { // so that there is load on any machine
        device.await(line -> line.startsWith("acked "), before, PATIENCE_MILLIS);
      }
      if (!plan.control()) {
        gateway.endsWithin(untilKill);
      }
      gateway.kill();
      flashBytes += gateway.flashBytes();
      say.accept("life " + number + ": killed");
    }
  }

  private void cut() {
    if (broker != null) {
      broker.close();
      broker = null;
    }
  }

  private void restore(int port) throws IOException {
    if (broker == null) {
      broker = EmbeddedBroker.start(port);
    }
  }

  /** Lives that end by themselves, until nothing is buffered any more; the last one's words. */
  private List<String> drain(Path config) throws IOException, InterruptedException {
    List<String> said = List.of();
    for (int life = 0; life < DRAINING_LIVES; life++) {
      try (Life gateway = gateway(config, false)) {
        gateway.await("running"::equals, 0, PATIENCE_MILLIS);
        gateway.endsWithin(2_000);
        gateway.stop(PATIENCE_MILLIS);
        flashBytes += gateway.flashBytes();
        gateway.await(line -> line.contains("exact:") || line.contains("DOES NOT"), 0, 1_000);
        said = gateway.lines();
      }
      List<Long> account = account(said);
      if (account.size() == 4 && account.get(2) == 0) {
        return said;
      }
    }
    return said;
  }

  private Life gateway(Path config, boolean isFull) throws IOException {
    List<String> flags = new ArrayList<>();
    flags.add("-Dtidegate.unsafe.clock-file=" + clockFile());
    if (plan.control()) {
      flags.add("-Dtidegate.unsafe.durability=none");
    }
    Path database = folder.resolve("data/buffer.db");
    if (isFull && Files.exists(database)) {
      flags.add("-Dtidegate.unsafe.max-pages=" + Math.max(16, Files.size(database) / 4_096));
    }
    return Life.start(
        Tidegate.class, flags, "run", "--config", config.toString(), "--status-every", "1");
  }

  private Path clockFile() {
    return folder.resolve("clock");
  }

  private void setClock(long aheadNanos) throws IOException {
    Files.writeString(clockFile(), aheadNanos + " synchronised\n");
  }

  private Path configure(URI uri, String coap) throws IOException {
    return Files.writeString(
        folder.resolve("gateway.yaml"),
        """
        gateway: {id: tortured, data: ./data}
        devices:
          - id: witness
            driver: coap
            uri: %s
            points:
              - {id: counter, resource: /counter}
          - id: pump
            driver: simulator
            poll-every: %dms
            points:
              - {id: flow, unit: l/min}
              - {id: pressure, unit: bar}
              - {id: current, unit: A}
              - {id: speed, unit: "{rev}/min"}
        windows:
          - {id: second, points: [pump/*], size: 1s}
        buffer: {commit-every: %s}
        sync: {broker: "%s", tenant: torture, reconnect: {min: 100ms, max: 1s, spread: 0s}}
        """
            .formatted(coap, plan.pollMillis(), plan.control() ? "10s" : "250ms", uri));
  }

  private static Set<Long> acknowledged(Life device) {
    Set<Long> counts = new TreeSet<>();
    for (String line : device.lines()) {
      if (line.startsWith("acked ")) {
        counts.add(Long.valueOf(line.substring("acked ".length()).strip()));
      }
    }
    return counts;
  }

  private Set<Long> stored() throws IOException {
    Set<Long> counts = new TreeSet<>();
    for (CloudStore.Stored stored : CloudStore.read(folder.resolve("cloud"))) {
      if (stored.lane() == Lane.RAW
          && stored.entry() instanceof Entry.Measured measured
          && measured.sample() instanceof Reading reading
          && reading.point().name().equals(COUNTER)) {
        counts.add((long) reading.value().asDouble());
      }
    }
    return counts;
  }

  /** The line {@code all lanes a = d + b + l} of the final account; empty where there is none. */
  private static List<Long> account(List<String> lines) {
    for (String line : lines) {
      if (line.strip().startsWith("all lanes")) {
        return Arrays.stream(line.replace(",", "").split("[^0-9]+", -1))
            .filter(number -> !number.isEmpty())
            .map(Long::valueOf)
            .toList();
      }
    }
    return List.of();
  }
}
