package dev.tidegate.acquisition;

import dev.tidegate.config.DeviceEntry;
import dev.tidegate.driver.Driver;
import dev.tidegate.health.Counters;
import dev.tidegate.health.Faults;
import dev.tidegate.reading.PointId;
import dev.tidegate.time.Clock;
import dev.tidegate.timekeeping.Agent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/** Sorts the configured devices onto their buses. Stateless: the buses it makes own everything. */
public final class Acquisition {
  private Acquisition() {}

  /**
   * One agent for each bus, with its devices in the order of the configuration. Nothing is opened
   * before the first step.
   *
   * @param drivers the available drivers by type; the configuration was checked against them
   * @param random spreads the retries; used by the calling thread alone, each bus gets its own
   */
  public static List<Agent> buses(
      List<DeviceEntry> entries,
      Map<String, Driver> drivers,
      Intake intake,
      Clock clock,
      RandomGenerator.SplittableGenerator random,
      Counters counters,
      Faults faults) {
    Map<String, List<DeviceRunner>> byBus = new LinkedHashMap<>();
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
          .computeIfAbsent(driver.bus(entry.device()), bus -> new ArrayList<>())
          .add(
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
    byBus.forEach((name, devices) -> buses.add(new Bus(name, devices, clock)));
    return buses;
  }
}
