package dev.tidegate.bench;

import com.sun.management.OperatingSystemMXBean;
import dev.tidegate.config.GatewayConfig;
import dev.tidegate.config.decode.ConfigLoader;
import dev.tidegate.config.decode.LoadResult;
import dev.tidegate.driver.DeviceConfig;
import dev.tidegate.driver.Driver;
import dev.tidegate.driver.DriverException;
import dev.tidegate.driver.Option.Scope;
import dev.tidegate.drivers.simulator.Channel;
import dev.tidegate.drivers.simulator.Plant;
import dev.tidegate.drivers.simulator.Schedule;
import dev.tidegate.gateway.Drivers;
import dev.tidegate.gateway.Replay;
import java.io.IOException;
import java.io.Writer;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How many readings a second the whole pipeline takes on one core: a CSV recording of the simulated
 * plant is read, conditioned, summarised and scored by {@code pump-health}; beside it the same file
 * only read and split, which is the raw limit. Rounds alternate; medians of CPU time.
 *
 * <p>Run: {@code mvn -q -pl bench -am -Pbench process-classes -Dbench=ReplayBench}.
 * Single-threaded; the JIT compiler's own threads count too.
 */
public final class ReplayBench {
  private static final int ROWS = 200_000;
  private static final int ROUNDS = 5;
  private static final List<Channel> CHANNELS =
      List.of(
          Channel.SPEED,
          Channel.VALVE,
          Channel.FLOW,
          Channel.PRESSURE,
          Channel.CURRENT,
          Channel.VIBRATION,
          Channel.MOTOR_TEMP,
          Channel.LEVEL);

  private ReplayBench() {}

  public static void main(String[] args) throws IOException, DriverException {
    Path folder = Files.createDirectories(Path.of(args[0]));
    Path recording = folder.resolve("recording.csv");
    record(recording);
    GatewayConfig config = configure(folder);
    Driver driver =
        Drivers.installed().stream()
            .filter(d -> d.type().equals("replay"))
            .findFirst()
            .orElseThrow();
    DeviceConfig device = device(config, driver, recording);
    double[] whole = new double[ROUNDS];
    double[] raw = new double[ROUNDS];
    long readings = 0;
    long records = 0;
    for (int round = -1; round < ROUNDS; round++) {
      long before = cpuNanos();
      long[] out = new long[1];
      Replay replay = new Replay();
      replay.play(config, driver, device, (lane, entry) -> out[0]++);
      double pipeline = cpuNanos() - before;
      before = cpuNanos();
      long cells = split(recording);
      double splitting = cpuNanos() - before;
      readings = replay.counters().value("pipeline.readings");
      records = out[0];
      if (cells < readings) {
        throw new IllegalStateException("read " + cells + " cells for " + readings + " readings");
      }
      if (round >= 0) { // the first warms up
        whole[round] = pipeline / readings;
        raw[round] = splitting / readings;
      }
    }
    System.out.printf(
        Locale.ROOT,
        "%,d readings, %,d records; CPU per reading: whole pipeline %.0f ns (%,.0f readings/s on"
            + " one core), only reading and splitting the file %.0f ns; ratio %.1f%n",
        readings,
        records,
        median(whole),
        1e9 / median(whole),
        median(raw),
        median(whole) / median(raw));
  }

  private static long split(Path recording) throws IOException {
    long cells = 0;
    try (var lines = Files.lines(recording)) {
      for (String line : (Iterable<String>) lines::iterator) {
        cells += line.split(",", -1).length;
      }
    }
    return cells;
  }

  private static void record(Path file) throws IOException {
    Plant plant = new Plant(5, Schedule.every(600_000_000_000L, 120_000_000_000L));
    try (Writer out = Files.newBufferedWriter(file)) {
      out.write("time");
      for (Channel channel : CHANNELS) {
        out.write("," + channel.id());
      }
      out.write("\n");
      for (long row = 0; row < ROWS; row++) {
        plant.advanceTo(row * 1_000_000_000L);
        out.write(Long.toString(1_790_000_000L + row));
        for (Channel channel : CHANNELS) {
          double value = plant.value(channel);
          out.write(Double.isNaN(value) ? "," : String.format(Locale.ROOT, ",%.3f", value));
        }
        out.write("\n");
      }
    }
  }

  private static GatewayConfig configure(Path folder) throws IOException {
    StringBuilder points = new StringBuilder();
    StringBuilder inputs = new StringBuilder();
    for (Channel channel : CHANNELS) {
      points.append("      - {id: %s, unit: \"%s\"}%n".formatted(channel.id(), channel.unit()));
      if (channel != Channel.LEVEL) {
        inputs.append("      %s: pump/%s%n".formatted(channel.id(), channel.id()));
      }
    }
    Path file =
        Files.writeString(
            folder.resolve("gateway.yaml"),
            """
            gateway: {id: bench, data: ./data}
            devices:
              - id: pump
                driver: simulator
                points:
            %swindows:
              - {id: trend, points: [pump/*], size: 10s}
            models:
              - id: health
                bundle: builtin:pump-health
                window: trend
                inputs:
            %s\
            """
                .formatted(points, inputs));
    return switch (ConfigLoader.load(file, Drivers.installed())) {
      case LoadResult.Loaded loaded -> loaded.config();
      case LoadResult.Refused refused ->
          throw new IllegalStateException(refused.problems().toString());
    };
  }

  private static DeviceConfig device(GatewayConfig config, Driver driver, Path recording) {
    List<DeviceConfig.Point> points = new ArrayList<>();
    for (DeviceConfig.Point point : config.devices().getFirst().device().points()) {
      points.add(
          new DeviceConfig.Point(
              point.id(), point.unit(), ConfigLoader.settings(driver, Scope.POINT, Map.of())));
    }
    Map<String, Object> given =
        Map.of("file", recording.toAbsolutePath(), "speed", 0.0, "times", "original");
    return new DeviceConfig(
        "pump", ConfigLoader.settings(driver, Scope.DEVICE, given), points, 1_000_000_000L);
  }

  private static long cpuNanos() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
