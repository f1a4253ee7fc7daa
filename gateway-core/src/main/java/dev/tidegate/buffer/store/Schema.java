package dev.tidegate.buffer.store;

import dev.tidegate.flow.Lane;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The tables of the buffer file. SQLite does not notice a bit that rots in a value, so every row
 * that says what was accepted, delivered or lost bears a sum of itself ({@link Sums}); a frame's
 * bytes bear their own. Format 1, without sums, runs and requests, was never released; format 2 had
 * no commands, and is brought up to this one when it is opened.
 */
final class Schema {
  /** {@code TGBF}, so that {@code file} and every tool tell whose database this is. */
  static final int APPLICATION_ID = 0x54474246;

  /** The format that this version reads and writes. */
  static final int FORMAT = 3;

  /** Commands that came, and what became of them. */
  private static final String COMMANDS =
      "CREATE TABLE command(id TEXT PRIMARY KEY, uptime_ns INTEGER NOT NULL, boot_id TEXT NOT NULL,"
          + " at_ns INTEGER NOT NULL, state TEXT NOT NULL, content TEXT NOT NULL, result TEXT NOT"
          + " NULL, sum INTEGER NOT NULL) WITHOUT ROWID, STRICT";

  private static final List<String> TABLES =
      List.of(
          "PRAGMA application_id=" + APPLICATION_ID,
          "CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL, sum INTEGER NOT NULL)"
              + " WITHOUT ROWID, STRICT",
          "CREATE TABLE lane(name TEXT PRIMARY KEY, next_seq INTEGER NOT NULL, delivered INTEGER"
              + " NOT NULL, lost INTEGER NOT NULL, uptime_ns INTEGER NOT NULL, commit_no INTEGER"
              + " NOT NULL, sum INTEGER NOT NULL) WITHOUT ROWID, STRICT",
          "CREATE TABLE frame(lane TEXT NOT NULL, first_seq INTEGER NOT NULL, last_seq INTEGER NOT"
              + " NULL, first_ns INTEGER NOT NULL, last_ns INTEGER NOT NULL, uptime_ns INTEGER"
              + " NOT NULL, sum INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY(lane,"
              + " first_seq)) WITHOUT ROWID, STRICT",
          "CREATE TABLE quarantine(id INTEGER PRIMARY KEY, lane TEXT NOT NULL, first_seq INTEGER"
              + " NOT NULL, last_seq INTEGER NOT NULL, reason TEXT NOT NULL, bytes BLOB NOT NULL)"
              + " STRICT",
          "CREATE TABLE run(lane TEXT NOT NULL, first_seq INTEGER NOT NULL, boot_id TEXT NOT NULL,"
              + " wall_offset_ns INTEGER NOT NULL, quality INTEGER NOT NULL, PRIMARY KEY(lane,"
              + " first_seq)) WITHOUT ROWID, STRICT",
          "CREATE TABLE request(place INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, lane TEXT NOT"
              + " NULL, first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL) STRICT",
          COMMANDS,
          "PRAGMA user_version=" + FORMAT);

  private Schema() {}

  /**
   * Makes the tables where the file is new.
   *
   * @param epoch the id that a new database gets; null where the file must not be new
   */
  static void ensure(Connection connection, Path file, @Nullable String epoch)
      throws SQLException, StoreException {
    try (Statement statement = connection.createStatement()) {
      int application = number(statement, "PRAGMA application_id");
      int format = number(statement, "PRAGMA user_version");
      boolean isBlank =
          application == 0
              && format == 0
              && number(statement, "SELECT count(*) FROM sqlite_schema") == 0;
      if (!isBlank) {
        if (application == APPLICATION_ID && format == 2) {
          statement.execute("BEGIN IMMEDIATE");
          statement.execute(COMMANDS);
          statement.execute("PRAGMA user_version=" + FORMAT);
          statement.execute("COMMIT");
          return;
        }
        check(file, application, format);
        return;
      }
      if (epoch == null) {
        throw Store.damaged("it is gone or empty");
      }
      statement.execute("BEGIN IMMEDIATE");
      for (String sql : TABLES) {
        statement.execute(sql);
      }
      statement.execute(
          "INSERT INTO meta VALUES('epoch','" + epoch + "'," + Sums.ofMeta("epoch", epoch) + ")");
      for (Lane lane : Lane.values()) {
        long sum = Sums.ofLane(lane, 1, 0, 0, 0, 0);
        statement.execute("INSERT INTO lane VALUES('" + lane.word() + "',1,0,0,0,0," + sum + ")");
      }
      statement.execute("COMMIT");
    }
  }

  private static void check(Path file, int application, int format) throws StoreException {
    if (application != APPLICATION_ID) {
      throw new StoreException(
          file
              + " is a database of another program, not a buffer of Tidegate: move it away, or"
              + " give the buffer a folder of its own; if it was a buffer, 'tidegate buffer"
              + " salvage' makes a new one of it");
    }
    if (format != FORMAT) {
      throw new StoreException(
          file
              + " has the format "
              + format
              + ", this version of Tidegate knows "
              + FORMAT
              + ": run the version that wrote it, or move the file away to start a new one");
    }
  }

  private static int number(Statement statement, String sql) throws SQLException {
    try (ResultSet row = statement.executeQuery(sql)) {
      return row.getInt(1);
    }
  }
}
