package dev.tidegate.config.decode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.config.ActuatorConfig;
import dev.tidegate.config.BudgetConfig;
import dev.tidegate.config.BufferConfig;
import dev.tidegate.config.BufferConfig.LaneQuota;
import dev.tidegate.config.Calibration;
import dev.tidegate.config.DeviceEntry;
import dev.tidegate.config.GatewayConfig;
import dev.tidegate.config.ModelConfig;
import dev.tidegate.config.ModelConfig.Bundle;
import dev.tidegate.config.PointConfig;
import dev.tidegate.config.PointConfig.Report;
import dev.tidegate.config.SyncConfig;
import dev.tidegate.config.WindowConfig;
import dev.tidegate.driver.Device;
import dev.tidegate.driver.DeviceConfig;
import dev.tidegate.driver.Driver;
import dev.tidegate.driver.DriverContext;
import dev.tidegate.driver.DriverException;
import dev.tidegate.driver.Option;
import dev.tidegate.driver.Settings;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Unit;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigLoaderTest {
  private static final long MS = 1_000_000L;
  private static final long S = 1000 * MS;
  private static final long H = 3600 * S;
  private static final double INF = Double.POSITIVE_INFINITY;

  @TempDir Path folder;

  // Without it: something that YAML says does not reach the records, or only YAML can say it.
  @Test
  void everythingYamlSaysCanBeBuiltInCode() {
    Path here = ConfigCasesTest.folder("good-everything").toAbsolutePath().normalize();
    PointId flow = new PointId("pump/flow");
    PointId pressure = new PointId("pump/pressure");
    PointId level = new PointId("tank/level");
    DeviceEntry pump =
        new DeviceEntry(
            "probe",
            new DeviceConfig(
                "pump",
                new Settings(
                    Map.of(
                        "address",
                        0x40L,
                        "speed",
                        "fast",
                        "checksum",
                        false,
                        "timeout",
                        5 * MS,
                        "map",
                        here.resolve("registers.csv"),
                        "label",
                        "P-101 \"main\"")),
                List.of(
                    new DeviceConfig.Point(
                        flow,
                        Unit.of("l/s"),
                        new Settings(Map.of("register", 16L, "weight", 0.25))),
                    new DeviceConfig.Point(
                        pressure,
                        null, // what is calibrated comes in nobody knows which unit
                        new Settings(Map.of("register", 17L, "weight", 1.0)))),
                250 * MS),
            DeviceEntry.OnError.IGNORE,
            List.of(
                new PointConfig(
                    flow,
                    Unit.of("l/min"),
                    Unit.of("l/s"),
                    new Calibration.Linear(0.5, -1),
                    0,
                    100,
                    5,
                    60 * S,
                    5 * S,
                    Report.CHANGES,
                    0.1,
                    60 * S),
                new PointConfig(
                    pressure,
                    Unit.of("bar"),
                    null,
                    new Calibration.Table(
                        List.of(new Calibration.Pair(0, 0), new Calibration.Pair(4095, 10.5))),
                    -INF,
                    INF,
                    INF,
                    PointConfig.NEVER,
                    PointConfig.NEVER,
                    Report.NONE,
                    0,
                    PointConfig.NEVER)));
    DeviceEntry tank =
        new DeviceEntry(
            "silent",
            new DeviceConfig(
                "tank",
                Settings.NONE,
                List.of(new DeviceConfig.Point(level, null, Settings.NONE)),
                S),
            DeviceEntry.OnError.RETRY,
            List.of(PointConfig.plain(level)));
    BufferConfig defaults = BufferConfig.defaults();
    GatewayConfig built =
        new GatewayConfig(
            "plant-7",
            here.resolve("data"),
            List.of(pump, tank),
            List.of(
                new WindowConfig("fast", List.of(flow, pressure), 10 * S, 5 * S, 2 * S),
                new WindowConfig("slow", List.of(level), H, H, 0)),
            List.of(
                new ModelConfig(
                    "pump-health",
                    new Bundle.Folder(here.resolve("models/pump-health")),
                    "fast",
                    Map.of("flow", flow, "pressure", pressure),
                    0.8),
                new ModelConfig(
                    "tank-health",
                    new Bundle.Builtin("tank"),
                    "slow",
                    Map.of("level", level),
                    null)),
            List.of(
                new ActuatorConfig(
                    flow,
                    0,
                    50,
                    10,
                    2.5,
                    60 * S,
                    30 * S,
                    List.of("ops", "app:1"),
                    ActuatorConfig.Mode.LOCAL,
                    20 * S,
                    new ActuatorConfig.ReadBack(pressure, 0.5, 5 * S),
                    List.of(new ActuatorConfig.Interlock(level, 2, 0.5, 0.1, 3 * S, 20 * S, true)),
                    new ActuatorConfig.DeadMan(0, 600 * S, level, 30 * S))),
            new BufferConfig(
                500 * MS,
                new LaneQuota(1 << 20, PointConfig.NEVER),
                new LaneQuota(64 << 10, defaults.events().maxAgeNanos()),
                new LaneQuota(defaults.summaries().maxBytes(), 24 * H),
                new LaneQuota(2_000_000_000L, 2 * H)),
            new SyncConfig(
                URI.create("mqtts://broker.example:8883"),
                "demo",
                "site/{tenant}/{gateway}",
                8,
                32 << 10,
                10 * S,
                20 * S,
                2 * S,
                60 * S,
                "plant-7",
                here.resolve("secret"),
                Path.of("/etc/ssl/broker.pem"),
                SyncConfig.UNLIMITED,
                new SyncConfig.Limits(
                    Map.of("events", 1_000_000L, "summaries", 20_000_000L, "raw", 2_000_000_000L),
                    10,
                    Set.of("pump/flow", "pump/pressure", "tank/level")),
                new SyncConfig.FarSide.Ditto("org.example", "org.example:gateways"),
                new SyncConfig.Identity(
                    here.resolve("gateway.pem"),
                    here.resolve("gateway.key"),
                    Path.of("/etc/ssl/broker.crl")),
                List.of(URI.create("mqtts://second.example:8884")),
                30 * S),
            BudgetConfig.UNBOUNDED);
    Path file = ConfigCasesTest.folder("good-everything").resolve("gateway.yaml");
    assertEquals(built, loaded(ConfigLoader.load(file, ProbeDriver.all())));
  }

  // Without it: the defaults in the declarations and those in the records drift apart.
  @Test
  void whatIsLeftOutHasTheDefaultsOfTheRecords() throws IOException {
    GatewayConfig config = loaded(load(SMALL + "sync: {broker: 'mqtt://localhost'}\nbuffer: {}\n"));
    assertEquals(BufferConfig.defaults(), config.buffer());
    assertEquals(SyncConfig.to(URI.create("mqtt://localhost:1883")), config.sync());
    assertEquals(List.of(PointConfig.plain(new PointId("pump/flow"))), config.points());
    assertEquals(config.buffer(), loaded(load(SMALL)).buffer());
    assertEquals(config.buffer(), loaded(load(SMALL + "buffer: {lanes: {raw: {}}}\n")).buffer());
  }

  private static final String SMALL =
      """
      gateway: {id: plant-7, data: data}
      devices: [{id: pump, driver: silent, points: [{id: flow}]}]
      """;

  // Without it: a byte order mark or Windows line ends turn a good file into a bad one.
  @Test
  void readsWhatEditorsOnOtherSystemsWrite() throws IOException {
    loaded(load("\uFEFF" + SMALL));
    loaded(load(SMALL.replace("\n", "\r\n")));
    assertEquals("3:1", place(load(SMALL.replace("\n", "\r\n") + "x: 1\r\n")));
    assertEquals("3:1", place(load("\uFEFF" + SMALL + "x: 1\n")));
  }

  // Without it: columns are off by one for everyone whose names are not in English.
  @Test
  void columnsCountCharactersNotBytes() throws IOException {
    String yaml = "gateway: {id: plant-7, data: \"dätä😀\", colour: red}\n";
    assertEquals("1:39", place(load(yaml + SMALL.lines().toList().get(1))));
  }

  // Without it: an operator who misnames the file gets a stack trace.
  @Test
  void aFileThatIsNotThereIsRefused() throws IOException {
    assertEquals("no such file", only(ConfigLoader.load(folder.resolve("x"), ProbeDriver.all())));
    assertEquals(
        "this is a folder; expected a YAML file",
        only(ConfigLoader.load(folder, ProbeDriver.all())));
    Path below = Files.writeString(folder.resolve("f"), "x").resolve("gateway.yaml");
    assertInstanceOf(LoadResult.Refused.class, ConfigLoader.load(below, ProbeDriver.all()));
  }

  // Without it: a device file such as /dev/zero is read for ever.
  @Test
  void aDeviceIsRefused() {
    assertEquals(
        "this is a device or a pipe; expected a YAML file",
        only(ConfigLoader.load(Path.of("/dev/zero"), ProbeDriver.all())));
  }

  // Without it: the bound moves by one, or a large file is read before it is refused.
  @Test
  void aFileAbove256KibIsRefused() throws IOException {
    String comment = SMALL + "#" + "x".repeat((256 << 10) - SMALL.length() - 1);
    loaded(load(comment));
    assertEquals(
        "the file is 262145 bytes long; expected at most 256 KiB", only(load(comment + "x")));
  }

  // Without it: a file in another encoding is misread silently.
  @Test
  void bytesThatAreNoUtf8AreRefusedWithTheirPlace() throws IOException {
    Path file = folder.resolve("gateway.yaml");
    byte[] bytes = "gateway:\n  id: plänt\n".getBytes(StandardCharsets.ISO_8859_1);
    Files.write(file, bytes);
    LoadResult result = ConfigLoader.load(file, ProbeDriver.all());
    assertEquals("byte 0xe4 is no UTF-8; expected UTF-8 text", only(result));
    assertEquals("2:9", place(result));
    Files.write(file, new byte[] {'a', ':', ' ', (byte) 0xc3}); // ends within a character
    assertEquals("1:4", place(ConfigLoader.load(file, ProbeDriver.all())));
  }

  // Without it: 100,000 nested brackets overflow the stack of the YAML library.
  @Test
  void deepNestingIsRefusedAtTheFirstLevelTooMany() throws IOException {
    String tooDeep = "nested too deep; expected at most 32 levels";
    for (String open : List.of("[", "{a: ", "- ", "? ", "[{a: ")) {
      assertEquals(tooDeep, only(load(open.repeat(200_000 / open.length()))), open);
    }
    assertEquals("1:33", place(load("[".repeat(100_000))));
    StringBuilder blocks = new StringBuilder();
    for (int i = 0; i < 600; i++) {
      blocks.append(" ".repeat(i)).append("a:\n");
    }
    assertEquals(tooDeep, only(load(blocks.toString())));
    assertEquals("33:33", place(load(blocks.toString())));
    String deepest = "x: " + "[".repeat(31) + "]".repeat(31) + "\n";
    assertEquals("3:1", place(load(SMALL + deepest)), "32 levels are no depth to speak of");
  }

  // Without it: a quarter of a megabyte of commas takes longer than the promised 100 ms.
  @Test
  void tooManyValuesAreRefused() throws IOException {
    String list = "x: [" + "1,".repeat(60_000) + "]\n";
    assertEquals("too many values; expected at most 50000 in one file", only(load(list)));
    assertTrue(only(load(SMALL + "x: [" + "1,".repeat(49_000) + "]\n")).startsWith("unknown key"));
  }

  // Without it: a billion laughs either grow, or drown the one thing that is wrong.
  @Test
  void anAliasIsNeverFollowed() throws IOException {
    LoadResult result = load(SMALL + "windows: &w [*w, *w]\nmodels: *w\n");
    assertEquals("3:10", place(result));
    assertEquals(1, problems(result).size());
  }

  // Without it: a hostile file makes a list of complaints without end.
  @Test
  void complaintsAreListedUpToABound() throws IOException {
    StringBuilder many = new StringBuilder(SMALL);
    for (int i = 0; i < 5_000; i++) {
      many.append("key-").append(i).append(": 1\n");
    }
    LoadResult.Refused refused = assertInstanceOf(LoadResult.Refused.class, load(many.toString()));
    assertEquals(1_000, refused.problems().size());
    assertTrue(refused.more());
    assertFalse(
        assertInstanceOf(LoadResult.Refused.class, load(SMALL + "x: 1\n")).more(),
        "nothing is left out of a short list");
  }

  // Without it: 256 windows over all points of a large gateway take gigabytes.
  @Test
  void windowsTogetherAreBounded() throws IOException {
    StringBuilder yaml = new StringBuilder("gateway: {id: plant-7, data: data}\ndevices:\n");
    yaml.append("  - id: pump\n    driver: silent\n    points:\n");
    for (int i = 0; i < 1_024; i++) {
      yaml.append("    - id: p").append(i).append('\n');
    }
    String devices = yaml + "windows:\n";
    StringBuilder windows = new StringBuilder();
    for (int i = 0; i < 64; i++) {
      windows.append("  - {id: w").append(i).append(", points: [pump/*], size: 1s}\n");
    }
    assertEquals(1_024, loaded(load(devices + windows)).windows().getLast().points().size());
    assertTrue(
        only(load(devices + windows + "  - {id: x, points: [pump/p0], size: 1s}\n"))
            .contains("more than 65536 points"));
    assertTrue(
        only(load(yaml + "    - id: one-more\n")).contains("'points' has 1025 points"),
        "and so are the points of one device");
  }

  // Without it: the message names a place that the reader has to count out by hand.
  @Test
  void theExcerptPointsAtThePlace() throws IOException {
    LoadResult result = load(SMALL + "widnows: []\n");
    assertEquals("widnows: []\n^", problems(result).getFirst());
    String line = "x: [" + "a, ".repeat(200) + "\u0007]";
    String excerpt = problems(load(SMALL + line + "\n")).getFirst();
    String[] lines = excerpt.split("\n", -1);
    assertEquals('?', lines[0].charAt(lines[1].indexOf('^')), "the control character itself");
    assertTrue(lines[0].length() <= 100);
  }

  // Without it: a clash between a driver's key and the gateway's own is found by an operator.
  @Test
  void aDriverThatClashesIsAProgrammersMistake() throws IOException {
    Path file = Files.writeString(folder.resolve("gateway.yaml"), SMALL);
    for (Option bad :
        List.of(
            Option.device(Option.Kind.TEXT, "poll-every", "taken"),
            Option.point(Option.Kind.TEXT, "unit", "taken"),
            Option.device(Option.Kind.INTEGER, "address", "twice").within(0, 1),
            Option.device(Option.Kind.DURATION, "wait", "bad default").or("soon"),
            Option.device(Option.Kind.INTEGER, "count", "default beyond").within(0, 1).or("2"),
            Option.device(Option.Kind.CHOICE, "word", "no words"))) {
      Driver clash = new Clash(bad);
      assertThrows(
          IllegalArgumentException.class,
          () -> ConfigLoader.load(file, List.of(clash)),
          bad.name());
    }
    Driver probe = new ProbeDriver("probe");
    assertThrows(
        IllegalArgumentException.class, () -> ConfigLoader.load(file, List.of(probe, probe)));
    assertThrows(IllegalArgumentException.class, () -> ConfigLoader.load(file, List.of()));
    assertTrue(ConfigLoader.reservedKeys(Option.Scope.DEVICE).contains("poll-every"));
    assertTrue(ConfigLoader.reservedKeys(Option.Scope.POINT).contains("unit"));
  }

  private LoadResult load(String yaml) throws IOException {
    Path file = Files.writeString(folder.resolve("gateway.yaml"), yaml);
    return ConfigLoader.load(file, ProbeDriver.all());
  }

  private static GatewayConfig loaded(LoadResult result) {
    return assertInstanceOf(LoadResult.Loaded.class, result, result::toString).config();
  }

  private static List<String> problems(LoadResult result) {
    return assertInstanceOf(LoadResult.Refused.class, result).problems().stream()
        .map(p -> p.excerpt())
        .toList();
  }

  private static String only(LoadResult result) {
    LoadResult.Refused refused = assertInstanceOf(LoadResult.Refused.class, result);
    assertEquals(1, refused.problems().size(), refused::toString);
    return refused.problems().getFirst().message();
  }

  private static String place(LoadResult result) {
    return place(result, 0);
  }

  private static String place(LoadResult result, int which) {
    var problem = assertInstanceOf(LoadResult.Refused.class, result).problems().get(which);
    return problem.line() + ":" + problem.column();
  }

  /** A driver with one option of its own and an address. */
  private record Clash(Option option) implements Driver {
    @Override
    public String type() {
      return "silent";
    }

    @Override
    public List<Option> options() {
      return List.of(Option.device(Option.Kind.INTEGER, "address", "where"), option);
    }

    @Override
    public Device open(DeviceConfig config, DriverContext context) throws DriverException {
      throw new DriverException(DriverException.Kind.UNPLUGGED, "no bus here");
    }
  }
}
