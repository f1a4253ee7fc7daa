package dev.tidegate.config;

/**
 * What the gateway may write to its flash and send over its link. Where a day's rate would exceed
 * one of them, raw readings are thinned out before they are stored.
 *
 * @param flashBytesPerDay bytes that the process writes to disks; {@link #NONE} for no bound
 * @param linkBytesPerDay bytes on the link to the broker, both ways, above TLS; likewise
 */
public record BudgetConfig(long flashBytesPerDay, long linkBytesPerDay) {
  /** No bound. */
  public static final long NONE = Long.MAX_VALUE;

  /** What a configuration gets that says nothing about budgets. */
  public static final BudgetConfig UNBOUNDED = new BudgetConfig(NONE, NONE);
}
