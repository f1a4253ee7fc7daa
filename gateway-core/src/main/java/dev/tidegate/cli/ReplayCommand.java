package dev.tidegate.cli;

import dev.tidegate.config.GatewayConfig;
import dev.tidegate.config.decode.ConfigLoader;
import dev.tidegate.driver.Complaint;
import dev.tidegate.driver.DeviceConfig;
import dev.tidegate.driver.Driver;
import dev.tidegate.driver.DriverException;
import dev.tidegate.driver.Option.Scope;
import dev.tidegate.driver.Settings;
import dev.tidegate.gateway.Drivers;
import dev.tidegate.gateway.Replay;
import dev.tidegate.health.Faults;
import dev.tidegate.reading.PointId;
import dev.tidegate.timekeeping.SystemClock;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tidegate replay}: the same pipeline on recorded data, as fast as the machine can. */
@Command(
    name = "replay",
    description = {
      "Runs a configuration's pipeline on a recording and prints its windows and decisions.",
      "A point takes the column that its device's 'column' names, else the column called like the"
          + " point (device/point, or the part after the slash)."
    },
    mixinStandardHelpOptions = true)
final class ReplayCommand implements Callable<Integer> {
  @Option(names = "--config", required = true, paramLabel = "FILE", description = "the YAML file")
  @Nullable Path file;

  @Parameters(paramLabel = "RECORDING", description = "a CSV file with a header")
  @Nullable Path recording;

  @Option(names = "--quiet", description = "prints the totals alone")
  boolean quiet;

  @Override
  public Integer call() {
    List<Driver> drivers = Drivers.installed();
    Optional<GatewayConfig> loaded = CheckCommand.load(file, drivers);
    if (loaded.isEmpty()) {
      return Exit.CONFIG;
    }
    GatewayConfig config = loaded.get();
    Optional<Driver> reader = drivers.stream().filter(d -> d.type().equals("replay")).findFirst();
    if (reader.isEmpty() || recording == null) {
      System.err.println("replay: the 'replay' driver is not installed");
      return Exit.FAILED;
    }
    DeviceConfig device = device(config, reader.get(), recording.toAbsolutePath());
    List<Complaint> rest = reader.get().check(device);
    if (!rest.isEmpty()) {
      rest.forEach(c -> System.err.println("replay: " + recording + ": " + c.message()));
      return Exit.FAILED;
    }
    if (device.points().isEmpty()) {
      System.err.println(
          "replay: no point of "
              + file
              + " has a column in "
              + recording
              + ": nothing to play; name its columns like the points (device/point, or the part"
              + " after the slash)");
      return Exit.FAILED;
    }
    return play(config, reader.get(), device);
  }

  private int play(GatewayConfig config, Driver reader, DeviceConfig device) {
    SystemClock clock = new SystemClock();
    Replay replay = new Replay();
    ReplayPrinter printer = new ReplayPrinter(quiet);
    long startNanos = clock.monotonicNanos();
    try {
      replay.play(config, reader, device, printer::print);
    } catch (DriverException e) {
      System.err.println("replay: " + e.getMessage());
      return Exit.FAILED;
    }
    double seconds = (clock.monotonicNanos() - startNanos) / 1e9;
    printer.flush();
    replay.troubles().forEach(t -> System.err.println("recording: " + t));
    for (Faults.Fault fault : replay.faults().open()) {
      System.err.println(fault.where() + ": " + fault.message() + " (" + fault.count() + "×)");
    }
    long readings = replay.counters().value("pipeline.readings");
    System.err.printf(
        Locale.ROOT,
        "%,d readings, %,d windows, %,d decisions (%,d alarms) in %.2f s: %,.0f readings/s%n",
        readings,
        replay.counters().value("pipeline.summaries"),
        replay.counters().value("pipeline.decisions"),
        replay.counters().value("pipeline.alarms"),
        seconds,
        readings / seconds);
    return Exit.OK;
  }

  /** One device that plays the recording into every point which finds its column. */
  private static DeviceConfig device(GatewayConfig config, Driver reader, Path recording) {
    Settings settings =
        ConfigLoader.settings(
            reader, Scope.DEVICE, Map.of("file", recording, "speed", 0.0, "times", "original"));
    List<DeviceConfig.Point> points = new ArrayList<>();
    for (var entry : config.devices()) {
      boolean recorded = entry.driver().equals(reader.type());
      for (DeviceConfig.Point point : entry.device().points()) {
        String own = point.settings().has("column") ? point.settings().text("column") : "";
        points.add(column(reader, point, recorded && !own.isEmpty() ? own : point.id().name()));
      }
    }
    DeviceConfig first = new DeviceConfig("recording", settings, points, 1_000_000_000L);
    Set<PointId> missing = missing(reader, first);
    List<DeviceConfig.Point> second = new ArrayList<>();
    for (DeviceConfig.Point point : points) {
      second.add(missing.contains(point.id()) ? column(reader, point, point.id().point()) : point);
    }
    DeviceConfig named = new DeviceConfig("recording", settings, second, 1_000_000_000L);
    Set<PointId> gone = missing(reader, named);
    for (PointId point : gone) {
      System.err.println(recording.getFileName() + " has no column for " + point + ": left out");
    }
    return new DeviceConfig(
        "recording",
        settings,
        second.stream().filter(p -> !gone.contains(p.id())).toList(),
        1_000_000_000L);
  }

  private static DeviceConfig.Point column(Driver reader, DeviceConfig.Point point, String column) {
    return new DeviceConfig.Point(
        point.id(),
        point.unit(),
        ConfigLoader.settings(reader, Scope.POINT, Map.of("column", column)));
  }

  private static Set<PointId> missing(Driver reader, DeviceConfig device) {
    return reader.check(device).stream()
        .map(Complaint::point)
        .filter(p -> p != null)
        .collect(Collectors.toSet());
  }
}
