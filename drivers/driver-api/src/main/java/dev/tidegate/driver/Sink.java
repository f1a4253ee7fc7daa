package dev.tidegate.driver;

import dev.tidegate.reading.Sample;

/** Where a device puts what it measured. Safe for use by any thread; never blocks. */
public interface Sink {
  /**
   * Hands one sample in. When the intake is full, the oldest waiting sample of the same point gives
   * way and is counted.
   */
  void accept(Sample sample);

  /**
   * Hands one sample in for which the device's peer waits for an acknowledgement. The receipt is
   * called once the sample is durable, at most {@code commit-every} later; it is never called when
   * the sample was dropped or could not be stored, so a peer that counts on it sends again.
   */
  void accept(Sample sample, Receipt receipt);

  /**
   * How many samples the intake takes now without dropping any. A source that can wait (a
   * recording, a device with a memory of its own) hands in no more than this.
   */
  int room();

  /**
   * Reports trouble that no call of the gateway is there to catch, or that concerns a part of the
   * device. It counts as over when samples come and no trouble has been reported for 90 s.
   */
  void trouble(DriverException trouble);

  /**
   * Told once, on the buffer's thread, that a sample is durable. Must only hand over and return.
   */
  @FunctionalInterface
  interface Receipt {
    void durable();
  }
}
