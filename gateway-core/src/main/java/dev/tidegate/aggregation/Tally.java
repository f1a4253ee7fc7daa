package dev.tidegate.aggregation;

import dev.tidegate.config.PointConfig;

/**
 * The running statistics of samples that come in the order of their source times, of one pane or of
 * one window. Constant size. Owned by the pipeline thread.
 *
 * <h2>Numbers</h2>
 *
 * Mean and squared deviations are updated by Welford's method and merged by Chan's (Chan, Golub,
 * LeVeque, 1979), both relative to the first value: a quantity that varies by 1 around 10⁹ keeps
 * its digits. The time mean is a running mean with the held durations as weights. The same samples
 * in the same order give the same bits.
 *
 * <h2>Holding</h2>
 *
 * A usable value holds from its source time until the next sample, usable or not, or until {@code
 * gap-after} has passed; a bad sample holds nothing.
 */
final class Tally {
  /** Longer than this is for ever; keeps time + gap within a long. */
  static final long FOREVER = 1L << 62;

  private final long gapAfterNanos;

  /** Which pane this is; {@link Long#MIN_VALUE} when it is none. */
  long pane = Long.MIN_VALUE;

  /** How many of its samples are still kept one by one. */
  int kept;

  long count;
  long bad;
  double min;
  double max;
  double first;
  double last;
  private double base;
  private double meanFromBase;
  private double squares;

  private long firstNanos;
  private long floorNanos;
  private long heldSinceNanos;
  private double held;
  private double timeMean;
  private long coveredNanos;

  Tally(long gapAfterNanos) {
    this.gapAfterNanos = gapAfterNanos >= FOREVER ? PointConfig.NEVER : gapAfterNanos;
    begin(Long.MIN_VALUE, Long.MIN_VALUE, Double.NaN);
  }

  /**
   * Empties it.
   *
   * @param floorNanos holding counts from here on
   * @param heldSinceNanos time of the last sample before, not after {@code floorNanos}
   * @param held its value; NaN when there was none or it was bad
   */
  void begin(long floorNanos, long heldSinceNanos, double held) {
    count = 0;
    bad = 0;
    min = Double.NaN;
    max = Double.NaN;
    first = Double.NaN;
    last = Double.NaN;
    squares = 0;
    this.floorNanos = floorNanos;
    this.heldSinceNanos = heldSinceNanos;
    this.held = held;
    timeMean = Double.NaN;
    coveredNanos = 0;
    kept = 0;
  }

  /** Makes it a copy of {@code other}, of which nothing is kept one by one. */
  void copy(Tally other) {
    begin(other.floorNanos, other.heldSinceNanos, other.held);
    bad = other.bad;
    firstNanos = other.firstNanos;
    takeHeld(other);
    takeValues(other);
  }

  boolean isEmpty() {
    return count + bad == 0;
  }

  /** Time of the last sample. */
  long heldSinceNanos() {
    return heldSinceNanos;
  }

  /** Value of the last sample; NaN when it was bad. */
  double held() {
    return held;
  }

  long coveredNanos() {
    return coveredNanos;
  }

  double timeMean() {
    return timeMean;
  }

  double mean() {
    return count == 0 ? Double.NaN : base + meanFromBase;
  }

  /** Population standard deviation. */
  double stddev() {
    return count == 0 ? Double.NaN : Math.sqrt(Math.max(0, squares) / count);
  }

  /** Takes the next sample: not older than those before; NaN for a bad one. */
  void add(long timeNanos, double value) {
    if (isEmpty()) {
      firstNanos = timeNanos;
    }
    holdUntil(timeNanos);
    heldSinceNanos = timeNanos;
    held = value;
    if (Double.isNaN(value)) {
      bad++;
      return;
    }
    if (count == 0) {
      base = value;
      meanFromBase = 0;
      first = value;
      min = value;
      max = value;
    } else if (value < min) {
      min = value;
    } else if (value > max) {
      max = value;
    }
    last = value;
    count++;
    double x = value - base;
    double delta = x - meanFromBase;
    meanFromBase += delta / count;
    squares += delta * (x - meanFromBase);
  }

  /** Takes all of a later run's samples at once. */
  void merge(Tally later) {
    if (later.isEmpty()) {
      return;
    }
    if (isEmpty()) {
      firstNanos = later.firstNanos;
    }
    holdUntil(later.firstNanos);
    takeHeld(later);
    heldSinceNanos = later.heldSinceNanos;
    held = later.held;
    bad += later.bad;
    takeValues(later);
  }

  private void takeHeld(Tally other) {
    if (other.coveredNanos > 0) {
      weigh(other.timeMean, other.coveredNanos);
    }
  }

  private void takeValues(Tally later) {
    if (later.count == 0) {
      return;
    }
    if (count == 0) {
      base = later.base;
      meanFromBase = later.meanFromBase;
      squares = later.squares;
      min = later.min;
      max = later.max;
      first = later.first;
    } else {
      double share = (double) later.count / (count + later.count);
      double delta = later.base - base + later.meanFromBase - meanFromBase;
      squares += later.squares + delta * delta * count * share;
      meanFromBase += delta * share;
      min = Math.min(min, later.min);
      max = Math.max(max, later.max);
    }
    count += later.count;
    last = later.last;
  }

  /** Lets the value that holds now hold on to that time, at most. */
  void holdUntil(long timeNanos) {
    if (Double.isNaN(held)) {
      return;
    }
    long end =
        gapAfterNanos == PointConfig.NEVER
            ? timeNanos
            : Math.min(timeNanos, heldSinceNanos + gapAfterNanos);
    long start = Math.max(heldSinceNanos, floorNanos);
    if (end > start) {
      weigh(held, end - start);
    }
  }

  private void weigh(double value, long nanos) {
    coveredNanos += nanos;
    if (coveredNanos == nanos) {
      timeMean = value;
    } else {
      timeMean += (value - timeMean) * ((double) nanos / coveredNanos);
    }
  }
}
