package dev.tidegate.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.config.BudgetConfig;
import dev.tidegate.config.BufferConfig;
import dev.tidegate.config.DeviceEntry;
import dev.tidegate.config.GatewayConfig;
import dev.tidegate.config.PointConfig;
import dev.tidegate.config.SyncConfig;
import dev.tidegate.config.WindowConfig;
import dev.tidegate.driver.DeviceConfig;
import dev.tidegate.driver.Settings;
import dev.tidegate.reading.PointId;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the forecast must get right whatever its constants are. */
class ForecastTest {
  private static final long SECOND = 1_000_000_000L;

  private static GatewayConfig config(int points, long pollNanos, BudgetConfig budget) {
    List<PointConfig> rules = new ArrayList<>();
    List<DeviceConfig.Point> driven = new ArrayList<>();
    for (int i = 0; i < points; i++) {
      PointId id = PointId.of("d", "p" + i);
      rules.add(PointConfig.plain(id));
      driven.add(new DeviceConfig.Point(id, null, Settings.NONE));
    }
    return new GatewayConfig(
        "g",
        Path.of("nowhere"),
        List.of(
            new DeviceEntry(
                "simulator",
                new DeviceConfig("d", Settings.NONE, driven, pollNanos),
                DeviceEntry.OnError.RETRY,
                rules)),
        List.of(
            new WindowConfig(
                "w", rules.stream().map(PointConfig::id).toList(), 60 * SECOND, 60 * SECOND, 0)),
        List.of(),
        List.of(),
        BufferConfig.defaults(),
        SyncConfig.to(URI.create("mqtt://127.0.0.1:1883")),
        budget);
  }

  // Without it a plan would count something else than what is configured.
  @Test
  void ratesAreThoseOfTheConfiguration() {
    Forecast.Costs costs = Forecast.of(config(8, SECOND / 5, BudgetConfig.UNBOUNDED));
    assertEquals(40, costs.readingsPerSecond(), 1e-9);
    assertEquals(8 / 60.0, costs.summariesPerSecond(), 1e-9);
    assertEquals(168, costs.rawHours(), 1e-9, "seven days, since the bytes last longer");
    assertEquals(List.of(), costs.warnings());
  }

  // Without it an operator would not see what makes a gateway expensive.
  @Test
  void moreReadingsCostMoreAndCommitsAreWhatSlowGatewaysPayFor() {
    double slow = Forecast.of(config(1, SECOND, BudgetConfig.UNBOUNDED)).flashBytesPerDay();
    double fast = Forecast.of(config(100, SECOND / 10, BudgetConfig.UNBOUNDED)).flashBytesPerDay();
    assertTrue(fast > slow && fast < 5 * slow, slow + " and " + fast);
  }

  // Without it a budget would be found broken only once it is.
  @Test
  void aBudgetThatWillNotHoldIsSaidBefore() {
    Forecast.Costs costs =
        Forecast.of(config(100, SECOND / 10, new BudgetConfig(1 << 20, 1 << 16)));
    assertEquals(2, costs.warnings().size());
  }
}
