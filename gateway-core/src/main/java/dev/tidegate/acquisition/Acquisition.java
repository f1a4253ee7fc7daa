package dev.tidegate.acquisition;

import dev.tidegate.config.DeviceEntry;
import dev.tidegate.driver.Driver;
import dev.tidegate.flow.Actuators;
import dev.tidegate.health.Counters;
import dev.tidegate.health.Faults;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Value;
import dev.tidegate.time.Clock;
import dev.tidegate.timekeeping.Agent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * The configured devices, sorted onto their buses. Immutable: the buses own everything that
 * changes; {@link #write} is for any thread.
 */
public final class Acquisition implements Actuators {
  private final List<Agent> buses;
  private final Map<String, Station> byDevice;

  private record Station(Bus bus, DeviceRunner runner) {}

  private Acquisition(List<Agent> buses, Map<String, Station> byDevice) {
    this.buses = List.copyOf(buses);
    this.byDevice = Map.copyOf(byDevice);
  }

  /**
   * One agent for each bus, with its devices in the order of the configuration. Nothing is opened
   * before the first step.
   *
   * @param drivers the available drivers by type; the configuration was checked against them
   * @param random spreads the retries; used by the calling thread alone, each bus gets its own
   */
  public static Acquisition of(
      List<DeviceEntry> entries,
      Map<String, Driver> drivers,
      Intake intake,
      Clock clock,
      RandomGenerator.SplittableGenerator random,
      Counters counters,
      Faults faults) {
    Map<String, Map<String, DeviceRunner>> byBus = new LinkedHashMap<>();
    for (DeviceEntry entry : entries) {
      Driver driver = drivers.get(entry.driver());
      if (driver == null) {
        throw new IllegalArgumentException("no driver of type '" + entry.driver() + "'");
      }
      String id = entry.device().id();
      Set<PointId> points =
          entry.device().points().stream().map(p -> p.id()).collect(Collectors.toSet());
      DeviceSink sink = new DeviceSink(id, points, intake, clock, counters, faults);
      byBus
          .computeIfAbsent(driver.bus(entry.device()), bus -> new LinkedHashMap<>())
          .put(
              id,
              new DeviceRunner(
                  entry,
                  driver,
                  sink,
                  clock,
                  random.split(),
                  counters.of("acquisition.polls"),
                  counters.of("acquisition.overruns")));
    }
    List<Agent> buses = new ArrayList<>();
    Map<String, Station> byDevice = new HashMap<>();
    byBus.forEach(
        (name, devices) -> {
          Bus bus = new Bus(name, List.copyOf(devices.values()), clock);
          buses.add(bus);
          devices.forEach((id, runner) -> byDevice.put(id, new Station(bus, runner)));
        });
    return new Acquisition(buses, byDevice);
  }

  /** The agents, one for each bus. */
  public List<Agent> buses() {
    return buses;
  }

  @Override
  public void write(
      PointId point,
      Value value,
      long deadlineNanos,
      BooleanSupplier begins,
      Consumer<Written> told) {
    Station station = byDevice.get(point.device());
    if (station != null) {
      station.bus.write(station.runner, point, value, deadlineNanos, begins, told);
    } else if (begins.getAsBoolean()) {
      told.accept(new Written(Written.Kind.NOT_TAKEN, "there is no device " + point.device()));
    }
  }
}
