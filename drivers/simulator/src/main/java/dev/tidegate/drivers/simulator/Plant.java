package dev.tidegate.drivers.simulator;

import dev.tidegate.reading.Quality;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A pump loop: a motor drives a pump, which lifts water from a sump through a filter, a flow meter
 * and a valve into a tank; consumers empty the tank.
 *
 * <pre>
 *   sump → pump (motor: speed, current, motor-temp, vibration) → filter → pressure → flow
 *        → valve → tank (level) → consumers
 * </pre>
 *
 * <h2>Physics</h2>
 *
 * Head of the pump by the affinity laws, A·n² − B·Q²; losses of filter, pipe and valve by R·Q²; a
 * static lift. Their balance gives the flow, which follows with the inertia of the water column.
 * The tank is a mass balance with an outflow by Torricelli's law. The motor draws hydraulic power
 * over efficiency plus friction; its winding follows the square of the current over an ambient
 * temperature with a daily wave. Set-points are changed every one to three minutes by a programme,
 * until they are written.
 *
 * <h2>Determinism</h2>
 *
 * Time moves in steps of {@link #STEP_NANOS}. A plant is a function of (seed, schedule, writes and
 * the step before which they came): however {@link #advanceTo} is called, the same bits come out on
 * every machine, because every step draws the same count of random numbers and uses only arithmetic
 * that IEEE 754 and {@link StrictMath} fix. Two plants with the same seed and different schedules
 * agree bit by bit until the first fault.
 *
 * <p>Used by one thread at a time.
 */
public final class Plant {
  /** The step of simulated time: 100 ms. */
  public static final long STEP_NANOS = 100_000_000;

  private static final double DT = 0.1; // s
  private static final double RATED_SPEED = 2_900; // {rev}/min
  private static final double RATED_FLOW = 0.005; // m3/s
  private static final double SHUT_OFF_HEAD = 30; // m, at rated speed
  private static final double PUMP_LOSS = 320_000; // m/(m3/s)2
  private static final double LIFT = 5; // m
  private static final double PIPE_LOSS = 150_000; // m/(m3/s)2
  private static final double VALVE_LOSS = 135_000; // m/(m3/s)2, valve open
  private static final double FILTER_LOSS = 20_000; // m/(m3/s)2, filter clean
  private static final double BAR_PER_METRE = 0.0980665;
  private static final double WEIGHT = 9_806.65; // N/m3
  private static final double TANK_AREA = 0.4; // m2
  private static final double OUTLET = 0.005; // m3/s at 1 m
  private static final double WATTS_PER_AMPERE = 589; // 400 V, three phases, cos φ 0.85
  private static final double MAGNETISING = 1.4; // A
  private static final double DAY = 86_400; // s

  private final Schedule schedule;
  private final Noise process;
  private final Noise sensors;
  private final Map<Channel, Sensor> dials = new EnumMap<>(Channel.class);
  private List<Fault> active = List.of();

  private long steps;
  private double speedSetpoint = 2_400; // {rev}/min
  private double valveSetpoint = 75; // %
  private boolean speedByHand;
  private boolean valveByHand;
  private long nextSpeedStep = 900;
  private long nextValveStep = 1_300;
  private double speed = 2_400; // {rev}/min
  private double valve = 75; // %
  private double flow = 0.0039; // m3/s
  private double head = 15; // m, behind the filter
  private double level = 0.6; // m
  private double demand = 1; // share of the usual
  private double current = 2.5; // A
  private double winding = 45; // Cel
  private double vibration = 1.3; // mm/s

  /**
   * @param seed any number; the same seed gives the same plant
   * @param faults what goes wrong when, in any order; may overlap
   */
  public Plant(long seed, List<Fault> faults) {
    this(seed, Schedule.of(faults));
  }

  /**
   * @param seed any number; the same seed gives the same plant
   * @param schedule what goes wrong when
   */
  public Plant(long seed, Schedule schedule) {
    this.schedule = schedule;
    Noise root = new Noise(seed);
    this.process = new Noise(root.bits());
    this.sensors = new Noise(root.bits());
    for (Channel channel : Channel.values()) {
      dials.put(channel, new Sensor());
    }
    measure();
  }

  /** Simulated time since the start, nanoseconds, a multiple of {@link #STEP_NANOS}. */
  public long simNanos() {
    return steps * STEP_NANOS;
  }

  /**
   * Moves simulated time on to the last step that is not later than {@code simNanos}. A time that
   * has passed already changes nothing. Takes well below 1 µs for each step.
   */
  public void advanceTo(long simNanos) {
    long until = simNanos / STEP_NANOS;
    while (steps < until) {
      step();
    }
  }

  /** What the sensor shows now, in the channel's unit; NaN where it gives no value. */
  public double value(Channel channel) {
    return dial(channel).shown;
  }

  /** {@link Quality#BAD_SENSOR} for a sensor that gives no value, otherwise good. */
  public Quality quality(Channel channel) {
    return Double.isNaN(value(channel)) ? Quality.BAD_SENSOR : Quality.GOOD;
  }

  /** The truth: whether any fault is there now, whatever the sensors show. */
  public boolean faultActive() {
    return !active.isEmpty();
  }

  /** The truth: the faults that are there now. */
  public List<Fault> activeFaults() {
    return active;
  }

  /**
   * Sets a set-point, from the next step on and for ever: the programme leaves it alone from then.
   *
   * @throws IllegalArgumentException when the channel is a sensor, or the value lies outside 0 to
   *     {@link Channel#high()}
   */
  public void write(Channel channel, double value) {
    if (!channel.isWritable()) {
      throw new IllegalArgumentException(
          channel.id() + " is measured; speed-setpoint and valve-setpoint can be written");
    }
    if (!(value >= 0 && value <= channel.high())) {
      throw new IllegalArgumentException(
          channel.id() + " takes 0 to " + channel.high() + " " + channel.unit() + ", not " + value);
    }
    if (channel == Channel.SPEED_SETPOINT) {
      speedSetpoint = value;
      speedByHand = true;
    } else {
      valveSetpoint = value;
      valveByHand = true;
    }
  }

  private void step() {
    steps++;
    active = schedule.activeAt(simNanos());
    followProgramme();
    double cavitation = strength(Fault.Kind.CAVITATION);
    double jerk = process.bell();
    double wear = strength(Fault.Kind.BEARING_WEAR);

    speed += (speedSetpoint - speed) * (DT / 2.0);
    double turn = Math.clamp((valveSetpoint - valve) * (DT / 1.5), -1.2, 1.2); // at most 12 %/s
    valve += turn;
    pump(cavitation, jerk);

    double n = speed / RATED_SPEED;
    double q = flow / RATED_FLOW;
    double efficiency = Math.max(0.2, 0.7 * (1 - 0.6 * (q - 1) * (q - 1)));
    double watts =
        WEIGHT * flow * pumpHead(cavitation, jerk) / efficiency
            + 300 * n * n * n
            + 80 * n * (1 + 3 * wear);
    double load = watts / WATTS_PER_AMPERE;
    double magnetising = n > 0.01 ? MAGNETISING : 0;
    current += (Math.sqrt(magnetising * magnetising + load * load) - current) * (DT / 0.3);

    double ambient = 20 + 6 * StrictMath.sin(2 * Math.PI * (steps * DT % DAY) / DAY);
    double warm = ambient + 45 * (current / 3.5) * (current / 3.5) + 25 * wear * n;
    winding += (warm - winding) * (DT / 240);

    double shake =
        0.3
            + 1.3 * n * n
            + 0.5 * n * Math.abs(q - 1)
            + n * 5 * wear
            + n * cavitation * (3 + 0.8 * jerk)
            + n * 0.4 * strength(Fault.Kind.BLOCKED_FILTER);
    vibration += (shake - vibration) * (DT / 0.5);
    measure();
  }

  private double strength(Fault.Kind kind) {
    double strongest = 0;
    for (Fault fault : active) {
      if (fault.kind() == kind) {
        strongest = Math.max(strongest, fault.strengthAt(simNanos()));
      }
    }
    return strongest;
  }

  private boolean has(Fault.Kind kind) {
    for (Fault fault : active) {
      if (fault.kind() == kind) {
        return true;
      }
    }
    return false;
  }

  /** New set-points now and then. Draws the same count of numbers whether they are used or not. */
  private void followProgramme() {
    demand += (1 - demand) * (DT / 30) + 0.004 * process.bell();
    double wait = process.share();
    double target = process.share();
    if (steps == nextSpeedStep) {
      nextSpeedStep += 600 + (long) (1_200 * wait);
      if (!speedByHand) {
        speedSetpoint = Channel.SPEED_SETPOINT.shown(1_900 + 950 * target);
      }
    }
    if (steps == nextValveStep) {
      nextValveStep += 600 + (long) (1_200 * target);
      if (!valveByHand) {
        valveSetpoint = Channel.VALVE_SETPOINT.shown(50 + 45 * wait);
      }
    }
  }

  /** Head at the pump's outlet, m. */
  private double pumpHead(double cavitation, double jerk) {
    double n = speed / RATED_SPEED;
    double lost = 1 - cavitation * (0.22 + 0.08 * jerk);
    return Math.max(0, SHUT_OFF_HEAD * n * n * lost - PUMP_LOSS * flow * flow);
  }

  /** The balance of heads gives the flow; the tank gets what did not leak. */
  private void pump(double cavitation, double jerk) {
    double n = speed / RATED_SPEED;
    double lost = 1 - cavitation * (0.22 + 0.08 * jerk);
    double driving = SHUT_OFF_HEAD * n * n * lost - LIFT; // a check valve holds the water back
    double filter = FILTER_LOSS * (1 + 60 * strength(Fault.Kind.BLOCKED_FILTER));

    // equal-percentage valve, R = 30, tight below 5 %
    double x = valve / 100;
    double opening = StrictMath.pow(30, x - 1) * Math.min(1, x / 0.05);
    double inTank = opening / Math.sqrt(VALVE_LOSS + PIPE_LOSS * opening * opening);
    double leaking = 0.0004 * strength(Fault.Kind.LEAK);
    double conductance = inTank + leaking;
    double loss = PUMP_LOSS + filter + 1 / (conductance * conductance); // closed: infinite, no flow
    double settled = driving > 0 ? Math.sqrt(driving / loss) : 0;
    flow += (settled - flow) * (DT / 0.5);
    head = Math.max(0, pumpHead(cavitation, jerk) - filter * flow * flow);

    double arriving = conductance > 0 ? flow * inTank / conductance : 0;
    double leaving = OUTLET * Math.max(0, demand) * Math.sqrt(level);
    level = Math.clamp(level + (arriving - leaving) * DT / TANK_AREA, 0, Channel.LEVEL.high());
  }

  /** What the sensors make of it. */
  private void measure() {
    show(Channel.SPEED, speed);
    show(Channel.FLOW, has(Fault.Kind.SENSOR_DROPOUT) ? Double.NaN : flow * 60_000);
    double pressure = value(Channel.PRESSURE);
    show(Channel.PRESSURE, head * BAR_PER_METRE);
    if (has(Fault.Kind.STUCK_SENSOR)) {
      dial(Channel.PRESSURE).shown = pressure;
    }
    show(Channel.LEVEL, level);
    show(Channel.CURRENT, current);
    show(Channel.MOTOR_TEMP, winding);
    show(Channel.VIBRATION, vibration);
    show(Channel.VALVE, valve);
    show(Channel.SPEED_SETPOINT, speedSetpoint);
    show(Channel.VALVE_SETPOINT, valveSetpoint);
  }

  private void show(Channel channel, double quantity) {
    double noisy = quantity + channel.noise() * sensors.bell();
    dial(channel).shown = Double.isNaN(noisy) ? noisy : channel.shown(noisy);
  }

  private Sensor dial(Channel channel) {
    return Objects.requireNonNull(dials.get(channel));
  }

  /** What one channel shows. */
  private static final class Sensor {
    double shown;
  }
}
