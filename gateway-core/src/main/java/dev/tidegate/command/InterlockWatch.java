package dev.tidegate.command;

import dev.tidegate.config.ActuatorConfig.Interlock;
import dev.tidegate.config.kind.Numbers;
import dev.tidegate.reading.Quality;
import dev.tidegate.reading.Reading;
import dev.tidegate.reading.Sample;
import org.jspecify.annotations.Nullable;

/**
 * One interlock's live state. It fails safe: it blocks until a good value was seen, and while the
 * sensor is bad, stuck or silent. Time is that of the source: values that come late say what was
 * then, and those that are older than what is known say nothing.
 *
 * <pre>
 *            beyond                      for hold
 *   free ─────────────▶ beyond since t ───────────▶ blocking
 *     ▲  back within        │                          │
 *     └─────────────────────┴──────────────────────────┘  back within by hysteresis
 * </pre>
 */
final class InterlockWatch {
  private static final long NEVER = Long.MIN_VALUE;

  private final Interlock config;
  private boolean heard;
  private long heardNanos = NEVER;
  private boolean bad;
  private double value = Double.NaN;
  private long beyondSinceNanos = NEVER;

  InterlockWatch(Interlock config) {
    this.config = config;
  }

  Interlock config() {
    return config;
  }

  /** Takes a sample of the sensor on. */
  void sample(Sample sample, long nowNanos) {
    long at = Math.min(sample.sourceNanos(), nowNanos);
    if (nowNanos - at > config.staleAfterNanos() || at < heardNanos) {
      return;
    }
    double number =
        sample instanceof Reading reading ? reading.value().asDouble() : Double.NaN; // no waveforms
    bad = !isLive(sample.quality()) || !Double.isFinite(number);
    heard |= !bad; // a device that is not reached yet has not spoken
    heardNanos = at;
    if (bad) {
      return;
    }
    value = number;
    boolean wasBeyond = beyondSinceNanos != NEVER;
    boolean wasBlocking = wasBeyond && at - beyondSinceNanos >= config.holdNanos();
    double back = wasBlocking ? config.hysteresis() : 0;
    boolean isBeyond = number > config.above() - back || number < config.below() + back;
    if (!isBeyond) {
      beyondSinceNanos = NEVER;
    } else if (!wasBeyond) {
      beyondSinceNanos = at;
    }
  }

  /** Whether a value of that quality says how the process is now. */
  static boolean isLive(Quality quality) {
    return switch (quality) {
      case GOOD, UNCERTAIN_RATE, UNCERTAIN_TIME, UNCERTAIN_SOURCE -> true;
      case UNCERTAIN_STUCK, UNCERTAIN_LATE -> false;
      case BAD_RANGE, BAD_NOT_A_NUMBER, BAD_SENSOR, BAD_COMMUNICATION -> false;
    };
  }

  /** Whether the sensor has given a good value yet. */
  boolean isHeard() {
    return heard;
  }

  /** Why it blocks now; null while it does not. */
  @Nullable String blocks(long nowNanos) {
    if (!heard) {
      return config.point() + " gave no good value yet";
    }
    if (nowNanos - heardNanos > config.staleAfterNanos()) {
      return config.point()
          + " is silent for more than "
          + config.staleAfterNanos() / 1_000_000
          + " ms";
    }
    if (bad) {
      return config.point() + " gives no good value";
    }
    if (beyondSinceNanos != NEVER && nowNanos - beyondSinceNanos >= config.holdNanos()) {
      boolean isAbove = value > config.above() - config.hysteresis();
      return config.point()
          + " is at "
          + Numbers.show(value)
          + (isAbove
              ? ", above " + Numbers.show(config.above())
              : ", below " + Numbers.show(config.below()));
    }
    return null;
  }
}
