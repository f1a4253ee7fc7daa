package dev.tidegate.drivers.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.driver.Complaint;
import dev.tidegate.driver.DeviceConfig;
import dev.tidegate.driver.DriverException;
import dev.tidegate.driver.Pollable;
import dev.tidegate.driver.Writable;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Quality;
import dev.tidegate.reading.Reading;
import dev.tidegate.reading.Value;
import dev.tidegate.testkit.CollectingSink;
import dev.tidegate.testkit.DeviceSketch;
import dev.tidegate.testkit.ManualClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The driver shows the plant as it is configured. */
class SimulatorDriverTest {
  private static final Path FOLDER =
      Path.of(System.getProperty("tidegate.root"), "drivers/simulator");

  private final SimulatorDriver driver = new SimulatorDriver();
  private final ManualClock clock = new ManualClock();
  private final CollectingSink sink = new CollectingSink();

  static List<Path> testcases() throws IOException {
    try (Stream<Path> cases = Files.list(FOLDER.resolve("testcases"))) {
      return cases.sorted().toList();
    }
  }

  // Without it the first readings could change from version to version and nobody would know.
  @ParameterizedTest
  @MethodSource("testcases")
  void readingsAreThoseOfTheTestcase(Path testcase) throws Exception {
    Properties input = new Properties();
    try (var reader = Files.newBufferedReader(testcase.resolve("input.properties"))) {
      input.load(reader);
    }
    DeviceSketch sketch = DeviceSketch.of(driver, "plant");
    for (String option : List.of("seed", "speed", "faults-every", "fault-lasts")) {
      if (input.getProperty(option) != null) {
        sketch.set(option, input.getProperty(option));
      }
    }
    for (Channel channel : Channel.values()) {
      sketch.point(channel.id(), "unit", channel.unit().toString());
    }
    SimulatedDevice device = (SimulatedDevice) driver.open(sketch.config(), () -> clock);
    int writeAfter = Integer.parseInt(input.getProperty("write-after", "-1"));
    String every = input.getProperty("poll-every");
    long everyMs =
        every.endsWith("ms")
            ? Long.parseLong(every.replace("ms", ""))
            : Long.parseLong(every.replace("s", "")) * 1_000;
    StringBuilder found = new StringBuilder();
    for (int poll = 0; poll < Integer.parseInt(input.getProperty("polls")); poll++) {
      if (poll == writeAfter) {
        for (Channel channel : Channel.values()) {
          String value = input.getProperty("write." + channel.id());
          if (value != null) {
            device.write(PointId.of("plant", channel.id()), Value.of(Double.parseDouble(value)));
          }
        }
      }
      device.poll(sink);
      found.append(line(poll * everyMs));
      sink.clear();
      clock.advance(everyMs * 1_000_000);
    }
    Path golden = testcase.resolve("expected.txt");
    if ("write".equals(System.getProperty("tidegate.golden"))) {
      Files.writeString(golden, found);
    }
    assertEquals(Files.readString(golden), found.toString());
  }

  private String line(long afterMs) {
    StringBuilder line = new StringBuilder(afterMs + " ms:");
    for (Reading reading : readings()) {
      line.append(' ').append(reading.point().point()).append('=');
      line.append(reading.value().asDouble());
      line.append(reading.quality() == Quality.GOOD ? "" : " (" + reading.quality() + ")");
    }
    return line.append('\n').toString();
  }

  private List<Reading> readings() {
    return sink.samples().stream().map(Reading.class::cast).toList();
  }

  // Without it a point could silently show another quantity, or a quantity in the wrong unit.
  @Test
  void wrongChannelsUnitsAndTimesAreComplainedAboutAllAtOnce() {
    DeviceConfig config =
        DeviceSketch.of(driver, "plant")
            .set("faults-every", "10s")
            .set("fault-lasts", "11s")
            .point("flwo")
            .point("pressure", "unit", "[psi]")
            .point("flow", "unit", "L/min")
            .point("motor-temp", "unit", "K")
            .config();
    List<Complaint> complaints = driver.check(config);
    assertEquals(4, complaints.size(), complaints::toString);
    assertEquals("fault-lasts", complaints.get(0).option());
    assertEquals(PointId.of("plant", "flwo"), complaints.get(1).point());
    assertTrue(complaints.get(1).message().contains("'flwo'"));
    assertTrue(complaints.get(1).message().contains("speed, flow, pressure"));
    assertTrue(complaints.get(2).message().contains("in bar, not in [psi]"));
    assertTrue(complaints.get(3).message().contains("in Cel, not in K"));
    DriverException refusal =
        assertThrows(DriverException.class, () -> driver.open(config, () -> clock));
    assertEquals(DriverException.Kind.MISCONFIGURED, refusal.kind());
    assertTrue(refusal.toString().contains("plant cannot be simulated"), refusal::toString);
  }

  // Without it 'speed' would be decoration.
  @Test
  void simulatedTimeRunsAtTheGivenSpeed() throws Exception {
    DeviceConfig config =
        DeviceSketch.of(driver, "plant").set("speed", "50").point("level").config();
    Pollable device = (Pollable) driver.open(config, () -> clock);
    Plant plant = new Plant(1, Schedule.every(60_000_000_000L, 15_000_000_000L));
    for (int i = 0; i < 20; i++) {
      clock.advance(333_000_000);
      device.poll(sink);
      plant.advanceTo(333_000_000L * 50 * (i + 1));
      Reading reading = readings().get(i);
      assertEquals(plant.value(Channel.LEVEL), reading.value().asDouble());
      assertEquals(clock.monotonicNanos(), reading.sourceNanos());
    }
  }

  // Without it a machine woken after a week would be stuck in one poll for minutes.
  @Test
  void longPauseIsCaughtUpInBoundedPolls() throws Exception {
    DeviceConfig config = DeviceSketch.of(driver, "plant").point("level").config();
    Pollable device = (Pollable) driver.open(config, () -> clock);
    clock.advance(25_000_000_000_000L); // 2.5 times what one poll catches up
    Plant plant = new Plant(1, Schedule.every(60_000_000_000L, 15_000_000_000L));
    for (long simulatedSeconds : new long[] {10_000, 20_000, 25_000, 25_000}) {
      device.poll(sink);
      plant.advanceTo(simulatedSeconds * 1_000_000_000);
      assertEquals(plant.value(Channel.LEVEL), readings().getLast().value().asDouble());
    }
  }

  // Without it a refused write would look like a done one, or end the bus thread.
  @Test
  void writesActAndWrongOnesAreRefused() throws Exception {
    DeviceConfig config =
        DeviceSketch.of(driver, "plant")
            .set("faults-every", "0s")
            .point("flow")
            .point("target", "channel", "speed-setpoint")
            .config();
    Pollable device = (Pollable) driver.open(config, () -> clock);
    Writable acting = (Writable) device;
    PointId target = PointId.of("plant", "target");
    acting.write(target, Value.of(0L));
    clock.advance(60_000_000_000L);
    device.poll(sink);
    assertEquals(0, readings().get(0).value().asDouble(), 2.5);
    for (Value wrong : List.of(Value.of(3_001.0), Value.of("fast"), Value.of(Double.NaN))) {
      DriverException refusal =
          assertThrows(DriverException.class, () -> acting.write(target, wrong));
      assertEquals(DriverException.Kind.UNSUPPORTED, refusal.kind());
    }
    assertThrows(
        DriverException.class, () -> acting.write(PointId.of("plant", "flow"), Value.of(1.0)));
  }

  // Without it the table in the README and the plant would drift apart.
  @Test
  void readmeListsEveryChannelAndFault() throws IOException {
    String readme = Files.readString(FOLDER.resolve("README.md"));
    for (Channel channel : Channel.values()) {
      String end = channel.high() % 1 == 0 ? "%.0f" : "%.1f";
      assertTrue(
          readme.contains(
              "| `"
                  + channel.id()
                  + "` | `"
                  + channel.unit()
                  + "` | 0 to "
                  + end.formatted(channel.high())
                  + " |"),
          channel.id());
    }
    for (Fault.Kind kind : Fault.Kind.values()) {
      assertTrue(readme.contains("| `" + kind.id() + "` |"), kind.id());
    }
  }
}
