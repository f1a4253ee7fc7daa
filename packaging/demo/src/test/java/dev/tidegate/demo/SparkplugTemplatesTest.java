package dev.tidegate.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.tidegate.config.GatewayConfig;
import dev.tidegate.config.SyncConfig.FarSide;
import dev.tidegate.config.decode.ConfigLoader;
import dev.tidegate.config.decode.LoadResult;
import dev.tidegate.demo.SparkplugHost.Said;
import dev.tidegate.driver.Driver;
import dev.tidegate.flow.CommandResult;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Inbox;
import dev.tidegate.flow.Lane;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Quality;
import dev.tidegate.reading.Reading;
import dev.tidegate.reading.Value;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.eclipse.tahu.message.model.Metric;
import org.eclipse.tahu.message.model.MetricDataType;
import org.eclipse.tahu.message.model.Template;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Devices that are instances of a template, read with Eclipse Tahu at real brokers. Comments name
 * the assertions of the standard's test kit.
 */
final class SparkplugTemplatesTest {
  @TempDir Path folder;

  static Stream<TestBroker.Kind> brokers() {
    return TestBroker.Kind.available();
  }

  private Path sub(String name) throws Exception {
    return Files.createDirectories(folder.resolve(name));
  }

  private GatewayConfig config() throws Exception {
    return config("Pump");
  }

  private GatewayConfig config(String template) throws Exception {
    String points =
        """
            points:
              - {id: counter, channel: flow, unit: l/min}
              - {id: flow}
              - {id: level}
              - {id: valve, channel: valve-setpoint, unit: '%'}
        """;
    Path file =
        Files.writeString(
            sub("gateway").resolve("gateway.yaml"),
            """
            gateway: {id: g1, data: .}
            devices:
              - id: test
                driver: simulator
            %s
              - id: twin
                driver: simulator
            %s
              - id: other
                driver: simulator
                points: [{id: flow}]
            windows:
              - {id: w, points: [test/*], size: 1s}
            actuators:
              - {point: test/valve, range: [0, 100]}
            sync:
              broker: mqtt://localhost
              sparkplug-b:
                group: Plant 1
                templates: [{id: %s, devices: [test, twin]}]
            """
                .formatted(points, points, template));
    List<Driver> drivers =
        ServiceLoader.load(Driver.class).stream().map(ServiceLoader.Provider::get).toList();
    LoadResult result = ConfigLoader.load(file, drivers);
    return result instanceof LoadResult.Loaded loaded ? loaded.config() : fail(result.toString());
  }

  private static FarSide.SparkplugB far(GatewayConfig config) {
    assertNotNull(config.sync());
    return (FarSide.SparkplugB) config.sync().farSide();
  }

  private static Template template(SparkplugHost host, Said said, String name) {
    return said.metrics().stream()
        .filter(m -> host.name(m).equals(name))
        .map(m -> (Template) m.getValue())
        .findFirst()
        .orElseThrow(() -> new AssertionError(name + " is not in " + said.verb()));
  }

  private static Set<String> names(Template template) {
    Set<String> names = new TreeSet<>();
    template.getMetrics().forEach(m -> names.add(m.getName()));
    return names;
  }

  private static void connect(Rig rig, TestBroker broker, GatewayConfig config) {
    rig.connectAsEdgeNode(Rig.quick(broker.uri()).with(far(config)), far(config), config);
  }

  /** Without it, a host would have to be told by hand which of a thousand devices are alike. */
  @ParameterizedTest
  @MethodSource("brokers")
  void devicesThatAreAlikeAreInstancesOfOneTemplate(TestBroker.Kind kind) throws Exception {
    Set<String> members = Set.of("counter", "flow", "level", "valve");
    try (TestBroker broker = TestBroker.start(kind, sub("broker"));
        SparkplugHost host = new SparkplugHost(broker.uri());
        Rig rig = new Rig(sub("gateway"))) {
      GatewayConfig config = config();
      connect(rig, broker, config);
      rig.rounds(20);
      rig.awaitEmpty();
      host.await(3, s -> s.verb().equals("DBIRTH"));
      Template definition = template(host, host.said().getFirst(), "_types_/Pump");
      assertTrue(definition.isDefinition(), "tck-id-payloads-template-definition-is-definition");
      assertEquals(members, names(definition), "tck-id-payloads-template-definition-members");
      Map<String, Said> births = new HashMap<>();
      host.said("DBIRTH").forEach(said -> births.put(said.device(), said));
      for (String device : List.of("test", "twin")) {
        Said birth = births.get(device);
        assertNotNull(birth);
        Template instance = template(host, birth, "Pump");
        assertFalse(instance.isDefinition(), "tck-id-payloads-template-instance-is-definition");
        assertEquals("Pump", instance.getTemplateRef(), "tck-id-payloads-template-instance-ref");
        assertEquals(
            members,
            names(instance),
            "tck-id-payloads-template-instance-members, -instance-members-birth");
        assertTrue(
            birth.metrics().stream().noneMatch(m -> members.contains(m.getName())),
            "each value once");
      }
      Said other = births.get("other");
      assertNotNull(other);
      assertEquals(List.of("flow"), other.metrics().stream().map(Metric::getName).toList());
      Map<String, Object> seen = new TreeMap<>();
      for (Said said : host.said("DDATA")) {
        for (Metric metric : said.metrics()) {
          if (host.name(metric).equals("Pump")) {
            Template part = (Template) metric.getValue();
            assertTrue(members.containsAll(names(part)), "…-template-instance-members-data");
            part.getMetrics()
                .forEach(
                    m ->
                        seen.put(
                            m.getName() + m.getTimestamp().toInstant() + m.getValue(),
                            m.getValue()));
          }
        }
      }
      assertEquals(40, seen.size(), () -> "of 20 rounds of two: " + seen);
    }
  }

  /** Without it, bad and old values would look like good new ones, and times would be mixed up. */
  @Test
  void membersBearTimeQualityAndHistoryOfTheirOwn() throws Exception {
    try (TestBroker broker = TestBroker.start(TestBroker.Kind.EMBEDDED, sub("broker"));
        SparkplugHost host = new SparkplugHost(broker.uri());
        Rig rig = new Rig(sub("gateway"))) {
      long now = rig.clock.monotonicNanos();
      append(rig, "flow", now, 1, Quality.GOOD);
      append(rig, "level", now, 2, Quality.BAD_SENSOR);
      append(rig, "flow", now + 5_000_000, 3, Quality.GOOD);
      append(rig, "flow", now + 5_000_000, 4, Quality.GOOD); // the same time once more
      connect(rig, broker, config());
      rig.awaitEmpty();
      List<String> told = new ArrayList<>();
      for (Said said : host.await(1, s -> s.verb().equals("DDATA"))) {
        for (Metric metric : said.metrics()) {
          assertTrue(metric.isHistorical(), "it was stored before the connection");
          List<String> part = new ArrayList<>();
          for (Metric member : ((Template) metric.getValue()).getMetrics()) {
            assertTrue(member.isHistorical(), "so are its members");
            Object quality =
                member.getProperties() == null
                    ? "good"
                    : member.getProperties().getPropertyValue("Quality").getValue();
            part.add(member.getName() + " " + member.getValue() + " " + quality);
            assertEquals(metric.getTimestamp(), member.getTimestamp());
          }
          told.add(String.join(", ", part));
        }
      }
      assertEquals(List.of("flow 1.0 good, level 2.0 0", "flow 3.0 good", "flow 4.0 good"), told);
    }
  }

  /**
   * Without it what was stored under an earlier configuration would come out of the order of time,
   * or as a number where the host was told of an instance.
   */
  @Test
  void pointsOfBeforeStandBesideTheInstanceInTheOrderOfTime() throws Exception {
    try (TestBroker broker = TestBroker.start(TestBroker.Kind.EMBEDDED, sub("broker"));
        SparkplugHost host = new SparkplugHost(broker.uri());
        Rig rig = new Rig(sub("gateway"))) {
      long now = rig.clock.monotonicNanos();
      append(rig, "flow", now, 1, Quality.GOOD);
      append(rig, "temp", now + 5_000_000, 2, Quality.GOOD);
      append(rig, "flow", now + 10_000_000, 3, Quality.GOOD);
      append(rig, "pump", now + 15_000_000, 4, Quality.GOOD);
      connect(rig, broker, config("pump"));
      rig.awaitEmpty();
      List<String> told = new ArrayList<>();
      for (Said said : host.await(1, s -> s.verb().equals("DDATA"))) {
        for (Metric metric : said.metrics()) {
          boolean isNumber = metric.getValue() instanceof Double;
          told.add(host.name(metric) + (isNumber ? " " + metric.getValue() : ""));
        }
      }
      assertEquals(
          List.of("pump", "temp 2.0", "pump", "points/pump 4.0"),
          told,
          "tck-id-operational-behavior-data-publish-nbirth-order");
    }
  }

  private static void append(Rig rig, String point, long at, double value, Quality quality) {
    Reading reading = new Reading(new PointId("test/" + point), at, Value.of(value), quality);
    rig.buffer.append(Lane.RAW, new Entry.Measured(reading), null);
  }

  private static Metric instance(String name, Metric... members) throws Exception {
    return SparkplugHost.metric(
        name,
        MetricDataType.Template,
        new Template("1", "Pump", false, List.of(members), List.of()));
  }

  private static Metric member(String name, @Nullable Double value) throws Exception {
    return SparkplugHost.metric(name, MetricDataType.Double, value);
  }

  /** Without it, the host could not set what it sees; or could set more than that. */
  @Test
  void whatTheHostWritesIsAMemberOfTheInstance() throws Exception {
    BlockingQueue<Inbox.Received> received = new LinkedBlockingQueue<>();
    try (TestBroker broker = TestBroker.start(TestBroker.Kind.EMBEDDED, sub("broker"));
        SparkplugHost host = new SparkplugHost(broker.uri());
        Rig rig = new Rig(sub("gateway"))) {
      rig.buffer.onCommand(received::add);
      connect(rig, broker, config());
      host.await(3, s -> s.verb().equals("DBIRTH"));
      host.command(
          "DCMD", "g1/test", 7, instance("Pump", member("flow", null), member("valve", 17.5)));
      Inbox.Received first = received.poll(20, TimeUnit.SECONDS);
      assertNotNull(first);
      assertEquals("test/valve", first.command().subject());
      assertEquals(Value.of(17.5), first.command().value());
      assertEquals("dcmd/test/valve/7/0", first.command().id());
      host.command("DCMD", "g1/test", 8, member("valve", 1.0)); // was never born by that name
      host.command("DCMD", "g1/test", 9, instance("Pump", member("flow", 1.0)));
      host.command(
          "DCMD", "g1/test", 10, instance("Pump", member("valve", 1.0), member("no", 1.0)));
      host.command("DCMD", "g1/test", 11, instance("Other", member("valve", 1.0)));
      host.command("DCMD", "g1/twin", 12, instance("Pump", member("valve", 1.0)));
      host.command("DCMD", "g1/test", 13, instance("Pump", instance("Pump", member("valve", 1.0))));
      rig.await("the mistakes", () -> rig.counters.value("sync.down-unreadable") == 6);
      assertEquals(null, received.poll(200, TimeUnit.MILLISECONDS));
      CommandResult done =
          new CommandResult(
              rig.clock.monotonicNanos(),
              first.command().id(),
              "test/valve",
              CommandResult.Outcome.DONE,
              CommandResult.Reason.NONE,
              17.5,
              Double.NaN,
              "the device took it");
      rig.buffer.append(Lane.EVENTS, done, null);
      Said said = host.await(1, s -> s.verb().equals("DDATA")).getFirst();
      Metric valve = template(host, said, "Pump").getMetrics().getFirst();
      assertEquals("valve 17.5", valve.getName() + " " + valve.getValue());
    }
  }
}
