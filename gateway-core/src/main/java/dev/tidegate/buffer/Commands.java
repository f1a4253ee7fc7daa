package dev.tidegate.buffer;

import dev.tidegate.buffer.store.CommandTable;
import dev.tidegate.buffer.store.CommandTable.State;
import dev.tidegate.buffer.store.Store;
import dev.tidegate.flow.Command;
import dev.tidegate.flow.CommandResult;
import dev.tidegate.flow.CommandResult.Outcome;
import dev.tidegate.flow.CommandResult.Reason;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Inbox.Received;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.Leaving;
import dev.tidegate.health.Faults;
import dev.tidegate.reading.Value;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The inbox: a command is stored before anyone is told that it came, marked before it acts, and
 * closed together with the result that is delivered. So it acts at most once, whatever breaks when:
 *
 * <pre>
 *   crash before  received   the sender heard nothing, and sends it again
 *   crash after   received   it is judged anew at the next start, and may be too old by then
 *   crash after   started    its outcome is unknown, is reported so, and it is never tried again
 *   crash after   closed     its result is delivered; a repetition is answered with it
 * </pre>
 *
 * Owned by the buffer's thread.
 */
final class Commands {
  private static final Logger LOG = LoggerFactory.getLogger("tidegate");

  /** Commands remembered. */
  static final int MAX = 4_096;

  /** From so many on, the operator is told. */
  static final int MANY = MAX * 3 / 4;

  /** Commands that are not closed; desired values, of which each point has one, do not count. */
  static final int MAX_OPEN = 64;

  /** How long a closed one is remembered at least, of the gateway's own running time. */
  static final long REMEMBERED_NANOS = 86_400_000_000_000L;

  private final String bootId;
  private final Faults faults;
  private Leaving leaving = entry -> entry;
  private final Set<String> handedOver = new HashSet<>();
  private List<Received> ready = List.of();

  /** What this transaction answers without anyone who carries out. */
  private final List<CommandResult> answers = new ArrayList<>();

  /** Commands that this buffer has seen started: the others that the file holds are of before. */
  private final Set<String> startedHere = new HashSet<>();

  private long lastAtNanos;
  private boolean isFirst = true;
  private boolean isToLook;

  Commands(String bootId, Faults faults) {
    this.bootId = bootId;
    this.faults = faults;
  }

  /** What of answers may leave, from now on. */
  void leaving(Leaving only) {
    leaving = only;
  }

  /** Begins a transaction: the first one with what the file still holds of an earlier run. */
  void begin(Transaction transaction, Store store) throws SQLException {
    answers.clear(); // of a transaction that failed
    if (!isFirst) {
      return;
    }
    for (CommandTable.Row row : store.commands().in(State.STARTED)) {
      if (!startedHere.contains(row.command().id())) {
        Command command = row.command();
        CommandResult unknown =
            new CommandResult(
                transaction.nowNanos(),
                command.id(),
                command.subject(),
                Outcome.UNKNOWN,
                Reason.RESTART,
                command.value().asDouble(),
                Double.NaN,
                "the gateway stopped while it was being carried out; it is not tried again: look at"
                    + " what the plant shows");
        close(transaction, store, row, unknown);
      }
    }
  }

  /** Stores one command, or answers a repetition, within a transaction. */
  void receive(Transaction transaction, Store store, Command told) throws SQLException {
    CommandTable table = store.commands();
    boolean isKept = told.origin() == Command.Origin.KEPT;
    Command command = isKept ? told.from(Command.Origin.DESIRED) : told;
    if (isKept && isStopped(table, command)) {
      answer(
          transaction,
          result(
              transaction,
              command,
              Reason.INTERLOCK,
              "the safe value was written since it was desired, or an interlock refused it; it does"
                  + " not come back by itself: have it desired anew"));
      return;
    }
    CommandTable.Row known = table.find(command.id());
    if (known != null) {
      repeated(transaction, known, command);
      return;
    }
    if (table.count() >= MANY) {
      table.trim(transaction.uptimeNanos() - REMEMBERED_NANOS);
    }
    int count = table.count();
    warn(count);
    boolean isLevel = command.origin() == Command.Origin.DESIRED;
    if (isLevel ? count >= 2 * MAX : count >= MAX || open(table) >= MAX_OPEN) {
      answer(
          transaction,
          result(
              transaction,
              command,
              Reason.BUSY,
              MAX_OPEN
                  + " commands are under way, or "
                  + MAX
                  + " came within a day of running: none is forgotten earlier, lest it act twice;"
                  + " send it again later"));
      return;
    }
    table.insert(
        new CommandTable.Row(
            command, transaction.uptimeNanos(), bootId, nextAt(transaction), State.RECEIVED, null));
  }

  /**
   * When it came, each a little later than the one before it: rows are handed over in that order.
   */
  private long nextAt(Transaction transaction) {
    lastAtNanos = Math.max(transaction.nowNanos(), lastAtNanos + 1);
    return lastAtNanos;
  }

  /**
   * Whether that same value was desired before, and stopped: by the safe value, or by an interlock
   * before it was written.
   */
  private static boolean isStopped(CommandTable table, Command command) throws SQLException {
    CommandTable.Row desired = newest(table, Command.Origin.DESIRED, command.subject());
    CommandTable.Row safe = newest(table, Command.Origin.SAFETY, command.subject());
    if (desired == null || !desired.command().value().equals(command.value())) {
      return false;
    }
    CommandResult then = desired.result();
    return (then != null && then.outcome() == Outcome.REFUSED && then.reason() == Reason.INTERLOCK)
        || (safe != null && isAfter(safe, desired));
  }

  private static boolean isAfter(CommandTable.Row one, CommandTable.Row other) {
    return one.uptimeNanos() == other.uptimeNanos()
        ? one.atNanos() > other.atNanos()
        : one.uptimeNanos() > other.uptimeNanos();
  }

  private static CommandTable.@Nullable Row newest(
      CommandTable table, Command.Origin origin, String point) throws SQLException {
    CommandTable.Row newest = null;
    for (State state : new State[] {State.STARTED, State.CLOSED}) {
      for (CommandTable.Row row : table.in(state)) {
        Command command = row.command();
        if (command.origin() == origin
            && command.subject().equals(point)
            && (newest == null || isAfter(row, newest))) {
          newest = row;
        }
      }
    }
    return newest;
  }

  private void warn(int count) {
    if (count >= MANY) {
      faults.raise(
          "buffer",
          "commands-many",
          count
              + " commands came within a day of running; from "
              + MAX
              + " on further ones are refused as busy: send fewer, or give values that change often"
              + " as desired properties, of which only the last of each point is remembered");
    } else {
      faults.clear("buffer", "commands-many");
    }
  }

  private static int open(CommandTable table) throws SQLException {
    int open = 0;
    for (State state : new State[] {State.RECEIVED, State.STARTED}) {
      for (CommandTable.Row row : table.in(state)) {
        open +=
            switch (row.command().origin()) {
              case DESIRED, KEPT, SAFETY -> 0;
              case TWIN, LOCAL -> 1;
            };
      }
    }
    return open;
  }

  private void repeated(Transaction transaction, CommandTable.Row known, Command command)
      throws SQLException {
    if (!known.command().asksTheSameAs(command)) {
      answer(
          transaction,
          result(
              transaction,
              command,
              Reason.ID_REUSED,
              "another command had this id; give every command an id of its own"));
    } else if (known.result() != null && known.state() == State.CLOSED) {
      answer(transaction, again(transaction, known.result()));
    }
  }

  /** What became of it then, said now; nothing was written now, and so there is no value. */
  private static CommandResult again(Transaction transaction, CommandResult then) {
    return new CommandResult(
        transaction.nowNanos(),
        then.id(),
        then.subject(),
        then.outcome(),
        then.reason(),
        Double.NaN,
        then.readBack(),
        then.message());
  }

  private static CommandResult result(
      Transaction transaction, Command command, Reason reason, String message) {
    return new CommandResult(
        transaction.nowNanos(),
        command.id(),
        command.subject(),
        Outcome.REFUSED,
        reason,
        command.value().asDouble(),
        Double.NaN,
        message);
  }

  private void answer(Transaction transaction, CommandResult result) throws SQLException {
    LOG.info(
        "command {} about {} is answered by the inbox: {} ({}): {}",
        result.id(),
        result.subject(),
        result.outcome().word(),
        result.reason().word(),
        result.message());
    answers.add(result);
    Entry may = leaving.of(result); // it may be stored in words of before
    transaction.append(Lane.EVENTS, may == null ? List.of() : List.of(may));
  }

  private void close(
      Transaction transaction, Store store, CommandTable.Row row, CommandResult result)
      throws SQLException {
    store.commands().update(row.with(State.CLOSED, result));
    answer(transaction, result);
  }

  /** Notes how far commands got, in the transaction that stores what is said about them. */
  void note(Transaction transaction, Store store, List<Entry> entries) throws SQLException {
    for (Entry entry : entries) {
      if (entry instanceof CommandResult result) {
        CommandTable.Row row = store.commands().find(result.id());
        if (row == null) {
          safe(transaction, store.commands(), result);
        } else if (row.state() != State.CLOSED) {
          note(store.commands(), row, result);
        }
      }
    }
  }

  private void note(CommandTable table, CommandTable.Row row, CommandResult result)
      throws SQLException {
    State reached = result.outcome().isFinal() ? State.CLOSED : State.STARTED;
    if (reached == State.STARTED) {
      startedHere.add(result.id());
    } else {
      startedHere.remove(result.id());
    }
    CommandTable.Row noted = row.with(reached, result);
    table.update(noted);
    Command command = row.command();
    if (reached == State.CLOSED && command.origin() == Command.Origin.DESIRED) {
      table.forget(Command.DESIRED_PREFIX + command.subject() + "/", noted);
    } else if (reached == State.CLOSED && command.origin() == Command.Origin.SAFETY) {
      table.forget(Command.SAFETY_PREFIX + command.subject() + "/", noted);
    }
  }

  /** A safe value came from nobody: it is remembered from its beginning, as of that time. */
  private void safe(Transaction transaction, CommandTable table, CommandResult result)
      throws SQLException {
    if (!result.id().startsWith(Command.SAFETY_PREFIX + result.subject() + "/")) {
      return;
    }
    Command command =
        new Command(
            result.id(),
            Command.Action.WRITE,
            result.subject(),
            Value.of(result.value()),
            "",
            Command.Origin.SAFETY,
            Command.NOT_SAID,
            Command.NOT_SAID);
    CommandTable.Row row =
        new CommandTable.Row(
            command, transaction.uptimeNanos(), bootId, nextAt(transaction), State.RECEIVED, null);
    table.insert(row);
    note(table, row, result);
  }

  /**
   * Looks for commands that wait to be carried out, after a commit that may have brought some.
   *
   * @param mayBeNew whether the commit held commands or results
   */
  void look(@Nullable Store store, boolean mayBeNew) throws SQLException {
    isToLook |= mayBeNew;
    if (store == null || !(isFirst || isToLook)) {
      return;
    }
    List<Received> found = new ArrayList<>();
    Set<String> open = new HashSet<>();
    for (CommandTable.Row row : store.commands().in(State.RECEIVED)) {
      open.add(row.command().id());
      if (handedOver.add(row.command().id())) {
        found.add(new Received(row.command(), row.atNanos(), !row.bootId().equals(bootId)));
      }
    }
    handedOver.retainAll(open);
    ready = found;
    isFirst = false;
    isToLook = false;
  }

  /** What became durable and was not handed over yet; the caller's from now on. */
  List<Received> takeReady() {
    List<Received> taken = ready;
    ready = List.of();
    return taken;
  }

  /** What was answered by the inbox itself, and is durable; once. */
  List<CommandResult> takeAnswers() {
    List<CommandResult> taken = List.copyOf(answers);
    answers.clear();
    return taken;
  }
}
