package dev.tidegate.command;

import dev.tidegate.config.ActuatorConfig;
import dev.tidegate.flow.Actuators;
import dev.tidegate.flow.Actuators.Written;
import dev.tidegate.flow.Command;
import dev.tidegate.flow.CommandResult;
import dev.tidegate.flow.Inbox.Received;
import dev.tidegate.health.Counters;
import dev.tidegate.health.Faults;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Quality;
import dev.tidegate.reading.Reading;
import dev.tidegate.reading.Value;
import dev.tidegate.testkit.ManualClock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A commander with a clock that stands still, and devices that answer when the test says so. */
final class Booth {
  static final long SECOND = 1_000_000_000L;
  static final PointId SPEED = PointId.of("pump", "speed");
  static final PointId LEVEL = PointId.of("tank", "level");

  final ManualClock clock = new ManualClock();
  final Counters counters = new Counters();
  final Faults faults = new Faults(clock);
  final List<CommandResult> results = new ArrayList<>();
  final List<Double> written = new ArrayList<>();
  final Queue<Consumer<Written>> unanswered = new ArrayDeque<>();
  final Commander commander;

  /** What a device says to a write; null leaves it unanswered. */
  @Nullable Written answer = new Written(Written.Kind.TAKEN, "");

  /** Whether the disk takes what is to be stored. */
  boolean disk = true;

  /** Whether the bus has others to serve first: writes wait in {@link #waiting}. */
  boolean isBusy;

  final Queue<Runnable> waiting = new ArrayDeque<>();

  long linkSilentNanos;
  private final Queue<Runnable> later = new ArrayDeque<>();

  Booth(ActuatorConfig... actuators) {
    Actuators bus =
        (point, value, deadline, begins, told) -> {
          Runnable touch =
              () -> {
                if (begins.getAsBoolean() && clock.monotonicNanos() <= deadline) {
                  touch(value.asDouble(), told);
                }
              };
          if (isBusy) {
            waiting.add(touch);
          } else {
            touch.run();
          }
        };
    commander =
        new Commander(
            List.of(actuators),
            Set.of(SPEED, LEVEL),
            (point, value) -> value,
            bus,
            (id, w) -> later.add(() -> theCommander().written(id, w)),
            (result, durable) -> {
              results.add(result);
              if (durable != null && disk) {
                later.add(durable::durable);
              }
            },
            command ->
                command.subject().equals("known")
                    ? Commander.Answer.done("as asked")
                    : Commander.Answer.unfit("as asked"),
            () -> linkSilentNanos,
            clock,
            counters,
            faults);
  }

  private void touch(double value, Consumer<Written> told) {
    written.add(value);
    Written now = answer;
    if (now == null) {
      unanswered.add(told);
    } else {
      told.accept(now);
    }
  }

  private Commander theCommander() {
    return commander;
  }

  Command write(String id, double value) {
    return write(id, SPEED.name(), Value.of(value));
  }

  Command write(String id, String point, Value value) {
    return new Command(
        id,
        Command.Action.WRITE,
        point,
        value,
        "ops",
        Command.Origin.TWIN,
        clock.wallNanos(),
        clock.wallNanos() + 60 * SECOND);
  }

  /** A desired value. */
  Command desired(String id, double value) {
    return new Command(
        id,
        Command.Action.WRITE,
        SPEED.name(),
        Value.of(value),
        "",
        Command.Origin.DESIRED,
        Command.NOT_SAID,
        Command.NOT_SAID);
  }

  /** Lets the bus come to what waits for it. */
  void serve() {
    isBusy = false;
    for (Runnable next = waiting.poll(); next != null; next = waiting.poll()) {
      next.run();
    }
    work();
  }

  /** What was said of commands, in order: id, outcome, reason. */
  List<String> said() {
    return results.stream()
        .map(r -> r.id() + " " + r.outcome().word() + " " + r.reason().word())
        .toList();
  }

  /** The faults that stand, by the beginnings of their names. */
  boolean hasFault(String what) {
    return faults.open().stream().anyMatch(f -> f.what().startsWith(what));
  }

  CommandResult send(Command command) {
    return send(new Received(command, clock.monotonicNanos(), false));
  }

  /** The last result after everything that can happen at this moment has. */
  CommandResult send(Received received) {
    commander.take(received);
    work();
    return results.getLast();
  }

  void work() {
    for (Runnable next = later.poll(); next != null; next = later.poll()) {
      next.run();
    }
  }

  void pass(long nanos) {
    clock.advance(nanos);
    commander.advance(clock.monotonicNanos());
    work();
  }

  void show(PointId point, double value) {
    show(point, value, Quality.GOOD);
  }

  void show(PointId point, double value, Quality quality) {
    show(point, value, quality, 0);
  }

  /** Shows what a source saw so long ago. */
  void show(PointId point, double value, Quality quality, long agoNanos) {
    long at = clock.monotonicNanos() - agoNanos;
    commander.sample(new Reading(point, at, Value.of(value), quality));
    work();
  }
}
