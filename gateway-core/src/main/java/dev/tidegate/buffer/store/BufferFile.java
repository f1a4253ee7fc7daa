package dev.tidegate.buffer.store;

import dev.tidegate.flow.Lane;
import dev.tidegate.frame.Frame;
import dev.tidegate.frame.FrameCodec;
import dev.tidegate.frame.FrameException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * A buffer file that is only looked at: one in use by a gateway, one of a gateway that is off, or
 * one set aside as damaged. Every frame is checked against its checksum; where SQLite gives up,
 * what was found before counts. For one thread.
 */
public final class BufferFile {
  private final Path file;

  /** That file; nothing is opened yet. */
  public BufferFile(Path file) {
    this.file = file;
  }

  /**
   * The database in that folder, or that file itself.
   *
   * @throws IOException with a sentence for people, when there is none
   */
  public static BufferFile at(Path path) throws IOException {
    Path file = Files.isDirectory(path) ? path.resolve("buffer.db") : path;
    if (!Files.isRegularFile(file) || Files.size(file) == 0) {
      throw new IOException(
          "there is no buffer at "
              + file
              + ": give a data folder, or a buffer.db or one set aside");
    }
    return new BufferFile(file);
  }

  /** Where it lies. */
  public Path path() {
    return file;
  }

  /** Told each sound frame, oldest first, lane by lane. */
  @FunctionalInterface
  public interface Visitor {
    void sound(Frame frame) throws IOException;
  }

  /**
   * What a look found.
   *
   * @param frames sound frames of each lane
   * @param records in them
   * @param bytes of them
   * @param firstSequence lowest number of each lane
   * @param lastSequence highest number of each lane
   * @param damagedFrames rows whose bytes do not match their checksum
   * @param quarantined frames set aside one by one
   * @param trouble what kept SQLite from reading all of it; empty when nothing did
   */
  public record Found(
      Map<Lane, Long> frames,
      Map<Lane, Long> records,
      Map<Lane, Long> bytes,
      Map<Lane, Long> firstSequence,
      Map<Lane, Long> lastSequence,
      long damagedFrames,
      long quarantined,
      String trouble) {}

  /**
   * Looks at every frame.
   *
   * @throws IOException when the visitor throws it, or the file is none of ours
   */
  public Found visit(Visitor visitor) throws IOException {
    Map<Lane, Long> frames = new EnumMap<>(Lane.class);
    Map<Lane, Long> records = new EnumMap<>(Lane.class);
    Map<Lane, Long> bytes = new EnumMap<>(Lane.class);
    Map<Lane, Long> first = new EnumMap<>(Lane.class);
    Map<Lane, Long> last = new EnumMap<>(Lane.class);
    long damaged = 0;
    long quarantined = 0;
    String trouble = "";
    try (Connection connection = Sqlite.reading(file)) {
      check(connection);
      try (PreparedStatement query =
              connection.prepareStatement("SELECT bytes FROM frame ORDER BY lane,first_seq");
          ResultSet row = query.executeQuery()) {
        while (row.next()) {
          byte[] frame = row.getBytes(1);
          try {
            Frame sound = FrameCodec.decode(frame);
            Lane lane = sound.header().lane();
            frames.merge(lane, 1L, Long::sum);
            records.merge(lane, (long) sound.header().count(), Long::sum);
            bytes.merge(lane, (long) frame.length, Long::sum);
            first.merge(lane, sound.header().firstSequence(), Math::min);
            last.merge(lane, sound.header().lastSequence(), Math::max);
            visitor.sound(sound);
          } catch (FrameException e) {
            damaged++;
          }
        }
      }
      try (PreparedStatement query =
              connection.prepareStatement("SELECT count(*) FROM quarantine");
          ResultSet row = query.executeQuery()) {
        quarantined = row.next() ? row.getLong(1) : 0;
      }
    } catch (SQLException e) {
      trouble = String.valueOf(e.getMessage());
    }
    return new Found(frames, records, bytes, first, last, damaged, quarantined, trouble);
  }

  private void check(Connection connection) throws SQLException, IOException {
    try (PreparedStatement query = connection.prepareStatement("PRAGMA application_id");
        ResultSet row = query.executeQuery()) {
      if (row.getInt(1) != Schema.APPLICATION_ID) {
        throw new IOException(file + " is a database of another program, not a buffer of Tidegate");
      }
    }
  }

  /** The databases set aside in a data folder, oldest first. */
  public static List<Path> setAside(Path folder) throws IOException {
    List<Path> found = new ArrayList<>();
    try (var files = Files.list(folder)) {
      files
          .filter(f -> f.getFileName().toString().matches("buffer\\.db\\.damaged-\\d+"))
          .sorted()
          .forEach(found::add);
    }
    return found;
  }
}
