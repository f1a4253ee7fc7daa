package dev.tidegate.buffer.store;

import dev.tidegate.flow.Lane;
import dev.tidegate.flow.ReplayRequest;
import dev.tidegate.flow.Stretch;
import dev.tidegate.time.TimeQuality;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where in a lane a stretch of wall time lies, and which stretches were promised.
 *
 * <p>Frames bear times of the run that recorded them (docs/decisions/0005-one-timeline.md). What to
 * add to them is kept once for each run, with the number at which the run begins in each lane: so a
 * clock that is set right later sets all of the run's frames right. Owned by the buffer's thread.
 */
public final class Timeline {
  /** Wall time of frame f, of run r. */
  private static final String STARTS = "f.first_ns+r.wall_offset_ns";

  private static final String ENDS = "f.last_ns+r.wall_offset_ns";

  private final PreparedStatement isKnown;
  private final PreparedStatement insertRun;
  private final PreparedStatement correctRun;
  private final PreparedStatement trimRuns;
  private final PreparedStatement find;
  private final PreparedStatement stretches;
  private final PreparedStatement insertStretch;
  private final PreparedStatement deleteStretch;

  Timeline(Connection connection) throws SQLException {
    isKnown = connection.prepareStatement("SELECT 1 FROM run WHERE boot_id=? LIMIT 1");
    insertRun = connection.prepareStatement("INSERT OR REPLACE INTO run VALUES(?,?,?,?,?)");
    correctRun =
        connection.prepareStatement("UPDATE run SET wall_offset_ns=?,quality=? WHERE boot_id=?");
    trimRuns =
        connection.prepareStatement(
            "DELETE FROM run WHERE lane=?1 AND first_seq<(SELECT max(first_seq) FROM run WHERE"
                + " lane=?1 AND first_seq<=coalesce((SELECT min(first_seq) FROM frame WHERE"
                + " lane=?1),?2))");
    find =
        connection.prepareStatement(
            "SELECT min(f.first_seq),max(f.last_seq),min("
                + STARTS
                + "),max("
                + ENDS
                + ") FROM frame f JOIN run r ON r.lane=f.lane AND r.first_seq=(SELECT"
                + " max(first_seq) FROM run WHERE lane=f.lane AND first_seq<=f.first_seq) WHERE"
                + " f.lane=?1 AND "
                + ENDS
                + ">=?2 AND "
                + STARTS
                + "<=?3");
    stretches =
        connection.prepareStatement(
            "SELECT id,lane,first_seq,last_seq FROM request ORDER BY place");
    insertStretch =
        connection.prepareStatement(
            "INSERT INTO request(id,lane,first_seq,last_seq) VALUES(?,?,?,?)");
    deleteStretch = connection.prepareStatement("DELETE FROM request WHERE id=?");
  }

  /**
   * Notes where a run begins, unless that was noted before; earlier runs of which no frame is left
   * are forgotten.
   *
   * @param bootId the run of the gateway process
   * @param nextSequences the number that each lane gives next
   */
  public void begin(
      String bootId, Map<Lane, Long> nextSequences, long wallOffsetNanos, TimeQuality quality)
      throws SQLException {
    isKnown.setString(1, bootId);
    try (ResultSet row = isKnown.executeQuery()) {
      if (row.next()) {
        return;
      }
    }
    for (Map.Entry<Lane, Long> each : nextSequences.entrySet()) {
      insertRun.setString(1, each.getKey().word());
      insertRun.setLong(2, each.getValue());
      insertRun.setString(3, bootId);
      insertRun.setLong(4, wallOffsetNanos);
      insertRun.setInt(5, quality.code());
      insertRun.executeUpdate();
      trimRuns.setString(1, each.getKey().word());
      trimRuns.setLong(2, each.getValue());
      trimRuns.executeUpdate();
    }
  }

  /** Sets right what wall time a run's frames bear; nothing where the run is not known. */
  public void correct(String bootId, long wallOffsetNanos, TimeQuality quality)
      throws SQLException {
    correctRun.setLong(1, wallOffsetNanos);
    correctRun.setInt(2, quality.code());
    correctRun.setString(3, bootId);
    correctRun.executeUpdate();
  }

  /**
   * Stored frames of one lane.
   *
   * @param firstSequence number of the first record
   * @param lastSequence number of the last one
   * @param fromNanos wall time of the earliest record
   * @param toNanos wall time of the latest one
   */
  public record Held(long firstSequence, long lastSequence, long fromNanos, long toNanos) {}

  /** The frames that hold something of that stretch of wall time; null when none does. */
  public @Nullable Held find(Lane lane, long fromNanos, long toNanos) throws SQLException {
    find.setString(1, lane.word());
    find.setLong(2, fromNanos);
    find.setLong(3, toNanos);
    try (ResultSet row = find.executeQuery()) {
      return row.next() && row.getObject(1) != null
          ? new Held(row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4))
          : null;
    }
  }

  /** What was promised, oldest first. A row that says nothing that makes sense is left out. */
  public List<Stretch> stretches() throws SQLException {
    List<Stretch> found = new ArrayList<>();
    try (ResultSet row = stretches.executeQuery()) {
      while (row.next()) {
        for (Lane lane : Lane.values()) {
          if (lane.word().equals(row.getString(2))) {
            found.add(new Stretch(row.getString(1), lane, row.getLong(3), row.getLong(4)));
          }
        }
      }
    }
    return List.copyOf(found);
  }

  /** Notes a promise. */
  public void promise(ReplayRequest request, Held held) throws SQLException {
    insertStretch.setString(1, request.id());
    insertStretch.setString(2, request.lane().word());
    insertStretch.setLong(3, held.firstSequence());
    insertStretch.setLong(4, held.lastSequence());
    insertStretch.executeUpdate();
  }

  /** Forgets a promise. */
  public void fulfilled(String id) throws SQLException {
    deleteStretch.setString(1, id);
    deleteStretch.executeUpdate();
  }
}
