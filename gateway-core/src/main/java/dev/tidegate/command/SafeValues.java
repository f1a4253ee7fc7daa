package dev.tidegate.command;

import dev.tidegate.config.ActuatorConfig.DeadMan;
import dev.tidegate.flow.Command;
import dev.tidegate.flow.Command.Action;
import dev.tidegate.flow.Command.Origin;
import dev.tidegate.flow.CommandResult.Outcome;
import dev.tidegate.flow.CommandResult.Reason;
import dev.tidegate.health.Faults;
import dev.tidegate.reading.Value;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/**
 * Writes the safe values of dead men, before anything is stored: what is safe must not wait for the
 * disk. Owned by the pipeline's thread.
 */
final class SafeValues {
  private final Devices devices;
  private final Writes writes;
  private final Outcomes outcomes;
  private final LongAdder written;
  private final Faults faults;
  private final Map<String, Long> againNanos = new HashMap<>();

  /**
   * @param written counts them
   */
  SafeValues(Devices devices, Writes writes, Outcomes outcomes, LongAdder written, Faults faults) {
    this.devices = devices;
    this.writes = writes;
    this.outcomes = outcomes;
    this.written = written;
    this.faults = faults;
  }

  /** Writes it, unless that is under way, or was tried a moment ago. */
  void write(Actuator actuator, String danger, long nowNanos) {
    DeadMan deadMan = actuator.config().deadMan();
    String point = actuator.point().name();
    if (deadMan == null || nowNanos < againNanos.getOrDefault(point, Long.MIN_VALUE)) {
      return;
    }
    Pending before = actuator.pending;
    if (before != null && before.command.origin() == Origin.SAFETY) {
      return;
    }
    Value value = devices.valueOf(actuator, Value.of(deadMan.value()));
    if (value == null) {
      return; // such an actuator takes no command either
    }
    againNanos.put(point, nowNanos + Commander.SAFETY_PAUSE_NANOS);
    boolean untouched = before != null && before.cancel();
    Command command = safeCommand(point, deadMan, nowNanos);
    Pending pending =
        new Pending(command, nowNanos + Commander.WRITE_WITHIN_NANOS, Commander.SAFETY_PAUSE_NANOS);
    if (before != null && !untouched && !before.isSure) {
      actuator.wrote(before.value, false);
    }
    actuator.pending = pending;
    if (pending.release()) { // first of all: what is told of it may have to wait for the disk
      devices.write(command, value, pending.deadlineNanos, () -> true);
    }
    written.increment();
    faults.raise(
        "command",
        "safe-value-" + point,
        point + " was set to its safe value " + deadMan.value() + ": " + danger);
    if (before != null) {
      outcomes.tell(
          before,
          untouched ? Outcome.REFUSED : Outcome.UNKNOWN,
          untouched ? Reason.INTERLOCK : before.isSure ? Reason.OUTDATED : Reason.NOT_IN_TIME,
          "the safe value was written instead: " + danger);
    }
    writes.drop(actuator, Reason.INTERLOCK, "the safe value was written instead: " + danger);
    outcomes.started(command, "safe value: " + danger, null);
  }

  private static Command safeCommand(String point, DeadMan deadMan, long nowNanos) {
    return new Command(
        Command.SAFETY_PREFIX + point + "/" + nowNanos,
        Action.WRITE,
        point,
        Value.of(deadMan.value()),
        "",
        Origin.SAFETY,
        Command.NOT_SAID,
        Command.NOT_SAID);
  }
}
