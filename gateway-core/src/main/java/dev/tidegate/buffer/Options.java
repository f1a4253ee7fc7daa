package dev.tidegate.buffer;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What no configuration says.
 *
 * @param durable whether commits are synchronised, and receipts wait for them; false only in the
 *     kill test's negative control
 * @param maxPages how many pages the file may have; 0 for SQLite's own bound
 */
record Options(boolean durable, int maxPages) {
  private static final Logger LOG = LoggerFactory.getLogger("tidegate");

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
    return new Options(!none, maxPages);
  }
}
