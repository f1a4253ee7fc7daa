package dev.tidegate.models;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The bundle that is committed, against the one that the sources make. */
class PumpHealthTest {
  private static final Path COMMITTED =
      Path.of(
          System.getProperty("tidegate.root", ".."),
          "models/src/main/resources/dev/tidegate/models",
          PumpHealth.NAME);

  private static PumpHealth.Data data;
  private static PumpHealth.Trained trained;
  private static SortedMap<String, byte[]> built;

  @BeforeAll
  static void build() {
    data = PumpHealth.Data.simulate();
    trained = PumpHealth.train(data, PumpHealth.SEED);
    built = new BundleFiles(trained, data).all();
  }

  /** Without it nobody could say where a committed binary comes from. */
  @Test
  void committedBundleIsRebuiltByteForByte() throws IOException {
    if ("write".equals(System.getProperty("tidegate.golden"))) {
      Files.createDirectories(COMMITTED);
      for (Map.Entry<String, byte[]> file : built.entrySet()) {
        Files.write(COMMITTED.resolve(file.getKey()), file.getValue());
      }
    }
    try (Stream<Path> files = Files.list(COMMITTED)) {
      assertEquals(
          built.keySet(),
          files
              .map(f -> f.getFileName().toString())
              .collect(Collectors.toCollection(TreeSet::new)));
    }
    for (Map.Entry<String, byte[]> file : built.entrySet()) {
      assertArrayEquals(
          file.getValue(),
          Files.readAllBytes(COMMITTED.resolve(file.getKey())),
          file.getKey()
              + " differs from what the sources make; if that is meant, run"
              + " 'mvn -pl models -am verify -Dtidegate.golden=write' and commit the files");
    }
  }

  /** The control for the test above: were the seed without effect, equal bytes would say little. */
  @Test
  void anotherSeedMakesAnotherModel() {
    SortedMap<String, byte[]> other = PumpHealth.build(data, PumpHealth.SEED + 1);
    assertFalse(Arrays.equals(built.get("model.onnx"), other.get("model.onnx")));
    assertFalse(Arrays.equals(built.get("manifest.json"), other.get("manifest.json")));
  }

  /** A detector that is no better than always or never raising an alarm would build as well. */
  @Test
  void heldOutRunsAreToldApart() {
    for (Run run : data.heldOut()) {
      Verdicts verdicts = trained.judge(run);
      assertTrue(verdicts.precision() > 0.95, () -> "precision " + verdicts.precision());
      assertTrue(verdicts.recall() > 0.93, () -> "recall " + verdicts.recall());
      Verdicts always = Verdicts.of(run, features -> true);
      assertTrue(always.f1() < 0.6, () -> "always raising is nearly as good: " + always.f1());
    }
  }

  /** Were a held-out seed among the training seeds, the card's figures would be worth nothing. */
  @Test
  void heldOutSeedsAreHeldOut() {
    for (long seed : PumpHealth.HELD_OUT) {
      assertFalse(PumpHealth.TRAINING.contains(seed));
      assertFalse(PumpHealth.VALIDATION == seed);
    }
  }

  /** Without it, the scores in golden.json could be those of another function than the graph's. */
  @Test
  void graphComputesWhatTheTrainerComputes() throws OrtException {
    List<Run.Window> windows =
        data.validation().windows().stream().filter(Run.Window::isComplete).toList();
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    double worst = 0;
    int close = 0;
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      try (OrtSession session = environment.createSession(built.get("model.onnx"), options)) {
        for (Run.Window window : windows) {
          float[][] rows = {window.features()};
          try (OnnxTensor input = OnnxTensor.createTensor(environment, rows);
              OrtSession.Result result = session.run(Map.of(Frozen.INPUT, input))) {
            float score = ((float[][]) result.get(0).getValue())[0][0];
            double off = Math.abs(score - trained.network().score(window.features()));
            worst = Math.max(worst, off);
            close += off <= 1e-6 ? 1 : 0;
          }
        }
      }
    }
    assertTrue(windows.size() > 5_000, "too few windows to say anything: " + windows.size());
    // 32-bit sums cost up to 2e-6 where the sigmoid is steepest; a wrong graph is off by far more
    assertTrue(worst <= 5e-6, "off by up to " + worst);
    assertTrue(close >= 0.99 * windows.size(), close + " of " + windows.size() + " within 1e-6");
  }

  /** A manifest must say what the files beside it are. */
  @Test
  void manifestNamesEveryFeatureInOrder() {
    String manifest = new String(built.get("manifest.json"), UTF_8);
    int at = 0;
    for (var channel : PumpHealth.CHANNELS) {
      int next =
          manifest.indexOf("{\"name\": \"" + channel.id() + "\", \"unit\": \"" + channel.unit());
      assertTrue(next > at, channel.id());
      at = next;
    }
    assertTrue(manifest.contains("\"shape\": [1, " + 2 * PumpHealth.CHANNELS.size() + "]"));
  }
}
