package dev.tidegate.drivers.simulator;

import dev.tidegate.driver.DriverException;
import dev.tidegate.driver.Pollable;
import dev.tidegate.driver.Sink;
import dev.tidegate.driver.Writable;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Reading;
import dev.tidegate.reading.Value;
import dev.tidegate.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One plant on the gateway's timeline. Used by its bus thread alone.
 *
 * <p>Simulated time starts with the device and is moved on at each call. A call moves it by at most
 * {@link #STEPS_PER_CALL} steps; a plant that has fallen further behind (a suspended machine)
 * catches up over the next calls.
 */
final class SimulatedDevice implements Pollable, Writable {
  /** 10,000 simulated seconds: well below 0.2 s of work. */
  static final long STEPS_PER_CALL = 100_000;

  private final Plant plant;
  private final Map<PointId, Channel> channels;
  private final double speed;
  private final Clock clock;
  private final long openedNanos;

  SimulatedDevice(Plant plant, Map<PointId, Channel> channels, double speed, Clock clock) {
    this.plant = plant;
    this.channels = new LinkedHashMap<>(channels);
    this.speed = speed;
    this.clock = clock;
    this.openedNanos = clock.monotonicNanos();
  }

  @Override
  public void poll(Sink sink) {
    long nowNanos = clock.monotonicNanos();
    advance(nowNanos);
    channels.forEach(
        (point, channel) ->
            sink.accept(
                new Reading(
                    point, nowNanos, Value.of(plant.value(channel)), plant.quality(channel))));
  }

  @Override
  public void write(PointId point, Value value) throws DriverException {
    Channel channel = channels.get(point);
    if (channel == null) {
      throw new DriverException(
          DriverException.Kind.UNSUPPORTED, point + " is no point of this plant");
    }
    advance(clock.monotonicNanos());
    try {
      plant.write(channel, value.asDouble());
    } catch (IllegalArgumentException e) {
      throw new DriverException(
          DriverException.Kind.UNSUPPORTED, point + " was not written: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {} // a plant holds nothing but memory

  private void advance(long nowNanos) {
    double simulatedNanos = (nowNanos - openedNanos) * speed;
    long limitNanos = plant.simNanos() + STEPS_PER_CALL * Plant.STEP_NANOS;
    plant.advanceTo((long) Math.min(simulatedNanos, (double) limitNanos));
  }
}
