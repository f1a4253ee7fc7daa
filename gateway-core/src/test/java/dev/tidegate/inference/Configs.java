package dev.tidegate.inference;

import dev.tidegate.config.BufferConfig;
import dev.tidegate.config.Calibration;
import dev.tidegate.config.DeviceEntry;
import dev.tidegate.config.GatewayConfig;
import dev.tidegate.config.ModelConfig;
import dev.tidegate.config.PointConfig;
import dev.tidegate.config.WindowConfig;
import dev.tidegate.driver.DeviceConfig;
import dev.tidegate.driver.Settings;
import dev.tidegate.flow.Summary;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Unit;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A configuration with the points d/a (bar) and d/b (Cel) in the window w of 10 s. */
final class Configs {
  static final PointId A = new PointId("d/a");
  static final PointId B = new PointId("d/b");
  static final long SECOND = 1_000_000_000L;

  private Configs() {}

  static GatewayConfig with(ModelConfig... models) {
    return with(List.of(models), Map.of(A, "bar", B, "Cel"), 10 * SECOND, List.of(A, B));
  }

  static GatewayConfig with(
      List<ModelConfig> models, Map<PointId, String> units, long sizeNanos, List<PointId> points) {
    DeviceConfig device = new DeviceConfig("d", Settings.NONE, List.of(), SECOND);
    List<PointConfig> rules =
        units.entrySet().stream()
            .sorted(Map.Entry.comparingByKey())
            .map(unit -> rules(unit.getKey(), Unit.of(unit.getValue())))
            .toList();
    return new GatewayConfig(
        "gw",
        Path.of("data"),
        List.of(new DeviceEntry("none", device, DeviceEntry.OnError.RETRY, rules)),
        List.of(new WindowConfig("w", points, sizeNanos, sizeNanos, 0)),
        models,
        BufferConfig.defaults(),
        null);
  }

  static ModelConfig model(String id, ModelConfig.Bundle bundle) {
    return new ModelConfig(id, bundle, "w", Map.of("a", A, "b", B), null);
  }

  private static PointConfig rules(PointId point, Unit unit) {
    double inf = Double.POSITIVE_INFINITY;
    long never = PointConfig.NEVER;
    return new PointConfig(
        point,
        unit,
        null,
        Calibration.NONE,
        -inf,
        inf,
        inf,
        never,
        never,
        PointConfig.Report.ALL,
        0,
        never);
  }

  /** What the window w that ends after so many seconds says about a point. */
  static Summary summary(PointId point, long endSecond, double mean) {
    return summary("w", point, endSecond, mean);
  }

  static Summary summary(String window, PointId point, long endSecond, double mean) {
    long count = Double.isNaN(mean) ? 0 : 10;
    return new Summary(
        window,
        point,
        (endSecond - 10) * SECOND,
        endSecond * SECOND,
        count,
        0,
        0,
        mean,
        mean,
        mean,
        0,
        mean,
        mean,
        mean,
        10 * SECOND);
  }
}
