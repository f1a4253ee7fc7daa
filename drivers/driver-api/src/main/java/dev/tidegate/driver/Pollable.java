package dev.tidegate.driver;

/** A device that is asked. */
public interface Pollable extends Device {
  /**
   * Reads each of the device's points once and hands the samples in, in any order. Called every
   * {@code poll-every}; must return within 5 s or the device's own time-out, whichever is longer.
   *
   * @throws DriverException when the device gave no usable answer; samples handed in before stay
   */
  void poll(Sink sink) throws DriverException;
}
