package dev.tidegate.config;

import java.util.List;

/** What turns the number a device gives into a quantity. */
public sealed interface Calibration {
  /** Leaves the number as it is. */
  Calibration NONE = new Linear(1, 0);

  /**
   * {@code gain × x + offset}.
   *
   * @param gain finite, not 0
   * @param offset finite
   */
  record Linear(double gain, double offset) implements Calibration {}

  /**
   * Straight lines between known pairs; outside them the first and last line are continued.
   *
   * @param pairs 2 to 256 pairs with rising {@code in}
   */
  record Table(List<Pair> pairs) implements Calibration {
    public Table {
      pairs = List.copyOf(pairs);
    }
  }

  /** One known pair of a table. */
  record Pair(double in, double out) {}
}
