package dev.tidegate.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.config.GatewayConfig;
import dev.tidegate.config.SyncConfig;
import dev.tidegate.config.decode.ConfigLoader;
import dev.tidegate.config.decode.LoadResult;
import dev.tidegate.driver.Driver;
import dev.tidegate.flow.Account;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Event;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.Summary;
import dev.tidegate.frame.FrameCodec;
import dev.tidegate.frame.FrameException;
import dev.tidegate.gateway.Gateway;
import dev.tidegate.timekeeping.TrustedClock;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.eclipse.tahu.message.model.MetricDataType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A list of what may leave that comes when much is stored already: the whole gateway, in each
 * binding, and everything that any message says.
 */
final class WithheldOnTheWireTest {
  private static final String PREFIX = "tg/default/plant-7";
  private static final String YAML =
      """
      gateway: {id: plant-7, data: ./data}
      devices:
        - id: pump
          driver: simulator
          poll-every: 20ms
          faults-every: 0s
          points:
            - {id: flow, unit: l/min}
            - {id: secret, channel: vibration, unit: mm/s, range: [0, 0.0001]}
            - {id: speed, unit: "{rev}/min"}
      windows:
        - {id: second, points: [pump/*], size: 200ms}
      buffer: {commit-every: 50ms@lanes@}
      sync:
        broker: "@broker@"
        @far@
        @points@
      """;
  private static final String LISTED = "points: [pump/flow, pump/speed]";
  private static final String REPLAY =
      "{\"type\":\"replay\",\"id\":\"all\",\"lane\":\"raw\",\"from\":\"2020-01-01T00:00:00Z\","
          + "\"to\":\"2120-01-01T00:00:00Z\"}";

  /** No unit and no name of anything else has these. */
  private static final List<String> MARKS = List.of("secret", "mm/s");

  /** What stands for such a reading. */
  private static final String NOTHING = "withheld/withheld";

  /** Looked for in whatever way a message is written; the last one is the control of that look. */
  private static final List<String> WORDS = List.of("secret", "mm/s", "withheld", "flow");

  /** The topic of a message after all others. */
  private static final String LAST = "test/last";

  private static final Pattern BASE64 = Pattern.compile("[A-Za-z0-9+/]{40,}={0,2}");

  @TempDir static Path backlog;
  private static Account stored;

  @TempDir Path folder;

  /** How the far side is spoken to, and whether readings have to be asked for. */
  enum Way {
    PLAIN("tenant: default", false),
    PLAIN_REPLAY("tenant: default", true),
    DITTO("ditto: {namespace: org.example, policy: \"org.example:gateways\"}", false),
    SPARKPLUG("sparkplug-b: {group: Plant 1}", false),
    SPARKPLUG_TEMPLATE(
        "sparkplug-b: {group: Plant 1, templates: [{id: machine, devices: [pump]}]}", false),
    SPARKPLUG_REPLAY("sparkplug-b: {group: Plant 1}", true);

    final String far;
    final boolean replays;

    Way(String far, boolean replays) {
      this.far = far;
      this.replays = replays;
    }
  }

  private static GatewayConfig config(Path folder, Way way, URI broker, String points)
      throws Exception {
    Path file = folder.resolve("gateway.yaml");
    Files.writeString(
        file,
        YAML.replace("@far@", way.far)
            .replace("@lanes@", way.replays ? ", lanes: {raw: {send: on-request}}" : "")
            .replace("@broker@", broker.toString())
            .replace("@points@", points));
    GatewayConfig c =
        assertInstanceOf(LoadResult.Loaded.class, ConfigLoader.load(file, drivers())).config();
    SyncConfig told = Objects.requireNonNull(c.sync());
    SyncConfig quick = Rig.quick(broker).with(told.limits()).with(told.farSide());
    return new GatewayConfig(
        c.id(),
        c.data(),
        c.devices(),
        c.windows(),
        c.models(),
        c.actuators(),
        c.buffer(),
        quick,
        c.budget());
  }

  private static List<Driver> drivers() {
    return ServiceLoader.load(Driver.class).stream().map(ServiceLoader.Provider::get).toList();
  }

  private static Gateway start(GatewayConfig config) throws Exception {
    return Gateway.start(
        config, drivers(), TrustedClock.system(config.data()), new SplittableRandom(1), e -> {});
  }

  private static void await(String what, BooleanSupplier condition) throws InterruptedException {
    Semaphore never = new Semaphore(0);
    for (int i = 0; i < 6_000 && !condition.getAsBoolean(); i++) {
      assertTrue(!never.tryAcquire(10, TimeUnit.MILLISECONDS));
    }
    assertTrue(condition.getAsBoolean(), what);
  }

  /** Everything that is published, and which of the marks and points it names. */
  private static final class Listener implements AutoCloseable {
    private final Set<String> named = new ConcurrentSkipListSet<>();
    private final CountDownLatch seenAll = new CountDownLatch(1);
    private final CloudLink link;
    private volatile boolean ending;

    Listener(URI broker) throws Exception {
      link = new CloudLink(broker, "#");
      Thread.ofPlatform().daemon(true).start(this::listen);
      assertTrue(link.awaitConnected(30_000_000_000L));
    }

    private void listen() {
      try {
        while (!ending) {
          CloudLink.Arrived arrived = link.next(20_000_000L);
          if (arrived != null && arrived.topic().equals(LAST)) {
            seenAll.countDown();
          } else if (arrived != null) {
            note(arrived.payload());
          }
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } finally {
        link.close();
      }
    }

    private void note(byte[] payload) {
      String text = new String(payload, StandardCharsets.ISO_8859_1);
      WORDS.stream().filter(text::contains).forEach(named::add);
      frame(payload);
      BASE64
          .matcher(text)
          .results()
          .filter(found -> found.group().length() % 4 == 0)
          .forEach(found -> frame(Base64.getDecoder().decode(found.group())));
    }

    private void frame(byte[] bytes) {
      try {
        for (Entry entry : FrameCodec.decode(bytes).entries()) {
          String point = point(entry);
          if (point != null) {
            named.add(point.replace("pump/", ""));
          }
        }
      } catch (FrameException e) {
        // no frame
      }
    }

    private static @Nullable String point(Entry entry) {
      return switch (entry) {
        case Entry.Measured m -> m.sample().point().name();
        case Summary s -> s.point().name();
        case Event e -> e.subject();
        default -> null;
      };
    }

    /** What is named by all that was published before now: the broker keeps the order. */
    Set<String> all() throws InterruptedException {
      link.publish(LAST, "");
      assertTrue(seenAll.await(60, TimeUnit.SECONDS), "the connection has lasted");
      return new TreeSet<>(named);
    }

    @Override
    public void close() {
      ending = true;
    }
  }

  /** Under no list, with nobody to send to; once, since its end takes its time. */
  @BeforeAll
  static void store() throws Exception {
    Gateway before = start(config(backlog, Way.PLAIN, URI.create("mqtt://127.0.0.1:1"), ""));
    try {
      await("a backlog", () -> before.account().of(Lane.SUMMARIES).accepted() >= 9);
    } finally {
      before.close();
    }
    stored = before.account();
  }

  /** What is named on the wire of what was stored under no list, and is sent under that one. */
  private Set<String> named(Way way, String points) throws Exception {
    try (Stream<Path> files = Files.walk(backlog)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path copy = folder.resolve(backlog.relativize(file));
        Files.createDirectories(copy.getParent());
        Files.copy(file, copy);
      }
    }
    try (TestBroker broker =
            TestBroker.start(
                TestBroker.Kind.EMBEDDED, Files.createDirectories(folder.resolve("broker")));
        Listener listener = new Listener(broker.uri());
        Far far = farSide(way, broker.uri());
        Gateway gateway = start(config(folder, way, broker.uri(), points))) {
      if (way.replays) {
        ask(way, far.side());
      }
      for (Lane lane : new Lane[] {Lane.EVENTS, Lane.SUMMARIES, Lane.RAW}) {
        await(
            lane + " of before: " + gateway.account(),
            () -> gateway.account().of(lane).delivered() >= stored.of(lane).accepted());
      }
      assertEquals(0, gateway.account().total().lost());
      assertTrue(gateway.account().balances());
      return listener.all();
    }
  }

  /** Whoever answers. */
  private record Far(Object side, Runnable end) implements AutoCloseable {
    @Override
    public void close() {
      end.run();
    }
  }

  private static Far farSide(Way way, URI broker) throws Exception {
    return switch (way) {
      case PLAIN, PLAIN_REPLAY -> {
        CloudSide cloud = CloudSide.start(broker, "tg/default/+", CloudStore.inMemory());
        yield new Far(cloud, cloud::close);
      }
      case DITTO -> {
        DittoSide side =
            new DittoSide(broker, PREFIX, new DittoTwin(), signal -> new DittoSide.Fault.None());
        side.awaitConnected();
        yield new Far(side, side::close);
      }
      case SPARKPLUG, SPARKPLUG_TEMPLATE, SPARKPLUG_REPLAY -> {
        SparkplugHost host = new SparkplugHost(broker);
        yield new Far(host, host::close);
      }
    };
  }

  private static void ask(Way way, Object side) throws Exception {
    if (side instanceof SparkplugHost host) {
      host.await(1, said -> said.verb().equals("DBIRTH"));
      host.command(
          "NCMD",
          "plant-7",
          1,
          SparkplugHost.metric("Tidegate/Request", MetricDataType.String, REPLAY));
    } else if (side instanceof CloudSide cloud) {
      await("the gateway", () -> !cloud.reported(PREFIX).isEmpty());
      assertTrue(cloud.say(PREFIX, REPLAY), way.name());
    }
  }

  /** Without it, what must stay in the plant would leave with what was stored before. */
  @ParameterizedTest
  @EnumSource(Way.class)
  void whatIsNotListedNeverLeavesAlsoOfWhatWasStoredBefore(Way way) throws Exception {
    Set<String> named = named(way, LISTED);
    assertTrue(named.stream().noneMatch(MARKS::contains), named.toString());
    assertTrue(named.contains("flow"), "what is listed is named: " + named);
    if (way.far.startsWith("sparkplug-b")) {
      assertFalse(named.contains("withheld"), "no metric is made of nothing: " + named);
    } else {
      assertTrue(named.contains(NOTHING), "the frames keep their numbers: " + named);
    }
  }

  /** The control: without the list it is named, in each binding. */
  @ParameterizedTest
  @EnumSource(names = {"PLAIN", "DITTO", "SPARKPLUG_REPLAY"})
  void withoutAListItLeaves(Way way) throws Exception {
    Set<String> named = named(way, "");
    assertTrue(named.contains("secret"), named.toString());
    assertFalse(named.contains(NOTHING), named.toString());
  }
}
