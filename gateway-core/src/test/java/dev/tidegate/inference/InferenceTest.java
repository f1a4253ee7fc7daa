package dev.tidegate.inference;

import static dev.tidegate.inference.Configs.A;
import static dev.tidegate.inference.Configs.B;
import static dev.tidegate.inference.Configs.SECOND;
import static dev.tidegate.inference.Configs.summary;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.config.GatewayConfig;
import dev.tidegate.config.ModelConfig;
import dev.tidegate.flow.Decision;
import dev.tidegate.flow.Decision.Decided;
import dev.tidegate.health.Counters;
import dev.tidegate.health.Faults;
import dev.tidegate.testkit.ManualClock;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From summaries to decisions, through ONNX Runtime. */
class InferenceTest {
  private static final String POSITIVE_GOLDEN =
      "{\"format\": \"tidegate-golden/1\", \"vectors\": [{\"input\": [4, 0], \"score\": 0}]}";

  private final ManualClock clock = new ManualClock();
  private final Counters counters = new Counters();
  private final Faults faults = new Faults(clock);
  private final List<Decision> decisions = new ArrayList<>();

  @TempDir private Path folder;

  /** The one thing that this package is for. */
  @Test
  void completeWindowIsDecided() throws InterruptedException {
    try (Inference inference = open(good())) {
      assertFalse(inference.offer(summary(A, 10, 1)));
      assertTrue(inference.offer(summary(B, 10, 0.5)));
      clock.advance(7_000);
      assertEquals(1, inference.step(0));
      assertFalse(inference.offer(summary(B, 20, 0)));
      assertTrue(inference.offer(summary(A, 20, 1)));
      inference.step(0);
    }
    assertEquals(
        List.of(
            new Decided("m", "0.1", 10 * SECOND, 0.5, 0.5, true, 7_000),
            new Decided("m", "0.1", 20 * SECOND, 0.25, 0.5, false, 0)),
        decisions);
    assertEquals(2, counters.value("inference.vectors"));
    assertEquals(2, counters.value("inference.decisions"));
    assertEquals(1, counters.value("inference.alarms"));
    assertEquals(List.of(), faults.open());
  }

  /** An operator who finds the model too nervous sets the threshold, and must be obeyed. */
  @Test
  void configuredThresholdBeatsTheManifests() throws InterruptedException {
    ModelConfig nervous = new ModelConfig("m", bundle(), "w", Map.of("a", A, "b", B), 0.9);
    try (Inference inference = open(Configs.with(nervous))) {
      assertEquals(0.9, inference.accepted().getFirst().threshold());
      feed(inference, 10, 1, 0.5);
    }
    assertFalse(((Decided) decisions.getFirst()).alarm());
  }

  /** A model trained in bar and degrees Celsius must not be fed kilopascals and kelvins. */
  @Test
  void featuresAreConvertedToTheUnitsOfTraining() throws InterruptedException {
    GatewayConfig config =
        Configs.with(
            List.of(Configs.model("m", bundle())),
            Map.of(A, "kPa", B, "K"),
            10 * SECOND,
            List.of(A, B));
    try (Inference inference = open(config)) {
      feed(inference, 10, 100, 273.15 + 0.5); // 1 bar, 0.5 Cel
    }
    assertEquals(0.5, ((Decided) decisions.getFirst()).score(), 1e-6);
  }

  /** A spread has no zero: 5 K of it are 5 degrees Celsius, not -268. */
  @Test
  void spreadIsConvertedWithoutTheZeroOfItsUnit() throws InterruptedException {
    BundleFolder spread =
        new BundleFolder()
            .manifest("\"Cel\", \"stats\": [\"mean\"]", "\"Cel\", \"stats\": [\"stddev\"]");
    GatewayConfig config =
        Configs.with(
            List.of(Configs.model("m", spread.write(folder.resolve("spread")))),
            Map.of(A, "bar", B, "K"),
            10 * SECOND,
            List.of(A, B));
    try (Inference inference = open(config)) {
      feed(inference, 10, 1, 300); // stddev 0
    }
    assertEquals(0.25, ((Decided) decisions.getFirst()).score(), 1e-6);
  }

  /** NaN compares false with any threshold: as a decision it would read as all is well. */
  @Test
  void scoreThatIsNoNumberIsNoDecision() throws InterruptedException {
    ModelConfig.Bundle logarithm =
        new BundleFolder()
            .model(BundleFolder.logarithm())
            .golden(POSITIVE_GOLDEN)
            .write(folder.resolve("log"));
    GatewayConfig config =
        Configs.with(Configs.model("log", logarithm), Configs.model("good", bundle()));
    try (Inference inference = open(config)) {
      feed(inference, 10, -1, 0); // NaN
      feed(inference, 20, 0, 0); // minus infinity
      assertEquals(2, decisions.size());
      assertEquals("good", decisions.get(0).model());
      assertEquals("good", decisions.get(1).model());
      assertEquals(2, counters.value("inference.no-number"));
      assertEquals("no-number", faults.open().getFirst().what());
      assertTrue(faults.open().getFirst().message().contains("model log gave no number"));
      feed(inference, 30, 4, 0);
      assertEquals("log", decisions.get(2).model());
      assertEquals(List.of(), faults.open());
    }
  }

  /** A point without a usable sample has no mean; a made-up one would be scored like a real one. */
  @Test
  void windowWithoutUsableSamplesIsSkippedAndCounted() throws InterruptedException {
    try (Inference inference = open(good())) {
      inference.offer(summary(A, 10, Double.NaN));
      assertFalse(inference.offer(summary(B, 10, 1)));
      inference.offer(summary(A, 20, Double.MAX_VALUE)); // beyond a 32-bit float
      assertFalse(inference.offer(summary(B, 20, 1)));
      feed(inference, 30, 1, 1);
    }
    assertEquals(2, counters.value("inference.empty"));
    assertEquals(1, decisions.size());
  }

  /** If the infer thread stands still, the newest windows matter; and each loss must show. */
  @Test
  void fullQueueDropsTheOldestAndCountsIt() throws InterruptedException {
    try (Inference inference = open(good())) {
      for (int i = 1; i <= Inference.QUEUE + 3; i++) {
        inference.offer(summary(A, 10L * i, 1));
        assertTrue(inference.offer(summary(B, 10L * i, 1)));
      }
      assertEquals(3, counters.value("inference.dropped"));
      assertEquals(Inference.QUEUE, inference.step(0));
    }
    assertEquals(40 * SECOND, decisions.getFirst().atNanos());
    assertEquals(
        counters.value("inference.vectors"),
        counters.value("inference.decisions") + counters.value("inference.dropped"));
  }

  /** What waits when the gateway stops has been promised a decision. */
  @Test
  void closeDecidesWhatStillWaits() {
    Inference inference = open(good());
    inference.offer(summary(A, 10, 1));
    inference.offer(summary(B, 10, 1));
    assertEquals(0, decisions.size());
    inference.close();
    assertEquals(1, decisions.size());
  }

  /** An idle infer thread must wake for a vector, and must come back when there is none. */
  @Test
  void stepWaitsForWorkNoLongerThanItMay()
      throws InterruptedException, ExecutionException, TimeoutException {
    try (Inference inference = open(good())) {
      assertEquals(0, inference.step(1_000_000));
      CompletableFuture<Integer> stepped =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return inference.step(TimeUnit.SECONDS.toNanos(60));
                } catch (InterruptedException e) {
                  throw new IllegalStateException(e);
                }
              });
      inference.offer(summary(A, 10, 1));
      inference.offer(summary(B, 10, 1));
      assertEquals(1, stepped.get(30, TimeUnit.SECONDS));
    }
  }

  /** Without models ONNX Runtime is not loaded, and nothing may depend on there being one. */
  @Test
  void gatewayWithoutModelsRuns() throws InterruptedException {
    try (Inference inference = open(Configs.with())) {
      assertFalse(inference.offer(summary(A, 10, 1)));
      assertEquals(0, inference.step(0));
      assertEquals(List.of(), inference.accepted());
      assertEquals("infer", inference.name());
    }
  }

  /** Two models on the same windows must not share a buffer. */
  @Test
  void twoModelsDecideEachForItself() throws InterruptedException {
    ModelConfig swapped = new ModelConfig("swapped", bundle(), "w", Map.of("a", B, "b", A), null);
    GatewayConfig config =
        Configs.with(
            List.of(Configs.model("m", bundle()), swapped),
            Map.of(), // without units, points are taken as they come
            10 * SECOND,
            List.of(A, B));
    try (Inference inference = open(config)) {
      feed(inference, 10, 1, 0);
    }
    assertEquals(0.25, ((Decided) decisions.get(0)).score());
    assertEquals(0.5, ((Decided) decisions.get(1)).score());
  }

  private ModelConfig.Bundle bundle() {
    return new BundleFolder().write(folder.resolve("good"));
  }

  private GatewayConfig good() {
    return Configs.with(Configs.model("m", bundle()));
  }

  private Inference open(GatewayConfig config) {
    Inference inference = Inference.open(config, clock, counters, faults, decisions::add);
    assertEquals(List.of(), inference.refusals());
    return inference;
  }

  private static void feed(Inference inference, long endSecond, double a, double b)
      throws InterruptedException {
    inference.offer(summary(A, endSecond, a));
    inference.offer(summary(B, endSecond, b));
    inference.step(0);
  }
}
