package dev.tidegate.config;

/**
 * What the buffer keeps, and for how long.
 *
 * @param commitEveryNanos the longest that a sampled reading waits in memory, 10 ms to 60 s
 * @param alarms the alarm lane
 * @param events the event lane
 * @param summaries the summary lane
 * @param raw the raw lane
 */
public record BufferConfig(
    long commitEveryNanos, LaneQuota alarms, LaneQuota events, LaneQuota summaries, LaneQuota raw) {
  /**
   * How much one lane keeps; beyond either bound the oldest records are given up and declared lost.
   *
   * @param maxBytes bytes of stored frames, 64 KiB and above
   * @param maxAgeNanos age at which a record expires; {@link PointConfig#NEVER} for none
   * @param whenFull what gives way when the lane is over its bytes
   * @param send when the lane's records are sent
   */
  public record LaneQuota(long maxBytes, long maxAgeNanos, WhenFull whenFull, Send send) {
    /** A lane that is sent as it comes, and drops its oldest records. */
    public LaneQuota(long maxBytes, long maxAgeNanos) {
      this(maxBytes, maxAgeNanos, WhenFull.DROP_OLDEST, Send.ALWAYS);
    }
  }

  /** What gives way in a lane that is over its quota in bytes. */
  public enum WhenFull {
    /** The oldest records are given up. */
    DROP_OLDEST,
    /** The oldest records are replaced by coarser summaries of themselves. */
    THIN,
    /** New records are not stored. */
    REFUSE
  }

  /** When a lane's records go to the cloud. */
  public enum Send {
    /** As soon as the link takes them. */
    ALWAYS,
    /** Only the stretches of time that the twin asks for: a flight recorder. */
    ON_REQUEST
  }

  /** What a configuration gets that says nothing about the buffer. */
  public static BufferConfig defaults() {
    long mib = 1 << 20;
    long hour = 3_600_000_000_000L;
    return new BufferConfig(
        1_000_000_000L,
        new LaneQuota(16 * mib, 90 * 24 * hour),
        new LaneQuota(32 * mib, 30 * 24 * hour),
        new LaneQuota(256 * mib, 30 * 24 * hour),
        new LaneQuota(512 * mib, 7 * 24 * hour));
  }
}
