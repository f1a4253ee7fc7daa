package dev.tidegate.flow;

/**
 * Declares that records which a lane had accepted will not be delivered. Delivered itself, like any
 * other record.
 *
 * @param lane which lane lost them
 * @param firstSequence first lost number
 * @param lastSequence last lost number, all between included
 * @param firstNanos time of the first lost record, on the gateway's timeline
 * @param lastNanos time of the last one
 * @param reason why
 * @param atNanos when they were given up
 */
public record LossRecord(
    Lane lane,
    long firstSequence,
    long lastSequence,
    long firstNanos,
    long lastNanos,
    Reason reason,
    long atNanos)
    implements Entry {
  /** In the order of the wire codes 0 to 5. */
  public enum Reason {
    /** The lane was over its quota in bytes. */
    QUOTA,
    /** They were older than the lane keeps them. */
    EXPIRED,
    /** The stored bytes no longer match their checksum. */
    DAMAGED,
    /** The far side refused them for good. */
    REJECTED,
    /** A coarser summary stands for them now. */
    THINNED,
    /** The lane was full, and takes no new records rather than give up old ones. */
    REFUSED
  }

  public LossRecord {
    if (firstSequence < 1 || lastSequence < firstSequence) {
      throw new IllegalArgumentException("no range: " + firstSequence + " to " + lastSequence);
    }
  }

  /** How many records were lost. */
  public long count() {
    return lastSequence - firstSequence + 1;
  }
}
