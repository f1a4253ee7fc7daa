package dev.tidegate.driver;

import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Value;

/** A device that acts. */
public interface Writable extends Device {
  /**
   * Writes one value, already checked against the point's range and limits.
   *
   * @throws DriverException when it is not known that the device has taken the value
   */
  void write(PointId point, Value value) throws DriverException;
}
