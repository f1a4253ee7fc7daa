package dev.tidegate.command;

import dev.tidegate.flow.Actuators;
import dev.tidegate.flow.Actuators.Written;
import dev.tidegate.flow.Command;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Value;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The way to the devices, and back.
 *
 * @param bus the way there
 * @param toDevice turns a value in the point's unit into the device's own number; null where its
 *     calibration cannot be turned round
 * @param back brings what became of a write, by the command's id, to the pipeline's thread
 */
record Devices(
    Actuators bus,
    BiFunction<PointId, Value, @Nullable Value> toDevice,
    BiConsumer<String, Written> back) {
  @Nullable Value valueOf(Actuator actuator, Value value) {
    return toDevice.apply(actuator.point(), value);
  }

  /**
   * Has a value written.
   *
   * @param begins asked right before the device is touched; on any thread
   */
  void write(Command command, Value value, long deadlineNanos, BooleanSupplier begins) {
    PointId point = new PointId(command.subject());
    bus.write(point, value, deadlineNanos, begins, w -> back.accept(command.id(), w));
  }
}
