package dev.tidegate.driver;

import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Unit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the configuration says about one device, already checked against the driver's options.
 *
 * @param id the device's id, the first half of its points' names
 * @param settings the device's own keys
 * @param points the points to read or write, in the order of the file, 1 to 1,024
 * @param pollEveryNanos how often {@link Pollable#poll} will be called, above 0
 */
public record DeviceConfig(String id, Settings settings, List<Point> points, long pollEveryNanos) {
  public DeviceConfig {
    points = List.copyOf(points);
  }

  /**
   * One point of the device.
   *
   * @param id the full name, device/point
   * @param unit the unit in which the device measures; null where none was given
   * @param settings the point's driver keys
   */
  public record Point(PointId id, @Nullable Unit unit, Settings settings) {}
}
