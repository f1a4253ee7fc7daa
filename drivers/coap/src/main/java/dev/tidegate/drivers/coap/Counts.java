package dev.tidegate.drivers.coap;

import java.util.concurrent.atomic.LongAdder;

/** What the limits of one client turned away. Safe for use by any thread. */
final class Counts {
  /** Datagrams from somebody other than the device. */
  final LongAdder foreign = new LongAdder();

  /** Requests from the device, which a client does not serve. */
  final LongAdder requests = new LongAdder();

  /** Datagrams dropped because too many waited. */
  final LongAdder overrun = new LongAdder();

  /** Confirmable responses that came again and were not taken twice. */
  final LongAdder duplicates = new LongAdder();

  /** Notifications older than one already taken. */
  final LongAdder stale = new LongAdder();

  /** Acknowledgements that were never given: what they were for did not become durable in time. */
  final LongAdder unacknowledged = new LongAdder();

  /** Confirmable responses forgotten before their time because too many were remembered. */
  final LongAdder forgotten = new LongAdder();

  @Override
  public String toString() {
    return "foreign datagrams "
        + foreign
        + ", requests refused "
        + requests
        + ", overrun "
        + overrun
        + ", duplicates "
        + duplicates
        + ", stale notifications "
        + stale
        + ", never acknowledged "
        + unacknowledged
        + ", forgotten early "
        + forgotten;
  }
}
