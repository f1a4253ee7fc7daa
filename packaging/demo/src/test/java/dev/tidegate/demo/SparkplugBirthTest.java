package dev.tidegate.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.config.GatewayConfig;
import dev.tidegate.config.SyncConfig.AssetTemplate;
import dev.tidegate.config.SyncConfig.FarSide;
import dev.tidegate.config.decode.ConfigLoader;
import dev.tidegate.config.decode.LoadResult;
import dev.tidegate.driver.Driver;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.Outbound;
import dev.tidegate.frame.FrameCodec;
import dev.tidegate.frame.FrameCodec.Stamp;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Quality;
import dev.tidegate.reading.Reading;
import dev.tidegate.reading.Value;
import dev.tidegate.sync.binding.Incoming;
import dev.tidegate.sync.link.Outgoing;
import dev.tidegate.sync.sparkplug.BirthCount;
import dev.tidegate.sync.sparkplug.SparkplugBinding;
import dev.tidegate.time.TimeQuality;
import dev.tidegate.timekeeping.SystemClock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;
import org.eclipse.tahu.message.SparkplugBPayloadDecoder;
import org.eclipse.tahu.message.SparkplugBPayloadEncoder;
import org.eclipse.tahu.message.model.Metric;
import org.eclipse.tahu.message.model.MetricDataType;
import org.eclipse.tahu.message.model.PropertySet;
import org.eclipse.tahu.message.model.SparkplugBPayload;
import org.eclipse.tahu.message.model.Template;
import org.eclipse.tahu.model.MetricDataTypeMap;
import org.eclipse.tahu.protobuf.SparkplugBProto;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What births say, and what commands are understood, without a broker; decoded by Tahu. */
final class SparkplugBirthTest {
  private static final String EPOCH = "00112233445566778899aabbccddeeff";
  private static final String RUN = "6f8f57ca-1f0b-4a5c-9f5e-5b3c8a3d9c10";
  private static final String YAML =
      """
      gateway: {id: g1, data: .}
      devices:
        - id: p1
          driver: simulator
          points: [{id: flow, unit: l/min}, {id: level}, {id: valve-setpoint, unit: '%'}]
        - id: p2
          driver: simulator
          points: [{id: flow, unit: l/min}, {id: level}, {id: valve-setpoint, unit: '%'}]
      actuators:
        - {point: p1/valve-setpoint, range: [0, 100]}
      """;

  @TempDir Path folder;

  private SparkplugBinding binding(List<AssetTemplate> templates) throws Exception {
    return binding(templates, "");
  }

  private SparkplugBinding binding(List<AssetTemplate> templates, String more) throws Exception {
    Path file = Files.writeString(folder.resolve("gateway.yaml"), YAML + more);
    List<Driver> drivers =
        ServiceLoader.load(Driver.class).stream().map(ServiceLoader.Provider::get).toList();
    GatewayConfig config =
        assertInstanceOf(LoadResult.Loaded.class, ConfigLoader.load(file, drivers)).config();
    FarSide.SparkplugB far = new FarSide.SparkplugB("Plant 1", null, false, templates);
    SparkplugBinding binding =
        new SparkplugBinding(
            far, config, EPOCH, RUN, new BirthCount(config.data()), new SystemClock());
    binding.begin();
    return binding;
  }

  private static Outbound reading(String point, long number, Quality quality) {
    Entry entry = new Entry.Measured(new Reading(new PointId(point), 7, Value.of(1.5), quality));
    Stamp stamp = new Stamp(0, TimeQuality.SYNCHRONISED);
    byte[] bytes =
        new FrameCodec("g1", EPOCH, RUN).encode(Lane.RAW, number, stamp, List.of(entry), 0).bytes();
    return new Outbound(EPOCH, Lane.RAW, number, number, bytes);
  }

  /** The properties of each point in the device's last birth. */
  private static Map<String, Map<String, Object>> born(List<Outgoing> births, String device)
      throws Exception {
    Outgoing birth =
        births.stream().filter(m -> m.topic().endsWith("/" + device)).findFirst().orElseThrow();
    assertTrue(
        SparkplugBProto.Payload.parseFrom(birth.payload()).getMetricsList().stream()
            .allMatch(m -> m.getProperties().getKeysCount() == m.getProperties().getValuesCount()),
        "tck-id-payloads-propertyset-keys-array-size");
    Map<String, Map<String, Object>> born = new TreeMap<>();
    SparkplugBPayload payload =
        new SparkplugBPayloadDecoder().buildFromByteArray(birth.payload(), new MetricDataTypeMap());
    for (Metric metric : payload.getMetrics()) {
      List<Metric> points =
          metric.getValue() instanceof Template whole ? whole.getMetrics() : List.of(metric);
      for (Metric point : points) {
        Map<String, Object> properties = new TreeMap<>();
        PropertySet set = point.getProperties();
        if (set != null) {
          set.getNames().forEach(n -> properties.put(n, set.getPropertyValue(n).getValue()));
        }
        born.put(point.getName(), properties);
      }
    }
    return born;
  }

  private static void everyBirthNamesTheUnits(SparkplugBinding binding) throws Exception {
    Map<String, Object> unit = Map.of("engUnit", "l/min");
    assertEquals(unit, born(binding.births(), "p1").get("flow"), "before the first value");
    binding.pack(reading("p1/flow", 1, Quality.GOOD), false);
    assertEquals(unit, born(binding.births(), "p1").get("flow"), "with a value");
    binding.pack(reading("p1/flow", 2, Quality.BAD_SENSOR), false);
    assertEquals(
        Map.of("engUnit", "l/min", "Quality", 0),
        born(binding.births(), "p1").get("flow"),
        "with a value that is not good: both, in one set");
    assertEquals(unit, born(binding.births(), "p2").get("flow"));
    assertEquals(Map.of(), born(binding.births(), "p1").get("level"), "it has no unit");
  }

  /** Without it, a host that asks for a rebirth would lose the units. */
  @Test
  void everyBirthNamesTheUnits() throws Exception {
    everyBirthNamesTheUnits(binding(List.of()));
  }

  /** Without it, the same would be so for the members of templates. */
  @Test
  void everyBirthNamesTheUnitsOfMembers() throws Exception {
    everyBirthNamesTheUnits(binding(List.of(new AssetTemplate("pump", List.of("p1", "p2")))));
  }

  /** Without it, births would name what must not leave; or an actuator could not be written. */
  @Test
  @SuppressWarnings("JavaUtilDate")
  void whatIsNotListedIsNotNamedAndIsWrittenByItsName() throws Exception {
    String listed = "sync: {broker: 'mqtt://localhost', points: [p1/flow, p2/flow]}";
    List<AssetTemplate> pumps = List.of(new AssetTemplate("pump", List.of("p1", "p2")));
    for (List<AssetTemplate> templates : List.of(List.<AssetTemplate>of(), pumps)) {
      SparkplugBinding binding = binding(templates, listed);
      assertEquals(
          Map.of("flow", Map.of("engUnit", "l/min")), born(binding.births(), "p1"), "no other");
      assertInstanceOf(
          Incoming.Commanded.class,
          binding.read("spBv1.0/Plant 1/DCMD/g1/p1", dcmd(new Date(1_790_000_000))));
      assertInstanceOf(
          Incoming.Unreadable.class,
          binding.read("spBv1.0/Plant 1/DCMD/g1/p2", dcmd(new Date(1_790_000_000))),
          "p2 has no such actuator");
    }
  }

  @SuppressWarnings("JavaUtilDate") // Tahu asks for one
  private static byte[] dcmd(Date timestamp) throws Exception {
    Metric valve = SparkplugHost.metric("valve-setpoint", MetricDataType.Double, 17.5);
    byte[] bytes =
        new SparkplugBPayloadEncoder()
            .getBytes(new SparkplugBPayload(timestamp, new ArrayList<>(List.of(valve))), false);
    SparkplugBProto.Payload.Builder payload = SparkplugBProto.Payload.parseFrom(bytes).toBuilder();
    if (timestamp.getTime() == 0) {
      payload.clearTimestamp();
    }
    return payload.build().toByteArray();
  }

  /** Without it, the second "on" of a host that says no time would be taken for the first one. */
  @Test
  @SuppressWarnings("JavaUtilDate")
  void aCommandWithoutATimeIsRefusedInWords() throws Exception {
    SparkplugBinding binding = binding(List.of());
    String topic = "spBv1.0/Plant 1/DCMD/g1/p1";
    assertInstanceOf(Incoming.Commanded.class, binding.read(topic, dcmd(new Date(1_790_000_000))));
    Incoming.Unreadable refused =
        assertInstanceOf(Incoming.Unreadable.class, binding.read(topic, dcmd(new Date(0))));
    assertTrue(refused.why().contains("timestamp"), refused.why());
  }
}
