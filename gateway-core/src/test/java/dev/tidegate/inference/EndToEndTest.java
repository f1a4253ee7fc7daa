package dev.tidegate.inference;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.config.BufferConfig;
import dev.tidegate.config.DeviceEntry;
import dev.tidegate.config.GatewayConfig;
import dev.tidegate.config.ModelConfig;
import dev.tidegate.config.PointConfig;
import dev.tidegate.config.WindowConfig;
import dev.tidegate.driver.DeviceConfig;
import dev.tidegate.driver.Settings;
import dev.tidegate.drivers.simulator.Channel;
import dev.tidegate.drivers.simulator.Plant;
import dev.tidegate.flow.Decision;
import dev.tidegate.flow.Summary;
import dev.tidegate.health.Counters;
import dev.tidegate.health.Faults;
import dev.tidegate.models.PumpHealth;
import dev.tidegate.models.Run;
import dev.tidegate.reading.PointId;
import dev.tidegate.testkit.ManualClock;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The bundle that ships, from the plant's samples to decisions, against its model card. */
class EndToEndTest {
  private static final long SEED = PumpHealth.HELD_OUT.getFirst();

  /**
   * The card's row for the run must come out of the gateway too: were the features in another order
   * or unit here than in training, every other test could pass all the same.
   */
  @Test
  void heldOutRunIsDecidedAsTheModelCardSays() throws IOException, InterruptedException {
    List<Channel> channels =
        Arrays.stream(Channel.values()).filter(c -> c != Channel.LEVEL && !c.isWritable()).toList();
    List<Decision.Decided> decisions = new ArrayList<>();
    Set<Long> faulty = new HashSet<>();
    ManualClock clock = new ManualClock(0);
    Counters counters = new Counters();
    long windows = PumpHealth.HOURS * 360L;
    try (Inference inference =
        Inference.open(
            config(channels),
            clock,
            counters,
            new Faults(clock),
            decision -> {
              switch (decision) {
                case Decision.Decided decided -> decisions.add(decided);
              }
            })) {
      assertEquals(List.of(), inference.refusals());
      Plant plant = new Plant(SEED, Run.schedule(Run.faults(SEED, PumpHealth.HOURS)));
      for (long i = 0; i < windows; i++) {
        if (live(plant, i * Run.WINDOW_NANOS, channels, inference)) {
          faulty.add((i + 1) * Run.WINDOW_NANOS);
        }
        inference.step(0);
      }
    }
    long hits = 0;
    long falseAlarms = 0;
    long misses = 0;
    for (Decision.Decided decision : decisions) {
      boolean fault = faulty.contains(decision.atNanos());
      hits += decision.alarm() && fault ? 1 : 0;
      falseAlarms += decision.alarm() && !fault ? 1 : 0;
      misses += !decision.alarm() && fault ? 1 : 0;
    }
    long rests = decisions.size() - hits - falseAlarms - misses;
    long undecided = windows - decisions.size();
    String row =
        "| %d | %d | %d | %d | %d | %d |"
            .formatted(SEED, hits, falseAlarms, misses, rests, undecided);
    String card = resource("MODEL_CARD.md");
    assertTrue(card.contains(row), () -> row + " is not in the card:\n" + card);
    assertEquals(undecided, counters.value("inference.empty"));
  }

  /** Lives through one window, offers its summaries; returns whether it counts as faulty. */
  private static boolean live(
      Plant plant, long start, List<Channel> channels, Inference inference) {
    Map<Channel, List<Double>> values = new HashMap<>();
    int faulty = 0;
    for (int second = 0; second < 10; second++) {
      plant.advanceTo(start + second * Run.SAMPLE_NANOS);
      faulty += plant.faultActive() ? 1 : 0;
      for (Channel channel : channels) {
        if (!plant.quality(channel).isBad()) {
          values.computeIfAbsent(channel, c -> new ArrayList<>()).add(plant.value(channel));
        }
      }
    }
    for (Channel channel : channels) {
      inference.offer(summary(channel, start, values.getOrDefault(channel, List.of())));
    }
    return faulty > 5;
  }

  /** Two passes, unlike the trainer's one: the figures must not hang on how a mean is computed. */
  private static Summary summary(Channel channel, long start, List<Double> values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    double mean = sum / values.size(); // NaN for none
    double squares = 0;
    for (double value : values) {
      squares += (value - mean) * (value - mean);
    }
    double stddev = Math.sqrt(squares / values.size());
    return new Summary(
        "w",
        point(channel),
        start,
        start + Run.WINDOW_NANOS,
        values.size(),
        0,
        0,
        mean,
        mean,
        mean,
        stddev,
        mean,
        mean,
        mean,
        0);
  }

  private static PointId point(Channel channel) {
    return PointId.of("pump", channel.id());
  }

  private static GatewayConfig config(List<Channel> channels) {
    Map<String, PointId> inputs =
        channels.stream().collect(Collectors.toMap(Channel::id, EndToEndTest::point));
    List<PointId> points = channels.stream().map(EndToEndTest::point).toList();
    DeviceConfig device = new DeviceConfig("pump", Settings.NONE, List.of(), Run.SAMPLE_NANOS);
    return new GatewayConfig(
        "gw",
        Path.of("data"),
        List.of(
            new DeviceEntry(
                "simulator",
                device,
                DeviceEntry.OnError.RETRY,
                points.stream().map(PointConfig::plain).toList())),
        List.of(new WindowConfig("w", points, Run.WINDOW_NANOS, Run.WINDOW_NANOS, 0)),
        List.of(
            new ModelConfig(
                "pump-health", new ModelConfig.Bundle.Builtin(PumpHealth.NAME), "w", inputs, null)),
        BufferConfig.defaults(),
        null);
  }

  private static String resource(String file) throws IOException {
    try (InputStream in =
        PumpHealth.class.getResourceAsStream(
            "/dev/tidegate/models/" + PumpHealth.NAME + "/" + file)) {
      assertNotNull(in, file);
      return new String(in.readAllBytes(), UTF_8);
    }
  }
}
