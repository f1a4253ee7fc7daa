package dev.tidegate.conditioning;

import dev.tidegate.config.Calibration;
import dev.tidegate.config.PointConfig;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Unit;
import org.jspecify.annotations.Nullable;

/** Builds a point's configuration rule by rule. */
final class Rules {
  static final PointId A = new PointId("d/a");

  private PointId id = A;
  private @Nullable Unit unit;
  private @Nullable Unit sourceUnit;
  private Calibration calibration = Calibration.NONE;
  private double low = Double.NEGATIVE_INFINITY;
  private double high = Double.POSITIVE_INFINITY;
  private double maxRate = Double.POSITIVE_INFINITY;
  private long stuckAfterNanos = PointConfig.NEVER;
  private long gapAfterNanos = PointConfig.NEVER;

  Rules of(PointId id) {
    this.id = id;
    return this;
  }

  Rules unit(String ucum) {
    unit = Unit.of(ucum);
    return this;
  }

  Rules sourceUnit(String ucum) {
    sourceUnit = Unit.of(ucum);
    return this;
  }

  Rules calibration(Calibration calibration) {
    this.calibration = calibration;
    return this;
  }

  Rules range(double low, double high) {
    this.low = low;
    this.high = high;
    return this;
  }

  Rules maxRate(double perSecond) {
    maxRate = perSecond;
    return this;
  }

  Rules stuckAfter(long nanos) {
    stuckAfterNanos = nanos;
    return this;
  }

  Rules gapAfter(long nanos) {
    gapAfterNanos = nanos;
    return this;
  }

  PointConfig build() {
    return new PointConfig(
        id,
        unit,
        sourceUnit,
        calibration,
        low,
        high,
        maxRate,
        stuckAfterNanos,
        gapAfterNanos,
        PointConfig.Report.ALL,
        0,
        PointConfig.NEVER);
  }
}
