package dev.tidegate.config;

import dev.tidegate.driver.DeviceConfig;
import java.util.List;

/**
 * One device and what the gateway does around its driver.
 *
 * @param driver the driver's type
 * @param device what the driver is told
 * @param onError what happens when the device fails
 * @param points the gateway's own rules for each of the device's points, in the same order
 */
public record DeviceEntry(
    String driver, DeviceConfig device, OnError onError, List<PointConfig> points) {
  public DeviceEntry {
    points = List.copyOf(points);
  }

  /** What happens when a device fails; whatever it says, the other devices run on. */
  public enum OnError {
    /** Close it, raise a fault, open it again with growing pauses from 1 s to 60 s. */
    RETRY,
    /** Close it, raise a fault, and leave it closed until the next start. */
    FAIL,
    /** Keep it open and go on polling; the fault is shown, nothing else happens. */
    IGNORE
  }
}
