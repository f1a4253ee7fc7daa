package dev.tidegate.sync;

import dev.tidegate.flow.Lane;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Whether a lane may be sent now: it may be paused, and it may have used up its bytes of the day.
 * Outlives connections. {@link #pause} and {@link #pausedUntilNanos} are for any thread, the rest
 * for the sync thread.
 *
 * <p>A day's bytes come evenly, and what was not used is saved up, for an hour's worth at most: so
 * any 24 hours see at most the budget and one frame more. A start begins with nothing saved.
 */
final class LaneGate {
  private static final double DAY_SECONDS = 86_400;
  private static final double SAVED_PART = 1 / 24.0;

  private final Map<Lane, AtomicLong> pausedUntil = new EnumMap<>(Lane.class);
  private final Map<Lane, Pace> budgets = new EnumMap<>(Lane.class);

  /**
   * @param bytesPerDay by the lane's name; lanes that are not in it are not limited
   */
  LaneGate(Map<String, Long> bytesPerDay, long nowNanos) {
    for (Lane lane : Lane.values()) {
      pausedUntil.put(lane, new AtomicLong(Long.MIN_VALUE));
      Long budget = bytesPerDay.get(lane.word());
      if (budget != null) {
        double saved = budget * SAVED_PART;
        budgets.put(lane, Pace.saving((budget - saved) / DAY_SECONDS, saved, nowNanos));
      }
    }
  }

  /** Sends nothing of the lane until then; a time that is past ends a pause. */
  void pause(Lane lane, long untilNanos) {
    of(lane).set(untilNanos);
  }

  /** Until when the lane is paused; a time that is past for not. */
  long pausedUntilNanos(Lane lane) {
    return of(lane).get();
  }

  private AtomicLong of(Lane lane) {
    return java.util.Objects.requireNonNull(pausedUntil.get(lane));
  }

  /** Whether a frame of the lane may go. */
  boolean isOpen(Lane lane, long nowNanos) {
    return nowNanos >= pausedUntilNanos(lane) && !isSpent(lane, nowNanos);
  }

  /** Whether the lane has used up what it may send by now. */
  boolean isSpent(Lane lane, long nowNanos) {
    Pace budget = budgets.get(lane);
    return budget != null && !budget.isFree(nowNanos);
  }

  /** Notes that so many bytes of the lane went. */
  void spend(Lane lane, long bytes, long nowNanos) {
    Pace budget = budgets.get(lane);
    if (budget != null) {
      budget.spend(bytes, nowNanos);
    }
  }

  /** When the lane opens, after now; {@link LaneRun#NEVER} when it is open. */
  long wakeNanos(Lane lane, long nowNanos) {
    long paused = pausedUntilNanos(lane);
    Pace budget = budgets.get(lane);
    long spent = budget == null ? LaneRun.NEVER : budget.wakeNanos(nowNanos);
    if (paused <= nowNanos) {
      return spent;
    }
    return spent == LaneRun.NEVER ? paused : Math.max(paused, spent);
  }
}
