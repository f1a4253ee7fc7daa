package dev.tidegate.buffer.store;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConfig.JournalMode;
import org.sqlite.SQLiteConfig.Pragma;
import org.sqlite.SQLiteConfig.SynchronousMode;

/** How connections to SQLite are made, and how its errors are told apart. */
public final class Sqlite {
  /** Older ones can corrupt the file when a log is reset (SQLite 3.51.3 release notes). */
  static final String LEAST_VERSION = "3.51.3";

  private static final int PAGE_BYTES = 4096;
  private static final int BUSY_TIMEOUT_MS = 5_000;
  private static final int LOG_KEPT_BYTES = 8 << 20;
  private static final int CACHE_KIB = 2_048;

  private Sqlite() {}

  /**
   * The one writing connection.
   *
   * @param durability what commits wait for
   * @param maxPages how many pages the file may have; 0 for SQLite's own bound
   */
  static Connection writing(Path file, Durability durability, int maxPages) throws SQLException {
    SQLiteConfig config = common();
    config.setPageSize(PAGE_BYTES);
    config.setJournalMode(JournalMode.WAL);
    config.setSynchronous(SynchronousMode.valueOf(durability.name()));
    config.setJournalSizeLimit(LOG_KEPT_BYTES);
    config.setWalAutocheckpoint(0);
    if (maxPages > 0) {
      config.setMaxPageCount(maxPages);
    }
    Connection connection = config.createConnection("jdbc:sqlite:" + file);
    try (Statement statement = connection.createStatement()) {
      // Defensive mode itself cannot be reached through JDBC; these are its effects that can.
      statement.execute("PRAGMA trusted_schema=OFF");
      statement.execute("PRAGMA writable_schema=OFF");
      statement.execute("PRAGMA cell_size_check=ON");
      return connection;
    } catch (SQLException e) {
      closeQuietly(connection, e);
      throw e;
    }
  }

  /** A connection that can only read. */
  static Connection reading(Path file) throws SQLException {
    SQLiteConfig config = common();
    config.setReadOnly(true);
    Connection connection = config.createConnection("jdbc:sqlite:" + file);
    try (Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA trusted_schema=OFF");
      statement.execute("PRAGMA query_only=ON");
      statement.execute("PRAGMA cell_size_check=ON");
      return connection;
    } catch (SQLException e) {
      closeQuietly(connection, e);
      throw e;
    }
  }

  private static SQLiteConfig common() {
    SQLiteConfig config = new SQLiteConfig();
    config.setGetGeneratedKeys(false);
    config.setBusyTimeout(BUSY_TIMEOUT_MS);
    config.setCacheSize(-CACHE_KIB);
    config.setPragma(Pragma.MMAP_SIZE, "0");
    return config;
  }

  /** Whether that version of the library must not be trusted with a file. */
  static boolean isTooOld(String version) {
    int[] is = parts(version);
    int[] least = parts(LEAST_VERSION);
    return Arrays.compare(is, least) < 0;
  }

  static String version(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT sqlite_version()")) {
      return row.getString(1);
    }
  }

  private static int[] parts(String version) {
    return Arrays.stream(version.split("\\.", -1)).mapToInt(Integer::parseInt).toArray();
  }

  /** The file is no database, or is broken inside: SQLITE_CORRUPT, SQLITE_NOTADB. */
  public static boolean isDamage(SQLException e) {
    return primaryCode(e) == 11 || primaryCode(e) == 26;
  }

  /** There is no room: SQLITE_FULL. */
  public static boolean isFull(SQLException e) {
    return primaryCode(e) == 13;
  }

  /** The file or its disk can only be read: SQLITE_READONLY. */
  public static boolean isReadOnly(SQLException e) {
    return primaryCode(e) == 8;
  }

  private static int primaryCode(SQLException e) {
    return e.getErrorCode() & 0xff;
  }

  /** Closes what is of no use any more; a failure of that goes along with the reason. */
  public static void closeQuietly(AutoCloseable closeable, Exception because) {
    try {
      closeable.close();
    } catch (Exception e) {
      because.addSuppressed(e);
    }
  }
}
