package dev.tidegate.buffer.store;

import dev.tidegate.health.Faults;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.random.RandomGenerator;

/**
 * An opened buffer file and the folder it lies in. A file that is broken is set aside here, and a
 * new one takes its place.
 *
 * @param folder held for this process
 * @param file the database
 * @param store the connection that writes it
 * @param contents what it held when it was opened
 */
public record Opening(Folder folder, Path file, Store store, Store.Contents contents) {
  /** Whose faults these are: those of the buffer as a whole, whichever part finds them. */
  public static final String WHERE = "buffer";

  /**
   * Takes hold of the folder and opens the file in it; makes either where it is missing.
   *
   * @param durability what commits wait for
   * @param maxPages how many pages the file may have; 0 for SQLite's own bound
   * @param random where a new database's epoch comes from
   * @param faults told of a file that was set aside
   * @throws StoreException when the folder cannot be used, is in use, or holds a later format
   */
  public static Opening of(
      Path path, Durability durability, int maxPages, RandomGenerator random, Faults faults)
      throws StoreException {
    Folder folder = Folder.hold(path);
    try {
      return open(folder, durability, maxPages, random, faults);
    } catch (IOException | SQLException e) {
      Sqlite.closeQuietly(folder, e);
      throw new StoreException(
          "the buffer in " + path + " cannot be opened (" + e.getMessage() + "): check the disk",
          e);
    } catch (StoreException | RuntimeException e) {
      Sqlite.closeQuietly(folder, e);
      throw e;
    }
  }

  private static Opening open(
      Folder folder, Durability durability, int maxPages, RandomGenerator random, Faults faults)
      throws IOException, SQLException, StoreException {
    if (folder.isSuspect()) {
      replace(folder, "it was found damaged while in use", faults);
    }
    try {
      return openOnce(folder, durability, maxPages, random);
    } catch (SQLException e) {
      if (!Sqlite.isDamage(e)) {
        throw e;
      }
      replace(folder, String.valueOf(e.getMessage()), faults);
      return openOnce(folder, durability, maxPages, random);
    }
  }

  private static void replace(Folder folder, String why, Faults faults) throws IOException {
    Path aside = folder.setAside();
    faults.raise(
        WHERE,
        "database-damaged",
        "the buffer file was damaged ("
            + why
            + ") and lies in "
            + aside
            + " now; a new one was started: keep that file for salvage, and check the disk");
  }

  private static Opening openOnce(
      Folder folder, Durability durability, int maxPages, RandomGenerator random)
      throws IOException, SQLException, StoreException {
    byte[] id = new byte[16];
    random.nextBytes(id);
    String epoch = HexFormat.of().formatHex(id);
    Path file = folder.database();
    folder.rewriteLog();
    Store store = Store.open(file, durability, maxPages, epoch);
    try {
      Opening opening = new Opening(folder, file, store, store.contents());
      folder.syncNames();
      return opening;
    } catch (SQLException | IOException e) {
      Sqlite.closeQuietly(store, e);
      throw e;
    }
  }

  /** Lets go of everything, because the rest of the buffer could not be built. */
  public void abandon(Exception because) {
    Sqlite.closeQuietly(store, because);
    Sqlite.closeQuietly(folder, because);
  }
}
