package dev.tidegate.conditioning;

import dev.tidegate.config.Calibration;
import dev.tidegate.config.PointConfig;
import dev.tidegate.reading.Unit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A sensor's transfer function: from the number that a device gives to the quantity in the point's
 * unit, by calibration and then by unit conversion. Immutable.
 */
final class Transfer {
  private final double[] in;
  private final double[] out;
  private final double[] slope;
  private final double gain;
  private final double offset;
  private final @Nullable Unit from;
  private final @Nullable Unit to;

  /**
   * @throws IllegalArgumentException when a table has fewer than two pairs or does not rise, or
   *     when the two units do not measure the same kind of quantity
   */
  Transfer(PointConfig point) {
    double gain = 1;
    double offset = 0;
    List<Calibration.Pair> pairs = List.of();
    switch (point.calibration()) {
      case Calibration.Linear linear -> {
        gain = linear.gain();
        offset = linear.offset();
      }
      case Calibration.Table table -> pairs = table.pairs();
    }
    this.gain = gain;
    this.offset = offset;
    in = pairs.stream().mapToDouble(Calibration.Pair::in).toArray();
    out = pairs.stream().mapToDouble(Calibration.Pair::out).toArray();
    slope = slopes(point, in, out);
    Unit source = point.sourceUnit();
    Unit unit = point.unit();
    boolean converts = source != null && unit != null && !source.equals(unit);
    from = converts ? source : null;
    to = converts ? unit : null;
    if (from != null && to != null && !from.isCommensurate(to)) {
      throw new IllegalArgumentException(
          "point " + point.id() + ": " + from + " cannot be converted to " + to);
    }
  }

  private static double[] slopes(PointConfig point, double[] in, double[] out) {
    if (point.calibration() instanceof Calibration.Table && in.length < 2) {
      throw new IllegalArgumentException("point " + point.id() + ": a table needs two pairs");
    }
    double[] slopes = new double[Math.max(0, in.length - 1)];
    for (int i = 0; i < slopes.length; i++) {
      if (!(in[i + 1] > in[i])) {
        throw new IllegalArgumentException(
            "point "
                + point.id()
                + ": a table's inputs rise, but "
                + in[i + 1]
                + " follows "
                + in[i]);
      }
      slopes[i] = (out[i + 1] - out[i]) / (in[i + 1] - in[i]);
    }
    return slopes;
  }

  /** True when every number stays what it is, so that a counter can stay a whole number. */
  boolean isIdentity() {
    return in.length == 0 && gain == 1 && offset == 0 && from == null;
  }

  /** The quantity; may be infinite where the number is extreme. */
  double apply(double number) {
    double quantity = in.length == 0 ? gain * number + offset : lookUp(number);
    return from == null || to == null ? quantity : from.convert(quantity, to);
  }

  /**
   * The device's number for a quantity in the point's unit: the other way round.
   *
   * @return NaN where a table does not rise or fall throughout, so that there is no one number
   */
  double invert(double quantity) {
    double calibrated = from == null || to == null ? quantity : to.convert(quantity, from);
    if (in.length == 0) {
      return (calibrated - offset) / gain;
    }
    boolean rises = slope[0] > 0;
    int line = 0;
    for (int i = 0; i < slope.length; i++) {
      if (slope[i] == 0 || slope[i] > 0 != rises) {
        return Double.NaN;
      }
      if (rises ? calibrated >= out[i] : calibrated <= out[i]) {
        line = i;
      }
    }
    return in[line] + (calibrated - out[line]) / slope[line];
  }

  /** Straight lines between the pairs; the first and the last line go on for ever. */
  private double lookUp(double number) {
    int last = in.length - 1;
    if (number >= in[last]) {
      return out[last] + (number - in[last]) * slope[last - 1];
    }
    int low = 0;
    int high = last - 1;
    while (low < high) { // the last line whose left end is not right of the number
      int middle = (low + high + 1) >>> 1;
      if (in[middle] <= number) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return out[low] + (number - in[low]) * slope[low];
  }
}
