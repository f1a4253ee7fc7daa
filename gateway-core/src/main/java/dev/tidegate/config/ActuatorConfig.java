package dev.tidegate.config;

import dev.tidegate.reading.PointId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What may be written to one point: a point that has none of these is never written. All values are
 * in the point's unit; a flag counts as 0 or 1.
 *
 * @param point the point
 * @param low lowest value that may be written
 * @param high highest value that may be written
 * @param maxStep largest distance from the current value; +∞ for none
 * @param slewPerSecond largest distance for each second since the last write; +∞ for none
 * @param minOnNanos how long it stays other than 0 at least; 0 for none
 * @param minOffNanos how long it stays 0 at least; 0 for none
 * @param allow issuers that may write; empty: whoever the broker lets publish
 * @param mode who may write
 * @param expireAfterNanos how old a command may be that does not say itself when it expires
 * @param readBack how it is seen that a write took effect; null: it is not looked at
 * @param interlocks what must hold for a write
 * @param deadMan what is written when what it depends on falls silent; null: nothing
 */
public record ActuatorConfig(
    PointId point,
    double low,
    double high,
    double maxStep,
    double slewPerSecond,
    long minOnNanos,
    long minOffNanos,
    List<String> allow,
    Mode mode,
    long expireAfterNanos,
    @Nullable ReadBack readBack,
    List<Interlock> interlocks,
    @Nullable DeadMan deadMan) {
  public ActuatorConfig {
    allow = List.copyOf(allow);
    interlocks = List.copyOf(interlocks);
  }

  /** Who may write. */
  public enum Mode {
    /** The twin and the operator at the gateway. */
    REMOTE,
    /** The operator at the gateway alone. */
    LOCAL,
    /** Nobody, and not the dead man either. */
    LOCKED
  }

  /**
   * How it is seen that a write took effect.
   *
   * @param point what is looked at: the point itself, or a sensor that follows it
   * @param tolerance how far it may be off, 0 and above
   * @param withinNanos how long that may take
   */
  public record ReadBack(PointId point, double tolerance, long withinNanos) {}

  /**
   * What must hold for a write: the point's value is not above, and not below. Bad quality and
   * silence block as well.
   *
   * @param point the sensor
   * @param above blocks while it is above; +∞ for none
   * @param below blocks while it is below; -∞ for none
   * @param hysteresis how far it must come back to let go, 0 and above
   * @param holdNanos how long it must be beyond before it blocks
   * @param staleAfterNanos silence for longer blocks
   * @param trip whether it also has the dead man's value written
   */
  public record Interlock(
      PointId point,
      double above,
      double below,
      double hysteresis,
      long holdNanos,
      long staleAfterNanos,
      boolean trip) {}

  /**
   * The value that is safe: written when what the actuator depends on falls silent. It passes
   * whatever else this actuator's rules say, also when a command asks for it.
   *
   * @param value within the range
   * @param linkAfterNanos silence of the cloud that brings it about; {@link PointConfig#NEVER}
   * @param point sensor whose silence or bad quality brings it about; null for none
   * @param pointAfterNanos how long that must last
   */
  public record DeadMan(
      double value, long linkAfterNanos, @Nullable PointId point, long pointAfterNanos) {}
}
