package dev.tidegate.flow;

import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Value;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** The way of a value to a device. Safe for any thread; never waits. */
public interface Actuators {
  /** The deadline of what goes before everything else, whenever its turn comes: a safe value. */
  long URGENT = Long.MAX_VALUE;

  /**
   * Has a value written on the device's bus thread.
   *
   * @param value in the device's own terms, before calibration
   * @param deadlineNanos not to be begun later than this, on the gateway's timeline; {@link
   *     #URGENT}
   * @param begins asked once, right before the device is touched; where it says no, the write was
   *     taken back: nothing is touched, and nobody told
   * @param told called exactly once, where it was not taken back: on the bus thread, or before this
   *     returns
   */
  void write(
      PointId point,
      Value value,
      long deadlineNanos,
      BooleanSupplier begins,
      Consumer<Written> told);

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
      /** The device said no. */
      NOT_TAKEN,
      /** The way to the device was not there, or not in time: it was not touched. */
      NOT_REACHED,
      /** The device may have taken it. */
      UNSURE
    }
  }
}
