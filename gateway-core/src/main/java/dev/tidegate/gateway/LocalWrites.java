package dev.tidegate.gateway;

import dev.tidegate.flow.Command;
import dev.tidegate.flow.Command.Origin;
import dev.tidegate.flow.CommandResult;
import dev.tidegate.flow.CommandResult.Outcome;
import dev.tidegate.flow.CommandResult.Reason;
import dev.tidegate.flow.Journal;
import dev.tidegate.local.Question;
import dev.tidegate.local.WriteAnswer;
import dev.tidegate.reading.Value;
import dev.tidegate.time.Clock;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Writes that someone at the gateway asks for: makes commands of them, hands these to the inbox as
 * any other, and holds who asked until their results pass. At most {@value #MAX_WAITING} wait at a
 * time, each for a limited time; its command goes on without whoever waited. Safe for use by any
 * thread.
 */
final class LocalWrites {
  static final int MAX_WAITING = 4;

  /**
   * How long it may take until a write is stored and judged. Later it has expired: whoever asked is
   * about to be told that nobody knows, and what moves after that would surprise.
   */
  static final long BEGIN_WITHIN_NANOS = 10_000_000_000L;

  private final Predicate<Command> inbox;
  private final ToLongFunction<String> waitNanos;
  private final Clock clock;
  private final Semaphore places = new Semaphore(MAX_WAITING);
  private final ConcurrentMap<String, CompletableFuture<CommandResult>> waiting =
      new ConcurrentHashMap<>();

  /**
   * @param inbox takes a command; false when there is no room
   * @param waitNanos for how long the outcome of a write to that point is waited for
   */
  LocalWrites(Predicate<Command> inbox, ToLongFunction<String> waitNanos, Clock clock) {
    this.inbox = inbox;
    this.waitNanos = waitNanos;
    this.clock = clock;
  }

  /** Has it carried out, and waits for what becomes of it; when interrupted, no longer. */
  WriteAnswer write(Question.Write asked) {
    if (!places.tryAcquire()) {
      return busy(asked, MAX_WAITING + " writes wait for their outcome: try again in a moment");
    }
    String id = "local/" + UUID.randomUUID();
    CompletableFuture<CommandResult> outcome = new CompletableFuture<>();
    waiting.put(id, outcome);
    try {
      if (!inbox.test(command(id, asked))) {
        return busy(asked, "the buffer takes no commands now: see 'tidegate status'");
      }
      return answer(outcome.get(waitNanos.applyAsLong(asked.point()), TimeUnit.NANOSECONDS));
    } catch (TimeoutException e) {
      return underWay(id, asked, "its outcome is not known yet; its id is " + id);
    } catch (InterruptedException | ExecutionException e) { // the desk closes
      return underWay(id, asked, "the gateway stops before its outcome is known; its id is " + id);
    } finally {
      waiting.remove(id);
      places.release();
    }
  }

  private Command command(String id, Question.Write asked) {
    long now = clock.wallNanos();
    return new Command(
        id,
        Command.Action.WRITE,
        asked.point(),
        asked.isFlag() ? Value.of(asked.value() != 0) : Value.of(asked.value()),
        "",
        Origin.LOCAL,
        now,
        now + BEGIN_WITHIN_NANOS);
  }

  /** Tells whoever waits for it what became of a command; for any thread, and never waits. */
  void told(CommandResult result) {
    CompletableFuture<CommandResult> outcome =
        result.outcome().isFinal() ? waiting.get(result.id()) : null;
    if (outcome != null) {
      outcome.complete(result);
    }
  }

  /** The journal, with an ear for results that go into it. */
  Journal heard(Journal journal) {
    return (lane, entry, receipt) -> {
      journal.append(lane, entry, receipt);
      if (entry instanceof CommandResult result) {
        told(result);
      }
    };
  }

  private static WriteAnswer busy(Question.Write asked, String why) {
    return new WriteAnswer(
        "",
        asked.point(),
        Outcome.REFUSED.word(),
        Reason.BUSY.word(),
        Reason.BUSY.status(),
        asked.value(),
        null,
        why + "; nothing was touched");
  }

  private static WriteAnswer underWay(String id, Question.Write asked, String message) {
    return new WriteAnswer(
        id,
        asked.point(),
        WriteAnswer.UNDER_WAY,
        Reason.NONE.word(),
        202,
        asked.value(),
        null,
        message + ": see the events");
  }

  private static WriteAnswer answer(CommandResult result) {
    return new WriteAnswer(
        result.id(),
        result.subject(),
        result.outcome().word(),
        result.reason().word(),
        result.status(),
        known(result.value()),
        known(result.readBack()),
        result.message());
  }

  private static @Nullable Double known(double value) {
    return Double.isFinite(value) ? value : null;
  }
}
