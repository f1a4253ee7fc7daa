package dev.tidegate.command;

import dev.tidegate.config.ActuatorConfig.DeadMan;
import dev.tidegate.config.kind.Numbers;
import dev.tidegate.flow.Actuators;
import dev.tidegate.flow.Command;
import dev.tidegate.flow.Command.Action;
import dev.tidegate.flow.Command.Origin;
import dev.tidegate.flow.CommandResult.Outcome;
import dev.tidegate.flow.CommandResult.Reason;
import dev.tidegate.health.Faults;
import dev.tidegate.reading.Value;
import dev.tidegate.time.Clock;
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
  private final Clock clock;

  /**
   * @param written counts them
   */
  SafeValues(
      Devices devices,
      Writes writes,
      Outcomes outcomes,
      LongAdder written,
      Faults faults,
      Clock clock) {
    this.devices = devices;
    this.writes = writes;
    this.outcomes = outcomes;
    this.written = written;
    this.faults = faults;
    this.clock = clock;
  }

  /** Writes it, unless that is under way, or was tried a moment ago. */
  void write(Actuator actuator, String danger, long nowNanos) {
    DeadMan deadMan = actuator.config().deadMan();
    String point = actuator.point().name();
    Pending before = actuator.pending;
    boolean isLeaving = before != null && !actuator.isSafe(before.value);
    if (deadMan == null || (nowNanos < actuator.safeAgainNanos && !isLeaving)) {
      return;
    }
    if (before != null && before.command.origin() == Origin.SAFETY) {
      return;
    }
    Value value = devices.valueOf(actuator, Value.of(deadMan.value()));
    if (value == null) {
      return; // such an actuator takes no command either
    }
    actuator.safeAgainNanos = nowNanos + Commander.SAFETY_PAUSE_NANOS;
    boolean untouched = before != null && before.cancel();
    Command command = safeCommand(point, deadMan, nowNanos);
    Pending pending =
        new Pending(
            command,
            clock.monotonicNanos() + Commander.WRITE_WITHIN_NANOS,
            Commander.SAFETY_PAUSE_NANOS);
    if (before != null && !untouched && !before.isSure) {
      actuator.wrote(before.value, false, before.touchedNanos());
      actuator.safeAgainNanos = nowNanos + Commander.SAFETY_PAUSE_NANOS;
    }
    actuator.pending = pending;
    // first of all: what is told of it may have to wait for the disk
    devices.write(command, value, Actuators.URGENT, () -> pending.release(clock.monotonicNanos()));
    written.increment();
    faults.raise(
        "command",
        "safe-value-" + point,
        point + " is being set to its safe value " + Numbers.show(deadMan.value()) + ": " + danger);
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
