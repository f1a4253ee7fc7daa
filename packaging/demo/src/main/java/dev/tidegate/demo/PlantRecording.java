package dev.tidegate.demo;

import dev.tidegate.drivers.simulator.Channel;
import dev.tidegate.drivers.simulator.Plant;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/** A CSV recording of another simulated pump loop, as a historian would export it. */
final class PlantRecording {
  private static final Instant START = Instant.parse("2026-11-01T06:00:00Z");

  /** What the model pump-health needs, and the level. */
  private static final List<Channel> COLUMNS =
      List.of(
          Channel.SPEED,
          Channel.VALVE,
          Channel.FLOW,
          Channel.PRESSURE,
          Channel.LEVEL,
          Channel.CURRENT,
          Channel.MOTOR_TEMP,
          Channel.VIBRATION);

  private PlantRecording() {}

  /** Writes {@code seconds} rows at one row a second. */
  static void write(Path file, Plant plant, int seconds) throws IOException {
    try (Writer out = Files.newBufferedWriter(file)) {
      out.write("time");
      for (Channel channel : COLUMNS) {
        out.write("," + channel.id());
      }
      out.write("\n");
      for (int second = 0; second < seconds; second++) {
        plant.advanceTo(second * 1_000_000_000L);
        out.write(START.plusSeconds(second).toString());
        for (Channel channel : COLUMNS) {
          double value = plant.value(channel);
          out.write(Double.isNaN(value) ? "," : String.format(Locale.ROOT, ",%.4f", value));
        }
        out.write("\n");
      }
    }
  }
}
