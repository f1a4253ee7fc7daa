package dev.tidegate.acceptance;

import dev.tidegate.driver.Device;
import dev.tidegate.driver.DeviceConfig;
import dev.tidegate.driver.Driver;
import dev.tidegate.driver.DriverContext;
import dev.tidegate.driver.DriverException;
import dev.tidegate.driver.Option;
import dev.tidegate.driver.Pollable;
import dev.tidegate.driver.Sink;
import dev.tidegate.driver.Writable;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Reading;
import dev.tidegate.reading.Value;
import dev.tidegate.time.Clock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * An actuator outside the gateway's crash domain: every write is a line in a file, and the last
 * line is what it shows.
 */
public final class WitnessDriver implements Driver {
  @Override
  public String type() {
    return "witness";
  }

  @Override
  public List<Option> options() {
    return List.of(Option.device(Option.Kind.TEXT, "file", "Where writes are noted.").must());
  }

  @Override
  public Device open(DeviceConfig config, DriverContext context) {
    return new Noted(
        Path.of(config.settings().text("file")), config.points().getFirst().id(), context.clock());
  }

  private record Noted(Path file, PointId point, Clock clock) implements Pollable, Writable {
    @Override
    public void poll(Sink sink) throws DriverException {
      List<String> lines = writes(file);
      double value = lines.isEmpty() ? 0 : Double.parseDouble(lines.getLast());
      sink.accept(Reading.good(point, clock.monotonicNanos(), value));
    }

    @Override
    public void write(PointId written, Value value) throws DriverException {
      try {
        Files.writeString(
            file, value.asDouble() + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      } catch (IOException e) {
        throw new DriverException(DriverException.Kind.TRANSIENT, "cannot note: " + e, e);
      }
    }

    @Override
    public void close() {}
  }

  /** What was written so far. */
  static List<String> writes(Path file) throws DriverException {
    try {
      return Files.exists(file) ? Files.readAllLines(file) : List.of();
    } catch (IOException e) {
      throw new DriverException(DriverException.Kind.TRANSIENT, "cannot read: " + e, e);
    }
  }
}
