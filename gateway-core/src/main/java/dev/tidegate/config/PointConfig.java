package dev.tidegate.config;

import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Unit;
import org.jspecify.annotations.Nullable;

/**
 * The gateway's rules for one point: how a value is conditioned and which values are reported.
 *
 * @param id the point
 * @param unit the unit in which the point is delivered; null where none was given
 * @param sourceUnit the unit that calibration yields, converted to {@code unit}; null: the same
 * @param calibration what turns the device's number into a quantity
 * @param rangeLow lowest believable value in {@code unit}, -∞ for none
 * @param rangeHigh highest believable value in {@code unit}, +∞ for none
 * @param maxRatePerSecond fastest believable change in {@code unit} per second, +∞ for none
 * @param stuckAfterNanos unchanged for longer than this is stuck; {@link #NEVER} for none
 * @param gapAfterNanos a value holds no longer than this; {@link #NEVER} holds until the next one
 * @param report which readings go to the raw lane
 * @param deadband with {@code CHANGES}: report when the value moved by more than this, in {@code
 *     unit}; 0 reports every change
 * @param maxSilenceNanos with {@code CHANGES}: report at least this often; {@link #NEVER} for none
 * @param quantum step to which stored values are rounded, in {@code unit}: what the sensor
 *     resolves; 0 keeps every bit
 */
public record PointConfig(
    PointId id,
    @Nullable Unit unit,
    @Nullable Unit sourceUnit,
    Calibration calibration,
    double rangeLow,
    double rangeHigh,
    double maxRatePerSecond,
    long stuckAfterNanos,
    long gapAfterNanos,
    Report report,
    double deadband,
    long maxSilenceNanos,
    double quantum) {
  /** A duration that never passes. */
  public static final long NEVER = Long.MAX_VALUE;

  /** Which readings go to the raw lane; windows see all of them. */
  public enum Report {
    ALL,
    /** Report by exception: see {@code deadband} and {@code maxSilenceNanos}. */
    CHANGES,
    NONE
  }

  /** A point whose values are kept bit for bit. */
  public PointConfig(
      PointId id,
      @Nullable Unit unit,
      @Nullable Unit sourceUnit,
      Calibration calibration,
      double rangeLow,
      double rangeHigh,
      double maxRatePerSecond,
      long stuckAfterNanos,
      long gapAfterNanos,
      Report report,
      double deadband,
      long maxSilenceNanos) {
    this(
        id,
        unit,
        sourceUnit,
        calibration,
        rangeLow,
        rangeHigh,
        maxRatePerSecond,
        stuckAfterNanos,
        gapAfterNanos,
        report,
        deadband,
        maxSilenceNanos,
        0);
  }

  /** A point without any rule: every reading passes as it came and is reported. */
  public static PointConfig plain(PointId id) {
    double inf = Double.POSITIVE_INFINITY;
    return new PointConfig(
        id, null, null, Calibration.NONE, -inf, inf, inf, NEVER, NEVER, Report.ALL, 0, NEVER);
  }
}
