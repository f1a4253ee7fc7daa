package dev.tidegate.command;

import dev.tidegate.flow.Command;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One write under way. Belongs to the pipeline's thread, but for {@link #release}, which decides
 * against {@link #cancel} who was first.
 *
 * <pre>
 *   waits for the disk and the bus ──release──▶ the device is touched ──written──▶ being read back
 *          └────cancel────▶ never touched
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

  private volatile long touchedNanos = Long.MIN_VALUE;

  /** When the next stage must be reached. */
  long deadlineNanos;

  /** The desired value that waits, and that this one takes the place of; null for none. */
  @Nullable Parked overtaken;

  /** Whether the device is known to have taken the value. */
  boolean isSure;

  /** What was last read back; NaN for nothing yet. */
  double readBack = Double.NaN;

  /** How long to wait before it is tried again, where its device is not reached. */
  final long pauseNanos;

  Pending(Command command, long deadlineNanos, long pauseNanos) {
    this.command = command;
    this.value = command.value().asDouble();
    this.deadlineNanos = deadlineNanos;
    this.pauseNanos = pauseNanos;
  }

  /** The device is touched now, unless it was cancelled; for any thread. */
  boolean release(long nowNanos) {
    touchedNanos = nowNanos;
    return stage.compareAndSet(Stage.WAITING, Stage.RELEASED);
  }

  /** Whether nothing has touched the device yet. */
  boolean isWaiting() {
    return stage.get() == Stage.WAITING;
  }

  /** When the device was touched, once it was. */
  long touchedNanos() {
    return touchedNanos;
  }

  /** Sees to it that the device is not touched; false when it was already, or is being. */
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
