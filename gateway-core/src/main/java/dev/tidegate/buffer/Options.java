package dev.tidegate.buffer;

import dev.tidegate.buffer.store.Durability;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What no configuration says.
 *
 * @param durability what commits wait for; with {@code OFF}, receipts do not even wait for the
 *     commit
 * @param maxPages how many pages the file may have; 0 for SQLite's own bound
 * @param checkpointPages the log is copied into the file once it has grown by so many pages
 */
record Options(Durability durability, int maxPages, int checkpointPages) {
  /** 4 MiB. */
  private static final int CHECKPOINT_PAGES = 1_024;

  private static final Logger LOG = LoggerFactory.getLogger("tidegate");

  Options(Durability durability, int maxPages) {
    this(durability, maxPages, CHECKPOINT_PAGES);
  }

  /** Safe, unless the system properties of {@link Buffer} say otherwise. */
  static Options fromSystem() {
    boolean none = "none".equals(System.getProperty(Buffer.UNSAFE_DURABILITY));
    if (none) {
      LOG.warn(
          "{}=none: acknowledged records WILL be lost at a crash; this is for the kill test alone",
          Buffer.UNSAFE_DURABILITY);
    }
    int maxPages = Integer.getInteger(Buffer.UNSAFE_MAX_PAGES, 0);
    if (maxPages > 0) {
      LOG.warn(
          "{}={}: the buffer's file behaves as on a full disk from there; this is for torture alone",
          Buffer.UNSAFE_MAX_PAGES,
          maxPages);
    }
    return new Options(none ? Durability.OFF : Durability.FULL, maxPages);
  }
}
