package dev.tidegate.pipeline;

import dev.tidegate.acquisition.Arrival;
import dev.tidegate.acquisition.Intake;
import dev.tidegate.config.BufferConfig;
import dev.tidegate.config.DeviceEntry;
import dev.tidegate.config.GatewayConfig;
import dev.tidegate.config.PointConfig;
import dev.tidegate.config.WindowConfig;
import dev.tidegate.driver.DeviceConfig;
import dev.tidegate.driver.Settings;
import dev.tidegate.driver.Sink.Receipt;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Lane;
import dev.tidegate.health.Counters;
import dev.tidegate.health.Faults;
import dev.tidegate.inference.Inference;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Reading;
import dev.tidegate.testkit.ManualClock;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A whole pipeline between an intake and a journal that writes down what it is given. */
final class Line {
  static final long MILLI = 1_000_000L;
  static final long SECOND = 1_000 * MILLI;
  static final PointId POINT = PointId.of("d", "value");

  /** One record as the journal got it. */
  record Kept(Lane lane, Entry entry, @Nullable Receipt receipt) {}

  final ManualClock clock = new ManualClock();
  final Counters counters = new Counters();
  final Intake intake = new Intake(100_000, counters);
  final List<Kept> kept = new ArrayList<>();
  final Pipeline pipeline;

  Line(List<PointConfig> points, WindowConfig... windows) {
    List<DeviceConfig.Point> driven =
        points.stream().map(p -> new DeviceConfig.Point(p.id(), null, Settings.NONE)).toList();
    GatewayConfig config =
        new GatewayConfig(
            "test",
            Path.of("nowhere"),
            List.of(
                new DeviceEntry(
                    "lab",
                    new DeviceConfig("d", Settings.NONE, driven, SECOND),
                    DeviceEntry.OnError.RETRY,
                    points)),
            List.of(windows),
            List.of(),
            BufferConfig.defaults(),
            null);
    Inference inference = Inference.open(config, clock, counters, new Faults(clock), intake::offer);
    pipeline =
        new Pipeline(
            config,
            intake,
            inference::offer,
            (lane, entry, receipt) -> kept.add(new Kept(lane, entry, receipt)),
            clock,
            counters);
  }

  /** The point with another report rule; everything else plain. */
  static PointConfig reporting(PointConfig.Report report, double deadband) {
    double inf = Double.POSITIVE_INFINITY;
    long never = PointConfig.NEVER;
    return new PointConfig(
        POINT,
        null,
        null,
        PointConfig.plain(POINT).calibration(),
        -inf,
        inf,
        inf,
        never,
        never,
        report,
        deadband,
        never);
  }

  /** A tumbling window over {@link #POINT}. */
  static WindowConfig window(long sizeNanos, long latenessNanos) {
    return new WindowConfig("w", List.of(POINT), sizeNanos, sizeNanos, latenessNanos);
  }

  /** Measures now. */
  void measure(double value, @Nullable Receipt receipt) {
    long now = clock.monotonicNanos();
    intake.offer(new Arrival.Sampled(Reading.good(POINT, now, value), now, receipt));
  }

  /** Measures once a second from now on, and steps after each. */
  void measureAll(double... values) throws InterruptedException {
    for (double value : values) {
      measure(value, null);
      pipeline.step(0);
      clock.advance(SECOND);
    }
  }

  List<Entry> lane(Lane lane) {
    return kept.stream().filter(k -> k.lane() == lane).map(Kept::entry).toList();
  }

  /** The values in the raw lane. */
  List<Double> raw() {
    List<Double> values = new ArrayList<>();
    for (Entry entry : lane(Lane.RAW)) {
      if (entry instanceof Entry.Measured(Reading reading)) {
        values.add(reading.value().asDouble());
      }
    }
    return values;
  }
}
