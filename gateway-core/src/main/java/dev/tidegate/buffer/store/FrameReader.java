package dev.tidegate.buffer.store;

import dev.tidegate.flow.Lane;
import dev.tidegate.flow.Outbound;
import dev.tidegate.frame.FrameCodec;
import dev.tidegate.frame.FrameException;
import dev.tidegate.frame.FrameHeader;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The reading connection: frames on their way out, each checked against its checksum just before.
 * Safe for use by any thread; one reads at a time.
 */
public final class FrameReader implements AutoCloseable {
  private final Path file;
  private final String epoch;
  private @Nullable Connection connection;
  private @Nullable PreparedStatement query;
  private boolean closed;

  /**
   * Connects at the first read.
   *
   * @param epoch the database's id, which every frame must bear
   */
  public FrameReader(Path file, String epoch) {
    this.file = file;
    this.epoch = epoch;
  }

  /**
   * What {@link dev.tidegate.flow.Outbox#read} promises.
   *
   * @param damaged told the lane and first number of each frame that is left out
   */
  public synchronized List<Outbound> read(
      Lane lane, long from, long before, int maxBytes, BiConsumer<Lane, Long> damaged)
      throws SQLException {
    if (closed) {
      return List.of();
    }
    try {
      return read(query(), lane, from, before, maxBytes, damaged);
    } catch (SQLException e) {
      disconnect(e);
      throw e;
    }
  }

  private List<Outbound> read(
      PreparedStatement query,
      Lane lane,
      long from,
      long before,
      int maxBytes,
      BiConsumer<Lane, Long> damaged)
      throws SQLException {
    query.setString(1, lane.word());
    query.setLong(2, from);
    query.setLong(3, before);
    List<Outbound> frames = new ArrayList<>();
    long bytes = 0;
    try (ResultSet row = query.executeQuery()) {
      while (row.next()) {
        bytes += row.getLong(3);
        if (bytes > maxBytes && !frames.isEmpty()) {
          return frames;
        }
        Outbound frame = new Outbound(epoch, lane, row.getLong(1), row.getLong(2), row.getBytes(4));
        if (isSound(frame)) {
          frames.add(frame);
        } else {
          damaged.accept(lane, frame.firstSequence());
        }
      }
    }
    return frames;
  }

  private static boolean isSound(Outbound frame) {
    try {
      FrameHeader header = FrameCodec.header(frame.frame());
      return header.epoch().equals(frame.epoch())
          && header.lane() == frame.lane()
          && header.firstSequence() == frame.firstSequence()
          && header.lastSequence() == frame.lastSequence();
    } catch (FrameException e) {
      return false;
    }
  }

  private PreparedStatement query() throws SQLException {
    if (query == null) {
      connection = Sqlite.reading(file);
      query =
          connection.prepareStatement(
              "SELECT first_seq,last_seq,length(bytes),bytes FROM frame"
                  + " WHERE lane=? AND first_seq>=? AND first_seq<? ORDER BY first_seq");
    }
    return query;
  }

  private void disconnect(SQLException because) {
    if (connection != null) {
      Sqlite.closeQuietly(connection, because);
    }
    connection = null;
    query = null;
  }

  @Override
  public synchronized void close() throws SQLException {
    closed = true;
    if (connection != null) {
      connection.close();
    }
  }
}
