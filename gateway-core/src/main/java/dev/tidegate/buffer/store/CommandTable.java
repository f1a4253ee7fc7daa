package dev.tidegate.buffer.store;

import dev.tidegate.flow.Command;
import dev.tidegate.flow.CommandResult;
import dev.tidegate.reading.Value;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rows of commands: what came, how far it got, and its result. Owned by the buffer's thread.
 *
 * <pre>
 *   received ──▶ started ──▶ closed
 *        └────────────────────▲   (refused)
 * </pre>
 */
public final class CommandTable {
  static final String SELECT =
      "SELECT id,uptime_ns,boot_id,at_ns,state,content,result,sum FROM command";

  /** Stands between the parts of a text; no part but the last can hold it. */
  private static final String UNIT_SEPARATOR = "\u001f";

  private final PreparedStatement insert;
  private final PreparedStatement find;
  private final PreparedStatement inState;
  private final PreparedStatement update;
  private final PreparedStatement count;
  private final PreparedStatement trim;
  private final PreparedStatement forget;

  /** How far a command got; the names are what the file holds. */
  public enum State {
    RECEIVED,
    STARTED,
    CLOSED
  }

  /**
   * One command.
   *
   * @param uptimeNanos how long the gateway had run when it came
   * @param bootId the run in which it came
   * @param atNanos when it came, on that run's timeline
   * @param result the last one; null while there is none
   */
  public record Row(
      Command command,
      long uptimeNanos,
      String bootId,
      long atNanos,
      State state,
      @Nullable CommandResult result) {
    /** The same command, further on. */
    public Row with(State reached, CommandResult because) {
      return new Row(command, uptimeNanos, bootId, atNanos, reached, because);
    }
  }

  CommandTable(Connection connection) throws SQLException {
    insert = connection.prepareStatement("INSERT INTO command VALUES(?,?,?,?,?,?,?,?)");
    find = connection.prepareStatement(SELECT + " WHERE id=?");
    inState = connection.prepareStatement(SELECT + " WHERE state=? ORDER BY uptime_ns,at_ns");
    update = connection.prepareStatement("UPDATE command SET state=?,result=?,sum=? WHERE id=?");
    count = connection.prepareStatement("SELECT count(*) FROM command");
    trim =
        connection.prepareStatement(
            "DELETE FROM command WHERE state='CLOSED' AND uptime_ns<? AND substr(content,1,?)<>?"
                + " AND substr(content,1,?)<>?");
    forget =
        connection.prepareStatement(
            "DELETE FROM command WHERE state='CLOSED' AND id>? AND id<? AND id<>? AND"
                + " substr(content,1,?)=? AND (uptime_ns<? OR (uptime_ns=? AND at_ns<=?))");
  }

  /** Stores a row, whose id must be new. */
  public void insert(Row row) throws SQLException {
    insert.setString(1, row.command.id());
    insert.setLong(2, row.uptimeNanos);
    insert.setString(3, row.bootId);
    insert.setLong(4, row.atNanos);
    insert.setString(5, row.state.name());
    insert.setString(6, text(row.command));
    insert.setString(7, text(row.result));
    insert.setLong(8, sum(row));
    insert.executeUpdate();
  }

  /** The row of that id; null where there is none. */
  public @Nullable Row find(String id) throws SQLException {
    find.setString(1, id);
    List<Row> rows = rows(find);
    return rows.isEmpty() ? null : rows.getFirst();
  }

  /** The rows in that state, oldest first. */
  public List<Row> in(State state) throws SQLException {
    inState.setString(1, state.name());
    return rows(inState);
  }

  /** Notes how far a command got. */
  public void update(Row row) throws SQLException {
    update.setString(1, row.state.name());
    update.setString(2, text(row.result));
    update.setLong(3, sum(row));
    update.setString(4, row.command.id());
    update.executeUpdate();
  }

  /** How many commands are remembered. */
  public int count() throws SQLException {
    try (ResultSet row = count.executeQuery()) {
      return row.getInt(1);
    }
  }

  /**
   * Forgets what is closed and came before that time of the gateway's running, but for desired and
   * safe values, of which {@link #forget} leaves the newest alone.
   */
  public void trim(long uptimeNanos) throws SQLException {
    trim.setLong(1, uptimeNanos);
    trim.setInt(2, writeOf(Command.Origin.DESIRED).length());
    trim.setString(3, writeOf(Command.Origin.DESIRED));
    trim.setInt(4, writeOf(Command.Origin.SAFETY).length());
    trim.setString(5, writeOf(Command.Origin.SAFETY));
    trim.executeUpdate();
  }

  /** What the content of such a command begins with. */
  private static String writeOf(Command.Origin origin) {
    return Command.Action.WRITE.name() + UNIT_SEPARATOR + origin.name() + UNIT_SEPARATOR;
  }

  /**
   * Forgets what is closed and came before, of a kind of which the newest alone counts.
   *
   * @param prefix what the ids begin with; ends with a slash
   * @param kept what is not forgotten
   */
  public void forget(String prefix, Row kept) throws SQLException {
    String kind = writeOf(kept.command.origin());
    forget.setString(1, prefix);
    forget.setString(2, prefix.substring(0, prefix.length() - 1) + '0'); // follows the slash
    forget.setString(3, kept.command.id());
    forget.setInt(4, kind.length());
    forget.setString(5, kind);
    forget.setLong(6, kept.uptimeNanos);
    forget.setLong(7, kept.uptimeNanos);
    forget.setLong(8, kept.atNanos);
    forget.executeUpdate();
  }

  private static List<Row> rows(PreparedStatement query) throws SQLException {
    List<Row> rows = new ArrayList<>();
    try (ResultSet found = query.executeQuery()) {
      while (found.next()) {
        Row row = read(found);
        if (row == null) {
          throw Store.damaged("a command does not match its sum");
        }
        rows.add(row);
      }
    }
    return rows;
  }

  /** The row; null when it does not match its sum. */
  static @Nullable Row read(ResultSet found) throws SQLException {
    try {
      Row row =
          new Row(
              command(found.getString(1), found.getString(6)),
              found.getLong(2),
              found.getString(3),
              found.getLong(4),
              State.valueOf(found.getString(5)),
              result(found.getString(1), found.getString(7)));
      return sum(row) == found.getLong(8) ? row : null;
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      return null;
    }
  }

  private static long sum(Row row) {
    return Sums.of(
        String.join(
            UNIT_SEPARATOR,
            row.command.id(),
            row.bootId,
            row.state.name(),
            text(row.command),
            text(row.result)),
        row.uptimeNanos,
        row.atNanos);
  }

  private static String text(Command command) {
    String value =
        switch (command.value()) {
          case Value.Real real -> "r" + Long.toString(Double.doubleToRawLongBits(real.value()));
          case Value.Whole whole -> "w" + whole.value();
          case Value.Flag flag -> "f" + flag.value();
          case Value.Text text -> "t" + text.value();
        };
    return String.join(
        UNIT_SEPARATOR,
        command.action().name(),
        command.origin().name(),
        Long.toString(command.issuedNanos()),
        Long.toString(command.expiresNanos()),
        command.issuer(),
        command.subject(),
        value);
  }

  private static Command command(String id, String text) {
    String[] parts = text.split(UNIT_SEPARATOR, 7);
    String value = parts[6].substring(1);
    return new Command(
        id,
        Command.Action.valueOf(parts[0]),
        parts[5],
        switch (parts[6].charAt(0)) {
          case 'r' -> Value.of(Double.longBitsToDouble(Long.parseLong(value)));
          case 'w' -> Value.of(Long.parseLong(value));
          case 'f' -> Value.of(Boolean.parseBoolean(value));
          default -> Value.of(value);
        },
        parts[4],
        Command.Origin.valueOf(parts[1]),
        Long.parseLong(parts[2]),
        Long.parseLong(parts[3]));
  }

  private static String text(@Nullable CommandResult result) {
    return result == null
        ? ""
        : String.join(
            UNIT_SEPARATOR,
            Long.toString(result.atNanos()),
            result.outcome().name(),
            result.reason().name(),
            Long.toString(Double.doubleToRawLongBits(result.value())),
            Long.toString(Double.doubleToRawLongBits(result.readBack())),
            result.subject(),
            result.message());
  }

  private static @Nullable CommandResult result(String id, String text) {
    if (text.isEmpty()) {
      return null;
    }
    String[] parts = text.split(UNIT_SEPARATOR, 7);
    return new CommandResult(
        Long.parseLong(parts[0]),
        id,
        parts[5],
        CommandResult.Outcome.valueOf(parts[1]),
        CommandResult.Reason.valueOf(parts[2]),
        Double.longBitsToDouble(Long.parseLong(parts[3])),
        Double.longBitsToDouble(Long.parseLong(parts[4])),
        parts[6]);
  }
}
