package dev.tidegate.command;

import dev.tidegate.config.ActuatorConfig;
import dev.tidegate.config.ActuatorConfig.DeadMan;
import dev.tidegate.config.ActuatorConfig.ReadBack;
import dev.tidegate.driver.Sink.Receipt;
import dev.tidegate.flow.Actuators;
import dev.tidegate.flow.Actuators.Written;
import dev.tidegate.flow.Command;
import dev.tidegate.flow.Command.Action;
import dev.tidegate.flow.Command.Origin;
import dev.tidegate.flow.CommandResult;
import dev.tidegate.flow.CommandResult.Outcome;
import dev.tidegate.flow.CommandResult.Reason;
import dev.tidegate.flow.Inbox.Received;
import dev.tidegate.health.Counters;
import dev.tidegate.health.Faults;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Reading;
import dev.tidegate.reading.Sample;
import dev.tidegate.reading.Value;
import dev.tidegate.time.Clock;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Carries commands out, one at a time for each actuator.
 *
 * <pre>
 *   command ─▶ envelope ─▶ started, durable ─▶ device ─▶ read-back ─▶ done
 *                 └─▶ refused                    └─▶ failed, unknown
 * </pre>
 *
 * <p>The device is touched only after the buffer has stored that it will be: so a crash leaves a
 * command either not begun or of unknown outcome, and never acts twice. The safe value of a dead
 * man does not wait for the disk.
 */
public final class Commander {
  /** How long a write may wait for the disk and for its bus. */
  static final long WRITE_WITHIN_NANOS = 5_000_000_000L;

  /** How much longer the driver may take before the outcome counts as unknown. */
  static final long ANSWER_WITHIN_NANOS = 15_000_000_000L;

  /** The pause between two tries to write a safe value, and after the first try of a desired one. */
  static final long SAFETY_PAUSE_NANOS = 10_000_000_000L;

  /** The longest pause between two tries to reach the device of a desired value. */
  static final long MAX_PAUSE_NANOS = 300_000_000_000L;

  /** Where results go. */
  @FunctionalInterface
  public interface Results {
    /**
     * @param durable told once it is stored; null for nobody
     */
    void append(CommandResult result, @Nullable Receipt durable);
  }

  /** What a request that is no write asks of the gateway. */
  @FunctionalInterface
  public interface Errands {
    /** Carries it out; never waits. Doing it twice does no more than doing it once. */
    Answer run(Command command);
  }

  /**
   * What became of a request.
   *
   * @param reason why nothing was done; {@link Reason#NONE} when it was
   * @param message what was done, or what would have been taken, in one sentence
   */
  public record Answer(Reason reason, String message) {
    /** It was done. */
    public static Answer done(String message) {
      return new Answer(Reason.NONE, message);
    }

    /** It was not as it has to be, and nothing was done. */
    public static Answer unfit(String message) {
      return new Answer(Reason.WRONG_TYPE, message);
    }

    /** Whether it was done. */
    public boolean isDone() {
      return reason == Reason.NONE;
    }
  }

  private final Map<String, Actuator> actuators = new LinkedHashMap<>();
  private final Map<String, List<Actuator>> watchers = new HashMap<>();
  private final Map<String, Long> safetyAgainNanos = new HashMap<>();
  private final Set<PointId> points;
  private final BiFunction<PointId, Value, @Nullable Value> toDevice;
  private final Actuators bus;
  private final BiConsumer<String, Written> back;
  private final Outcomes outcomes;
  private final Errands errands;
  private final LongSupplier linkSilentNanos;
  private final Clock clock;
  private final Faults faults;
  private final LongAdder taken;
  private final LongAdder safety;

  /**
   * @param configs what may be written
   * @param points all points there are
   * @param toDevice turns a value in the point's unit into the device's own number; null where its
   *     calibration cannot be turned round
   * @param bus the way to the devices
   * @param back brings what became of a write, by the command's id, to {@link #written} on the
   *     pipeline's thread
   * @param errands carries out what is no write
   * @param linkSilentNanos for how long the cloud has been away; 0 while it is there
   */
  public Commander(
      List<ActuatorConfig> configs,
      Set<PointId> points,
      BiFunction<PointId, Value, @Nullable Value> toDevice,
      Actuators bus,
      BiConsumer<String, Written> back,
      Results results,
      Errands errands,
      LongSupplier linkSilentNanos,
      Clock clock,
      Counters counters,
      Faults faults) {
    this.points = Set.copyOf(points);
    this.toDevice = toDevice;
    this.bus = bus;
    this.back = back;
    this.outcomes = new Outcomes(results, clock, counters);
    this.errands = errands;
    this.linkSilentNanos = linkSilentNanos;
    this.clock = clock;
    this.faults = faults;
    taken = counters.of("command.taken");
    safety = counters.of("command.safety-writes");
    for (ActuatorConfig config : configs) {
      Actuator actuator = new Actuator(config, clock);
      actuators.put(config.point().name(), actuator);
      watched(config).forEach(p -> watchersOf(p).add(actuator));
    }
  }

  private static Set<String> watched(ActuatorConfig config) {
    Set<String> watched = new java.util.LinkedHashSet<>();
    watched.add(config.point().name());
    config.interlocks().forEach(i -> watched.add(i.point().name()));
    ReadBack readBack = config.readBack();
    if (readBack != null) {
      watched.add(readBack.point().name());
    }
    DeadMan deadMan = config.deadMan();
    if (deadMan != null && deadMan.point() != null) {
      watched.add(deadMan.point().name());
    }
    return watched;
  }

  private List<Actuator> watchersOf(String point) {
    return watchers.computeIfAbsent(point, p -> new java.util.ArrayList<>());
  }

  /** Judges a command, and begins it where it passes. */
  public void take(Received received) {
    taken.increment();
    Command command = received.command();
    if (command.action() != Action.WRITE) {
      request(received);
      return;
    }
    Actuator actuator = actuators.get(command.subject());
    if (actuator == null) {
      boolean exists = points.stream().anyMatch(p -> p.name().equals(command.subject()));
      outcomes.refused(
          command,
          exists
              ? new Refusal(
                  Reason.NOT_WRITABLE, "it is no actuator of this gateway's configuration")
              : new Refusal(Reason.UNKNOWN_POINT, "this gateway has no such point"));
      return;
    }
    if (isLevel(command)) {
      drop(actuator, Reason.OUTDATED, "another value is desired by now");
    }
    judge(actuator, new Parked(received, false, Long.MIN_VALUE, SAFETY_PAUSE_NANOS));
  }

  /** Judges a write, and begins it, refuses it, or lets it wait. */
  private void judge(Actuator actuator, Parked asked) {
    Command command = asked.received().command();
    Refusal refusal = actuator.judge(asked.received());
    Value value = refusal == null ? toDevice.apply(actuator.point(), command.value()) : null;
    if (refusal == null && value == null) {
      refusal =
          new Refusal(Reason.NOT_WRITABLE, "its calibration cannot be turned round for writing");
    }
    if (refusal != null || value == null) {
      if (refusal != null && refusal.isPassing() && isLevel(command)) {
        park(actuator, asked, refusal.reason() == Reason.BUSY ? null : refusal.message());
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
    if (actuator.pending != null) { // the safe value, while the buffer took nothing
      outcomes.refused(
          command, new Refusal(Reason.BUSY, "another write to the point has begun"));
      return;
    }
    drop(actuator, Reason.OUTDATED, "another value was written since");
    start(actuator, asked, value);
  }

  /** A level waits for what comes by itself: nobody would ask for it again. */
  private static boolean isLevel(Command command) {
    return command.origin() == Origin.DESIRED;
  }

  /**
   * Lets a desired value wait.
   *
   * @param why for people; null where it is a matter of a moment
   */
  private void park(Actuator actuator, Parked asked, @Nullable String why) {
    actuator.parked = asked;
    if (why != null) {
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
    if (parked != null) {
      actuator.parked = null;
      faults.clear("command", "desired-waits-" + actuator.point().name());
    }
    return parked;
  }

  /** A desired value that waits is not wanted any more. */
  private void drop(Actuator actuator, Reason reason, String message) {
    Parked parked = unpark(actuator);
    if (parked != null) {
      outcomes.refused(parked.received().command(), new Refusal(reason, message));
    }
  }

  /** Looks again at what waits. */
  private void again(Actuator actuator, long nowNanos) {
    if (actuator.parked == null
        || nowNanos < actuator.parked.againNanos()
        || actuator.pending != null) {
      return;
    }
    String danger = actuator.danger(nowNanos, linkSilentNanos.getAsLong());
    Parked parked = danger == null ? unpark(actuator) : null;
    if (danger != null) {
      drop(actuator, Reason.INTERLOCK, danger);
    } else if (parked != null) {
      judge(actuator, parked);
    }
  }

  private void start(Actuator actuator, Parked asked, Value value) {
    Command command = asked.received().command();
    long deadline = clock.monotonicNanos() + WRITE_WITHIN_NANOS;
    Pending pending = new Pending(command, deadline, asked.pauseNanos());
    actuator.pending = pending;
    Receipt handOver =
        () ->
            bus.write(
                actuator.point(),
                value,
                deadline,
                pending::release,
                w -> back.accept(command.id(), w));
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

  private void request(Received received) {
    Command command = received.command();
    Refusal refusal = Expiry.of(received, WRITE_WITHIN_NANOS * 12, clock);
    if (refusal != null) {
      outcomes.refused(command, refusal);
      return;
    }
    Answer answer = errands.run(command);
    if (answer.isDone()) {
      outcomes.done(command, answer.message());
    } else {
      outcomes.refused(command, new Refusal(answer.reason(), answer.message()));
    }
  }

  /** What became of a write, in the order in which the bus thread did things. */
  public void written(String id, Written written) {
    Actuator actuator = pendingOf(id);
    if (actuator == null) {
      return; // its time was over, and its outcome is reported as unknown
    }
    Pending pending = java.util.Objects.requireNonNull(actuator.pending);
    if (written.kind() == Written.Kind.NOT_REACHED) {
      untouched(actuator, pending, Reason.DEVICE, written.message());
      return;
    }
    if (written.kind() == Written.Kind.NOT_TAKEN) {
      finish(actuator, pending, Outcome.FAILED, Reason.DEVICE, written.message());
      return;
    }
    boolean sure = written.kind() == Written.Kind.TAKEN;
    actuator.wrote(pending.value, sure);
    ReadBack readBack = actuator.config().readBack();
    if (readBack != null) {
      pending.readingBack(clock.monotonicNanos() + readBack.withinNanos(), sure);
    } else if (sure) {
      finish(actuator, pending, Outcome.DONE, Reason.NONE, "the device took it");
    } else {
      finish(actuator, pending, Outcome.UNKNOWN, Reason.DEVICE, written.message());
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
            Math.min(2 * pending.pauseNanos, MAX_PAUSE_NANOS));
    park(actuator, asked, message);
  }

  private @Nullable Actuator pendingOf(String id) {
    for (Actuator actuator : actuators.values()) {
      if (actuator.pending != null && actuator.pending.command.id().equals(id)) {
        return actuator;
      }
    }
    return null;
  }

  /** Takes a conditioned sample on: for interlocks, read-backs, and what is in force. */
  public void sample(Sample sample) {
    List<Actuator> interested = watchers.get(sample.point().name());
    if (interested == null) {
      return;
    }
    long now = clock.monotonicNanos();
    for (Actuator actuator : interested) {
      actuator.sample(sample, now);
      recall(actuator, now);
      readBack(actuator, sample);
      again(actuator, now);
    }
  }

  /** Takes back what has not reached its device, and would not be let through any more. */
  private void recall(Actuator actuator, long nowNanos) {
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

  private void readBack(Actuator actuator, Sample sample) {
    Pending pending = actuator.pending;
    ReadBack readBack = actuator.config().readBack();
    if (pending == null
        || readBack == null
        || !pending.isReadingBack()
        || !readBack.point().equals(sample.point())
        || sample.quality().isBad()
        || !(sample instanceof Reading reading)) {
      return;
    }
    pending.readBack = reading.value().asDouble();
    if (Math.abs(pending.readBack - pending.value) <= readBack.tolerance()) {
      finish(actuator, pending, Outcome.DONE, Reason.NONE, readBack.point() + " shows it");
    }
  }

  /** Lets time pass: deadlines, and dead men. */
  public void advance(long nowNanos) {
    if (actuators.isEmpty()) {
      return;
    }
    long silent = linkSilentNanos.getAsLong();
    for (Actuator actuator : actuators.values()) {
      Pending pending = actuator.pending;
      if (pending != null && nowNanos >= pending.deadlineNanos) {
        overdue(actuator, pending, nowNanos);
      }
      recall(actuator, nowNanos);
      String danger = actuator.endangered(nowNanos, silent);
      if (danger != null) {
        makeSafe(actuator, danger, nowNanos);
      }
      again(actuator, nowNanos);
    }
  }

  /** Ends what is being read back: the gateway stops, and nobody will look any more. */
  public void close() {
    for (Actuator actuator : actuators.values()) {
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

  private void overdue(Actuator actuator, Pending pending, long nowNanos) {
    if (pending.isReadingBack()) {
      finish(
          actuator,
          pending,
          pending.isSure ? Outcome.FAILED : Outcome.UNKNOWN,
          Reason.READ_BACK,
          "the device "
              + (pending.isSure ? "took it" : "may have taken it")
              + ", and the plant does not show it: look at the actuator");
    } else if (pending.cancel()) {
      untouched(
          actuator,
          pending,
          Reason.NOT_IN_TIME,
          "neither the buffer nor the way to the device was free in time; nothing was touched");
    } else if (nowNanos >= pending.deadlineNanos + ANSWER_WITHIN_NANOS) {
      actuator.wrote(pending.value, false);
      finish(
          actuator,
          pending,
          Outcome.UNKNOWN,
          Reason.NOT_IN_TIME,
          "the driver does not answer; whether it was written is not known");
    }
  }

  private void makeSafe(Actuator actuator, String danger, long nowNanos) {
    DeadMan deadMan = actuator.config().deadMan();
    String point = actuator.point().name();
    if (deadMan == null || nowNanos < safetyAgainNanos.getOrDefault(point, Long.MIN_VALUE)) {
      return;
    }
    Pending before = actuator.pending;
    if (before != null && before.command.origin() == Origin.SAFETY) {
      return;
    }
    Value value = toDevice.apply(actuator.point(), Value.of(deadMan.value()));
    if (value == null) {
      return; // such an actuator takes no command either
    }
    safetyAgainNanos.put(point, nowNanos + SAFETY_PAUSE_NANOS);
    boolean untouched = before != null && before.cancel();
    Command command = safeCommand(point, deadMan, nowNanos);
    Pending pending = new Pending(command, nowNanos + WRITE_WITHIN_NANOS, SAFETY_PAUSE_NANOS);
    if (before != null && !untouched && !before.isSure) {
      actuator.wrote(before.value, false);
    }
    actuator.pending = pending;
    if (pending.release()) { // first of all: what is told of it may have to wait for the disk
      bus.write(
          actuator.point(),
          value,
          pending.deadlineNanos,
          () -> true,
          w -> back.accept(command.id(), w));
    }
    safety.increment();
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
    drop(actuator, Reason.INTERLOCK, "the safe value was written instead: " + danger);
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

  private void finish(
      Actuator actuator, Pending pending, Outcome outcome, Reason reason, String message) {
    actuator.pending = null;
    if (outcome == Outcome.DONE && pending.command.origin() != Origin.SAFETY) {
      faults.clear("command", "safe-value-" + actuator.point().name());
    }
    outcomes.tell(pending, outcome, reason, message);
    again(actuator, clock.monotonicNanos());
  }
}
