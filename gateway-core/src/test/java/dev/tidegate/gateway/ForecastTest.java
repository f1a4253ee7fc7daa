package dev.tidegate.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.config.BudgetConfig;
import dev.tidegate.config.BufferConfig;
import dev.tidegate.config.DeviceEntry;
import dev.tidegate.config.GatewayConfig;
import dev.tidegate.config.PointConfig;
import dev.tidegate.config.SyncConfig;
import dev.tidegate.config.SyncConfig.AssetTemplate;
import dev.tidegate.config.SyncConfig.FarSide;
import dev.tidegate.config.WindowConfig;
import dev.tidegate.driver.DeviceConfig;
import dev.tidegate.driver.Settings;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.Outbound;
import dev.tidegate.flow.Summary;
import dev.tidegate.frame.FrameCodec;
import dev.tidegate.frame.FrameCodec.Stamp;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Reading;
import dev.tidegate.sync.Bindings;
import dev.tidegate.sync.binding.Binding;
import dev.tidegate.testkit.ManualClock;
import dev.tidegate.time.TimeQuality;
import dev.tidegate.twin.Era;
import dev.tidegate.twin.Twin;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the forecast must get right whatever its constants are. */
class ForecastTest {
  private static final long SECOND = 1_000_000_000L;
  private static final String EPOCH = "00112233445566778899aabbccddeeff";
  private static final String BOOT = "6f8f57ca-1f0b-4a5c-9f5e-5b3c8a3d9c10";
  private static final ManualClock CLOCK = new ManualClock();
  private static final SyncConfig SYNC = SyncConfig.to(URI.create("mqtt://127.0.0.1:1883"));

  private static GatewayConfig config(int points, long pollNanos, BudgetConfig budget) {
    return config(points, pollNanos, budget, SYNC);
  }

  private static GatewayConfig config(int points, long pollNanos, FarSide far) {
    return config(points, pollNanos, BudgetConfig.UNBOUNDED, paced(SYNC.with(far)));
  }

  private static GatewayConfig config(
      int points, long pollNanos, BudgetConfig budget, SyncConfig sync) {
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
        sync,
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

  /** The same, with a backlog as slow as where nobody answers. */
  private static SyncConfig paced(SyncConfig sync) {
    return new SyncConfig(
        sync.broker(),
        sync.tenant(),
        sync.topics(),
        sync.sendWindow(),
        sync.batchBytes(),
        sync.ackTimeoutNanos(),
        sync.keepAliveNanos(),
        sync.reconnectMinNanos(),
        sync.reconnectMaxNanos(),
        sync.username(),
        sync.passwordFile(),
        sync.caFile(),
        SyncConfig.UNANSWERED,
        sync.limits(),
        sync.farSide(),
        sync.identity(),
        sync.otherBrokers(),
        sync.reconnectSpreadNanos());
  }

  /** What the binding makes of those records, which are a frame. */
  private static double packed(GatewayConfig config, Lane lane, List<Entry> entries) {
    SyncConfig sync = Objects.requireNonNull(config.sync());
    Binding binding =
        Bindings.of(config, sync, new Twin(new Era(EPOCH, 1), SECOND), EPOCH, BOOT, CLOCK);
    binding.begin();
    Stamp stamp = new Stamp(0, TimeQuality.SYNCHRONISED);
    byte[] frame = new FrameCodec("g", EPOCH, BOOT).encode(lane, 1, stamp, entries, 0).bytes();
    return binding.pack(new Outbound(EPOCH, lane, 1, entries.size(), frame), false).stream()
        .mapToLong(message -> message.packetBytes() - 2L * message.topic().length()) // ASCII
        .sum();
  }

  /** Seconds' readings, and a minute's windows. */
  private static double packedPerDay(GatewayConfig config, int points) {
    List<Entry> readings = new ArrayList<>();
    List<Entry> windows = new ArrayList<>();
    long now = 1_795_000_000 * SECOND;
    for (int i = 0; i < points; i++) {
      PointId id = PointId.of("d", "p" + i);
      double x = Math.sin(i + 1) * 100;
      readings.add(new Entry.Measured(Reading.good(id, now, x)));
      windows.add(
          new Summary(
              "w",
              id,
              now - 60 * SECOND,
              now,
              60,
              0,
              0,
              x / 3,
              x / 2,
              x,
              x / 7,
              x / 1.1,
              x / 1.2,
              x / 1.3,
              60 * SECOND));
    }
    return 86_400 * packed(config, Lane.RAW, readings)
        + 1_440 * packed(config, Lane.SUMMARIES, windows);
  }

  static Stream<FarSide> farSides() {
    return Stream.of(
        new FarSide.Plain(),
        new FarSide.Plain(Set.of("raw", "summaries")),
        new FarSide.Ditto("org.example", "org.example:policy"),
        new FarSide.SparkplugB("Plant 1", null, false),
        new FarSide.SparkplugB("Plant 1", null, true),
        new FarSide.SparkplugB(
            "Plant 1", null, false, List.of(new AssetTemplate("Pump", List.of("d")))));
  }

  // Without it a plan would say a tenth of what a link in other words than frames has to carry.
  @ParameterizedTest
  @MethodSource("farSides")
  void theLinkIsThatOfTheFarSide(FarSide far) {
    for (int points : new int[] {1, 8, 40}) {
      GatewayConfig config = config(points, SECOND, far);
      double forecast = Forecast.of(config).linkBytesPerDay();
      double packed = packedPerDay(config, points);
      String text = points + " points: " + forecast + " for " + packed + " and answers";
      assertTrue(forecast > 0.8 * packed && forecast < 2.2 * packed, text);
    }
  }

  // Without it nobody would see that a day's outage is followed by hours in which history comes.
  @Test
  void howLongTheBacklogOfADayTakesIsSaid() {
    GatewayConfig unlimited = config(8, SECOND / 100, BudgetConfig.UNBOUNDED);
    assertEquals(-1, Forecast.of(unlimited).backlogHours());
    FarSide far = new FarSide.SparkplugB("Plant 1", null, false);
    double hours = Forecast.of(config(8, SECOND / 100, far)).backlogHours();
    assertEquals(24 * 800 * 22.0 / SyncConfig.UNANSWERED, hours, 0.05);
  }

  // Without it a budget would be found broken only once it is.
  @Test
  void aBudgetThatWillNotHoldIsSaidBefore() {
    Forecast.Costs costs =
        Forecast.of(config(100, SECOND / 10, new BudgetConfig(1 << 20, 1 << 16)));
    assertEquals(2, costs.warnings().size());
  }
}
