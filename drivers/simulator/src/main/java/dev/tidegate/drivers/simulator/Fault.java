package dev.tidegate.drivers.simulator;

/**
 * Something that goes wrong in the plant for a while, and is then repaired at once.
 *
 * @param kind what goes wrong
 * @param startNanos when, nanoseconds of simulated time, 0 or later
 * @param durationNanos for how long, above 0
 * @param severity how badly, above 0, at most 1; sensor faults know no degrees
 */
public record Fault(Kind kind, long startNanos, long durationNanos, double severity) {
  public Fault {
    if (startNanos < 0 || durationNanos <= 0) {
      throw new IllegalArgumentException(
          "a fault starts at 0 ns or later and lasts longer than 0 ns, not "
              + startNanos
              + " and "
              + durationNanos);
    }
    if (!(severity > 0 && severity <= 1)) {
      throw new IllegalArgumentException("severity is above 0 and at most 1, not " + severity);
    }
  }

  /** What can go wrong. */
  public enum Kind {
    /** Vibration climbs over the whole time, the motor draws a little more and runs warmer. */
    BEARING_WEAR("bearing-wear"),
    /** Flow and pressure behind the filter fall. */
    BLOCKED_FILTER("blocked-filter"),
    /** The flow meter shows more, the pressure less, and the tank gets less than was pumped. */
    LEAK("leak"),
    /** The pump loses head in jerks; flow and current tremble, vibration jumps. */
    CAVITATION("cavitation"),
    /** The pressure sensor repeats its last value exactly. */
    STUCK_SENSOR("stuck-sensor"),
    /** The flow meter gives no value. */
    SENSOR_DROPOUT("sensor-dropout");

    private final String id;

    Kind(String id) {
      this.id = id;
    }

    /** The name in texts: dash-case. */
    public String id() {
      return id;
    }
  }

  /** Whether the fault is there at that simulated time. */
  public boolean isActiveAt(long simNanos) {
    return simNanos >= startNanos && simNanos - startNanos < durationNanos;
  }

  /**
   * How strong the fault is at that time, 0 to its severity: it sets in over the first fifth of its
   * time, bearing wear over all of it.
   */
  double strengthAt(long simNanos) {
    if (!isActiveAt(simNanos)) {
      return 0;
    }
    double share = (double) (simNanos - startNanos) / durationNanos;
    return severity * (kind == Kind.BEARING_WEAR ? share : Math.min(1, share * 5));
  }
}
