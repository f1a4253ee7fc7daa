package dev.tidegate.command;

import dev.tidegate.driver.Sink.Receipt;
import dev.tidegate.flow.Command;
import dev.tidegate.flow.Command.Action;
import dev.tidegate.flow.CommandResult;
import dev.tidegate.flow.CommandResult.Outcome;
import dev.tidegate.flow.CommandResult.Reason;
import dev.tidegate.health.Counters;
import dev.tidegate.time.Clock;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Says what became of commands, and counts it. Owned by the pipeline's thread. */
final class Outcomes {
  private final Commander.Results results;
  private final Clock clock;
  private final LongAdder refused;
  private final LongAdder done;
  private final LongAdder failed;
  private final LongAdder unknown;

  Outcomes(Commander.Results results, Clock clock, Counters counters) {
    this.results = results;
    this.clock = clock;
    refused = counters.of("command.refused");
    done = counters.of("command.done");
    failed = counters.of("command.failed");
    unknown = counters.of("command.unknown");
  }

  void refused(Command command, Refusal refusal) {
    tell(command, Outcome.REFUSED, refusal.reason(), Double.NaN, refusal.message());
  }

  void done(Command command, String message) {
    tell(command, Outcome.DONE, Reason.NONE, Double.NaN, message);
  }

  /**
   * Says that it is about to act.
   *
   * @param stored told once that is durable; null for nobody
   */
  void started(Command command, String message, @Nullable Receipt stored) {
    results.append(result(command, Outcome.STARTED, Reason.NONE, Double.NaN, message), stored);
  }

  /** Says what became of a write. */
  void tell(Pending pending, Outcome outcome, Reason reason, String message) {
    tell(pending.command, outcome, reason, pending.readBack, message);
  }

  void tell(Command command, Outcome outcome, Reason reason, double readBack, String message) {
    switch (outcome) {
      case DONE -> done.increment();
      case FAILED -> failed.increment();
      case UNKNOWN -> unknown.increment();
      case REFUSED -> refused.increment();
      case STARTED -> {}
    }
    results.append(result(command, outcome, reason, readBack, message), null);
  }

  private CommandResult result(
      Command command, Outcome outcome, Reason reason, double readBack, String message) {
    return new CommandResult(
        clock.monotonicNanos(),
        command.id(),
        command.subject(),
        outcome,
        reason,
        command.action() == Action.WRITE ? command.value().asDouble() : Double.NaN,
        readBack,
        message);
  }
}
