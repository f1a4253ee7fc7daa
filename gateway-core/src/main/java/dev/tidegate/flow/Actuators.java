package dev.tidegate.flow;

import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Value;
import java.util.function.Consumer;

/** The way of a value to a device. Safe for any thread; never waits. */
public interface Actuators {
  /**
   * Has a value written on the device's bus thread.
   *
   * @param value in the device's own terms, before calibration
   * @param deadlineNanos not to be begun later than this, on the gateway's timeline
   * @param told called exactly once: on the bus thread, or before this returns
   */
  void write(PointId point, Value value, long deadlineNanos, Consumer<Written> told);

  /**
   * What became of a write.
   *
   * @param kind how sure that is
   * @param message what the driver said; empty where it took the value
   */
  record Written(Kind kind, String message) {
    /** How sure it is. */
    public enum Kind {
      /** The device took the value. */
      TAKEN,
      /** The device was not touched, or said no. */
      NOT_TAKEN,
      /** The device may have taken it. */
      UNSURE
    }
  }
}
