package dev.tidegate.acquisition;

import dev.tidegate.config.DeviceEntry;
import dev.tidegate.config.DeviceEntry.OnError;
import dev.tidegate.config.PointConfig;
import dev.tidegate.driver.DeviceConfig;
import dev.tidegate.driver.Settings;
import dev.tidegate.flow.Event;
import dev.tidegate.health.Counters;
import dev.tidegate.health.Faults;
import dev.tidegate.reading.PointId;
import dev.tidegate.testkit.ManualClock;
import dev.tidegate.timekeeping.Agent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Buses with lab devices on them, and the clock that moves them. */
final class Lab {
  static final long MILLI = 1_000_000L;
  static final long SECOND = 1_000 * MILLI;

  final ManualClock clock = new ManualClock();
  final Counters counters = new Counters();
  final Faults faults = new Faults(clock);
  final Intake intake = new Intake(10_000, counters);
  final LabDriver driver = new LabDriver(clock);

  /** A device with the one point {@code id/value}. */
  static DeviceEntry device(String id, long everyNanos, OnError onError) {
    PointId point = PointId.of(id, "value");
    return new DeviceEntry(
        "lab",
        new DeviceConfig(
            id,
            Settings.NONE,
            List.of(new DeviceConfig.Point(point, null, Settings.NONE)),
            everyNanos),
        onError,
        List.of(PointConfig.plain(point)));
  }

  List<Agent> buses(DeviceEntry... devices) {
    return Acquisition.of(
            List.of(devices),
            Map.of("lab", driver),
            intake,
            clock,
            new SplittableRandom(1),
            counters,
            faults)
        .buses();
  }

  /** One device without its bus, for what needs exact times. */
  DeviceRunner runner(DeviceEntry device) {
    return new DeviceRunner(
        device,
        driver,
        sink(device),
        clock,
        new SplittableRandom(2),
        counters.of("acquisition.polls"),
        counters.of("acquisition.overruns"));
  }

  DeviceSink sink(DeviceEntry device) {
    PointId point = device.points().getFirst().id();
    return new DeviceSink(
        device.device().id(), java.util.Set.of(point), intake, clock, counters, faults);
  }

  /** Moves the clock on in steps of 10 ms and lets every bus do what is due. */
  void run(List<Agent> buses, long nanos) throws InterruptedException {
    long end = clock.monotonicNanos() + nanos;
    settle(buses);
    while (clock.monotonicNanos() < end) {
      clock.advance(10 * MILLI);
      settle(buses);
    }
  }

  /** At most one piece of work for each millisecond, so that a bus that never idles is seen. */
  private static void settle(List<Agent> buses) throws InterruptedException {
    for (Agent bus : buses) {
      for (int i = 0; i < 10 && bus.step(0) > 0; i++) {
        // more is due
      }
    }
  }

  List<Arrival> arrived() throws InterruptedException {
    List<Arrival> all = new ArrayList<>();
    intake.drain(all, Integer.MAX_VALUE, 0);
    return all;
  }

  /** The kinds and subjects of the events among what arrived. */
  static List<String> events(List<Arrival> arrived) {
    List<String> events = new ArrayList<>();
    for (Arrival arrival : arrived) {
      if (arrival instanceof Arrival.Happened(Event e)) {
        events.add(e.kind() + " " + e.subject());
      }
    }
    return events;
  }

  /** How many samples of the device are among what arrived. */
  static long samples(List<Arrival> arrived, String device) {
    return arrived.stream()
        .filter(
            a ->
                a instanceof Arrival.Sampled sampled
                    && sampled.sample().point().device().equals(device))
        .count();
  }
}
