package dev.tidegate.buffer.store;

import dev.tidegate.flow.Account;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.LossRecord;
import dev.tidegate.frame.FrameCodec;
import dev.tidegate.frame.FrameException;
import dev.tidegate.frame.FrameHeader;
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
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Takes out of a damaged file what is sound, frame by frame: a frame tells by its own checksum what
 * it is, whatever the row says that holds it. The damaged file is only read.
 *
 * <pre>
 *   figures and epoch sound ──▶ the new file goes on with them: same epoch, same numbers;
 *                               what is missing is declared lost (damaged)
 *   otherwise ────────────────▶ the new file begins a new epoch, and the old one waits for
 *                               {@code tidegate buffer export}
 * </pre>
 *
 * Owned by the buffer's thread.
 */
public final class Salvage {
  private final Map<Lane, Account.Line> lines = new EnumMap<>(Lane.class);
  private final Map<Lane, NavigableMap<Long, Long>> kept = new EnumMap<>(Lane.class);
  private String epoch = "";
  private long uptimeNanos;
  private long commitNumber;
  private long keptRecords;
  private long missingRecords;
  private long damagedFrames;

  private Salvage() {
    for (Lane lane : Lane.values()) {
      kept.put(lane, new TreeMap<>());
    }
  }

  /**
   * What was taken over.
   *
   * @param epoch of the damaged file, under which the new one goes on
   * @param keptRecords in sound frames
   * @param losses what is missing, to be delivered, without times: as exact as what is left can
   *     tell
   * @param missingRecords how many records are missing
   * @param damagedFrames frames that were found and do not match their checksum
   */
  public record Result(
      String epoch,
      long keptRecords,
      List<LossRecord> losses,
      long missingRecords,
      long damagedFrames) {}

  /**
   * Reads the figures of a damaged file.
   *
   * @return what is needed to go on with its numbers; null where that is not there
   */
  static @Nullable Salvage figures(Path damaged) {
    Salvage salvage = new Salvage();
    try (Connection source = Sqlite.reading(damaged)) {
      return salvage.readFigures(source) ? salvage : null;
    } catch (SQLException e) {
      return null; // not even that much can be read; the file is kept
    }
  }

  String epoch() {
    return epoch;
  }

  private boolean readFigures(Connection source) throws SQLException {
    try (PreparedStatement query =
            source.prepareStatement("SELECT value,sum FROM meta WHERE key='epoch'");
        ResultSet row = query.executeQuery()) {
      if (!row.next()
          || !row.getString(1).matches("[0-9a-f]{32}")
          || row.getLong(2) != Sums.ofMeta("epoch", row.getString(1))) {
        return false;
      }
      epoch = row.getString(1);
    }
    try (PreparedStatement query =
            source.prepareStatement(
                "SELECT name,next_seq,delivered,lost,uptime_ns,commit_no,sum FROM lane");
        ResultSet row = query.executeQuery()) {
      while (row.next()) {
        for (Lane lane : Lane.values()) {
          if (lane.word().equals(row.getString(1))) {
            take(lane, row);
          }
        }
      }
    }
    return lines.size() == Lane.values().length;
  }

  private void take(Lane lane, ResultSet row) throws SQLException {
    long sum =
        Sums.ofLane(
            lane, row.getLong(2), row.getLong(3), row.getLong(4), row.getLong(5), row.getLong(6));
    if (sum == row.getLong(7)) {
      lines.put(lane, new Account.Line(row.getLong(2) - 1, row.getLong(3), 0, row.getLong(4), 0));
      uptimeNanos = Math.max(uptimeNanos, row.getLong(5));
      commitNumber = Math.max(commitNumber, row.getLong(6));
    }
  }

  /**
   * Makes a data folder out of what is sound in a file, under the same epoch and the same numbers:
   * a gateway with the same id goes on with it, and declares what is missing when it starts. The
   * file itself, and the log beside it, are only read.
   *
   * @param folder made where it is missing; must not hold a buffer yet
   * @throws StoreException with a sentence for people, when there is nothing to go on with, or the
   *     folder cannot be used
   */
  public static Result copy(Path damaged, Path folder) throws StoreException {
    if (Files.exists(folder.resolve("buffer.db"))) {
      throw new StoreException(
          "there is a buffer in "
              + folder
              + " already; nothing is written over: name a new folder");
    }
    Salvage salvage = figures(damaged);
    if (salvage == null) {
      throw new StoreException(
          damaged
              + " does not tell its epoch and numbers any more: write out its records with"
              + " 'tidegate buffer export'");
    }
    try (Folder held = Folder.hold(folder)) {
      Path draft = held.draft();
      Result result;
      try (Store store = Store.open(draft, Durability.FULL, 0, salvage.epoch())) {
        result = salvage.into(store, damaged);
        store.checkpoint("TRUNCATE");
      }
      held.adopt(draft);
      return result;
    } catch (IOException | SQLException e) {
      throw new StoreException(
          "salvage into " + folder + " failed (" + e.getMessage() + "): check its disk", e);
    }
  }

  /** Number of the last commit that the file knows of. */
  long commitNumber() {
    return commitNumber;
  }

  /**
   * Copies the sound frames into a new file, in one transaction, and sets its figures. They do not
   * balance yet: the losses must be stored together with the figures that count them, by whoever
   * can store records; until then the next opening salvages once more.
   */
  Result into(Store fresh, Path damaged) throws SQLException {
    fresh.begin();
    try (Connection source = Sqlite.reading(damaged)) {
      for (String order : new String[] {"", " DESC"}) { // from both ends, up to where it is broken
        copy(source, order, fresh);
        copyCommands(source, order, fresh);
      }
    } catch (SQLException e) {
      if (!Sqlite.isDamage(e)) {
        throw e;
      }
    }
    List<LossRecord> losses = new ArrayList<>();
    for (Lane lane : Lane.values()) {
      Account.Line line = lines.getOrDefault(lane, Account.Line.NONE);
      long buffered = 0;
      for (Map.Entry<Long, Long> frame : keptOf(lane).entrySet()) {
        buffered += frame.getValue() - frame.getKey() + 1;
      }
      long missing = line.accepted() - line.delivered() - line.lost() - buffered;
      declare(lane, line.accepted(), missing, losses);
      fresh.update(lane, line, uptimeNanos, commitNumber);
      keptRecords += buffered;
      missingRecords += Math.max(0, missing);
    }
    fresh.commit();
    return new Result(epoch, keptRecords, losses, missingRecords, damagedFrames);
  }

  private NavigableMap<Long, Long> keptOf(Lane lane) {
    return kept.computeIfAbsent(lane, l -> new TreeMap<>());
  }

  private void copy(Connection source, String order, Store fresh) throws SQLException {
    try (PreparedStatement query =
            source.prepareStatement(
                "SELECT uptime_ns,bytes FROM frame ORDER BY lane" + order + ",first_seq" + order);
        ResultSet row = query.executeQuery()) {
      while (row.next()) {
        keep(row.getLong(1), row.getBytes(2), fresh);
      }
    } catch (SQLException e) {
      if (!Sqlite.isDamage(e)) {
        throw e;
      }
    }
  }

  /** What is sound of the commands: one that is forgotten could act a second time. */
  private static void copyCommands(Connection source, String order, Store fresh)
      throws SQLException {
    try (PreparedStatement query =
            source.prepareStatement(CommandTable.SELECT + " ORDER BY id" + order);
        ResultSet row = query.executeQuery()) {
      while (row.next()) {
        CommandTable.Row found = CommandTable.read(row);
        if (found != null && fresh.commands().find(found.command().id()) == null) {
          fresh.commands().insert(found);
        }
      }
    } catch (SQLException e) {
      boolean isOfFormat2 = String.valueOf(e.getMessage()).contains("no such table");
      if (!Sqlite.isDamage(e) && !isOfFormat2) {
        throw e;
      }
    }
  }

  private void keep(long rowUptimeNanos, byte[] bytes, Store fresh) throws SQLException {
    try {
      FrameHeader header = FrameCodec.header(bytes);
      long first = header.firstSequence();
      long last = header.lastSequence();
      Account.Line line = lines.getOrDefault(header.lane(), Account.Line.NONE);
      NavigableMap<Long, Long> own = keptOf(header.lane());
      Map.Entry<Long, Long> before = own.floorEntry(last);
      boolean overlaps = before != null && before.getValue() >= first;
      if (!header.epoch().equals(epoch) || last > line.accepted() || overlaps) {
        return;
      }
      long lastNanos = FrameCodec.decode(bytes).entries().getLast().atNanos();
      long uptime =
          rowUptimeNanos < 0 || rowUptimeNanos > uptimeNanos ? uptimeNanos : rowUptimeNanos;
      fresh.insert(
          header.lane(),
          new StoredFrame(first, last, header.baseNanos(), lastNanos, uptime, bytes.length),
          bytes);
      own.put(first, last);
    } catch (FrameException e) {
      damagedFrames++; // its numbers are found missing below
    }
  }

  /**
   * Which numbers the missing records had. Gaps above the lowest frame are taken from the newest
   * on; what is left lies just below the lowest frame. Where the far side acknowledged out of
   * order, a gap may have been delivered: then it is declared although it was not lost, never the
   * other way round.
   */
  private void declare(Lane lane, long accepted, long missing, List<LossRecord> losses) {
    long left = missing;
    long end = accepted;
    for (Map.Entry<Long, Long> frame : keptOf(lane).descendingMap().entrySet()) {
      left -= loss(lane, frame.getValue() + 1, end, left, losses);
      end = frame.getKey() - 1;
    }
    loss(lane, Math.max(1, end - left + 1), end, left, losses);
  }

  /** Declares a gap, if there is one and anything is missing; returns how many that were. */
  private static long loss(Lane lane, long first, long last, long left, List<LossRecord> losses) {
    if (left <= 0 || last < first) {
      return 0;
    }
    losses.add(new LossRecord(lane, first, last, 0, 0, LossRecord.Reason.DAMAGED, 0));
    return last - first + 1;
  }
}
