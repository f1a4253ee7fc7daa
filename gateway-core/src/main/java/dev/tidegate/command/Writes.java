package dev.tidegate.command;

import dev.tidegate.config.ActuatorConfig.ReadBack;
import dev.tidegate.config.kind.Numbers;
import dev.tidegate.driver.Sink.Receipt;
import dev.tidegate.flow.Actuators.Written;
import dev.tidegate.flow.Command;
import dev.tidegate.flow.Command.Origin;
import dev.tidegate.flow.CommandResult.Outcome;
import dev.tidegate.flow.CommandResult.Reason;
import dev.tidegate.flow.Inbox.Received;
import dev.tidegate.health.Faults;
import dev.tidegate.reading.Reading;
import dev.tidegate.reading.Sample;
import dev.tidegate.reading.Value;
import dev.tidegate.time.Clock;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The life of a write: judged, begun or waiting, taken back, written, read back, and over. One at a
 * time for each actuator. Owned by the pipeline's thread.
 */
final class Writes {
  private final Devices devices;
  private final Outcomes outcomes;
  private final LongSupplier linkSilentNanos;
  private final Clock clock;
  private final Faults faults;

  Writes(
      Devices devices,
      Outcomes outcomes,
      LongSupplier linkSilentNanos,
      Clock clock,
      Faults faults) {
    this.devices = devices;
    this.outcomes = outcomes;
    this.linkSilentNanos = linkSilentNanos;
    this.clock = clock;
    this.faults = faults;
  }

  /** Judges a write, and begins it, refuses it, or lets it wait. */
  void judge(Actuator actuator, Parked asked) {
    Command command = asked.received().command();
    Refusal refusal = actuator.judge(asked.received());
    Value value = refusal == null ? devices.valueOf(actuator, command.value()) : null;
    if (refusal == null && value == null) {
      refusal =
          new Refusal(Reason.NOT_WRITABLE, "its calibration cannot be turned round for writing");
    }
    if (refusal != null || value == null) {
      if (refusal != null && refusal.isPassing() && isLevel(command)) {
        park(actuator, asked, refusal.reason(), refusal.message());
      } else if (refusal != null) {
        outcomes.refused(command, refusal);
      }
      return;
    }
    if (isLevel(command) && actuator.isInForce(command.value().asDouble())) {
      outcomes.done(command, "it is in force already");
      return;
    }
    replaced(actuator);
    if (isLevel(command)) {
      drop(actuator, Reason.OUTDATED, "another value is desired by now");
    }
    if (actuator.pending != null) { // the safe value, while the buffer took nothing
      outcomes.refused(command, new Refusal(Reason.BUSY, "another write to the point has begun"));
      return;
    }
    start(actuator, asked, value);
  }

  /** A level waits for what comes by itself: nobody would ask for it again. */
  static boolean isLevel(Command command) {
    return command.origin() == Origin.DESIRED;
  }

  /**
   * Lets a desired value wait.
   *
   * @param reason told once for as long as it is the same; a write before it is a matter of a
   *     moment
   */
  private void park(Actuator actuator, Parked asked, Reason reason, String why) {
    drop(actuator, Reason.OUTDATED, "another value is desired by now");
    actuator.parked = asked;
    if (reason != Reason.BUSY && reason != actuator.waitsFor) {
      actuator.waitsFor = reason;
      faults.raise(
          "command",
          "desired-waits-" + actuator.point().name(),
          actuator.point().name()
              + " is not "
              + asked.received().command().value().asDouble()
              + " yet, as desired: "
              + why
              + "; it follows by itself once that is over, unless another value is desired before");
    }
  }

  /** Takes what waits out of its place. */
  private @Nullable Parked unpark(Actuator actuator) {
    Parked parked = actuator.parked;
    actuator.parked = null;
    return parked;
  }

  /** Nothing waits any more: the operator need not know of it. */
  private void clear(Actuator actuator) {
    if (actuator.parked == null && actuator.waitsFor != null) {
      actuator.waitsFor = null;
      faults.clear("command", "desired-waits-" + actuator.point().name());
    }
  }

  /** A desired value that waits is not wanted any more. */
  void drop(Actuator actuator, Reason reason, String message) {
    Parked parked = unpark(actuator);
    if (parked != null) {
      outcomes.refused(parked.received().command(), new Refusal(reason, message));
      clear(actuator);
    }
  }

  /** Looks again at what waits. */
  void again(Actuator actuator, long nowNanos) {
    if (actuator.parked == null
        || nowNanos < actuator.parked.againNanos()
        || actuator.pending != null) {
      return;
    }
    String danger = actuator.danger(nowNanos, linkSilentNanos.getAsLong());
    if (danger != null) {
      drop(actuator, Reason.INTERLOCK, danger);
      return;
    }
    Parked parked = unpark(actuator);
    if (parked != null) {
      judge(actuator, parked);
      clear(actuator);
    }
  }

  private void start(Actuator actuator, Parked asked, Value value) {
    Command command = asked.received().command();
    long deadline = clock.monotonicNanos() + Commander.WRITE_WITHIN_NANOS;
    Pending pending = new Pending(command, deadline, asked.pauseNanos());
    pending.overtaken = actuator.parked;
    actuator.pending = pending;
    Receipt handOver =
        () ->
            devices.write(command, value, deadline, () -> pending.release(clock.monotonicNanos()));
    outcomes.started(command, "it is about to be written", handOver);
  }

  /** A write whose effect is still being looked for gives way to the next one. */
  private void replaced(Actuator actuator) {
    Pending before = actuator.pending;
    if (before != null) {
      finish(
          actuator,
          before,
          Outcome.UNKNOWN,
          before.isSure ? Reason.OUTDATED : Reason.DEVICE,
          "the device "
              + (before.isSure ? "took it" : "may have taken it")
              + ", and another write followed before the plant showed it");
    }
  }

  /** The device was not reached: a desired value is tried again, anything else has failed. */
  private void untouched(Actuator actuator, Pending pending, Reason reason, String message) {
    if (!isLevel(pending.command) || actuator.parked != null) {
      finish(actuator, pending, Outcome.FAILED, reason, message);
      return;
    }
    actuator.pending = null;
    long now = clock.monotonicNanos();
    Parked asked =
        new Parked(
            new Received(pending.command, now, false),
            true,
            now + pending.pauseNanos,
            Math.min(2 * pending.pauseNanos, Commander.MAX_PAUSE_NANOS));
    park(actuator, asked, reason, message);
  }

  /** Takes back what has not reached its device, and would not be let through any more. */
  void recall(Actuator actuator, long nowNanos) {
    Pending pending = actuator.pending;
    Refusal blocked = pending == null ? null : actuator.blocked(pending.value, nowNanos);
    if (pending != null && blocked != null && pending.cancel()) {
      finish(
          actuator,
          pending,
          Outcome.REFUSED,
          blocked.reason(),
          blocked.message() + ", since it was let through; nothing was touched");
    }
  }

  void readBack(Actuator actuator, Sample sample) {
    Pending pending = actuator.pending;
    ReadBack readBack = actuator.config().readBack();
    if (pending == null
        || readBack == null
        || !pending.isReadingBack()
        || !readBack.point().equals(sample.point())
        || sample.quality().isBad()
        || Math.min(sample.sourceNanos(), clock.monotonicNanos()) < pending.touchedNanos()
        || !(sample instanceof Reading reading)) {
      return;
    }
    pending.readBack = reading.value().asDouble();
    if (Math.abs(pending.readBack - pending.value) <= readBack.tolerance()) {
      finish(actuator, pending, Outcome.DONE, Reason.NONE, readBack.point() + " shows it");
    }
  }

  void overdue(Actuator actuator, Pending pending, long nowNanos) {
    if (pending.isReadingBack()) {
      finish(
          actuator,
          pending,
          pending.isSure ? Outcome.FAILED : Outcome.UNKNOWN,
          Reason.READ_BACK,
          "the device "
              + (pending.isSure ? "took it" : "may have taken it")
              + ", and the plant does not show it: look at the actuator");
    } else if (pending.isWaiting() && pending.command.origin() == Origin.SAFETY) {
      return; // it has no deadline: its bus comes to it as soon as it can
    } else if (pending.cancel()) {
      untouched(
          actuator,
          pending,
          Reason.NOT_IN_TIME,
          "neither the buffer nor the way to the device was free in time; nothing was touched");
    } else if (nowNanos
        >= Math.max(pending.deadlineNanos, pending.touchedNanos())
            + Commander.ANSWER_WITHIN_NANOS) {
      actuator.wrote(pending.value, false, pending.touchedNanos());
      finish(
          actuator,
          pending,
          Outcome.UNKNOWN,
          Reason.NOT_IN_TIME,
          "the driver does not answer; whether it was written is not known");
    }
  }

  private void finish(
      Actuator actuator, Pending pending, Outcome outcome, Reason reason, String message) {
    actuator.pending = null;
    if (pending.command.origin() == Origin.SAFETY) {
      String point = actuator.point().name();
      faults.raise(
          "command",
          "safe-value-" + point,
          outcome == Outcome.DONE
              ? point + " was set to its safe value " + Numbers.show(pending.value)
              : point
                  + " could NOT be set to its safe value "
                  + Numbers.show(pending.value)
                  + ": "
                  + message
                  + "; it is tried again every "
                  + Commander.SAFETY_PAUSE_NANOS / 1_000_000_000L
                  + " s: look at the actuator");
    } else if (outcome == Outcome.DONE) {
      faults.clear("command", "safe-value-" + actuator.point().name());
    }
    outcomes.tell(pending, outcome, reason, message);
    again(actuator, clock.monotonicNanos());
  }

  /** What became of a write, in the order in which the bus thread did things. */
  void written(Actuator actuator, Written written) {
    Pending pending = Objects.requireNonNull(actuator.pending);
    if (written.kind() == Written.Kind.NOT_REACHED) {
      untouched(actuator, pending, Reason.DEVICE, written.message());
      return;
    }
    if (written.kind() == Written.Kind.NOT_TAKEN) {
      finish(actuator, pending, Outcome.FAILED, Reason.DEVICE, written.message());
      return;
    }
    boolean sure = written.kind() == Written.Kind.TAKEN;
    actuator.wrote(pending.value, sure, pending.touchedNanos());
    if (actuator.parked != null && actuator.parked.equals(pending.overtaken)) {
      drop(actuator, Reason.OUTDATED, "another value was written since");
    }
    ReadBack readBack = actuator.config().readBack();
    if (readBack != null) {
      pending.readingBack(clock.monotonicNanos() + readBack.withinNanos(), sure);
    } else if (sure) {
      finish(actuator, pending, Outcome.DONE, Reason.NONE, "the device took it");
    } else {
      finish(actuator, pending, Outcome.UNKNOWN, Reason.DEVICE, written.message());
    }
  }

  /** Ends what is being read back or waits: nobody will look any more. */
  void close(Actuator actuator) {
    Parked parked = unpark(actuator);
    if (parked != null && parked.begun()) { // any other is judged at the next start
      outcomes.tell(
          parked.received().command(),
          Outcome.FAILED,
          Reason.DEVICE,
          Double.NaN,
          "the device was not reached before the gateway stopped; nothing was touched");
    }
    Pending pending = actuator.pending;
    if (pending != null && pending.isReadingBack()) {
      finish(
          actuator,
          pending,
          Outcome.UNKNOWN,
          pending.isSure ? Reason.READ_BACK : Reason.DEVICE,
          "the device "
              + (pending.isSure ? "took it" : "may have taken it")
              + ", and the gateway stopped before the plant showed it");
    }
  }
}
