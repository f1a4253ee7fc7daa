package dev.tidegate.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.config.GatewayConfig;
import dev.tidegate.config.SyncConfig;
import dev.tidegate.config.SyncConfig.FarSide;
import dev.tidegate.config.decode.ConfigLoader;
import dev.tidegate.config.decode.LoadResult;
import dev.tidegate.demo.SparkplugHost.Said;
import dev.tidegate.driver.Driver;
import dev.tidegate.flow.Command;
import dev.tidegate.flow.CommandResult;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Event;
import dev.tidegate.flow.Inbox;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.Outbound;
import dev.tidegate.frame.FrameCodec;
import dev.tidegate.frame.FrameCodec.Stamp;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Quality;
import dev.tidegate.reading.Reading;
import dev.tidegate.reading.Sample;
import dev.tidegate.reading.Value;
import dev.tidegate.sync.Sync;
import dev.tidegate.sync.link.Outgoing;
import dev.tidegate.sync.sparkplug.BirthCount;
import dev.tidegate.sync.sparkplug.SparkplugBinding;
import dev.tidegate.time.TimeQuality;
import dev.tidegate.timekeeping.SystemClock;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.tahu.message.SparkplugBPayloadDecoder;
import org.eclipse.tahu.message.model.Metric;
import org.eclipse.tahu.message.model.MetricDataType;
import org.eclipse.tahu.message.model.PropertyDataType;
import org.eclipse.tahu.message.model.PropertySet;
import org.eclipse.tahu.message.model.PropertyValue;
import org.eclipse.tahu.message.model.Template;
import org.eclipse.tahu.model.MetricDataTypeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A real buffer and sync as a Sparkplug edge node, at real brokers, before a host that reads with
 * Eclipse Tahu. Comments name the assertions of the standard's test kit.
 */
final class SparkplugTest {
  private static final FarSide.SparkplugB ALONE =
      new FarSide.SparkplugB(SparkplugHost.GROUP, null, false);
  private static final FarSide.SparkplugB HOSTED =
      new FarSide.SparkplugB(SparkplugHost.GROUP, SparkplugHost.HOST, false);
  private static final FarSide.SparkplugB ACKNOWLEDGED =
      new FarSide.SparkplugB(SparkplugHost.GROUP, null, true);

  @TempDir Path folder;

  static Stream<TestBroker.Kind> brokers() {
    return TestBroker.Kind.available();
  }

  private Path sub(String name) throws Exception {
    return Files.createDirectories(folder.resolve(name));
  }

  private GatewayConfig config() throws Exception {
    Path file = sub("gateway").resolve("gateway.yaml");
    Files.writeString(
        file,
        """
        gateway: {id: g1, data: .}
        devices:
          - id: test
            driver: simulator
            points:
              - {id: counter, channel: flow, unit: l/min}
              - {id: flow}
              - {id: level}
              - {id: valve, channel: valve-setpoint, unit: '%'}
        windows:
          - {id: w, points: [test/*], size: 1s}
        actuators:
          - {point: test/valve, range: [0, 100]}
        """);
    List<Driver> drivers =
        ServiceLoader.load(Driver.class).stream().map(ServiceLoader.Provider::get).toList();
    return ((LoadResult.Loaded) ConfigLoader.load(file, drivers)).config();
  }

  private static SyncConfig quick(URI broker, FarSide far) {
    return Rig.quick(broker).with(far);
  }

  private static Metric metric(SparkplugHost host, Said said, String name) {
    return said.metrics().stream()
        .filter(m -> host.name(m).equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError(name + " is not in " + said.verb()));
  }

  private static boolean isData(Said said) {
    return said.verb().endsWith("DATA");
  }

  /** From each NBIRTH on the numbers run from 0 to 255 and again, whatever comes between. */
  private static void assertNumbersRun(List<Said> said) {
    long next = -1;
    boolean deviceBorn = false;
    for (Said each : said) {
      if (each.verb().equals("NDEATH")) {
        assertEquals(-1, each.seq(), "tck-id-payloads-ndeath-seq");
        next = -1;
        continue;
      }
      if (each.verb().equals("NBIRTH")) {
        assertEquals(0, each.seq(), "tck-id-payloads-sequence-num-zero-nbirth");
        next = 0;
        deviceBorn = false;
      }
      assertEquals(next, each.seq(), "tck-id-payloads-sequence-num-incrementing: " + each.verb());
      next = (next + 1) % 256;
      deviceBorn |= each.verb().equals("DBIRTH");
      assertTrue(deviceBorn || !isData(each), "tck-id-payloads-ddata-order, -ndata-order");
      assertEquals(0, each.qos(), "tck-id-payloads-*-qos: " + each.verb());
      assertFalse(each.retained(), "tck-id-payloads-*-retain");
      assertNotNull(each.payload().getTimestamp(), "tck-id-payloads-*-timestamp");
      for (Metric metric : each.metrics()) {
        assertNotNull(metric.getTimestamp(), "tck-id-payloads-name-birth-data-requirement");
        assertEquals(
            !(metric.hasName() && metric.getName().equals("Node Control/Rebirth")),
            metric.hasAlias(),
            "tck-id-operational-behavior-data-commands-rebirth-name-aliases");
        assertEquals(
            !isData(each),
            metric.hasName(),
            "tck-id-payloads-alias-birth-requirement, -alias-data-cmd-requirement");
      }
    }
  }

  /** Without it, no host application would know what an edge node has. */
  @ParameterizedTest
  @MethodSource("brokers")
  void aSessionBeginsWithBirthsOfEverything(TestBroker.Kind kind) throws Exception {
    try (TestBroker broker = TestBroker.start(kind, sub("broker"));
        SparkplugHost host = new SparkplugHost(broker.uri());
        Rig rig = new Rig(sub("gateway"))) {
      rig.connectAsEdgeNode(quick(broker.uri(), ALONE), ALONE, config());
      rig.rounds(30);
      rig.summaries();
      rig.awaitEmpty();
      host.await(30, SparkplugTest::isData);
      List<Said> said = host.said();
      assertNumbersRun(said);
      Said birth = said.getFirst();
      assertEquals("NBIRTH", birth.verb());
      Metric rebirth = metric(host, birth, "Node Control/Rebirth");
      assertEquals(MetricDataType.Boolean, rebirth.getDataType());
      assertEquals(false, rebirth.getValue(), "tck-id-payloads-nbirth-rebirth-req");
      Metric bdSeq = metric(host, birth, "bdSeq");
      assertEquals(MetricDataType.Int64, bdSeq.getDataType(), "tck-id-payloads-nbirth-bdseq");
      assertEquals(0L, bdSeq.getValue());
      Set<Long> aliases = new HashSet<>();
      for (Said each : said.stream().filter(s -> s.verb().endsWith("BIRTH")).toList()) {
        if (each.verb().equals("NBIRTH")) {
          aliases.clear(); // a model that is not in the configuration made a birth necessary
        }
        for (Metric metric : each.metrics()) {
          if (metric.hasAlias()) {
            assertTrue(aliases.add(metric.getAlias()), "tck-id-payloads-alias-uniqueness");
          }
          assertNotNull(metric.getDataType(), "tck-id-payloads-metric-datatype-req");
        }
      }
      for (Said each : said.stream().filter(SparkplugTest::isData).toList()) {
        each.metrics().forEach(m -> assertTrue(aliases.contains(m.getAlias()), "never born"));
      }
      Said device = said.get(1);
      assertEquals("DBIRTH", device.verb(), "tck-id-payloads-dbirth-order");
      assertEquals(
          Set.of("counter", "flow", "level", "valve"),
          new HashSet<>(
              device.metrics().stream()
                  .map(Metric::getName)
                  .filter(n -> !n.contains("/"))
                  .toList()),
          "tck-id-operational-behavior-data-publish-dbirth");
      Template definition = (Template) metric(host, birth, "_types_/Window").getValue();
      assertTrue(definition.isDefinition(), "tck-id-payloads-template-definition-is-definition");
      assertTrue(
          definition.getTemplateRef() == null || definition.getTemplateRef().isEmpty(),
          "tck-id-payloads-template-definition-ref");
      Template instance =
          said.stream()
              .filter(SparkplugTest::isData)
              .flatMap(s -> s.metrics().stream())
              .filter(m -> host.name(m).equals("windows/w/level"))
              .map(m -> (Template) m.getValue())
              .findFirst()
              .orElseThrow();
      assertFalse(instance.isDefinition(), "tck-id-payloads-template-instance-is-definition");
      assertEquals("Window", instance.getTemplateRef(), "tck-id-payloads-template-instance-ref");
      assertEquals("1", instance.getVersion(), "tck-id-payloads-template-version");
      assertEquals(
          members(definition),
          members(instance),
          "tck-id-payloads-template-definition-members, -instance-members, -instance-members-data");
      assertTrue(
          said.stream()
              .filter(s -> !s.verb().equals("NBIRTH"))
              .flatMap(s -> s.metrics().stream())
              .noneMatch(m -> host.name(m).startsWith("_types_/")),
          "tck-id-payloads-template-definition-nbirth-only");
    }
  }

  /** The members of a template, with their types. */
  private static Map<String, MetricDataType> members(Template template) {
    return template.getMetrics().stream()
        .collect(Collectors.toMap(Metric::getName, Metric::getDataType));
  }

  /** Without it, a host could not tell a value that it can trust from one that it cannot. */
  @Test
  void qualitiesAreThoseOfTheStandard() throws Exception {
    try (TestBroker broker = TestBroker.start(TestBroker.Kind.EMBEDDED, sub("broker"));
        SparkplugHost host = new SparkplugHost(broker.uri());
        Rig rig = new Rig(sub("gateway"))) {
      rig.connectAsEdgeNode(quick(broker.uri(), ALONE), ALONE, config());
      host.await(1, s -> s.verb().equals("DBIRTH"));
      PointId flow = new PointId("test/flow");
      for (Quality quality : Quality.values()) {
        Sample sample = new Reading(flow, rig.clock.monotonicNanos(), Value.of(7.0), quality);
        rig.buffer.append(Lane.RAW, new Entry.Measured(sample), null);
      }
      rig.awaitEmpty();
      Set<Object> qualities = new HashSet<>();
      for (Said said : host.await(1, s -> s.verb().equals("DDATA"))) {
        for (Metric metric : said.metrics()) {
          PropertySet properties = metric.getProperties();
          if (host.name(metric).equals("flow")) {
            PropertyValue<?> quality =
                properties == null ? null : properties.getPropertyValue("Quality");
            assertTrue(
                quality == null || quality.getType().equals(PropertyDataType.Int32),
                "tck-id-payloads-propertyset-quality-value-type");
            qualities.add(quality == null ? 192 : quality.getValue());
          }
        }
      }
      assertEquals(
          Set.of(0, 192, 500), qualities, "tck-id-payloads-propertyset-quality-value-value");
    }
  }

  /** Without it, some of many devices could be left without a birth, or out of their row. */
  @ParameterizedTest
  @MethodSource("brokers")
  void moreDevicesThanAServerTakesAtOnceAreBornAll(TestBroker.Kind kind) throws Exception {
    StringBuilder yaml = new StringBuilder("gateway: {id: g1, data: .}\ndevices:\n");
    for (int i = 0; i < 60; i++) {
      yaml.append("  - {id: d%d, driver: simulator, points: [{id: flow}]}\n".formatted(i));
    }
    Path file = Files.writeString(sub("gateway").resolve("gateway.yaml"), yaml);
    List<Driver> drivers =
        ServiceLoader.load(Driver.class).stream().map(ServiceLoader.Provider::get).toList();
    GatewayConfig many = ((LoadResult.Loaded) ConfigLoader.load(file, drivers)).config();
    try (TestBroker broker = TestBroker.start(kind, sub("broker"));
        SparkplugHost host = new SparkplugHost(broker.uri());
        Rig rig = new Rig(sub("gateway"))) {
      rig.connectAsEdgeNode(quick(broker.uri(), ALONE), ALONE, many);
      host.await(60, s -> s.verb().equals("DBIRTH"));
      assertNumbersRun(host.said());
      assertEquals(1, rig.counters.value("sync.connects"));
      assertEquals(0, rig.counters.value("sync.connections-lost"));
    }
  }

  /** Without it, a host would ask for a rebirth after 255 messages, for ever. */
  @Test
  void theNumbersGoRoundAndBeginAnewWithABirth() throws Exception {
    GatewayConfig config = config();
    SparkplugBinding binding =
        new SparkplugBinding(
            ALONE, config, "e", "run", new BirthCount(config.data()), new SystemClock());
    binding.begin();
    for (int round = 0; round < 2; round++) {
      List<Outgoing> births = binding.births();
      long expected = 0;
      for (int i = 0; i < 600; i++) {
        byte[] sealed = binding.seal(births.get(Math.min(i, 1))).payload();
        long seq =
            new SparkplugBPayloadDecoder()
                .buildFromByteArray(sealed, new MetricDataTypeMap())
                .getSeq();
        assertEquals(expected, seq, "tck-id-payloads-sequence-num-incrementing");
        expected = (expected + 1) % 256;
      }
    }
    assertEquals(
        null,
        new SparkplugBPayloadDecoder()
            .buildFromByteArray(binding.seal(binding.farewell()).payload(), new MetricDataTypeMap())
            .getSeq(),
        "tck-id-payloads-ndeath-seq");
  }

  /** Without it, a host would show a gateway as there that was cut off, or the other way round. */
  @Test
  void deathsBelongToTheirBirthsOverRestarts() throws Exception {
    try (TestBroker broker = TestBroker.start(TestBroker.Kind.EMBEDDED, sub("broker"));
        SparkplugHost host = new SparkplugHost(broker.uri())) {
      Files.writeString(sub("gateway").resolve("sparkplug.bdseq"), "254\n");
      List<Long> births = new ArrayList<>();
      for (int run = 0; run < 3; run++) {
        try (Rig rig = new Rig(sub("gateway"))) {
          rig.connectAsEdgeNode(quick(broker.uri(), ALONE), ALONE, config());
          host.await(run + 1, s -> s.verb().equals("NBIRTH"));
        }
        Said death = host.await(2 * (run + 1), s -> s.verb().equals("NDEATH")).getLast();
        Said birth = host.said("NBIRTH").getLast();
        births.add((Long) metric(host, birth, "bdSeq").getValue());
        assertEquals(
            metric(host, birth, "bdSeq").getValue(),
            metric(host, death, "bdSeq").getValue(),
            "tck-id-payloads-ndeath-bdseq");
        assertEquals(
            2 * (run + 1),
            host.said("NDEATH").size(),
            "its own and the will: tck-id-payloads-ndeath-will-message-publisher-disconnect-mqtt50");
        assertEquals(1, death.qos(), "tck-id-payloads-ndeath-will-message-qos");
        assertFalse(death.retained(), "tck-id-payloads-ndeath-will-message-retain");
      }
      assertEquals(List.of(255L, 0L, 1L), births, "tck-id-payloads-nbirth-bdseq-inc");
    }
  }

  /** Without it, the will would not tell the host of a gateway that loses its power. */
  @Test
  void aCutConnectionIsADeath() throws Exception {
    try (TestBroker broker = TestBroker.start(TestBroker.Kind.EMBEDDED, sub("broker"));
        SlowWire wire = new SlowWire(broker.port());
        SparkplugHost host = new SparkplugHost(broker.uri());
        Rig rig = new Rig(sub("gateway"))) {
      rig.connectAsEdgeNode(quick(wire.uri(), ALONE), ALONE, config());
      host.await(1, s -> s.verb().equals("DBIRTH"));
      wire.cutAfter(1);
      rig.rounds(5);
      Said death = host.await(1, s -> s.verb().equals("NDEATH")).getFirst();
      assertEquals(
          metric(host, host.said("NBIRTH").getFirst(), "bdSeq").getValue(),
          metric(host, death, "bdSeq").getValue(),
          "tck-id-payloads-ndeath-will-message");
      host.await(2, s -> s.verb().equals("NBIRTH"));
    }
  }

  /** Without it, a host that joins late, or that lost a message, would stay blind. */
  @Test
  void everythingIsBornAnewWhenTheHostAsks() throws Exception {
    try (TestBroker broker = TestBroker.start(TestBroker.Kind.EMBEDDED, sub("broker"));
        SparkplugHost host = new SparkplugHost(broker.uri());
        Rig rig = new Rig(sub("gateway"))) {
      rig.connectAsEdgeNode(quick(broker.uri(), ALONE), ALONE, config());
      rig.rounds(20);
      rig.awaitEmpty();
      int before = host.said("NBIRTH").size();
      host.command(
          "NCMD",
          "g1",
          1_000,
          SparkplugHost.metric("Node Control/Rebirth", MetricDataType.Boolean, true));
      rig.rounds(20);
      Said again = host.await(before + 1, s -> s.verb().equals("NBIRTH")).getLast();
      rig.rounds(20);
      rig.awaitEmpty();
      assertNumbersRun(host.said());
      assertEquals(
          0L,
          metric(host, again, "bdSeq").getValue(),
          "tck-id-operational-behavior-data-commands-rebirth-action-3");
      Metric counter = metric(host, host.said("DBIRTH").getLast(), "counter");
      assertTrue(
          counter.getValue() instanceof Double now && now >= 20,
          "tck-id-operational-behavior-data-publish-dbirth-values: " + counter);
    }
  }

  /** Without it, a host could not set a valve; or a mistaken one could do harm. */
  @Test
  void whatTheHostWritesBecomesACommandOnce() throws Exception {
    BlockingQueue<Inbox.Received> received = new LinkedBlockingQueue<>();
    try (TestBroker broker = TestBroker.start(TestBroker.Kind.EMBEDDED, sub("broker"));
        SparkplugHost host = new SparkplugHost(broker.uri());
        Rig rig = new Rig(sub("gateway"))) {
      rig.buffer.onCommand(received::add);
      rig.connectAsEdgeNode(quick(broker.uri(), ALONE), ALONE, config());
      Said birth = host.await(1, s -> s.verb().equals("DBIRTH")).getFirst();
      long time = 1_790_000_000_123L;
      Metric byName = SparkplugHost.metric("valve", MetricDataType.Double, 17.5);
      host.command("DCMD", "g1/test", time, byName);
      host.command("DCMD", "g1/test", time, byName); // comes twice: one command
      Metric byAlias =
          new Metric.MetricBuilder(
                  metric(host, birth, "valve").getAlias(), MetricDataType.Int32, -3)
              .createMetric();
      host.command("DCMD", "g1/test", time + 1, byAlias);
      Inbox.Received first = received.poll(20, TimeUnit.SECONDS);
      Inbox.Received second = received.poll(20, TimeUnit.SECONDS);
      assertNotNull(first);
      assertNotNull(second);
      assertEquals("test/valve", first.command().subject());
      assertEquals(Value.of(17.5), first.command().value());
      assertEquals(time * 1_000_000, first.command().issuedNanos());
      assertEquals(Value.of(-3.0), second.command().value());
      host.command("DCMD", "g1/test", 3, SparkplugHost.metric("flow", MetricDataType.Double, 1.0));
      host.command("DCMD", "g1/none", 4, byName);
      host.command("NCMD", "g1", 5, request("{\"type\":\"ack\",\"epoch\":\"e\",\"acks\":[]}"));
      host.command("NCMD", "g1", 5, request("no JSON"));
      host.command("NCMD", "g1", 5, SparkplugHost.metric("nothing", MetricDataType.Double, 1.0));
      host.garbage("DCMD", "g1/test", new byte[] {0x12, (byte) 0xff, 1});
      host.garbage("NCMD", "g1", new byte[] {(byte) 0xff});
      rig.await("the mistakes", () -> rig.counters.value("sync.down-unreadable") == 7);
      assertEquals(null, received.poll(200, TimeUnit.MILLISECONDS));
      host.command(
          "NCMD",
          "g1",
          6,
          request("{\"type\":\"command\",\"id\":\"s1\",\"action\":\"pause\",\"value\":60}"));
      Inbox.Received pause = received.poll(20, TimeUnit.SECONDS);
      assertNotNull(pause);
      assertEquals("s1 PAUSE", pause.command().id() + " " + pause.command().action());
      done(rig, first.command());
      Said said =
          host.await(1, s -> s.verb().equals("DDATA") && s.device().equals("test")).getFirst();
      assertEquals(
          17.5, metric(host, said, "valve").getValue(), "the actuator's value is reported");
    }
  }

  private static Metric request(String json) throws Exception {
    return SparkplugHost.metric("Tidegate/Request", MetricDataType.String, json);
  }

  private static void done(Rig rig, Command command) {
    CommandResult result =
        new CommandResult(
            rig.clock.monotonicNanos(),
            command.id(),
            command.subject(),
            CommandResult.Outcome.DONE,
            CommandResult.Reason.NONE,
            command.value().asDouble(),
            Double.NaN,
            "the device took it");
    rig.buffer.append(Lane.EVENTS, result, null);
  }

  /** Without it, data would go to a broker at which nobody listens, and be gone. */
  @Test
  void nothingIsSaidWhileThePrimaryHostIsAway() throws Exception {
    try (TestBroker broker = TestBroker.start(TestBroker.Kind.EMBEDDED, sub("broker"));
        SparkplugHost host = new SparkplugHost(broker.uri());
        Rig rig = new Rig(sub("gateway"))) {
      rig.connectAsEdgeNode(quick(broker.uri(), HOSTED), HOSTED, config());
      rig.await("a connection", () -> rig.counters.value("sync.connects") == 1);
      rig.rounds(10);
      assertEquals(List.of(), host.said(), "tck-id-message-flow-edge-node-birth-publish-phid-wait");
      host.state("another", true, 2_000);
      rig.rounds(2);
      assertEquals(
          List.of(), host.said(), "tck-id-message-flow-edge-node-birth-publish-phid-wait-id");
      host.state(false, 1_000);
      host.state(true, 999); // older: says nothing
      rig.rounds(5);
      assertEquals(
          List.of(),
          host.said(),
          "tck-id-message-flow-edge-node-birth-publish-phid-wait-timestamp");
      host.state(true, 1_001);
      host.await(1, s -> s.verb().equals("DBIRTH"));
      rig.awaitEmpty();
      assertTrue(
          host.said().stream()
              .filter(SparkplugTest::isData)
              .flatMap(s -> s.metrics().stream())
              .anyMatch(Metric::isHistorical),
          "what was stored before the connection is history");
      host.state(false, 1_000); // older
      rig.rounds(2);
      assertEquals(
          0,
          host.said("NDEATH").size(),
          "tck-id-operational-behavior-edge-node-termination-host-offline-timestamp");
      host.state(false, 1_002);
      host.await(1, s -> s.verb().equals("NDEATH"));
      rig.rounds(5);
      rig.await("a new connection", () -> rig.counters.value("sync.connects") >= 2);
      int births = host.said("NBIRTH").size();
      rig.await("some time", () -> rig.counters.value("sync.connects") >= 2);
      assertEquals(
          births,
          host.said("NBIRTH").size(),
          "tck-id-operational-behavior-edge-node-termination-host-offline");
      host.state(true, 1_003);
      host.await(births + 1, s -> s.verb().equals("NBIRTH")); // …-host-offline-reconnect
      rig.awaitEmpty();
      assertEquals(0, rig.account().lost());
      assertNumbersRun(host.said());
    }
  }

  /** Without it, a gateway would stay at a server that its host has left. */
  @Test
  void theGatewayWalksToTheServerAtWhichItsHostIs() throws Exception {
    try (TestBroker one = TestBroker.start(TestBroker.Kind.EMBEDDED, sub("one"));
        TestBroker two = TestBroker.start(TestBroker.Kind.EMBEDDED, sub("two"));
        SparkplugHost atOne = new SparkplugHost(one.uri());
        SparkplugHost atTwo = new SparkplugHost(two.uri());
        Rig rig = new Rig(sub("gateway"))) {
      atOne.state(true, 1);
      atTwo.state(true, 1);
      SyncConfig config = quick(one.uri(), HOSTED).with(List.of(two.uri()));
      rig.connectAsEdgeNode(config, HOSTED, config());
      atOne.await(1, s -> s.verb().equals("DBIRTH"));
      rig.rounds(5);
      atOne.state(false, 2);
      atOne.await(1, s -> s.verb().equals("NDEATH"));
      atTwo.await(1, s -> s.verb().equals("DBIRTH"));
      atOne.state(true, 3); // no reason to come back
      rig.rounds(5);
      rig.awaitEmpty();
      assertEquals(
          "NDEATH",
          atOne.said().getLast().verb(),
          "tck-id-operational-behavior-primary-application-state-with-multiple-servers-single-server");
      assertEquals(
          List.of(),
          atTwo.said("NDEATH"),
          "tck-id-operational-behavior-primary-application-state-with-multiple-servers-walk");
    }
  }

  /** Without it, a gateway would wait for ever at a server that its host does not come to. */
  @Test
  void theGatewayWalksOnWhereItsHostIsNowhere() throws Exception {
    try (TestBroker one = TestBroker.start(TestBroker.Kind.EMBEDDED, sub("one"));
        TestBroker two = TestBroker.start(TestBroker.Kind.EMBEDDED, sub("two"));
        SparkplugHost atOne = new SparkplugHost(one.uri());
        SparkplugHost atTwo = new SparkplugHost(two.uri());
        Rig rig = new Rig(sub("gateway"))) {
      SyncConfig config = quick(one.uri(), HOSTED).with(List.of(two.uri()));
      Sync sync = rig.connectAsEdgeNode(config, HOSTED, config());
      rig.await("to and fro", () -> rig.counters.value("sync.connects") >= 3);
      assertFalse(sync.status().online(), "a dead man takes that for a cloud that is away");
      assertEquals(List.of(), atOne.said());
      assertEquals(List.of(), atTwo.said());
      atTwo.state(false, 1);
      atOne.state(true, 1);
      atOne.await(1, s -> s.verb().equals("DBIRTH"));
      rig.await("online", () -> sync.status().online());
      assertEquals(List.of(), atTwo.said());
    }
  }

  /** The counts that arrived, each once, and whether each was history. */
  private static Set<Double> counts(SparkplugHost host) throws Exception {
    Set<Double> counts = new TreeSet<>();
    for (Said said : host.said("DDATA")) {
      for (Metric metric : said.metrics()) {
        if (host.name(metric).equals("counter") && metric.getValue() instanceof Double value) {
          counts.add(value);
        }
      }
    }
    return counts;
  }

  /** Without it, an outage would be a hole in the host's history, or would move its dials back. */
  @ParameterizedTest
  @MethodSource("brokers")
  void whatWasStoredDuringAnOutageArrivesAsHistory(TestBroker.Kind kind) throws Exception {
    try (TestBroker broker = TestBroker.start(kind, sub("broker"));
        SlowWire wire = new SlowWire(broker.port());
        SparkplugHost host = new SparkplugHost(broker.uri());
        Rig rig = new Rig(sub("gateway"))) {
      rig.connectAsEdgeNode(quick(wire.uri(), ALONE), ALONE, config());
      rig.rounds(20);
      host.await(1, SparkplugTest::isData);
      long lost = rig.counters.value("sync.connections-lost");
      wire.freeze(); // what is written now, nobody gets
      rig.rounds(20);
      rig.await("the end", () -> rig.counters.value("sync.connections-lost") > lost);
      rig.rounds(20);
      rig.awaitEmpty();
      assertEquals(120, counts(host).size(), () -> "of 60 rounds of two");
      assertNumbersRun(host.said());
      double newest = Double.NEGATIVE_INFINITY;
      for (Said said : host.said("DDATA")) {
        for (Metric metric : said.metrics()) {
          if (!metric.isHistorical() && metric.getValue() instanceof Double value) {
            assertTrue(value > newest, "live values go forward alone: " + value);
            newest = value;
          }
        }
      }
      assertEquals(0, rig.account().lost());
    }
  }

  /** The control: a host that acknowledges is believed alone, and what it never had stays. */
  @Test
  void aHostThatSaysWhatItHasStoredIsWaitedFor() throws Exception {
    try (TestBroker broker = TestBroker.start(TestBroker.Kind.EMBEDDED, sub("broker"));
        SparkplugHost host = new SparkplugHost(broker.uri());
        Rig rig = new Rig(sub("gateway"))) {
      rig.connectAsEdgeNode(quick(broker.uri(), ACKNOWLEDGED), ACKNOWLEDGED, config());
      rig.rounds(5);
      host.await(5, s -> s.verb().equals("DDATA"));
      long start = rig.clock.monotonicNanos(); // longer than what counts as one otherwise
      rig.await("5 s", () -> rig.clock.monotonicNanos() - start > 5_000_000_000L);
      assertEquals(rig.account().accepted(), rig.account().buffered());
      List<Metric> sent =
          host.said("NDATA").stream()
              .flatMap(s -> s.metrics().stream())
              .filter(m -> host.name(m).startsWith("Tidegate/Sent Through/"))
              .toList();
      long most = 0;
      for (Metric metric : sent.reversed()) { // the last ones first: they say nothing of the others
        String name = host.name(metric).replace("Sent", "Acked");
        host.command(
            "NCMD",
            "g1",
            ++most,
            SparkplugHost.metric(name, MetricDataType.Int64, metric.getValue()));
        rig.await("it", () -> rig.account().delivered() > 0);
        assertTrue(rig.account().delivered() <= 2 * most, "one frame each");
      }
      rig.awaitEmpty();
      assertEquals(rig.account().accepted(), rig.account().delivered());
    }
  }

  /** Without it, values of a device that fell silent would look like new ones. */
  @Test
  void aDeviceThatIsLostDiesAndComesBackToLife() throws Exception {
    try (TestBroker broker = TestBroker.start(TestBroker.Kind.EMBEDDED, sub("broker"));
        SparkplugHost host = new SparkplugHost(broker.uri());
        Rig rig = new Rig(sub("gateway"))) {
      rig.connectAsEdgeNode(quick(broker.uri(), ALONE), ALONE, config());
      host.await(1, s -> s.verb().equals("DBIRTH"));
      happened(rig, "device-lost");
      Said death = host.await(1, s -> s.verb().equals("DDEATH")).getFirst();
      assertEquals("test", death.device(), "tck-id-operational-behavior-device-ddeath");
      happened(rig, "device-back");
      host.await(2, s -> s.verb().equals("DBIRTH"));
      rig.rounds(1);
      host.await(1, s -> s.verb().equals("DDATA"));
      assertNumbersRun(host.said());
    }
  }

  private static final String EPOCH = "00112233445566778899aabbccddeeff";
  private static final String THIS_RUN = "6f8f57ca-1f0b-4a5c-9f5e-5b3c8a3d9c10";
  private static final String EARLIER_RUN = "6f8f57ca-1f0b-4a5c-9f5e-5b3c8a3d9c11";

  private static Outbound told(String run, long first, String kind, long atNanos) {
    Event event = new Event(atNanos, Event.Severity.WARNING, kind, "test", "see there");
    byte[] bytes =
        new FrameCodec("g1", EPOCH, run)
            .encode(Lane.EVENTS, first, new Stamp(0, TimeQuality.SYNCHRONISED), List.of(event), 0)
            .bytes();
    return new Outbound(EPOCH, Lane.EVENTS, first, first, bytes);
  }

  private static List<String> verbs(List<Outgoing> messages) {
    return messages.stream().map(m -> m.topic().split("/", -1)[2]).toList();
  }

  /** Without it, a device that came back while the link was down would stay dead on the host. */
  @Test
  void whatBecameOfADeviceDuringAnOutageIsTold() throws Exception {
    GatewayConfig config = config();
    SparkplugBinding binding =
        new SparkplugBinding(
            ALONE, config, EPOCH, THIS_RUN, new BirthCount(config.data()), new SystemClock());
    binding.begin();
    assertEquals(List.of("NBIRTH", "DBIRTH"), verbs(binding.births()));
    assertEquals(
        List.of("NDATA"),
        verbs(binding.pack(told(EARLIER_RUN, 1, "device-lost", 900), true)),
        "what an earlier run saw says nothing of now");
    assertEquals(
        List.of("DDEATH", "NDATA"),
        verbs(binding.pack(told(THIS_RUN, 2, "device-lost", 10), true)));
    binding.begin();
    assertEquals(List.of("NBIRTH"), verbs(binding.births()));
    assertEquals(
        List.of("DBIRTH", "NDATA"),
        verbs(binding.pack(told(THIS_RUN, 4, "device-back", 30), true)));
    assertEquals(
        List.of("NDATA"),
        verbs(binding.pack(told(THIS_RUN, 3, "device-lost", 20), true)),
        "the backlog comes after what is live, and is older");
    binding.pack(told(THIS_RUN, 5, "device-lost", 40), false);
    byte[] reading =
        new FrameCodec("g1", EPOCH, THIS_RUN)
            .encode(
                Lane.RAW,
                1,
                new Stamp(0, TimeQuality.SYNCHRONISED),
                List.of(new Entry.Measured(Reading.good(new PointId("test/flow"), 39, 1))),
                0)
            .bytes();
    assertEquals(
        List.of("DBIRTH", "DDATA", "DDEATH"),
        verbs(binding.pack(new Outbound(EPOCH, Lane.RAW, 1, 1, reading), false)),
        "what it gave before it fell silent is said while it is born");
  }

  private static void happened(Rig rig, String kind) {
    rig.buffer.append(
        Lane.EVENTS,
        new Event(rig.clock.monotonicNanos(), Event.Severity.WARNING, kind, "test", "see there"),
        null);
  }
}
