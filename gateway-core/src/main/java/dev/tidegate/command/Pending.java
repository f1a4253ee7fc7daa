package dev.tidegate.command;

import dev.tidegate.flow.Command;
import java.util.concurrent.atomic.AtomicReference;

/**
 * One write under way. Belongs to the pipeline's thread, but for {@link #release}, which decides
 * against {@link #cancel} who was first.
 *
 * <pre>
 *   waits for the disk ──release──▶ handed to the bus ──written──▶ being read back
 *          └────cancel────▶ never handed over
 * </pre>
 */
final class Pending {
  private enum Stage {
    WAITING,
    CANCELLED,
    RELEASED,
    READING_BACK
  }

  final Command command;
  final double value;
  private final AtomicReference<Stage> stage = new AtomicReference<>(Stage.WAITING);

  /** When the next stage must be reached. */
  long deadlineNanos;

  /** Whether the device is known to have taken the value. */
  boolean isSure;

  /** What was last read back; NaN for nothing yet. */
  double readBack = Double.NaN;

  Pending(Command command, long deadlineNanos) {
    this.command = command;
    this.value = command.value().asDouble();
    this.deadlineNanos = deadlineNanos;
  }

  /** Hands it over to the bus, unless it was cancelled; for any thread. */
  boolean release() {
    return stage.compareAndSet(Stage.WAITING, Stage.RELEASED);
  }

  /** Sees to it that it is never handed over; false when it was already. */
  boolean cancel() {
    return stage.compareAndSet(Stage.WAITING, Stage.CANCELLED);
  }

  void readingBack(long untilNanos, boolean sure) {
    stage.set(Stage.READING_BACK);
    deadlineNanos = untilNanos;
    isSure = sure;
  }

  boolean isReadingBack() {
    return stage.get() == Stage.READING_BACK;
  }
}
