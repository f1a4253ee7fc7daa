package dev.tidegate.buffer;

import dev.tidegate.buffer.store.Folder;
import dev.tidegate.buffer.store.Opening;
import dev.tidegate.buffer.store.Sqlite;
import dev.tidegate.buffer.store.Store;
import dev.tidegate.buffer.store.StoreException;
import dev.tidegate.health.Counters;
import dev.tidegate.health.Faults;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The one writing connection to the buffer file, which is thrown away after any failure and made
 * anew, and what is known of the disk below. Owned by the buffer's thread.
 */
final class Disk implements AutoCloseable {
  private static final String WHERE = Opening.WHERE;

  /** A log that readers have kept from being used again is emptied at so many thresholds. */
  private static final int TRUNCATE_TIMES = 2;

  private final Folder folder;
  private final Path file;
  private final Options options;
  private final Quotas quotas;
  private final LongAdder checkpoints;
  private final Faults faults;
  private @Nullable Store store;
  private boolean isDamaged;

  /** What the kernel shows of the log may not be on the disk, and never get there by itself. */
  private boolean logMayLie;

  Disk(Opening opening, Options options, Quotas quotas, Counters counters, Faults faults) {
    folder = opening.folder();
    file = opening.file();
    store = opening.store();
    this.options = options;
    this.quotas = quotas;
    this.faults = faults;
    checkpoints = counters.of("buffer.checkpoints");
  }

  Path file() {
    return file;
  }

  boolean isConnected() {
    return store != null;
  }

  /** The connection, made anew where there is none. */
  Store connect() throws SQLException, StoreException, IOException {
    if (store == null) {
      if (logMayLie) {
        folder.rewriteLog();
        logMayLie = false;
      }
      Store opened = Store.open(file, options.durability(), options.maxPages(), null);
      store = opened;
      folder.syncNames();
    }
    return store;
  }

  /** Throws the connection away: after a failure its statements cannot be used again. */
  void disconnect(Exception because) {
    // Where there was no room, no fsync was tried; the log need not wear out the disk every 30 s.
    logMayLie |= !(because instanceof SQLException sql && Sqlite.isFull(sql));
    if (store != null) {
      Sqlite.closeQuietly(store, because);
      store = null;
    }
  }

  /** Has the file set aside by the next opening. */
  void suspect() {
    try {
      folder.suspect();
      isDamaged = true;
    } catch (IOException e) { // it is found broken again, and this tried again
      faults.raise(
          WHERE,
          "suspect-failed",
          file + " is damaged and cannot be marked so (" + e.getMessage() + "): check the disk");
    }
  }

  /** Whether the file is broken inside, and marked so. */
  boolean isDamaged() {
    return isDamaged;
  }

  /** Notes, beside the database, that a commit is durable. */
  void note(String epoch, long commitNumber) {
    try {
      folder.note(epoch, commitNumber);
      faults.clear(WHERE, "mark-failed");
    } catch (IOException e) {
      faults.raise(
          WHERE,
          "mark-failed",
          "the second witness of the last commit cannot be written ("
              + e.getMessage()
              + "): what is stored is safe, but damage of the log may not be noticed; check the disk");
    }
  }

  /** Copies the log into the file where it has grown enough; returns what kept it from that. */
  @Nullable SQLException checkpoint(Store store) {
    try {
      Store.Checkpoint log = store.checkpoint("NOOP");
      int threshold = Math.min(options.checkpointPages(), quotas.checkpointPages());
      if (log.logPages() - log.copiedPages() >= threshold) {
        store.checkpoint(log.logPages() >= TRUNCATE_TIMES * threshold ? "TRUNCATE" : "PASSIVE");
        checkpoints.increment();
      }
      faults.clear(WHERE, "checkpoint-failed");
      return null;
    } catch (SQLException e) {
      faults.raise(
          WHERE,
          "checkpoint-failed",
          file + " cannot be written (" + e.getMessage() + "): its log grows; check the disk");
      return e;
    }
  }

  /** Copies the log, which cannot grow, so that it is written from its beginning again. */
  static void reuseLog(Store store, SQLException because) {
    try {
      store.checkpoint("PASSIVE");
    } catch (SQLException e) {
      because.addSuppressed(e); // the file cannot grow: there may be room in the log yet
    }
  }

  /** What failed, and what the operator is to do. */
  String advice(Exception e) {
    if (e instanceof SQLException sql && Sqlite.isFull(sql)) {
      return file
          + " cannot grow, the disk is full; new records wait in memory: free space, or lower the"
          + " lanes' max-bytes";
    }
    if (e instanceof SQLException sql && Sqlite.isDamage(sql)) {
      return file
          + " is damaged ("
          + e.getMessage()
          + "); the gateway starts anew, sets the file aside and goes on with a new one";
    }
    if (isReadOnly(e)) {
      return file
          + " cannot be written, its disk is mounted read-only; new records wait in memory: look"
          + " into the kernel's log (dmesg) for the disk's errors, replace a worn card, and mount it"
          + " writable again";
    }
    return file
        + " cannot be written ("
        + e.getMessage()
        + "); new records wait in memory: look into the kernel's log (dmesg) for the disk's errors,"
        + " check its cable or replace a worn card";
  }

  private static boolean isReadOnly(Exception e) {
    return (e instanceof SQLException sql && Sqlite.isReadOnly(sql))
        || (e instanceof FileSystemException file
            && "Read-only file system".equals(file.getReason()));
  }

  @Override
  public void close() throws SQLException {
    if (store != null) {
      store.close();
      store = null;
    }
  }
}
