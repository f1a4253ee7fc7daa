package dev.tidegate.conditioning;

import dev.tidegate.config.PointConfig;
import dev.tidegate.flow.Event;
import dev.tidegate.health.Counters;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Quality;
import dev.tidegate.reading.Reading;
import dev.tidegate.reading.Sample;
import dev.tidegate.reading.Value;
import dev.tidegate.reading.Waveform;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Turns what a device said into a quantity with a quality. Nothing is dropped, and no data makes it
 * throw: a bad measurement flows on and says so.
 *
 * <p>The rules of a sample's point, in this order; where several speak, the worst level wins, and
 * the first among equals. The quality that the device gave comes before all of them.
 *
 * <pre>
 *   1  a number?      NaN, infinite, text where a number is due     BAD_NOT_A_NUMBER
 *   2  source time    more than 1 s after its arrival: arrival is
 *                     used instead                                  UNCERTAIN_TIME
 *   3  calibration    linear or table, then source-unit to unit     (infinite: BAD_NOT_A_NUMBER)
 *   4  range          outside [low, high]                           BAD_RANGE
 *   5  rate           |change| / source time elapsed &gt; max-rate     UNCERTAIN_RATE
 *   6  stuck          exactly unchanged for &gt; stuck-after            UNCERTAIN_STUCK
 * </pre>
 *
 * A flag counts as 0 or 1 and stays a flag, and a counter stays a whole number, unless calibration
 * or conversion makes a quantity of it. A text passes where its point has no rule for numbers (and
 * no unit). A waveform is held against rules 1 to 4 value by value, and its quality is the worst of
 * all. A sample of a point without a configuration is held against rules 1 and 2.
 *
 * <p>Owned by the pipeline thread. Allocates only where a sample changes.
 */
public final class Conditioner {
  /** How far a source's clock may be ahead of the sample's arrival. */
  static final long SKEW_NANOS = 1_000_000_000L;

  /** By the name, since a string knows its hash and a record does not. */
  private final Map<String, Point> points = new LinkedHashMap<>();

  private final List<Point> watched = new ArrayList<>();
  private final Consumer<Event> events;
  private final LongAdder notANumber;
  private final LongAdder badRange;
  private final LongAdder badTime;
  private final LongAdder tooFast;
  private final LongAdder stuck;
  private final LongAdder gaps;
  private boolean started;
  private long nextLookNanos;

  /**
   * @param points the rules; a point listed twice keeps the last
   * @param counters gets {@code conditioning.not-a-number}, {@code .range}, {@code .time}, {@code
   *     .rate}, {@code .stuck} and {@code .gaps}: how often each rule spoke
   * @param events told of each gap's beginning ({@code gap}) and end ({@code gap-over}), on the
   *     pipeline thread
   * @throws IllegalArgumentException when a table does not rise or units do not fit together
   */
  public Conditioner(List<PointConfig> points, Counters counters, Consumer<Event> events) {
    this.events = events;
    for (PointConfig config : points) {
      this.points.put(config.id().name(), new Point(config));
    }
    for (Point point : this.points.values()) {
      if (point.config.gapAfterNanos() != PointConfig.NEVER) {
        watched.add(point);
      }
    }
    notANumber = counters.of("conditioning.not-a-number");
    badRange = counters.of("conditioning.range");
    badTime = counters.of("conditioning.time");
    tooFast = counters.of("conditioning.rate");
    stuck = counters.of("conditioning.stuck");
    gaps = counters.of("conditioning.gaps");
  }

  /**
   * The sample as the rest of the gateway sees it; the same object where nothing changed.
   *
   * @param arrivalNanos when it reached the gateway, on the gateway's timeline
   */
  public Sample condition(Sample sample, long arrivalNanos) {
    start(arrivalNanos);
    Point point = points.get(sample.point().name());
    Sample conditioned =
        switch (sample) {
          case Reading reading -> conditionReading(reading, point, arrivalNanos);
          case Waveform waveform -> conditionWaveform(waveform, point, arrivalNanos);
        };
    if (point != null && point.gap != null && !conditioned.quality().isBad()) {
      if (point.gap.heard(arrivalNanos)) {
        gaps.increment();
      }
      nextLookNanos = Math.min(nextLookNanos, point.gap.quietUntilNanos());
    }
    return conditioned;
  }

  /**
   * What the device must be told, so that the point has that value: calibration and units the other
   * way round. A value of a point without either stays what it is.
   *
   * @return null where the calibration cannot be turned round
   */
  public @Nullable Value toDevice(PointId id, Value value) {
    Point point = points.get(id.name());
    if (point == null || !point.changesNumbers) {
      return value;
    }
    double number = point.transfer.invert(value.asDouble());
    return Double.isFinite(number) ? Value.of(number) : null;
  }

  /**
   * Looks for points that have fallen silent. Call it after the samples that arrived by then were
   * conditioned; costs one comparison where none can have.
   */
  public void advance(long nowNanos) {
    start(nowNanos);
    if (nowNanos <= nextLookNanos) {
      return;
    }
    // in the order in which the gaps began, however late anyone looks
    GapWatch first = firstToFallSilent();
    while (first != null && first.look(nowNanos)) {
      gaps.increment();
      first = firstToFallSilent();
    }
    nextLookNanos = first == null ? Long.MAX_VALUE : first.quietUntilNanos();
  }

  /** The watch that is due first; among equals the one configured first. */
  private @Nullable GapWatch firstToFallSilent() {
    GapWatch first = null;
    for (Point point : watched) {
      GapWatch gap = point.gap;
      if (gap != null && (first == null || gap.quietUntilNanos() < first.quietUntilNanos())) {
        first = gap;
      }
    }
    return first;
  }

  /** The watch for gaps begins with the first thing that anyone tells about the time. */
  private void start(long nowNanos) {
    if (started) {
      return;
    }
    started = true;
    nextLookNanos = Long.MAX_VALUE;
    for (Point point : watched) {
      GapWatch gap =
          new GapWatch(point.config.id(), point.config.gapAfterNanos(), nowNanos, events);
      point.gap = gap;
      nextLookNanos = Math.min(nextLookNanos, gap.quietUntilNanos());
    }
  }

  private Reading conditionReading(Reading reading, @Nullable Point point, long arrivalNanos) {
    Value value = reading.value();
    Quality quality = reading.quality();
    long sourceNanos = reading.sourceNanos();
    boolean recalculated = false;
    if (sourceNanos > arrivalNanos + SKEW_NANOS) {
      sourceNanos = arrivalNanos;
      quality = quality.worst(Quality.UNCERTAIN_TIME);
      badTime.increment();
    }
    if (value instanceof Value.Text) {
      if (point != null && point.numeric) {
        quality = quality.worst(Quality.BAD_NOT_A_NUMBER);
        notANumber.increment();
      }
    } else {
      double number = value.asDouble();
      if (point != null && point.changesNumbers && Double.isFinite(number)) {
        number = point.transfer.apply(number);
        value = new Value.Real(number);
        recalculated = true;
      }
      quality = quality.worst(count(outside(number, point)));
    }
    if (point != null && point.past != null && !quality.isBad()) {
      quality = quality.worst(past(point.past.judge(reading.value(), value, sourceNanos)));
    }
    return !recalculated && quality == reading.quality() && sourceNanos == reading.sourceNanos()
        ? reading
        : new Reading(reading.point(), sourceNanos, value, quality);
  }

  private Waveform conditionWaveform(Waveform waveform, @Nullable Point point, long arrivalNanos) {
    double[] values = waveform.values();
    Quality quality = waveform.quality();
    long sourceNanos = waveform.sourceNanos();
    long spanNanos = span(values.length - 1, waveform.stepNanos());
    if (sourceNanos > arrivalNanos + SKEW_NANOS - spanNanos) {
      // The last value is what cannot be later than the arrival.
      sourceNanos = arrivalNanos - spanNanos;
      quality = quality.worst(Quality.UNCERTAIN_TIME);
      badTime.increment();
    }
    Quality worst = Quality.GOOD;
    boolean recalculated = point != null && point.changesNumbers;
    if (point != null && recalculated) {
      values = values.clone();
      for (int i = 0; i < values.length; i++) {
        values[i] = point.transfer.apply(values[i]);
        worst = worst.worst(outside(values[i], point));
      }
    } else {
      for (double value : values) {
        worst = worst.worst(outside(value, point));
      }
    }
    quality = quality.worst(count(worst));
    return !recalculated && quality == waveform.quality() && sourceNanos == waveform.sourceNanos()
        ? waveform
        : new Waveform(waveform.point(), sourceNanos, waveform.stepNanos(), values, quality);
  }

  /** {@code steps × stepNanos}, at most a quarter of what a long can say: 73 years. */
  private static long span(int steps, long stepNanos) {
    long most = Long.MAX_VALUE / 4;
    return steps > 0 && stepNanos > most / steps ? most : steps * stepNanos;
  }

  private static Quality outside(double number, @Nullable Point point) {
    if (!Double.isFinite(number)) {
      return Quality.BAD_NOT_A_NUMBER;
    }
    return point != null && (number < point.rangeLow || number > point.rangeHigh)
        ? Quality.BAD_RANGE
        : Quality.GOOD;
  }

  private Quality count(Quality quality) {
    if (quality == Quality.BAD_NOT_A_NUMBER) {
      notANumber.increment();
    } else if (quality == Quality.BAD_RANGE) {
      badRange.increment();
    }
    return quality;
  }

  private Quality past(Quality quality) {
    if (quality == Quality.UNCERTAIN_RATE) {
      tooFast.increment();
    } else if (quality == Quality.UNCERTAIN_STUCK) {
      stuck.increment();
    }
    return quality;
  }

  /** One point's rules and its past. */
  private static final class Point {
    final PointConfig config;
    final Transfer transfer;
    final boolean changesNumbers;
    final double rangeLow;
    final double rangeHigh;

    /** Whether a text can be no value of this point. */
    final boolean numeric;

    final @Nullable Plausibility past;
    @Nullable GapWatch gap;

    Point(PointConfig config) {
      this.config = config;
      transfer = new Transfer(config);
      changesNumbers = !transfer.isIdentity();
      rangeLow = config.rangeLow();
      rangeHigh = config.rangeHigh();
      numeric =
          changesNumbers
              || config.unit() != null
              || rangeLow != Double.NEGATIVE_INFINITY
              || rangeHigh != Double.POSITIVE_INFINITY
              || config.maxRatePerSecond() != Double.POSITIVE_INFINITY;
      past = Plausibility.applies(config) ? new Plausibility(config) : null;
    }
  }
}
