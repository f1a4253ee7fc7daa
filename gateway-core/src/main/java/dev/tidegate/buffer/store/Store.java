package dev.tidegate.buffer.store;

import dev.tidegate.flow.Account;
import dev.tidegate.flow.CommandResult;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.Stretch;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The writing connection and its statements: all SQL that changes the buffer file. Owned by the
 * buffer's thread.
 */
public final class Store implements AutoCloseable {
  /** What is set aside is kept for a look, up to so many frames; the oldest give way. */
  static final int MAX_QUARANTINED = 256;

  /** The bound of the same in bytes of frames, because a frame has up to 1 MiB. */
  static final int MAX_QUARANTINED_BYTES = 8 << 20;

  private static final String FRAME =
      "SELECT first_seq,last_seq,first_ns,last_ns,uptime_ns,length(bytes),sum FROM frame WHERE"
          + " lane=?";

  private final Connection connection;
  private final Statement plain;
  private final PreparedStatement counting;
  private final PreparedStatement insertFrame;
  private final PreparedStatement deleteFrame;
  private final PreparedStatement oldest;
  private final PreparedStatement startingIn;
  private final PreparedStatement atOrBefore;
  private final PreparedStatement frameBytes;
  private final PreparedStatement updateLane;
  private final PreparedStatement insertQuarantine;
  private final PreparedStatement trimQuarantine;
  private final Timeline timeline;
  private final CommandTable commands;

  private Store(Connection connection) throws SQLException {
    this.connection = connection;
    plain = connection.createStatement();
    counting = connection.prepareStatement(FRAME + " ORDER BY first_seq");
    insertFrame = connection.prepareStatement("INSERT INTO frame VALUES(?,?,?,?,?,?,?,?)");
    deleteFrame = connection.prepareStatement("DELETE FROM frame WHERE lane=? AND first_seq=?");
    oldest = connection.prepareStatement(FRAME + " AND first_seq>=? ORDER BY first_seq LIMIT ?");
    startingIn =
        connection.prepareStatement(
            FRAME + " AND first_seq>=? AND first_seq<=? ORDER BY first_seq LIMIT ?");
    atOrBefore =
        connection.prepareStatement(FRAME + " AND first_seq<=? ORDER BY first_seq DESC LIMIT 1");
    frameBytes =
        connection.prepareStatement("SELECT bytes FROM frame WHERE lane=? AND first_seq=?");
    updateLane =
        connection.prepareStatement(
            "UPDATE lane SET next_seq=?,delivered=?,lost=?,uptime_ns=?,commit_no=?,sum=? WHERE name=?");
    insertQuarantine =
        connection.prepareStatement(
            "INSERT INTO quarantine(lane,first_seq,last_seq,reason,bytes) SELECT"
                + " lane,first_seq,last_seq,?,bytes FROM frame WHERE lane=? AND first_seq=?");
    trimQuarantine =
        connection.prepareStatement(
            "DELETE FROM quarantine WHERE id IN (SELECT id FROM (SELECT id, row_number() OVER"
                + " newest AS place, sum(length(bytes)) OVER newest AS held FROM quarantine WINDOW"
                + " newest AS (ORDER BY id DESC)) WHERE place>"
                + MAX_QUARANTINED
                + " OR held>"
                + MAX_QUARANTINED_BYTES
                + ")");
    timeline = new Timeline(connection);
    commands = new CommandTable(connection);
  }

  /** When the stored frames were recorded, and what of them was promised. */
  public Timeline timeline() {
    return timeline;
  }

  /** Which commands came, and what became of them. */
  public CommandTable commands() {
    return commands;
  }

  /**
   * Opens the file for writing, and makes its tables where it is new.
   *
   * @param epoch the id that a new database gets; null where the file must not be new
   */
  public static Store open(Path file, Durability durability, int maxPages, @Nullable String epoch)
      throws SQLException, StoreException {
    Connection connection = Sqlite.writing(file, durability, maxPages);
    try {
      String version = Sqlite.version(connection);
      if (Sqlite.isTooOld(version)) {
        throw new StoreException(
            "SQLite "
                + version
                + " can corrupt its file; Tidegate needs "
                + Sqlite.LEAST_VERSION
                + " or later: use the library that came with it (org.sqlite.lib.path)");
      }
      Schema.ensure(connection, file, epoch);
      return new Store(connection);
    } catch (SQLException | StoreException e) {
      Sqlite.closeQuietly(connection, e);
      throw e;
    }
  }

  private static int number(Statement statement, String sql) throws SQLException {
    try (ResultSet row = statement.executeQuery(sql)) {
      return row.getInt(1);
    }
  }

  /**
   * What the file holds.
   *
   * @param epoch the database's id
   * @param uptimeNanos how long the gateway had run at the last commit
   * @param commitNumber the last commit's number
   * @param account every lane's figures, the buffered ones counted from the frames
   * @param stretches what was promised to the far side, oldest first
   * @param commanded what became of the commands that are remembered, oldest first
   */
  public record Contents(
      String epoch,
      long uptimeNanos,
      long commitNumber,
      Account account,
      List<Stretch> stretches,
      List<CommandResult> commanded) {}

  /**
   * Reads and counts everything but the frames' bytes.
   *
   * @param isSalvaged whether records may be missing that are not counted as lost yet; here they
   *     are
   * @throws SQLException with the code of a damaged file, where a row does not match its sum, or
   *     the rows do not fit each other
   */
  public Contents contents(boolean isSalvaged) throws SQLException {
    Map<Lane, Account.Line> lines = new EnumMap<>(Lane.class);
    long uptimeNanos = 0;
    long commitNumber = 0;
    try (ResultSet row =
        plain.executeQuery(
            "SELECT name,next_seq,delivered,lost,uptime_ns,commit_no,sum FROM lane")) {
      while (row.next()) {
        Lane lane = lane(row.getString(1));
        long sum =
            Sums.ofLane(
                lane,
                row.getLong(2),
                row.getLong(3),
                row.getLong(4),
                row.getLong(5),
                row.getLong(6));
        if (sum != row.getLong(7)) {
          throw damaged("the figures of lane " + lane.word() + " do not match their sum");
        }
        lines.put(lane, new Account.Line(row.getLong(2) - 1, row.getLong(3), 0, row.getLong(4), 0));
        uptimeNanos = Math.max(uptimeNanos, row.getLong(5));
        commitNumber = Math.max(commitNumber, row.getLong(6));
      }
    }
    for (Lane lane : Lane.values()) {
      Account.Line line = lines.get(lane);
      if (line == null) {
        throw damaged("the figures of lane " + lane.word() + " are missing");
      }
      lines.put(lane, counted(lane, line, isSalvaged));
    }
    try (ResultSet row = plain.executeQuery("SELECT value,sum FROM meta WHERE key='epoch'")) {
      String epoch = row.next() ? row.getString(1) : "";
      if (!epoch.matches("[0-9a-f]{32}") || row.getLong(2) != Sums.ofMeta("epoch", epoch)) {
        throw damaged("the epoch is missing, or does not match its sum");
      }
      return new Contents(
          epoch,
          uptimeNanos,
          commitNumber,
          new Account(lines),
          timeline.stretches(),
          commands.in(CommandTable.State.CLOSED).stream()
              .map(CommandTable.Row::result)
              .filter(Objects::nonNull)
              .toList());
    }
  }

  /** The same line with what the lane's frames hold. */
  private Account.Line counted(Lane lane, Account.Line line, boolean isSalvaged)
      throws SQLException {
    long buffered = 0;
    long bytes = 0;
    long before = 0;
    counting.setString(1, lane.word());
    try (ResultSet row = counting.executeQuery()) {
      while (row.next()) {
        StoredFrame frame = frame(row);
        if (row.getLong(7) != Sums.ofFrame(lane, frame)
            || frame.firstSequence() <= before
            || frame.lastSequence() < frame.firstSequence()
            || frame.lastSequence() > line.accepted()) {
          throw damaged(
              "a row of lane "
                  + lane.word()
                  + " at "
                  + frame.firstSequence()
                  + " does not match its sum, or its neighbours");
        }
        buffered += frame.count();
        bytes += frame.sizeBytes();
        before = frame.lastSequence();
      }
    }
    long missing = line.accepted() - line.delivered() - line.lost() - buffered;
    if (missing != 0 && !(isSalvaged && missing > 0)) {
      throw damaged(missing + " records of lane " + lane.word() + " are missing");
    }
    return new Account.Line(
        line.accepted(), line.delivered(), buffered, line.lost() + missing, bytes);
  }

  private static Lane lane(String word) throws SQLException {
    try {
      return Lane.of(word);
    } catch (IllegalArgumentException e) {
      throw damaged("an unknown lane: " + word);
    }
  }

  /** The error SQLite itself gives for a broken file (SQLITE_CORRUPT). */
  public static SQLException damaged(String what) {
    return new SQLException(what, null, 11);
  }

  /** Starts a transaction; it ends with {@link #commit}, or with the connection. */
  public void begin() throws SQLException {
    plain.execute("BEGIN IMMEDIATE");
  }

  /**
   * Ends the transaction: in a file opened as {@link Durability#FULL}, it is durable once this has
   * returned.
   */
  public void commit() throws SQLException {
    plain.execute("COMMIT");
  }

  /** Stores a frame. */
  public void insert(Lane lane, StoredFrame frame, byte[] bytes) throws SQLException {
    insertFrame.setString(1, lane.word());
    insertFrame.setLong(2, frame.firstSequence());
    insertFrame.setLong(3, frame.lastSequence());
    insertFrame.setLong(4, frame.firstNanos());
    insertFrame.setLong(5, frame.lastNanos());
    insertFrame.setLong(6, frame.uptimeNanos());
    insertFrame.setLong(7, Sums.ofFrame(lane, frame));
    insertFrame.setBytes(8, bytes);
    insertFrame.executeUpdate();
  }

  /** Takes out a frame, which must be there. */
  public void delete(Lane lane, long firstSequence) throws SQLException {
    deleteFrame.setString(1, lane.word());
    deleteFrame.setLong(2, firstSequence);
    if (deleteFrame.executeUpdate() != 1) {
      throw damaged("frame " + lane.word() + "/" + firstSequence + " cannot be deleted");
    }
  }

  /** The lane's oldest frames from that number on, at most {@code limit}. */
  public List<StoredFrame> oldest(Lane lane, long fromSequence, int limit) throws SQLException {
    oldest.setString(1, lane.word());
    oldest.setLong(2, fromSequence);
    oldest.setInt(3, limit);
    return frames(oldest);
  }

  /** Frames whose first record lies in the range, lowest first, at most {@code limit}. */
  public List<StoredFrame> startingIn(Lane lane, long from, long to, int limit)
      throws SQLException {
    startingIn.setString(1, lane.word());
    startingIn.setLong(2, from);
    startingIn.setLong(3, to);
    startingIn.setInt(4, limit);
    return frames(startingIn);
  }

  /** The last frame that starts at or before that number. */
  public @Nullable StoredFrame atOrBefore(Lane lane, long sequence) throws SQLException {
    atOrBefore.setString(1, lane.word());
    atOrBefore.setLong(2, sequence);
    List<StoredFrame> found = frames(atOrBefore);
    return found.isEmpty() ? null : found.getFirst();
  }

  private static List<StoredFrame> frames(PreparedStatement query) throws SQLException {
    List<StoredFrame> frames = new ArrayList<>();
    try (ResultSet row = query.executeQuery()) {
      while (row.next()) {
        frames.add(frame(row));
      }
    }
    return frames;
  }

  private static StoredFrame frame(ResultSet row) throws SQLException {
    return new StoredFrame(
        row.getLong(1),
        row.getLong(2),
        row.getLong(3),
        row.getLong(4),
        row.getLong(5),
        row.getLong(6));
  }

  /** A frame's bytes as stored; empty where there is no such frame. */
  public byte[] bytes(Lane lane, long firstSequence) throws SQLException {
    frameBytes.setString(1, lane.word());
    frameBytes.setLong(2, firstSequence);
    try (ResultSet row = frameBytes.executeQuery()) {
      return row.next() ? row.getBytes(1) : new byte[0];
    }
  }

  /** Copies a frame to the quarantine, and lets go of what is there beyond its bound. */
  public void quarantine(Lane lane, long firstSequence, String reason) throws SQLException {
    insertQuarantine.setString(1, reason);
    insertQuarantine.setString(2, lane.word());
    insertQuarantine.setLong(3, firstSequence);
    insertQuarantine.executeUpdate();
    trimQuarantine.executeUpdate();
  }

  /**
   * Writes a lane's row.
   *
   * @param line its figures; the buffered ones are the frames' own, and not written
   */
  public void update(Lane lane, Account.Line line, long uptimeNanos, long commitNumber)
      throws SQLException {
    updateLane.setLong(1, line.accepted() + 1);
    updateLane.setLong(2, line.delivered());
    updateLane.setLong(3, line.lost());
    updateLane.setLong(4, uptimeNanos);
    updateLane.setLong(5, commitNumber);
    updateLane.setLong(
        6,
        Sums.ofLane(
            lane, line.accepted() + 1, line.delivered(), line.lost(), uptimeNanos, commitNumber));
    updateLane.setString(7, lane.word());
    updateLane.executeUpdate();
  }

  /** Pages of the file that hold something, as of the last commit. */
  public long usedPages() throws SQLException {
    return (long) number(plain, "PRAGMA page_count") - number(plain, "PRAGMA freelist_count");
  }

  /** How far a checkpoint went. */
  public record Checkpoint(boolean busy, int logPages, int copiedPages) {}

  /**
   * Copies the write-ahead log into the file.
   *
   * @param mode {@code NOOP} only looks, {@code PASSIVE} waits for nobody, {@code TRUNCATE} waits
   *     for readers and empties the log
   */
  public Checkpoint checkpoint(String mode) throws SQLException {
    try (ResultSet row = plain.executeQuery("PRAGMA wal_checkpoint(" + mode + ")")) {
      return new Checkpoint(row.getInt(1) != 0, row.getInt(2), row.getInt(3));
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
