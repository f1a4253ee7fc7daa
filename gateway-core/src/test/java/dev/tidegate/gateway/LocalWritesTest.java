package dev.tidegate.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.flow.Command;
import dev.tidegate.flow.CommandResult;
import dev.tidegate.flow.CommandResult.Outcome;
import dev.tidegate.flow.CommandResult.Reason;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Lane;
import dev.tidegate.local.Question;
import dev.tidegate.local.WriteAnswer;
import dev.tidegate.reading.Value;
import dev.tidegate.testkit.ManualClock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** Someone at the gateway asks for a write, and waits. */
class LocalWritesTest {
  private static final long LONG_NANOS = 60_000_000_000L;
  private static final Question.Write SPEED = new Question.Write("pump/speed", 1_200, false);

  private final ManualClock clock = new ManualClock();
  private final BlockingQueue<Command> inbox = new LinkedBlockingQueue<>();

  private LocalWrites writes(Predicate<Command> takes, long waitNanos) {
    return new LocalWrites(takes, point -> waitNanos, clock);
  }

  private CommandResult result(Command command, Outcome outcome, Reason reason, String message) {
    return new CommandResult(
        clock.monotonicNanos(),
        command.id(),
        command.subject(),
        outcome,
        reason,
        command.value().asDouble(),
        Double.NaN,
        message);
  }

  private Command next() throws InterruptedException {
    Command command = inbox.poll(60, TimeUnit.SECONDS);
    if (command == null) {
      throw new AssertionError("no command came");
    }
    return command;
  }

  /** Without it, a write at the gateway would not be one, or its answer another one's. */
  @Test
  void aWriteIsACommandOfTheGatewayItselfAndItsOwnResultComesBack() throws Exception {
    LocalWrites writes = writes(inbox::add, LONG_NANOS);
    try (ExecutorService callers = Executors.newCachedThreadPool()) {
      Future<WriteAnswer> speed = callers.submit(() -> writes.write(SPEED));
      Command first = next();
      Future<WriteAnswer> flag =
          callers.submit(() -> writes.write(new Question.Write("pump/on", 1, true)));
      Command second = next();

      assertEquals(Command.Origin.LOCAL, first.origin());
      assertEquals(Command.Action.WRITE, first.action());
      assertEquals("pump/speed", first.subject());
      assertEquals(Value.of(1_200.0), first.value());
      assertEquals(Value.of(true), second.value());
      assertEquals("", first.issuer());
      assertTrue(first.id().startsWith("local/"), first.id());
      assertNotEquals(first.id(), second.id());
      assertEquals(clock.wallNanos(), first.issuedNanos());
      assertEquals(LocalWrites.BEGIN_WITHIN_NANOS, first.lifetimeNanos());

      List<Entry> stored = new ArrayList<>();
      var journal = writes.heard((lane, entry, receipt) -> stored.add(entry));
      journal.append(Lane.EVENTS, result(first, Outcome.STARTED, Reason.NONE, "begins"), null);
      journal.append(Lane.EVENTS, result(second, Outcome.REFUSED, Reason.MODE, "locked"), null);
      assertFalse(speed.isDone(), "what has only begun is not over");
      journal.append(Lane.EVENTS, result(first, Outcome.DONE, Reason.NONE, "took it"), null);
      assertEquals(
          new WriteAnswer(first.id(), "pump/speed", "done", "none", 200, 1_200.0, null, "took it"),
          speed.get(60, TimeUnit.SECONDS));
      assertEquals("mode", flag.get(60, TimeUnit.SECONDS).reason());
      assertEquals(3, stored.size(), "and each is stored as before");
    }
  }

  /** Without it, a driver that hangs would hold whoever asked, and the places of the others. */
  @Test
  void whoHasWaitedLongEnoughIsToldTheIdAndMakesRoom() throws Exception {
    LocalWrites writes = writes(inbox::add, 1);
    for (int i = 0; i < 3 * LocalWrites.MAX_WAITING; i++) {
      WriteAnswer answer = writes.write(SPEED);
      String id = next().id();
      assertEquals(WriteAnswer.UNDER_WAY, answer.outcome());
      assertEquals(id, answer.id());
      assertTrue(answer.message().contains(id + ": see the events"), answer.message());
    }
  }

  /** Without it, callers would pile up behind a device that does not answer. */
  @Test
  void onlySoManyWaitAndTheNextIsRefusedUntouched() throws Exception {
    LocalWrites writes = writes(inbox::add, LONG_NANOS);
    try (ExecutorService callers = Executors.newCachedThreadPool()) {
      List<Future<WriteAnswer>> waiting = new ArrayList<>();
      List<Command> commands = new ArrayList<>();
      for (int i = 0; i < LocalWrites.MAX_WAITING; i++) {
        waiting.add(callers.submit(() -> writes.write(SPEED)));
        commands.add(next());
      }
      WriteAnswer further = writes.write(SPEED);
      assertEquals("refused busy", further.outcome() + " " + further.reason());
      assertEquals(0, inbox.size(), "it is no command");
      for (Command command : commands) {
        writes.told(result(command, Outcome.DONE, Reason.NONE, "took it"));
      }
      for (Future<WriteAnswer> each : waiting) {
        assertEquals("done", each.get(60, TimeUnit.SECONDS).outcome());
      }
    }
  }

  /** Without it, a full buffer would look like a slow device. */
  @Test
  void whatTheInboxDoesNotTakeIsRefusedAtOnce() {
    LocalWrites writes = writes(command -> false, LONG_NANOS);
    for (int i = 0; i < 2 * LocalWrites.MAX_WAITING; i++) {
      WriteAnswer answer = writes.write(SPEED);
      assertEquals("refused busy", answer.outcome() + " " + answer.reason());
    }
  }

  /** Without it, a stop of the gateway would wait for whoever waits. */
  @Test
  void anInterruptEndsTheWaitWithAnAnswer() throws Exception {
    LocalWrites writes = writes(inbox::add, LONG_NANOS);
    List<WriteAnswer> answers = new ArrayList<>();
    Thread caller = Thread.ofPlatform().start(() -> answers.add(writes.write(SPEED)));
    next();
    caller.interrupt();
    caller.join();
    assertEquals(WriteAnswer.UNDER_WAY, answers.getFirst().outcome());
  }
}
