package dev.tidegate.buffer.store;

/**
 * What the buffer file says about one frame, without its bytes.
 *
 * @param firstSequence number of its first record
 * @param lastSequence number of its last record
 * @param firstNanos time of its first record, on the timeline of the run that wrote it
 * @param lastNanos time of its last record
 * @param uptimeNanos how long the gateway had run, over all starts, when it was committed
 * @param sizeBytes length of the frame
 */
public record StoredFrame(
    long firstSequence,
    long lastSequence,
    long firstNanos,
    long lastNanos,
    long uptimeNanos,
    long sizeBytes) {
  /** How many records it holds. */
  public long count() {
    return lastSequence - firstSequence + 1;
  }
}
