package dev.tidegate.aggregation;

import dev.tidegate.config.PointConfig;
import dev.tidegate.config.WindowConfig;
import dev.tidegate.flow.Summary;
import dev.tidegate.health.Counters;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Quality;
import dev.tidegate.reading.Reading;
import dev.tidegate.reading.Sample;
import dev.tidegate.reading.Value;
import dev.tidegate.reading.Waveform;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * A random stream from a seed: windows, points, and what happens to them in order. Times are small
 * whole numbers of nanoseconds, so that ties and samples on boundaries are frequent; values are
 * {@code base} plus quarters, so that an oracle can calculate in whole numbers.
 */
final class Script {
  /** One thing that happens to the windows. */
  sealed interface Step {
    record Add(Sample sample) implements Step {}

    record Advance(long nowNanos) implements Step {}

    record Flush(long nowNanos) implements Step {}
  }

  static final List<PointId> POINTS =
      List.of(new PointId("a/x"), new PointId("a/y"), new PointId("b/x"));
  private static final Quality[] QUALITIES = Quality.values();

  final double base;
  final List<WindowConfig> windows = new ArrayList<>();
  final List<PointConfig> points = new ArrayList<>();
  final List<Step> steps = new ArrayList<>();
  private final Random random;

  Script(long seed) {
    random = new Random(seed);
    base = random.nextInt(3) == 0 ? 1e9 : 0;
    for (PointId id : POINTS) {
      points.add(held(id, random.nextInt(3) == 0 ? PointConfig.NEVER : 1 + random.nextInt(40)));
    }
    for (int w = 1 + random.nextInt(3); w > 0; w--) {
      long slide = 1L + random.nextInt(20);
      long size = slide * (random.nextBoolean() ? 1 : 1 + random.nextInt(5));
      long lateness = random.nextBoolean() ? 0 : random.nextInt(45);
      List<PointId> some = new ArrayList<>(POINTS);
      Collections.shuffle(some, random);
      windows.add(
          new WindowConfig("w" + w, some.subList(0, 1 + random.nextInt(3)), size, slide, lateness));
    }
    long[] origins = {0, -70, 1_795_000_000_000_000_000L};
    steps(origins[random.nextInt(origins.length)]);
  }

  /** A point with a gap-after and no other rule. */
  static PointConfig held(PointId id, long gapAfterNanos) {
    PointConfig p = PointConfig.plain(id);
    return new PointConfig(
        id,
        p.unit(),
        p.sourceUnit(),
        p.calibration(),
        p.rangeLow(),
        p.rangeHigh(),
        p.maxRatePerSecond(),
        p.stuckAfterNanos(),
        gapAfterNanos,
        p.report(),
        p.deadband(),
        p.maxSilenceNanos());
  }

  private void steps(long origin) {
    long now = origin;
    int count = 20 + random.nextInt(60);
    for (int i = 0; i < count; i++) {
      now += random.nextInt(40) == 0 ? 100 + random.nextInt(200) : random.nextInt(6);
      switch (random.nextInt(5)) {
        case 0 -> steps.add(new Step.Advance(random.nextInt(20) == 0 ? now - 30 : now));
        default -> steps.add(new Step.Add(sample(now)));
      }
    }
    steps.add(random.nextBoolean() ? new Step.Flush(now) : new Step.Advance(now + 400));
  }

  private Sample sample(long now) {
    PointId point = POINTS.get(random.nextInt(POINTS.size()));
    long lag =
        switch (random.nextInt(10)) {
          case 0 -> random.nextInt(120);
          case 1 -> -random.nextInt(40);
          case 2, 3, 4 -> random.nextInt(12);
          default -> 0;
        };
    long time = now - lag;
    if (random.nextInt(4) == 0) { // on a boundary
      long slide = windows.get(0).slideNanos();
      time = Math.floorDiv(time, slide) * slide;
    }
    Quality quality =
        random.nextInt(4) == 0 ? QUALITIES[random.nextInt(QUALITIES.length)] : Quality.GOOD;
    if (random.nextInt(12) == 0) {
      double[] values = new double[1 + random.nextInt(6)];
      for (int i = 0; i < values.length; i++) {
        values[i] = value();
      }
      return new Waveform(point, time, 1 + random.nextInt(7), values, quality);
    }
    Value value =
        switch (random.nextInt(30)) {
          case 0 -> Value.of("text");
          case 1 -> Value.of(Double.NaN);
          case 2 -> Value.of(Double.NEGATIVE_INFINITY);
          case 3 -> Value.of((long) base + random.nextInt(9));
          default -> Value.of(value());
        };
    return new Reading(point, time, value, quality);
  }

  private double value() {
    return base + (random.nextInt(81) - 40) / 4.0;
  }

  /** What the windows make of it. */
  List<Summary> run() {
    return run(new Windows(windows, points, new Counters()));
  }

  List<Summary> run(Windows w) {
    List<Summary> out = new ArrayList<>();
    for (Step step : steps) {
      switch (step) {
        case Step.Add(Sample sample) -> w.add(sample);
        case Step.Advance(long now) -> w.advance(now, out::add);
        case Step.Flush(long now) -> w.flush(now, out::add);
      }
    }
    return out;
  }
}
