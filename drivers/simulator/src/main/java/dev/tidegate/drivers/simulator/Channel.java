package dev.tidegate.drivers.simulator;

import dev.tidegate.reading.Unit;
import org.jspecify.annotations.Nullable;

/** One quantity of the {@link Plant}: eight sensors and two set-points. */
public enum Channel {
  /** Motor speed, 0 to 3,000 {rev}/min in steps of 1. */
  SPEED("speed", "{rev}/min", 3_000, 1, 1.5),
  /** Flow behind the pump, 0 to 500 l/min in steps of 0.1. */
  FLOW("flow", "l/min", 500, 10, 0.8),
  /** Pressure behind pump and filter, 0 to 6 bar in steps of 0.001. */
  PRESSURE("pressure", "bar", 6, 1_000, 0.005),
  /** Level of the tank, 0 to 2.5 m in steps of 0.001. */
  LEVEL("level", "m", 2.5, 1_000, 0.003),
  /** Current of one motor phase, 0 to 20 A in steps of 0.01. */
  CURRENT("current", "A", 20, 100, 0.02),
  /** Temperature of the motor's winding, 0 to 160 Cel in steps of 0.1. */
  MOTOR_TEMP("motor-temp", "Cel", 160, 10, 0.1),
  /** Vibration velocity at the pump's bearing, RMS, 0 to 25 mm/s in steps of 0.01. */
  VIBRATION("vibration", "mm/s", 25, 100, 0.05),
  /** Opening of the valve, 0 to 100 % in steps of 0.1. */
  VALVE("valve", "%", 100, 10, 0.1),
  /** Speed that the drive is told to hold, 0 to 3,000 {rev}/min; writable. */
  SPEED_SETPOINT("speed-setpoint", "{rev}/min", 3_000, 1, 0),
  /** Opening that the valve is told to take, 0 to 100 %; writable. */
  VALVE_SETPOINT("valve-setpoint", "%", 100, 10, 0);

  private final String id;
  private final String ucum;
  private final double high;
  private final int stepsPerUnit;
  private final double noise;

  Channel(String id, String ucum, double high, int stepsPerUnit, double noise) {
    this.id = id;
    this.ucum = ucum;
    this.high = high;
    this.stepsPerUnit = stepsPerUnit;
    this.noise = noise;
  }

  /** The name in a configuration: dash-case. */
  public String id() {
    return id;
  }

  /** What the channel measures in. */
  public Unit unit() {
    return Unit.of(ucum);
  }

  /** The end of the range, in {@link #unit()}; the range starts at 0. */
  public double high() {
    return high;
  }

  /** Whether {@link Plant#write} takes it. */
  public boolean isWritable() {
    return this == SPEED_SETPOINT || this == VALVE_SETPOINT;
  }

  /** Standard deviation of the sensor's noise, in {@link #unit()}. */
  double noise() {
    return noise;
  }

  /** What the sensor shows for a quantity: within the range, rounded to its resolution. */
  double shown(double quantity) {
    double within = Math.min(high, Math.max(0, quantity));
    return Math.rint(within * stepsPerUnit) / stepsPerUnit;
  }

  /** The channel of that id, or null. */
  public static @Nullable Channel ofId(String id) {
    for (Channel channel : values()) {
      if (channel.id.equals(id)) {
        return channel;
      }
    }
    return null;
  }
}
