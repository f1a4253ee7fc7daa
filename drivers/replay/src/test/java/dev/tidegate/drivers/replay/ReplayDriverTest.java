package dev.tidegate.drivers.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.driver.Complaint;
import dev.tidegate.driver.DeviceConfig;
import dev.tidegate.driver.DriverException;
import dev.tidegate.driver.Pollable;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Quality;
import dev.tidegate.reading.Reading;
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
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The driver plays recordings at the right time, no faster than the intake takes them. */
class ReplayDriverTest {
  private static final Path FOLDER = Path.of(System.getProperty("tidegate.root"), "drivers/replay");

  @TempDir private Path temp;
  private final ReplayDriver driver = new ReplayDriver();
  private final ManualClock clock = new ManualClock();
  private final CollectingSink sink = new CollectingSink();

  static List<Path> testcases() throws IOException {
    try (Stream<Path> cases = Files.list(FOLDER.resolve("testcases"))) {
      return cases.sorted().toList();
    }
  }

  // Without it times, pace, bad rows or cells could change from version to version unseen.
  @ParameterizedTest
  @MethodSource("testcases")
  void readingsAreThoseOfTheTestcase(Path testcase) throws Exception {
    Properties input = new Properties();
    try (var reader = Files.newBufferedReader(testcase.resolve("case.properties"))) {
      input.load(reader);
    }
    DeviceSketch sketch =
        DeviceSketch.of(driver, "rec").set("file", testcase.resolve("input.csv").toString());
    for (String option : List.of("separator", "time-column", "time-format", "speed", "repeat")) {
      if (input.getProperty(option) != null) {
        sketch.set(option, input.getProperty(option));
      }
    }
    for (String point : input.getProperty("points").split("[|]", -1)) {
      String[] parts = point.split("=", 2);
      if (parts.length == 2) {
        sketch.point(parts[0], "column", parts[1]);
      } else {
        sketch.point(point);
      }
    }
    DeviceConfig config = sketch.config();
    assertEquals(List.of(), driver.check(config));
    StringBuilder found = new StringBuilder();
    try (Pollable device = (Pollable) driver.open(config, () -> clock)) {
      for (int poll = 0; poll < Integer.parseInt(input.getProperty("polls")); poll++) {
        sink.room(Integer.parseInt(input.getProperty("room", "1000")));
        device.poll(sink);
        found.append(lines());
        sink.clear();
        clock.advance(Long.parseLong(input.getProperty("poll-every-ms")) * 1_000_000);
      }
    }
    Path golden = testcase.resolve("expected.txt");
    if ("write".equals(System.getProperty("tidegate.golden"))) {
      Files.writeString(golden, found);
    }
    assertEquals(Files.readString(golden), found.toString());
  }

  /** What the poll brought, times in seconds since the device was opened. */
  private String lines() {
    StringBuilder lines = new StringBuilder(since(clock.monotonicNanos())).append(" s:");
    for (Reading reading : readings()) {
      lines.append(' ').append(reading.point().point()).append('@');
      lines.append(since(reading.sourceNanos())).append('=').append(reading.value().asDouble());
      lines.append(reading.quality() == Quality.GOOD ? "" : " (" + reading.quality() + ")");
    }
    for (DriverException trouble : sink.troubles()) {
      String message = String.valueOf(trouble.getMessage());
      lines.append("\n  ").append(message.replaceAll("of \\S*/", "of "));
    }
    return lines.append('\n').toString();
  }

  private static String since(long nanos) {
    return String.valueOf((nanos - ManualClock.START_NANOS) / 1e9);
  }

  private List<Reading> readings() {
    return sink.samples().stream().map(Reading.class::cast).toList();
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(temp.resolve(name), text);
  }

  private DeviceSketch sketch(Path file) {
    return DeviceSketch.of(driver, "rec").set("file", file.toString());
  }

  // Without it an operator finds out one mistake at a time, after the start.
  @Test
  void checkNamesEveryWrongColumnAndWhatWasMeant() throws IOException {
    Path file = write("a.csv", "time;Volume Flow;Level;Level\n2026-01-01;1;2;3\n");
    List<Complaint> complaints =
        driver.check(
            sketch(file)
                .point("a", "column", "Volume Flwo")
                .point("volume-flow")
                .point("b", "column", "Level")
                .point("c", "column", "Volume Flow")
                .config());
    assertEquals(3, complaints.size(), complaints::toString);
    assertEquals(PointId.of("rec", "a"), complaints.get(0).point());
    assertEquals("column", complaints.get(0).option());
    assertTrue(complaints.get(0).message().contains("did you mean 'Volume Flow'?"));
    assertEquals(null, complaints.get(1).option());
    assertTrue(complaints.get(1).message().contains("'Volume Flow'"));
    assertTrue(complaints.get(2).message().contains("two columns 'Level'"));
  }

  // Without it a wrong file would pass the offline check and fail in the plant.
  @Test
  void checkRefusesFilesThatAreNoRecordings() throws IOException {
    assertComplaint(temp.resolve("none.csv"), "file", "there is no file");
    assertComplaint(temp, "file", "there is no file"); // a folder
    assertComplaint(write("empty.csv", ""), "file", "is empty");
    assertComplaint(write("blank.csv", "\n\r\n\n"), "file", "is empty");
    assertComplaint(write("one.csv", "value\n1\n"), "file", "one column only");
    assertComplaint(write("long.csv", "x".repeat(70_000) + ",y\n"), "file", "longer than 65536");
    assertComplaint(
        write("text.csv", "t,v\n" + "not a time,1\n".repeat(200)), "file", "first 100 rows");
    Complaint complaint =
        driver
            .check(
                sketch(write("t.csv", "date,v\n0,1\n"))
                    .set("time-column", "data")
                    .point("v")
                    .config())
            .getFirst();
    assertEquals("time-column", complaint.option());
    assertTrue(complaint.message().contains("did you mean 'date'?"));
  }

  private void assertComplaint(Path file, String option, String part) {
    List<Complaint> complaints = driver.check(sketch(file).point("v").config());
    assertTrue(!complaints.isEmpty(), part);
    Complaint complaint = complaints.getLast();
    assertEquals(option, complaint.option(), complaint::toString);
    assertTrue(complaint.message().contains(part), complaint::toString);
  }

  // Without it a wrong header would be retried for ever, or a lost file never.
  @Test
  void openTellsAWrongFileFromAMissingOne() throws IOException {
    DeviceConfig wrong = sketch(write("w.csv", "t,a\n0,1\n")).point("b").config();
    DriverException refusal =
        assertThrows(DriverException.class, () -> driver.open(wrong, () -> clock));
    assertEquals(DriverException.Kind.MISCONFIGURED, refusal.kind());
    DeviceConfig missing = sketch(temp.resolve("m.csv")).point("b").config();
    refusal = assertThrows(DriverException.class, () -> driver.open(missing, () -> clock));
    assertEquals(DriverException.Kind.UNPLUGGED, refusal.kind());
  }

  // Without it a replayed day would be summarised in today's windows.
  @Test
  void recordedTimesAreKeptForAClockThatFollows() throws Exception {
    Path file = write("o.csv", "t,a\n2026-01-01T00:00:00Z,1\n2026-01-01T00:00:10Z,2\n");
    DeviceConfig config =
        sketch(file).set("speed", "0").set("times", "original").point("a").config();
    assertEquals(List.of(), driver.check(config));
    try (Pollable device = (Pollable) driver.open(config, () -> clock)) {
      device.poll(sink);
    }
    long first = java.time.Instant.parse("2026-01-01T00:00:00Z").getEpochSecond() * 1_000_000_000L;
    assertEquals(
        List.of(first, first + 10_000_000_000L),
        readings().stream().map(Reading::sourceNanos).toList());
  }

  // Without it readings of a live gateway would all be late, and nobody would know why.
  @Test
  void recordedTimesAtAPaceAreRefused() throws Exception {
    Path file = write("p.csv", "t,a\n0,1\n");
    List<Complaint> complaints =
        driver.check(sketch(file).set("times", "original").point("a").config());
    assertEquals(1, complaints.size());
    assertEquals("times", complaints.getFirst().option());
  }

  // Without it a full intake would drop what could have waited in the file.
  @Test
  void neverHandsInMoreThanTheIntakeTakesAndLosesNothing() throws Exception {
    int rows = 500;
    StringBuilder csv = new StringBuilder("t,a,b,c\n");
    for (int i = 0; i < rows; i++) {
      csv.append(i).append(',').append(i).append(',').append(i).append(',').append(i).append('\n');
    }
    DeviceConfig config =
        sketch(write("r.csv", csv.toString()))
            .set("speed", "1000000")
            .point("a")
            .point("b")
            .point("c")
            .config();
    try (Pollable device = (Pollable) driver.open(config, () -> clock)) {
      int before = 0;
      for (int poll = 0; before < rows * 3; poll++) {
        clock.advance(1_000_000_000);
        int room = poll % 5; // now and then none, and never a whole number of rows
        sink.room(room);
        device.poll(sink);
        int handedIn = sink.samples().size() - before;
        assertTrue(handedIn == Math.min(room, rows * 3 - before), "handed in " + handedIn);
        before += handedIn;
      }
    }
    for (int i = 0; i < rows * 3; i++) {
      int row = i / 3;
      assertEquals(row, readings().get(i).value().asDouble());
      assertEquals("abc".charAt(i % 3), readings().get(i).point().point().charAt(0));
      // 1 µs apart, as recorded at a millionth of the time, however long they had to wait
      assertEquals(ManualClock.START_NANOS + row * 1_000L, readings().get(i).sourceNanos());
    }
  }

  // Without it one poll of a long recording would hold its bus thread for minutes.
  @Test
  void onePollReadsABoundedCountOfRows() throws Exception {
    int rows = ReplayedDevice.ROWS_PER_POLL + 5;
    DeviceConfig config =
        sketch(write("l.csv", "t,v\n" + "0,1\n".repeat(rows)))
            .set("speed", "0")
            .point("v")
            .config();
    try (Pollable device = (Pollable) driver.open(config, () -> clock)) {
      device.poll(sink);
      assertEquals(ReplayedDevice.ROWS_PER_POLL, sink.samples().size());
      clock.advance(1_000);
      device.poll(sink);
      assertEquals(rows, sink.samples().size());
      device.poll(sink); // past the end nothing comes
      assertEquals(rows, sink.samples().size());
    }
    assertTrue(readings().stream().allMatch(r -> r.sourceNanos() <= clock.monotonicNanos()));
  }

  // Without it a recording of bad rows alone would be repeated in an endless loop.
  @Test
  void recordingWithoutAGoodRowEndsAlsoWhenRepeated() throws Exception {
    DeviceConfig config =
        sketch(write("b.csv", "t,v\n" + "x,1\n".repeat(50)))
            .set("repeat", "true")
            .set("time-format", "iso")
            .point("v")
            .config();
    try (Pollable device = (Pollable) driver.open(config, () -> clock)) {
      device.poll(sink);
      device.poll(sink);
    }
    assertEquals(List.of(), sink.samples());
    assertEquals(1, sink.troubles().size());
    assertTrue(sink.troubles().getFirst().toString().contains("line 2 of"));
  }

  // Without it a file exchanged under a repeating device would play other columns.
  @Test
  void repeatingAFileWithOtherColumnsFails() throws Exception {
    Path file = write("x.csv", "t,v,w\n0,1,2\n");
    DeviceConfig config = sketch(file).set("repeat", "true").point("w").config();
    try (Pollable device = (Pollable) driver.open(config, () -> clock)) {
      write("x.csv", "t,v\n0,1\n");
      clock.advance(10_000_000_000L);
      DriverException failure = assertThrows(DriverException.class, () -> device.poll(sink));
      assertTrue(failure.toString().contains("rec cannot read"), failure::toString);
      assertTrue(failure.toString().contains("columns have changed"), failure::toString);
    }
  }
}
