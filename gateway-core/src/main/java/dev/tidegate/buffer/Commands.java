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
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

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
  /** Commands remembered. */
  static final int MAX = 4_096;

  /** Commands that are not closed. */
  static final int MAX_OPEN = 64;

  /** How long a closed one is remembered at least, of the gateway's own running time. */
  static final long REMEMBERED_NANOS = 86_400_000_000_000L;

  private final String bootId;
  private final Set<String> handedOver = new HashSet<>();
  private List<Received> ready = List.of();

  /** Commands that this buffer has seen started: the others that the file holds are of before. */
  private final Set<String> startedHere = new HashSet<>();

  private boolean isFirst = true;
  private boolean isToLook;

  Commands(String bootId) {
    this.bootId = bootId;
  }

  /** What the file still holds of an earlier run, within the first transaction. */
  void begin(Transaction transaction, Store store) throws SQLException {
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
  void receive(Transaction transaction, Store store, Command command) throws SQLException {
    CommandTable table = store.commands();
    CommandTable.Row known = table.find(command.id());
    if (known != null) {
      repeated(transaction, known, command);
      return;
    }
    if (table.count() >= MAX) {
      table.trim(transaction.uptimeNanos() - REMEMBERED_NANOS);
    }
    if (table.count() >= MAX || open(table) >= MAX_OPEN) {
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
            command,
            transaction.uptimeNanos(),
            bootId,
            transaction.nowNanos(),
            State.RECEIVED,
            null));
  }

  private static int open(CommandTable table) throws SQLException {
    return table.in(State.RECEIVED).size() + table.in(State.STARTED).size();
  }

  private static void repeated(Transaction transaction, CommandTable.Row known, Command command)
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

  private static void answer(Transaction transaction, CommandResult result) throws SQLException {
    transaction.append(Lane.EVENTS, List.of(result));
  }

  private static void close(
      Transaction transaction, Store store, CommandTable.Row row, CommandResult result)
      throws SQLException {
    store.commands().update(row.with(State.CLOSED, result));
    answer(transaction, result);
  }

  /** Notes how far commands got, in the transaction that stores what is said about them. */
  void note(Store store, List<Entry> entries) throws SQLException {
    for (Entry entry : entries) {
      if (entry instanceof CommandResult result) {
        CommandTable.Row row = store.commands().find(result.id());
        if (row != null && row.state() != State.CLOSED) {
          State reached = result.outcome().isFinal() ? State.CLOSED : State.STARTED;
          if (reached == State.STARTED) {
            startedHere.add(result.id());
          } else {
            startedHere.remove(result.id());
          }
          store.commands().update(row.with(reached, result));
        }
      }
    }
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
}
