package dev.tidegate.reading;

import java.util.Objects;

/**
 * One value of one point at one time.
 *
 * @param point which quantity
 * @param sourceNanos when it was taken, nanoseconds on the gateway's timeline ({@link
 *     dev.tidegate.time.Clock#monotonicNanos()}); a driver whose device has no clock of its own
 *     stamps the moment at which the answer arrived
 * @param value what was measured, in the unit of the point
 * @param quality how far to trust it
 */
public record Reading(PointId point, long sourceNanos, Value value, Quality quality)
    implements Sample {
  public Reading {
    Objects.requireNonNull(point, "point");
    Objects.requireNonNull(value, "value");
    Objects.requireNonNull(quality, "quality");
  }

  /** A good reading. */
  public static Reading good(PointId point, long sourceNanos, double value) {
    return new Reading(point, sourceNanos, new Value.Real(value), Quality.GOOD);
  }
}
