package dev.tidegate.command;

import dev.tidegate.config.ActuatorConfig;
import dev.tidegate.config.ActuatorConfig.DeadMan;
import dev.tidegate.config.ActuatorConfig.ReadBack;
import dev.tidegate.driver.Sink.Receipt;
import dev.tidegate.flow.Actuators;
import dev.tidegate.flow.Actuators.Written;
import dev.tidegate.flow.Command;
import dev.tidegate.flow.Command.Action;
import dev.tidegate.flow.CommandResult;
import dev.tidegate.flow.CommandResult.Reason;
import dev.tidegate.flow.Inbox.Received;
import dev.tidegate.health.Counters;
import dev.tidegate.health.Faults;
import dev.tidegate.reading.PointId;
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
  public static final long WRITE_WITHIN_NANOS = 5_000_000_000L;

  /** How much longer the driver may take before the outcome counts as unknown. */
  public static final long ANSWER_WITHIN_NANOS = 15_000_000_000L;

  /**
   * The pause between two tries to write a safe value, and after the first try of a desired one.
   */
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
  private final Set<PointId> points;
  private final Outcomes outcomes;
  private final Errands errands;
  private final LongSupplier linkSilentNanos;
  private final Clock clock;
  private final Writes writes;
  private final SafeValues safeValues;
  private final LongAdder taken;

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
    this.outcomes = new Outcomes(results, clock, counters);
    this.errands = errands;
    this.linkSilentNanos = linkSilentNanos;
    this.clock = clock;
    Devices devices = new Devices(bus, toDevice, back);
    writes = new Writes(devices, outcomes, linkSilentNanos, clock, faults);
    safeValues =
        new SafeValues(
            devices, writes, outcomes, counters.of("command.safety-writes"), faults, clock);
    taken = counters.of("command.taken");
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
    if (Writes.isLevel(command)) {
      writes.drop(actuator, Reason.OUTDATED, "another value is desired by now");
    }
    writes.judge(actuator, new Parked(received, false, Long.MIN_VALUE, SAFETY_PAUSE_NANOS));
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
    writes.written(actuator, written);
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
      writes.recall(actuator, now);
      writes.readBack(actuator, sample);
      writes.again(actuator, now);
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
        writes.overdue(actuator, pending, nowNanos);
      }
      writes.recall(actuator, nowNanos);
      String danger = actuator.endangered(nowNanos, silent);
      if (danger != null) {
        safeValues.write(actuator, danger, nowNanos);
      }
      writes.again(actuator, nowNanos);
    }
  }

  /** Ends what is being read back: the gateway stops, and nobody will look any more. */
  public void close() {
    for (Actuator actuator : actuators.values()) {
      writes.close(actuator);
    }
  }
}
