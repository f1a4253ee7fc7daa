package dev.tidegate.buffer.store;

import dev.tidegate.flow.LossRecord;
import dev.tidegate.health.Faults;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * An opened buffer file and the folder it lies in. A file that is broken is set aside here, and a
 * new one takes its place.
 *
 * @param folder held for this process
 * @param file the database
 * @param store the connection that writes it
 * @param contents what it held when it was opened
 * @param losses what of a damaged file could not be taken over, without times: to be declared in
 *     the first commit, which also makes the figures balance
 */
public record Opening(
    Folder folder, Path file, Store store, Store.Contents contents, List<LossRecord> losses) {
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
      return replace(
          folder, durability, maxPages, random, faults, "it was found damaged while in use");
    }
    try {
      return openOnce(folder, durability, maxPages, epoch(random));
    } catch (SQLException e) {
      if (!Sqlite.isDamage(e)) {
        throw e;
      }
      return replace(folder, durability, maxPages, random, faults, String.valueOf(e.getMessage()));
    }
  }

  /** Sets the file aside, and starts a new one with what of it is sound. */
  private static Opening replace(
      Folder folder,
      Durability durability,
      int maxPages,
      RandomGenerator random,
      Faults faults,
      String why)
      throws IOException, SQLException, StoreException {
    Path aside = folder.setAside();
    Salvage salvage = Salvage.figures(aside);
    // Numbers that commits had given which the file has forgotten must not be given again.
    if (salvage == null || folder.noted(salvage.epoch()) > salvage.commitNumber()) {
      folder.trust();
      Opening opening = openOnce(folder, durability, maxPages, epoch(random));
      report(
          faults,
          why,
          aside,
          "a new one was started, with numbers of a new epoch: see what the old one still holds with"
              + " 'tidegate buffer export'");
      return opening;
    }
    Path draft = folder.draft();
    Salvage.Result result;
    try (Store store = Store.open(draft, durability, maxPages, salvage.epoch())) {
      result = salvage.into(store, aside);
      store.checkpoint("TRUNCATE");
    }
    folder.adopt(draft);
    Store store = Store.open(folder.database(), durability, maxPages, null);
    try {
      Opening opening =
          new Opening(folder, folder.database(), store, store.contents(true), result.losses());
      folder.syncNames();
      report(
          faults,
          why,
          aside,
          result.keptRecords()
              + " records were taken over into a new one, "
              + result.missingRecords()
              + " are missing and declared lost");
      return opening;
    } catch (SQLException | IOException e) {
      Sqlite.closeQuietly(store, e);
      throw e;
    }
  }

  private static void report(Faults faults, String why, Path aside, String what) {
    faults.raise(
        WHERE,
        "database-damaged",
        "the buffer file was damaged ("
            + why
            + ") and lies in "
            + aside
            + " now; "
            + what
            + "; the gateway runs on: plan to replace the card");
  }

  private static String epoch(RandomGenerator random) {
    byte[] id = new byte[16];
    random.nextBytes(id);
    return HexFormat.of().formatHex(id);
  }

  private static Opening openOnce(Folder folder, Durability durability, int maxPages, String epoch)
      throws IOException, SQLException, StoreException {
    Path file = folder.database();
    folder.rewriteLog();
    Store store = Store.open(file, durability, maxPages, epoch);
    try {
      Opening opening = new Opening(folder, file, store, store.contents(false), List.of());
      long noted = folder.noted(opening.contents.epoch());
      if (noted > opening.contents.commitNumber()) {
        throw Store.damaged(
            "it has forgotten "
                + (noted - opening.contents.commitNumber())
                + " commits that were durable");
      }
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
