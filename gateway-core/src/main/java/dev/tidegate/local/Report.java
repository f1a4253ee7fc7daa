package dev.tidegate.local;

import java.util.List;

/**
 * How a gateway stands, as {@code tidegate status --json} prints it. Rates are those of the last
 * hour, or of the time since the start where that is less; -1 where nothing is known.
 *
 * @param gateway its id
 * @param uptimeSeconds since when this process runs
 * @param devices how many are configured
 * @param readings taken since the start
 * @param turnedAway readings that the full intake did not take since the start
 * @param thinned raw readings that the budget left out since the start
 * @param keepOneOf of so many raw readings of a point one is stored: 1 while the budget holds
 * @param clock the wall clock
 * @param link the connection to the broker
 * @param lanes in the order of their priority
 * @param flash what is written
 * @param sent what goes over the link
 * @param faults what is wrong, oldest first
 */
public record Report(
    String gateway,
    long uptimeSeconds,
    int devices,
    long readings,
    long turnedAway,
    long thinned,
    int keepOneOf,
    Clock clock,
    Link link,
    List<Lane> lanes,
    Traffic flash,
    Traffic sent,
    List<Fault> faults) {
  /**
   * The wall clock.
   *
   * @param quality implausible, unverified or synchronised
   * @param seconds for how long it has been that
   * @param heldSeconds how far the machine's clock is from the time that is believed
   */
  public record Clock(String quality, long seconds, double heldSeconds) {}

  /**
   * The connection to the broker.
   *
   * @param state online, offline or none
   * @param seconds for how long
   * @param reason why it is offline; may be empty
   */
  public record Link(String state, long seconds, String reason) {}

  /**
   * One lane.
   *
   * @param name alarms, events, summaries or raw
   * @param accepted records that got a number, ever
   * @param delivered records that the far side has
   * @param buffered records stored here
   * @param lost records declared lost
   * @param bufferedBytes bytes of their frames
   * @param maxBytes the lane's quota
   * @param maxAgeHours after which records expire; -1 for never
   * @param bytesPerHour what comes in
   * @param holdsHours how long the lane lasts at that rate before something gives way; -1: not
   *     known
   * @param pausedSeconds for how long it is still kept back, as the twin asked; 0 for not
   */
  public record Lane(
      String name,
      long accepted,
      long delivered,
      long buffered,
      long lost,
      long bufferedBytes,
      long maxBytes,
      double maxAgeHours,
      double bytesPerHour,
      double holdsHours,
      long pausedSeconds) {}

  /**
   * Bytes of one kind.
   *
   * @param bytes since the start of the process
   * @param bytesPerDay at the rate of the last hour
   * @param devicePerDay the same by the disk's own counters, other programs included; -1: not known
   * @param budgetPerDay -1 for none
   */
  public record Traffic(long bytes, double bytesPerDay, double devicePerDay, long budgetPerDay) {}

  /**
   * One fault.
   *
   * @param where what is concerned
   * @param message what failed and what to do next
   * @param count how often it was seen
   * @param first when first, ISO 8601
   * @param last when last
   */
  public record Fault(String where, String message, long count, String first, String last) {}
}
