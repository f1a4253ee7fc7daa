package dev.tidegate.drivers.simulator;

import java.util.List;

/** When the plant has which faults: a pure function of simulated time. Safe for any thread. */
@FunctionalInterface
public interface Schedule {
  /** A plant that is always well. */
  Schedule NONE = simNanos -> List.of();

  /** The faults that are there at that simulated time, in a fixed order. */
  List<Fault> activeAt(long simNanos);

  /** Just these faults, which may overlap. */
  static Schedule of(List<Fault> faults) {
    List<Fault> all = List.copyOf(faults);
    return simNanos -> all.stream().filter(fault -> fault.isActiveAt(simNanos)).toList();
  }

  /**
   * One fault in every period, for ever: the first period is without one, the second starts with
   * bearing wear, then each kind in turn. Severities lie between 0.5 and 1 and differ from one to
   * the next, the same in every run.
   *
   * @param periodNanos from the start of one fault to the start of the next
   * @param durationNanos how long each lasts, above 0, at most the period
   */
  static Schedule every(long periodNanos, long durationNanos) {
    if (durationNanos <= 0 || durationNanos > periodNanos) {
      throw new IllegalArgumentException(
          "a fault lasts longer than 0 ns and at most its period: "
              + durationNanos
              + " ns in every "
              + periodNanos
              + " ns");
    }
    return simNanos -> {
      long turn = simNanos / periodNanos;
      if (turn < 1 || simNanos % periodNanos >= durationNanos) {
        return List.of();
      }
      Fault.Kind[] kinds = Fault.Kind.values();
      Fault.Kind kind = kinds[(int) ((turn - 1) % kinds.length)];
      double severity = 0.5 + 0.5 * new Noise(turn).share();
      return List.of(new Fault(kind, turn * periodNanos, durationNanos, severity));
    };
  }
}
