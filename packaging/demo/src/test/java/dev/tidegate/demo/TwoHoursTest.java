package dev.tidegate.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.cli.Tidegate;
import dev.tidegate.drivers.simulator.Plant;
import dev.tidegate.drivers.simulator.Schedule;
import dev.tidegate.frame.Frame;
import dev.tidegate.frame.FrameCodec;
import dev.tidegate.timekeeping.SystemClock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.ditto.json.JsonValue;
import org.eclipse.tahu.message.model.Metric;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A recording of two hours of a plant, played at sixty times its pace by a gateway process, through
 * an outage of forty of its minutes, two kills of the broker, and one of the gateway, in each
 * binding. A campaign: {@code mvn -pl packaging/demo -am test -Dtest=TwoHoursTest
 * -Dtidegate.campaign=true -Dsurefire.failIfNoSpecifiedTests=false}; {@code
 * -Dtidegate.broker=MOSQUITTO} for the other broker, {@code -Dtidegate.binding=ditto} for one
 * binding.
 */
@EnabledIfSystemProperty(named = "tidegate.campaign", matches = "true")
final class TwoHoursTest {
  private static final TestBroker.Kind KIND =
      TestBroker.Kind.valueOf(System.getProperty("tidegate.broker", "EMBEDDED"));
  private static final Pattern LINE =
      Pattern.compile(
          "\\s*(alarms|events|summaries|raw)\\s+([\\d,]+)\\s+=\\s+([\\d,]+)"
              + "\\s+\\+\\s+([\\d,]+)\\s+\\+\\s+([\\d,]+)\\s*");
  private static final String ONLY = System.getProperty("tidegate.binding", "");
  private static final String PREFIX = "tg/default/g1";

  @TempDir Path folder;

  private final Semaphore never = new Semaphore(0);
  private final List<Process> processes = new ArrayList<>();

  private void seconds(int count) throws InterruptedException {
    if (never.tryAcquire(count, TimeUnit.SECONDS)) {
      throw new IllegalStateException("nobody releases it");
    }
  }

  private Process gateway(Path config, Path log) throws Exception {
    Process process =
        new ProcessBuilder(
                Child.command(
                    Tidegate.class,
                    List.of(),
                    List.of("run", "--config", config.toString(), "--status-every", "5")))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    processes.add(process);
    return process;
  }

  /** Runs it all; the final account by lane: accepted, delivered, buffered, lost. */
  private Map<String, long[]> play(TestBroker broker, String far) throws Exception {
    Path home = Files.createDirectories(folder.resolve("gateway"));
    PlantRecording.write(
        home.resolve("plant.csv"),
        new Plant(3, Schedule.every(600_000_000_000L, 60_000_000_000L)),
        7_200);
    Path config = home.resolve("gateway.yaml");
    Files.writeString(
        config,
        """
        gateway: {id: g1, data: ./data}
        devices:
          - id: plant
            driver: replay
            poll-every: 50ms
            file: plant.csv
            speed: 60
            points: [{id: flow}, {id: pressure}]
        windows:
          - {id: w, points: [plant/*], size: 1s}
        buffer: {commit-every: 200ms}
        sync:
          broker: "%s"
          keep-alive: 5s
          ack-timeout: 3s
          reconnect: {min: 100ms, max: 1s, spread: 0s}
          %s
        """
            .formatted(broker.uri(), far));
    Path log = home.resolve("log.txt");
    Process first = gateway(config, log);
    seconds(20);
    broker.kill();
    broker.startAgain();
    seconds(15);
    broker.stop(); // forty minutes of the plant's time
    seconds(20);
    first.destroyForcibly().waitFor();
    Process second = gateway(config, log);
    seconds(20);
    broker.startAgain();
    seconds(20);
    broker.kill();
    broker.startAgain();
    seconds(30);
    second.toHandle().destroy();
    assertTrue(second.waitFor(60, TimeUnit.SECONDS));
    Map<String, long[]> account = account(log);
    boolean isAnswered = !far.startsWith("sparkplug"); // there, the last seconds stay unsettled
    for (int i = 0; i < 4 && isAnswered && account.values().stream().anyMatch(a -> a[2] > 0); i++) {
      Process last = gateway(config, log);
      seconds(15);
      last.toHandle().destroy();
      assertTrue(last.waitFor(60, TimeUnit.SECONDS));
      account = account(log);
    }
    System.out.println(Files.readString(log).lines().filter(l -> l.contains("=")).toList());
    return account;
  }

  private static Map<String, long[]> account(Path log) throws Exception {
    Map<String, long[]> account = new TreeMap<>();
    for (String line : Files.readAllLines(log)) {
      Matcher matcher = LINE.matcher(line);
      if (matcher.matches()) {
        long[] numbers = new long[4];
        for (int i = 0; i < 4; i++) {
          numbers[i] = Long.parseLong(matcher.group(i + 2).replace(",", ""));
        }
        account.put(matcher.group(1), numbers);
      }
    }
    return account;
  }

  /** Without it, none of the above would be known to hold together. */
  @ParameterizedTest
  @ValueSource(strings = {"plain", "ditto", "sparkplug"})
  void itArrivesCompleteInOrderAndOnceInEffect(String binding) throws Exception {
    Assumptions.assumeTrue(ONLY.isEmpty() || ONLY.equals(binding));
    long start = new SystemClock().monotonicNanos();
    try (TestBroker broker =
        TestBroker.start(KIND, Files.createDirectories(folder.resolve("broker")))) {
      switch (binding) {
        case "plain" -> plain(broker);
        case "ditto" -> ditto(broker);
        default -> sparkplug(broker);
      }
    } finally {
      processes.forEach(Process::destroyForcibly);
      System.out.printf(
          "%s at %s: %d s%n",
          binding, KIND, (new SystemClock().monotonicNanos() - start) / 1_000_000_000L);
    }
  }

  private static void assertNothingIsMissing(Map<String, long[]> account) {
    account.forEach(
        (lane, numbers) -> {
          assertEquals(numbers[0], numbers[1] + numbers[2] + numbers[3], lane);
          assertEquals(0, numbers[3], () -> lane + " lost");
        });
    assertTrue(account.getOrDefault("raw", new long[1])[0] > 10_000, "hardly any readings");
  }

  private static void assertNothingIsLeft(Map<String, long[]> account) {
    assertNothingIsMissing(account);
    account.forEach((lane, numbers) -> assertEquals(0, numbers[2], () -> lane + " buffered"));
  }

  private void plain(TestBroker broker) throws Exception {
    try (CloudStore store = CloudStore.open(Files.createDirectories(folder.resolve("cloud")));
        CloudSide cloud = CloudSide.start(broker.uri(), "tg/default/+", store)) {
      Map<String, long[]> account = play(broker, "");
      assertNothingIsLeft(account);
      CloudStore.Verdict verdict = cloud.verdict();
      assertEquals(List.of(), verdict.missing());
      assertEquals(0, verdict.differing());
      System.out.println("plain: " + verdict);
    }
  }

  private void ditto(TestBroker broker) throws Exception {
    DittoTwin twin = new DittoTwin();
    try (DittoSide side =
        new DittoSide(broker.uri(), PREFIX, twin, signal -> new DittoSide.Fault.None())) {
      Map<String, long[]> account =
          play(broker, "ditto: {namespace: org.example, policy: \"org.example:p\"}");
      assertNothingIsLeft(account);
      List<String> times =
          side.ask(
              () ->
                  twin.merged.stream()
                      .flatMap(
                          m ->
                              m
                                  .patch()
                                  .getValue("features/flow/properties/windows/w/at")
                                  .map(JsonValue::asString)
                                  .stream())
                      .toList());
      assertEquals(times.stream().sorted().distinct().toList(), times, "once, and in order");
      assertTrue(times.size() > 50, () -> "hardly any summaries took effect: " + times);
      Set<Long> numbers = new HashSet<>();
      for (byte[] bytes : side.ask(() -> List.copyOf(twin.frames))) {
        Frame frame = FrameCodec.decode(bytes);
        for (long n = frame.header().firstSequence(); n <= frame.header().lastSequence(); n++) {
          numbers.add(n);
        }
      }
      assertEquals(account.getOrDefault("raw", new long[1])[1], numbers.size());
      System.out.printf(
          "ditto: %d merges in effect, %d summaries of one point in order, %d readings%n",
          twin.merged.size(), times.size(), numbers.size());
    }
  }

  private void sparkplug(TestBroker broker) throws Exception {
    try (SparkplugHost host = new SparkplugHost(broker.uri())) {
      host.state(true, 1_000); // without a primary host, what comes while it is away is lost to it
      Map<String, long[]> account =
          play(
              broker,
              "sparkplug-b: {group: \"%s\", primary-host: %s}"
                  .formatted(SparkplugHost.GROUP, SparkplugHost.HOST));
      assertNothingIsMissing(account);
      Map<String, Integer> times = new HashMap<>();
      Map<String, Instant> live = new HashMap<>();
      for (SparkplugHost.Said said : host.said("DDATA")) {
        for (Metric metric : said.metrics()) {
          String name = host.name(metric);
          if (name.equals("flow") || name.equals("pressure")) {
            int count =
                times.merge(
                    name + metric.getTimestamp().toInstant() + metric.getValue(), 1, Integer::sum);
            if (!metric.isHistorical()) {
              assertEquals(1, count, "what comes again is history");
              Instant at = metric.getTimestamp().toInstant();
              Instant before = live.put(name, at);
              assertTrue(before == null || at.isAfter(before), "live values go forward");
            }
          }
        }
      }
      long twice = times.values().stream().filter(n -> n > 1).count();
      System.out.printf(
          "sparkplug: of %d readings %d arrived, %d of them more than once%n",
          account.getOrDefault("raw", new long[1])[0], times.size(), twice);
      assertEquals(account.getOrDefault("raw", new long[1])[0], times.size());
    }
  }
}
