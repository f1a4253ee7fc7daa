package dev.tidegate.conditioning;

import dev.tidegate.flow.Event;
import dev.tidegate.flow.Event.Severity;
import dev.tidegate.reading.PointId;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.function.Consumer;

/**
 * Tells when one point falls silent for longer than its {@code gap-after}, and when it speaks
 * again: one event each, never repeated. Owned by the pipeline thread.
 *
 * <p>Silence is measured from the arrival of one usable sample to the arrival of the next, and
 * before the first from the start of the watch. The events' times do not depend on how often anyone
 * looks: a gap is dated to the moment at which the silence reached {@code gap-after}.
 */
final class GapWatch {
  private final PointId point;
  private final long gapAfterNanos;
  private final Consumer<Event> events;

  private long heardNanos;
  private boolean heardOnce;
  private boolean silent;

  GapWatch(PointId point, long gapAfterNanos, long startNanos, Consumer<Event> events) {
    this.point = point;
    this.gapAfterNanos = gapAfterNanos;
    this.events = events;
    heardNanos = startNanos;
  }

  /** A usable sample arrived. True when a gap was found to have begun just before it. */
  boolean heard(long arrivalNanos) {
    boolean begun = look(arrivalNanos);
    if (silent) {
      silent = false;
      String message =
          "usable samples are back after %s of silence that began at %s."
              .formatted(seconds(Math.max(0, arrivalNanos - heardNanos)), instant(heardNanos));
      events.accept(new Event(arrivalNanos, Severity.INFO, "gap-over", point.name(), message));
    }
    heardNanos = Math.max(heardNanos, arrivalNanos);
    heardOnce = true;
    return begun;
  }

  /** Looks whether the silence has lasted too long by now. True when a gap has just been found. */
  boolean look(long nowNanos) {
    if (silent || nowNanos <= dueNanos()) {
      return false;
    }
    silent = true;
    String message =
        "no usable sample %s %s, which is longer than gap-after (%s): check the device, its wiring and its poll interval."
            .formatted(
                heardOnce ? "since" : "ever since the start at",
                instant(heardNanos),
                seconds(gapAfterNanos));
    events.accept(new Event(dueNanos(), Severity.WARNING, "gap", point.name(), message));
    return true;
  }

  /** The last moment that is not yet a gap; {@link Long#MAX_VALUE} while there is one. */
  long quietUntilNanos() {
    return silent ? Long.MAX_VALUE : dueNanos();
  }

  private long dueNanos() {
    long due = heardNanos + gapAfterNanos;
    return due < heardNanos ? Long.MAX_VALUE : due;
  }

  private static String seconds(long nanos) {
    return BigDecimal.valueOf(nanos, 9).stripTrailingZeros().toPlainString() + " s";
  }

  private static Instant instant(long nanos) {
    return Instant.ofEpochSecond(
        Math.floorDiv(nanos, 1_000_000_000L), Math.floorMod(nanos, 1_000_000_000L));
  }
}
