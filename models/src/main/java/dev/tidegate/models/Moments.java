package dev.tidegate.models;

/** Mean and population standard deviation of a stream of numbers (Welford, 1962). */
final class Moments {
  private long count;
  private double mean;
  private double squares;

  void add(double value) {
    count++;
    double off = value - mean;
    mean += off / count;
    squares += off * (value - mean);
  }

  long count() {
    return count;
  }

  /** NaN without a value, as in a window without a usable sample. */
  double mean() {
    return count == 0 ? Double.NaN : mean;
  }

  double stddev() {
    return count == 0 ? Double.NaN : StrictMath.sqrt(squares / count);
  }
}
