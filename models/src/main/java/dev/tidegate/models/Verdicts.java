package dev.tidegate.models;

import dev.tidegate.drivers.simulator.Fault;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What a detector said about the windows of one run, against what the plant knows.
 *
 * @param seed of the run
 * @param hits faulty windows with an alarm
 * @param falseAlarms healthy windows with an alarm
 * @param misses faulty windows without one
 * @param rests healthy windows without one
 * @param undecided windows that were not scored, because a point had no usable sample
 * @param kinds per kind of fault: {scored faulty windows, of these with an alarm}
 * @param faults faults with at least one scored window
 * @param found of these, with at least one alarm
 */
record Verdicts(
    long seed,
    int hits,
    int falseAlarms,
    int misses,
    int rests,
    int undecided,
    Map<Fault.Kind, Share> kinds,
    int faults,
    int found) {

  /** So many out of so many. */
  record Share(int part, int whole) {
    Share plus(boolean hit) {
      return new Share(part + (hit ? 1 : 0), whole + 1);
    }

    Share plus(Share other) {
      return new Share(part + other.part, whole + other.whole);
    }
  }

  static Verdicts of(Run run, Predicate<float[]> alarm) {
    int[] count = new int[5];
    Map<Fault.Kind, Share> kinds = new EnumMap<>(Fault.Kind.class);
    Set<Long> faults = new HashSet<>();
    Set<Long> found = new HashSet<>();
    for (Run.Window window : run.windows()) {
      if (!window.isComplete()) {
        count[4]++;
        continue;
      }
      boolean raised = alarm.test(window.features());
      Fault fault = window.fault();
      if (fault == null) {
        count[raised ? 1 : 3]++;
        continue;
      }
      count[raised ? 0 : 2]++;
      kinds.merge(fault.kind(), new Share(0, 0).plus(raised), Share::plus);
      faults.add(fault.startNanos());
      if (raised) {
        found.add(fault.startNanos());
      }
    }
    return new Verdicts(
        run.seed(),
        count[0],
        count[1],
        count[2],
        count[3],
        count[4],
        kinds,
        faults.size(),
        found.size());
  }

  /** Alarms that were right. */
  double precision() {
    return (double) hits / Math.max(1, hits + falseAlarms);
  }

  /** Faulty windows that were found. */
  double recall() {
    return (double) hits / Math.max(1, hits + misses);
  }

  /** Harmonic mean of the two. */
  double f1() {
    return 2.0 * hits / Math.max(1, 2 * hits + falseAlarms + misses);
  }

  /** Both together. */
  Verdicts plus(Verdicts other) {
    Map<Fault.Kind, Share> both = new EnumMap<>(Fault.Kind.class);
    both.putAll(kinds);
    other.kinds.forEach((kind, share) -> both.merge(kind, share, Share::plus));
    return new Verdicts(
        seed,
        hits + other.hits,
        falseAlarms + other.falseAlarms,
        misses + other.misses,
        rests + other.rests,
        undecided + other.undecided,
        both,
        faults + other.faults,
        found + other.found);
  }
}
