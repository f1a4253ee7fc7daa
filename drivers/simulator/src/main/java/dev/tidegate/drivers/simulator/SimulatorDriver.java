package dev.tidegate.drivers.simulator;

import static dev.tidegate.driver.Option.Kind.CHOICE;
import static dev.tidegate.driver.Option.Kind.DURATION;
import static dev.tidegate.driver.Option.Kind.INTEGER;
import static dev.tidegate.driver.Option.Kind.NUMBER;

import dev.tidegate.driver.Complaint;
import dev.tidegate.driver.Device;
import dev.tidegate.driver.DeviceConfig;
import dev.tidegate.driver.Driver;
import dev.tidegate.driver.DriverContext;
import dev.tidegate.driver.DriverException;
import dev.tidegate.driver.Option;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Unit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The driver {@code simulator}: every device is a {@link Plant} of its own. */
public final class SimulatorDriver implements Driver {
  private static final String[] CHANNELS =
      Arrays.stream(Channel.values()).map(Channel::id).toArray(String[]::new);
  private static final double MONTH_SECONDS = 31 * 86_400;

  @Override
  public String type() {
    return "simulator";
  }

  @Override
  public List<Option> options() {
    return List.of(
        Option.device(INTEGER, "seed", "Plants with the same seed behave the same, bit by bit.")
            .or("1"),
        Option.device(NUMBER, "speed", "Simulated seconds that pass in one second.")
            .or("1")
            .within(0.001, 1_000),
        Option.device(
                DURATION,
                "faults-every",
                "Simulated time from the start of one fault to the next; 0s: no faults.")
            .or("60s")
            .within(0, MONTH_SECONDS),
        Option.device(DURATION, "fault-lasts", "Simulated time that each fault lasts.")
            .or("15s")
            .within(0.1, MONTH_SECONDS),
        Option.point(CHOICE, "channel", "The quantity to show; left out, the point's id names it.")
            .oneOf(CHANNELS));
  }

  @Override
  public List<Complaint> check(DeviceConfig config) {
    List<Complaint> complaints = new ArrayList<>();
    long everyNanos = config.settings().nanos("faults-every");
    long lastsNanos = config.settings().nanos("fault-lasts");
    if (everyNanos > 0 && lastsNanos > everyNanos) {
      complaints.add(
          new Complaint(
              null, "fault-lasts", "a fault lasts at most as long as faults-every says, or 0s"));
    }
    for (DeviceConfig.Point point : config.points()) {
      Channel channel = channel(point);
      if (channel == null) {
        complaints.add(
            new Complaint(
                point.id(),
                null,
                "the plant has no channel '"
                    + point.id().point()
                    + "': name one with 'channel', or call the point one of "
                    + String.join(", ", CHANNELS)));
      } else if (point.unit() != null && !isSame(point.unit(), channel.unit())) {
        complaints.add(
            new Complaint(
                point.id(),
                "unit",
                channel.id()
                    + " is measured in "
                    + channel.unit()
                    + ", not in "
                    + point.unit()
                    + ": write source-unit: \""
                    + channel.unit()
                    + "\" to have it converted"));
      }
    }
    return complaints;
  }

  @Override
  public Device open(DeviceConfig config, DriverContext context) throws DriverException {
    List<Complaint> complaints = check(config);
    if (!complaints.isEmpty()) {
      throw new DriverException(
          DriverException.Kind.MISCONFIGURED,
          config.id()
              + " cannot be simulated: "
              + complaints.stream().map(Complaint::message).collect(Collectors.joining("; ")));
    }
    Map<PointId, Channel> channels = new LinkedHashMap<>();
    for (DeviceConfig.Point point : config.points()) {
      Channel channel = channel(point);
      if (channel != null) { // check() has seen to it
        channels.put(point.id(), channel);
      }
    }
    long everyNanos = config.settings().nanos("faults-every");
    Schedule schedule =
        everyNanos == 0
            ? Schedule.NONE
            : Schedule.every(everyNanos, config.settings().nanos("fault-lasts"));
    Plant plant = new Plant(config.settings().integer("seed"), schedule);
    return new SimulatedDevice(plant, channels, config.settings().number("speed"), context.clock());
  }

  private static @Nullable Channel channel(DeviceConfig.Point point) {
    return Channel.ofId(
        point.settings().has("channel") ? point.settings().text("channel") : point.id().point());
  }

  /** Two spellings of one unit: l/min and L/min. */
  private static boolean isSame(Unit one, Unit other) {
    return one.isCommensurate(other)
        && one.convert(0, other) == 0
        && Math.abs(one.convert(1, other) - 1) < 1e-9;
  }
}
