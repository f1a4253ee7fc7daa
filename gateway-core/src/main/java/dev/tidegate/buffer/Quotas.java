package dev.tidegate.buffer;

import dev.tidegate.config.BufferConfig;
import dev.tidegate.config.BufferConfig.LaneQuota;
import dev.tidegate.flow.Lane;

/**
 * How much of its quota each lane's frames may take, so that the file and its log together stay
 * within what all lanes were given, plus 5 %.
 *
 * <pre>
 *   max-bytes of all lanes                                              + 5 %
 *   ├─ frames ────────────────┬─ pages half used, indexes, quarantine ─┼─ log ─┤
 *   └─ held ──────────────────┴─ measured after every commit ──────────┘
 * </pre>
 *
 * SQLite stores frames in pages of 4,096 bytes, of which small frames waste a part that depends on
 * their sizes. So the ratio is not assumed but measured: the pages in use, by the bytes held. Below
 * {@link #LEAST_BYTES} in all, the tables and the log weigh more than what they hold; there the
 * quotas count frames alone, and file and log take up to about 2 MiB more.
 *
 * <p>Owned by the buffer's thread.
 */
final class Quotas {
  /** The bound on disk use holds from this sum of all lanes' quotas on: 16 MiB. */
  static final long LEAST_BYTES = 16 << 20;

  static final int PAGE_BYTES = 4_096;

  /** Of fewer bytes held, the file's own tables are too large a part to tell the ratio. */
  private static final long MEASURABLE_BYTES = 1 << 20;

  private static final int MIN_CHECKPOINT_PAGES = 64;
  private static final int MAX_CHECKPOINT_PAGES = 1_024;
  private static final long MIN_BATCH_BYTES = 512 << 10;

  /** Lane rows, index pages and merged frames that a commit writes beside its batch. */
  private static final long COMMIT_EXTRA_BYTES = 512 << 10;

  private final BufferConfig config;
  private final long totalBytes;

  /** Part of every quota that frames may take once the log has its room; 0.5 to 1. */
  private final double afterLog;

  private double pageBytesPerHeld = 1;

  Quotas(BufferConfig config) {
    this.config = config;
    long total = 0;
    for (Lane lane : Lane.values()) {
      total += of(lane).maxBytes();
    }
    totalBytes = total;
    long logBytes = (long) checkpointPages() * PAGE_BYTES + batchBytes() + COMMIT_EXTRA_BYTES;
    long beyondAllowance = Math.max(0, logBytes - total / 20);
    afterLog = isBounding() ? Math.max(0.5, 1 - (double) beyondAllowance / total) : 1;
  }

  /** Whether there is enough in all for the bound on disk use. */
  private boolean isBounding() {
    return totalBytes >= LEAST_BYTES;
  }

  /** The lane's rules as configured. */
  LaneQuota of(Lane lane) {
    return switch (lane) {
      case ALARMS -> config.alarms();
      case EVENTS -> config.events();
      case SUMMARIES -> config.summaries();
      case RAW -> config.raw();
    };
  }

  /** How many bytes of frames the lane may hold now. */
  long limitBytes(Lane lane) {
    return (long) (of(lane).maxBytes() * afterLog / pageBytesPerHeld);
  }

  /** Notes what the file takes for what it holds; after every commit. */
  void measured(long usedPages, long heldBytes) {
    if (isBounding() && heldBytes >= MEASURABLE_BYTES) {
      pageBytesPerHeld = Math.max(1, (double) usedPages * PAGE_BYTES / heldBytes);
    }
  }

  /** The log is copied into the file once it has grown by so many pages: 1 % of all, to 4 MiB. */
  int checkpointPages() {
    return Math.clamp(totalBytes / 100 / PAGE_BYTES, MIN_CHECKPOINT_PAGES, MAX_CHECKPOINT_PAGES);
  }

  /** A commit is due as soon as so much waits. */
  long batchBytes() {
    return Math.clamp(totalBytes / 64, MIN_BATCH_BYTES, Batch.MAX_BYTES);
  }
}
