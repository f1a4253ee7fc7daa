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
   */
  public record LaneQuota(long maxBytes, long maxAgeNanos) {}

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
