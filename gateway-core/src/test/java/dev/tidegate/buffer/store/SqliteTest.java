package dev.tidegate.buffer.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tidegate.flow.Account;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How connections are set up, and which library may make them. */
class SqliteTest {
  @TempDir Path folder;

  // Without it a release of SQLite with the log-reset bug would be trusted with the file.
  @ParameterizedTest
  @CsvSource({
    "3.51.2, true",
    "3.51.3, false",
    "3.51.10, false",
    "3.9.99, true",
    "3.54.1, false",
    "4.0, false",
    "3.51, true"
  })
  void versionsOfSqliteAreComparedByNumber(String version, boolean tooOld) {
    assertEquals(tooOld, Sqlite.isTooOld(version));
  }

  // Without it a change of the driver's defaults would quietly give durability away.
  @Test
  void theWritingConnectionIsSetUpForDurability() throws Exception {
    try (Connection connection = Sqlite.writing(folder.resolve("x.db"), Durability.FULL, 0)) {
      assertEquals("wal", pragma(connection, "journal_mode"));
      assertEquals("2", pragma(connection, "synchronous"));
      assertEquals("0", pragma(connection, "wal_autocheckpoint"));
      assertEquals("0", pragma(connection, "mmap_size"));
      assertEquals("0", pragma(connection, "trusted_schema"));
      assertEquals("0", pragma(connection, "writable_schema"));
      assertEquals("1", pragma(connection, "cell_size_check"));
      assertEquals("8388608", pragma(connection, "journal_size_limit"));
      assertEquals("4096", pragma(connection, "page_size"));
      assertFalse(Sqlite.isTooOld(Sqlite.version(connection)));
    }
    try (Connection connection = Sqlite.writing(folder.resolve("y.db"), Durability.OFF, 0)) {
      assertEquals("0", pragma(connection, "synchronous"));
    }
  }

  // Without it a mistake in the sync stage's queries could change the file.
  @Test
  void theReadingConnectionCannotWrite() throws Exception {
    Path file = folder.resolve("x.db");
    try (Store writer = Store.open(file, Durability.FULL, 0, "0123456789abcdef".repeat(2));
        Connection connection = Sqlite.reading(file);
        Statement statement = connection.createStatement()) {
      assertEquals(Account.empty(), writer.contents(false).account());
      assertThrows(SQLException.class, () -> statement.execute("DELETE FROM frame"));
    }
  }

  private static String pragma(Connection connection, String name) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("PRAGMA " + name)) {
      return row.getString(1);
    }
  }
}
