package dev.tidegate.acceptance;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidegate.cli.Exit;
import dev.tidegate.cli.Tidegate;
import dev.tidegate.config.GatewayConfig;
import dev.tidegate.config.decode.ConfigLoader;
import dev.tidegate.config.decode.LoadResult;
import dev.tidegate.driver.DeviceConfig;
import dev.tidegate.driver.Driver;
import dev.tidegate.driver.Option.Scope;
import dev.tidegate.drivers.simulator.Fault;
import dev.tidegate.flow.Decision;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.Summary;
import dev.tidegate.frame.FrameCodec;
import dev.tidegate.gateway.Drivers;
import dev.tidegate.gateway.Replay;
import dev.tidegate.time.TimeQuality;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A recording through the product's pipeline: the same bytes every time, and the right verdicts.
 */
class ReplayTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final List<Driver> DRIVERS = Drivers.installed();

  @TempDir Path folder;

  private record Kept(Lane lane, Entry entry) {}

  /** What the gateway would have stored, in that order. */
  private record Played(List<Kept> all) {
    List<Entry> of(Lane lane) {
      return all.stream().filter(kept -> kept.lane == lane).map(Kept::entry).toList();
    }
  }

  /** An operator who tries a change must see the change, not the weather. */
  @Test
  void thePlantsRecordingGivesTheSameBytesTwice() throws Exception {
    Path csv = PlantFile.write(folder.resolve("plant.csv"), PlantFile.FAULTS);
    GatewayConfig config = load(PlantFile.configure(folder.resolve("gateway.yaml")));
    Played first = play(config, csv);
    assertEquals(7 * (PlantFile.SECONDS / 10), first.of(Lane.SUMMARIES).size());
    assertTrue(first.of(Lane.RAW).size() > 6 * PlantFile.SECONDS);
    Played second = play(config, csv);
    assertEquals(first.all, second.all, "another order");
    assertArrayEquals(encoded(first), encoded(second));
  }

  /**
   * A model that is bound to the wrong inputs or windows would alarm at the wrong time, or never.
   */
  @Test
  void theModelRaisesTheAlarmWhenThePlantFails() throws Exception {
    Path csv = PlantFile.write(folder.resolve("plant.csv"), PlantFile.FAULTS);
    GatewayConfig config = load(PlantFile.configure(folder.resolve("gateway.yaml")));
    Played records = play(config, csv);
    List<Long> alarms = seconds(records.of(Lane.ALARMS));
    int decisions = alarms.size() + seconds(records.of(Lane.EVENTS)).size();
    assertEquals(PlantFile.SECONDS / 10, decisions, "one decision for each complete window");
    int during = 0;
    for (Fault fault : PlantFile.FAULTS) {
      long start = fault.startNanos() / 1_000_000_000L;
      long end = start + fault.durationNanos() / 1_000_000_000L;
      List<Long> raised = alarms.stream().filter(s -> s > start && s <= end + 10).toList();
      System.out.printf(
          Locale.ROOT,
          "replay: %s from %d s to %d s: %d of 30 windows alarm, the first at %s%n",
          fault.kind().id(),
          start,
          end,
          raised.size(),
          raised.isEmpty() ? "-" : raised.getFirst());
      assertTrue(raised.size() >= 15, fault + " was seen in " + raised.size() + " of 30 windows");
      assertTrue(raised.getFirst() <= start + 90, fault + " was seen late: " + raised.getFirst());
      during += raised.size();
    }
    int falseAlarms = alarms.size() - during;
    System.out.printf("replay: %d false alarms in 270 healthy windows%n", falseAlarms);
    assertTrue(falseAlarms <= 8, falseAlarms + " false alarms in 270 windows: " + alarms);
    assertEquals(
        List.of(), seconds(play(config, healthy()).of(Lane.ALARMS)).stream().skip(8).toList());
  }

  /** A sensor that was away for hours must not be taken for the end of the recording. */
  @Test
  void aLongStretchWithoutAnyValueDoesNotEndTheReplay() throws Exception {
    StringBuilder csv = new StringBuilder("time,flow\n2026-11-01T00:00:00Z,1\n");
    for (int second = 1; second <= 30_000; second++) {
      csv.append(java.time.Instant.parse("2026-11-01T00:00:00Z").plusSeconds(second)).append(",\n");
    }
    csv.append("2026-11-01T09:00:00Z,2\n");
    Path file = Files.writeString(folder.resolve("away.csv"), csv);
    Played records = play(load(onePoint("1h")), file);
    assertEquals(2, records.of(Lane.RAW).size());
  }

  /** Real recordings have gaps, repeated times and odd rows: the same bytes all the same. */
  @Test
  void publicRecordingsGiveTheSameBytesTwice() throws Exception {
    List<Path> files = new ArrayList<>();
    for (String set : List.of("skab", "nab")) {
      List<Path> found = Repository.files(Repository.DATA.resolve(set), ".csv");
      if (found.isEmpty()) {
        System.out.println("replay: skipped " + set + ": no recordings in " + Repository.DATA);
      }
      for (int i = 0; i < found.size(); i += Math.max(1, found.size() / 6)) {
        files.add(found.get(i));
      }
    }
    assumeTrue(!files.isEmpty(), "no public recordings in " + Repository.DATA);
    long readings = 0;
    long windows = 0;
    for (Path csv : files) {
      GatewayConfig config = load(onePoint("5m"));
      Played first = play(config, csv);
      readings += first.of(Lane.RAW).size();
      windows += first.of(Lane.SUMMARIES).size();
      long counted = first.of(Lane.SUMMARIES).stream().mapToLong(e -> ((Summary) e).count()).sum();
      assertTrue(counted > 0, csv + ": nothing was summarised");
      assertArrayEquals(encoded(first), encoded(play(config, csv)), csv.toString());
    }
    System.out.printf(
        "replay: %d public recordings, %d readings, %d windows, twice the same bytes%n",
        files.size(), readings, windows);
  }

  /** The promise as an operator sees it: two runs of the command, the same standard output. */
  @Test
  void theCommandPrintsTheSameBytesTwice() throws Exception {
    Path csv = PlantFile.write(folder.resolve("plant.csv"), PlantFile.FAULTS);
    Path config = PlantFile.configure(folder.resolve("gateway.yaml"));
    Path first = folder.resolve("first.txt");
    Path second = folder.resolve("second.txt");
    for (Path out : List.of(first, second)) {
      try (Peer replay =
          Peer.javaInto(
              out, Tidegate.class, "replay", "--config", config.toString(), csv.toString())) {
        assertEquals(Exit.OK, replay.end(PATIENCE), replay::text);
        assertTrue(
            replay.text().contains("25,200 readings, 2,520 windows, 360 decisions"), replay::text);
      }
    }
    String text = Files.readString(first);
    assertTrue(text.contains(" ALARM\n") && text.contains("window    2026-11-01T06:00:10Z"), text);
    assertArrayEquals(Files.readAllBytes(first), Files.readAllBytes(second));
  }

  /** Each mistake has its own sentence, and none is a stack trace. */
  @Test
  void wrongInputsAreRefusedWithTheNextStep() throws Exception {
    Path config = PlantFile.configure(folder.resolve("gateway.yaml"));
    Path csv =
        Files.writeString(folder.resolve("other.csv"), "time,humidity\n2026-11-01T00:00:00Z,1\n");
    refused(Exit.FAILED, "there is no file", config, folder.resolve("nowhere.csv"));
    refused(Exit.FAILED, "no point of", config, csv);
    refused(Exit.FAILED, "is empty", config, Files.writeString(folder.resolve("empty.csv"), ""));
    Path wrong = Files.writeString(folder.resolve("wrong.yaml"), "gateway: {id: a}\ndevises: []\n");
    refused(Exit.CONFIG, "wrong.yaml:2:1", wrong, csv);
    refused(Exit.CONFIG, "absent.yaml", folder.resolve("absent.yaml"), csv);
  }

  private static void refused(int code, String message, Path config, Path recording)
      throws Exception {
    try (Peer replay =
        Peer.java(
            Tidegate.class,
            List.of(),
            "replay",
            "--config",
            config.toString(),
            recording.toString())) {
      assertEquals(code, replay.end(PATIENCE), replay::text);
      assertTrue(replay.text().contains(message), replay::text);
      assertTrue(!replay.text().contains("\tat "), replay::text);
    }
  }

  private Path healthy() throws Exception {
    return PlantFile.write(folder.resolve("healthy.csv"), List.of());
  }

  /** One point, in windows of that size. */
  private Path onePoint(String window) throws Exception {
    return Files.writeString(
        folder.resolve("one.yaml"),
        """
        gateway: {id: one, data: ./data}
        devices:
          - {id: d, driver: simulator, points: [{id: flow}]}
        windows:
          - {id: w, points: [d/flow], size: %s}
        """
            .formatted(window));
  }

  private static GatewayConfig load(Path file) {
    return assertInstanceOf(LoadResult.Loaded.class, ConfigLoader.load(file, DRIVERS)).config();
  }

  /** All records, each lane in its order; points take the column of their name, or the second. */
  private static Played play(GatewayConfig config, Path csv) throws Exception {
    Driver reader =
        DRIVERS.stream().filter(d -> d.type().equals("replay")).findFirst().orElseThrow();
    String[] header = Files.readAllLines(csv).getFirst().split("[,;]", -1);
    List<DeviceConfig.Point> points =
        config.devices().getFirst().device().points().stream()
            .map(
                p ->
                    new DeviceConfig.Point(
                        p.id(),
                        p.unit(),
                        ConfigLoader.settings(
                            reader,
                            Scope.POINT,
                            Map.of(
                                "column",
                                List.of(header).contains(p.id().point())
                                    ? p.id().point()
                                    : header[1]))))
            .toList();
    DeviceConfig recording =
        new DeviceConfig(
            "recording",
            ConfigLoader.settings(
                reader, Scope.DEVICE, Map.of("file", csv, "speed", 0.0, "times", "original")),
            points,
            1_000_000_000L);
    Played played = new Played(new ArrayList<>());
    Replay replay = new Replay();
    replay.play(config, reader, recording, (lane, entry) -> played.all.add(new Kept(lane, entry)));
    assertEquals(List.of(), replay.faults().open());
    return played;
  }

  /** When decisions were taken, in seconds since the recording's start. */
  private static List<Long> seconds(List<Entry> entries) {
    return entries.stream()
        .filter(e -> e instanceof Decision.Decided)
        .map(e -> e.atNanos() / 1_000_000_000L - PlantFile.START.getEpochSecond())
        .toList();
  }

  /** As the buffer would store them. */
  private static byte[] encoded(Played played) {
    FrameCodec codec = new FrameCodec("g", "0".repeat(32), "00000000-0000-0000-0000-000000000000");
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (Lane lane : Lane.values()) {
      List<Entry> entries = played.of(lane);
      for (int from = 0; from < entries.size(); ) {
        FrameCodec.Encoded frame =
            codec.encode(
                lane, from + 1, new FrameCodec.Stamp(0, TimeQuality.UNVERIFIED), entries, from);
        bytes.writeBytes(frame.bytes());
        from += frame.count();
      }
    }
    return bytes.toByteArray();
  }
}
