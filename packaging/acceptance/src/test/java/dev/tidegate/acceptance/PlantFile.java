package dev.tidegate.acceptance;

import dev.tidegate.drivers.simulator.Channel;
import dev.tidegate.drivers.simulator.Fault;
import dev.tidegate.drivers.simulator.Plant;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/** A recording of the simulated pump loop with known faults, and a configuration that judges it. */
final class PlantFile {
  static final Instant START = Instant.parse("2026-11-01T06:00:00Z");
  private static final long SECOND = 1_000_000_000L;
  private static final List<Channel> COLUMNS =
      List.of(
          Channel.SPEED,
          Channel.VALVE,
          Channel.FLOW,
          Channel.PRESSURE,
          Channel.CURRENT,
          Channel.VIBRATION,
          Channel.MOTOR_TEMP);

  /** Strong ones, far apart. */
  static final List<Fault> FAULTS =
      List.of(
          new Fault(Fault.Kind.CAVITATION, 900 * SECOND, 300 * SECOND, 1),
          new Fault(Fault.Kind.BLOCKED_FILTER, 1800 * SECOND, 300 * SECOND, 1),
          new Fault(Fault.Kind.LEAK, 2700 * SECOND, 300 * SECOND, 1));

  static final int SECONDS = 3600;

  private PlantFile() {}

  /** One row a second for an hour, the first at {@link #START}. */
  static Path write(Path file, List<Fault> faults) throws IOException {
    Plant plant = new Plant(11, faults);
    try (Writer out = Files.newBufferedWriter(file)) {
      out.write("time");
      for (Channel channel : COLUMNS) {
        out.write("," + channel.id());
      }
      for (int second = 0; second < SECONDS; second++) {
        plant.advanceTo(second * SECOND);
        out.write("\n" + START.plusSeconds(second));
        for (Channel channel : COLUMNS) {
          double value = plant.value(channel);
          out.write(Double.isNaN(value) ? "," : "," + value);
        }
      }
      out.write("\n");
    }
    return file;
  }

  /** A gateway that cuts windows as the model was trained on, and lets it decide. */
  static Path configure(Path file) throws IOException {
    return Files.writeString(
        file,
        """
        gateway: {id: judge, data: ./data}
        devices:
          - id: pump
            driver: simulator
            points:
              - {id: speed, unit: "{rev}/min"}
              - {id: valve, unit: "%", report: changes, deadband: 0.5}
              - {id: flow, unit: l/min, gap-after: 5s}
              - {id: pressure, unit: bar}
              - {id: current, unit: A}
              - {id: vibration, unit: mm/s, range: [0, 20]}
              - {id: motor-temp, unit: Cel}
        windows:
          - {id: trend, points: [pump/*], size: 10s}
        models:
          - id: pump-health
            bundle: builtin:pump-health
            window: trend
            inputs:
              speed: pump/speed
              valve: pump/valve
              flow: pump/flow
              pressure: pump/pressure
              current: pump/current
              vibration: pump/vibration
              motor-temp: pump/motor-temp
        """);
  }
}
