package dev.tidegate.reading;

import java.util.Arrays;
import java.util.Objects;

/**
 * A run of values of one point, taken at a fixed step: a vibration record, a current transient.
 *
 * @param point which quantity
 * @param sourceNanos when the first value was taken, nanoseconds on the gateway's timeline
 * @param stepNanos time from one value to the next, above 0
 * @param values 1 to 65,536 values in the unit of the point; the record keeps the array, the caller
 *     must not change it afterwards
 * @param quality how far to trust all of them
 */
@SuppressWarnings("ArrayRecordComponent") // copied nowhere on purpose: hot path, ownership passes
public record Waveform(
    PointId point, long sourceNanos, long stepNanos, double[] values, Quality quality)
    implements Sample {
  public Waveform {
    Objects.requireNonNull(point, "point");
    Objects.requireNonNull(quality, "quality");
    if (stepNanos <= 0) {
      throw new IllegalArgumentException("step must be above 0 ns: " + stepNanos);
    }
    if (values.length < 1 || values.length > 65_536) {
      throw new IllegalArgumentException("1 to 65,536 values, got " + values.length);
    }
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Waveform w
        && point.equals(w.point)
        && sourceNanos == w.sourceNanos
        && stepNanos == w.stepNanos
        && Arrays.equals(values, w.values)
        && quality == w.quality;
  }

  @Override
  public int hashCode() {
    return Objects.hash(point, sourceNanos, stepNanos, Arrays.hashCode(values), quality);
  }
}
