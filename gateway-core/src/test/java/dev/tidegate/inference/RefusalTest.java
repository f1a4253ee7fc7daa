package dev.tidegate.inference;

import static dev.tidegate.inference.Configs.A;
import static dev.tidegate.inference.Configs.B;
import static dev.tidegate.inference.Configs.SECOND;
import static dev.tidegate.inference.Configs.summary;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.config.GatewayConfig;
import dev.tidegate.config.ModelConfig;
import dev.tidegate.flow.Decision;
import dev.tidegate.health.Counters;
import dev.tidegate.health.Faults;
import dev.tidegate.models.Onnx;
import dev.tidegate.models.Proto;
import dev.tidegate.reading.PointId;
import dev.tidegate.testkit.ManualClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every way in which a bundle can be bad: refused with its reason, while a good one decides on. */
class RefusalTest {
  private final ManualClock clock = new ManualClock();
  private final Counters counters = new Counters();
  private final Faults faults = new Faults(clock);
  private final List<Decision> decisions = new ArrayList<>();

  @TempDir private Path folder;

  static Stream<Arguments> bad() {
    return Stream.of(
        bad(
            "wrong hash of the model",
            b -> b.manifest("\"MODEL\"", "\"" + "0".repeat(64) + "\""),
            "SHA-256"),
        bad(
            "wrong hash of the vectors",
            b -> b.manifest("\"GOLDEN\"", "\"" + "0".repeat(64) + "\""),
            "SHA-256"),
        bad("truncated model", b -> b.model(Arrays.copyOf(b.model, b.model.length / 2)), "cut off"),
        bad("empty model", b -> b.model(new byte[0]), "no graph"),
        bad(
            "random bytes",
            b -> {
              byte[] noise = new byte[2_000];
              new Random(5).nextBytes(noise);
              b.model(noise);
            },
            "no ONNX file"),
        bad("a text as model", b -> b.model("not a model".getBytes(US_ASCII)), "no ONNX file"),
        bad("external data", b -> b.model(externalData()), "another file"),
        bad("a loop", b -> b.model(graphWith("Loop")), "'Loop'"),
        bad(
            "an operator that does not exist",
            b -> b.model(graphWith("Frobnicate")),
            "'Frobnicate'"),
        bad("three features", b -> b.model(threeFeatures()), "shape [1, 3]"),
        bad("two scores", b -> b.model(twoScores()), "shape [1, 2]"),
        bad("another input name", b -> b.manifest("\"x\"", "\"features\""), "'x'"),
        bad("another output name", b -> b.manifest("\"y\"", "\"score\""), "'y'"),
        bad("64-bit floats", b -> b.model(doubles()), "not 32-bit float"),
        bad("a graph that does not hang together", b -> b.model(dangling()), "ONNX Runtime"),
        bad(
            "another operator set",
            b -> b.manifest("\"opset\": 17", "\"opset\": 18"),
            "operator set 17"),
        bad(
            "another function",
            b ->
                b.golden(
                    "{\"format\": \"tidegate-golden/1\", \"vectors\":"
                        + " [{\"input\": [1, 0], \"score\": 0.3}]}"),
            "golden vector 0 gives 0.25"),
        bad(
            "no number on a golden vector",
            b ->
                b.model(BundleFolder.logarithm())
                    .golden(
                        "{\"format\": \"tidegate-golden/1\", \"vectors\":"
                            + " [{\"input\": [-1, 0], \"score\": 0}]}"),
            "gives NaN"),
        bad(
            "an infinity on a golden vector",
            b ->
                b.model(BundleFolder.logarithm())
                    .golden(
                        "{\"format\": \"tidegate-golden/1\", \"vectors\":"
                            + " [{\"input\": [0, 0], \"score\": 0}]}"),
            "gives -Infinity"),
        bad(
            "no golden vector",
            b -> b.golden("{\"format\": \"tidegate-golden/1\"," + " \"vectors\": []}"),
            "'vectors'"),
        bad(
            "a golden vector too short",
            b ->
                b.golden(
                    "{\"format\": \"tidegate-golden/1\","
                        + " \"vectors\": [{\"input\": [1], \"score\": 0}]}"),
            "'input'"),
        bad(
            "a golden vector with a text",
            b ->
                b.golden(
                    "{\"format\": \"tidegate-golden/1\","
                        + " \"vectors\": [{\"input\": [1, \"2\"], \"score\": 0}]}"),
            "no 32-bit float"),
        bad(
            "a golden vector beyond 32 bits",
            b ->
                b.golden(
                    "{\"format\": \"tidegate-golden/1\","
                        + " \"vectors\": [{\"input\": [1, 1e39], \"score\": 0}]}"),
            "no 32-bit float"),
        bad("a manifest that is no JSON", b -> b.wholeManifest("name: x"), "no valid JSON"),
        bad("an empty manifest", b -> b.wholeManifest(""), "no JSON object"),
        bad("a manifest that is a list", b -> b.wholeManifest("[]"), "no JSON object"),
        bad("100,000 brackets", b -> b.wholeManifest("[".repeat(100_000)), "no valid JSON"),
        bad("a manifest of 2 MiB", b -> b.wholeManifest(" ".repeat(2 << 20) + "{}"), "bytes"),
        bad(
            "a key twice",
            b -> b.manifest("\"opset\": 17", "\"opset\": 17, \"opset\": 17"),
            "no valid JSON"),
        bad(
            "a misspelt key",
            b -> b.manifest("\"opset\": 17", "\"opset\": 17, \"treshold\": 1"),
            "'treshold' is not known"),
        bad("a missing key", b -> b.manifest("\"opset\": 17,", ""), "'opset' is missing"),
        bad(
            "a text behind the end",
            b -> b.manifest("0.000001\n}", "0.000001\n} {}"),
            "no valid JSON"),
        bad(
            "another format",
            b -> b.manifest("tidegate-model/1", "tidegate-model/2"),
            "tidegate-model/1"),
        bad("no number as threshold", b -> b.manifest("0.5,", "\"high\","), "'threshold'"),
        bad("an endless threshold", b -> b.manifest("0.5,", "1e999,"), "'threshold'"),
        bad("a generous tolerance", b -> b.manifest("0.000001", "1"), "'golden-tolerance'"),
        bad("an unknown unit", b -> b.manifest("\"bar\"", "\"bars\""), "'bars'"),
        bad("an unknown statistic", b -> b.manifest("[\"mean\"]", "[\"median\"]"), "median"),
        bad(
            "an input twice",
            b -> b.manifest("\"b\", \"unit\": \"Cel\"", "\"a\", \"unit\": \"bar\""),
            "twice"),
        bad(
            "more features than the graph takes",
            b ->
                b.manifest(
                    "\"bar\", \"stats\": [\"mean\"]", "\"bar\", \"stats\": [\"mean\", \"max\"]"),
            "3 features"),
        bad(
            "a shape that overflows",
            b ->
                b.manifest(
                    "\"shape\": [1, 2]", "\"shape\": [2048, 2048, 2048, 2048, 2048, 2048, 2048]"),
            "2,048 numbers"),
        bad(
            "a control character in a name",
            b -> b.manifest("\"weighted\"", "\"a\\u001bb\""),
            "'name'"));
  }

  /** A bad bundle that stopped the good one, or passed, would be worse than no check at all. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("bad")
  void badBundleIsRefusedAndTheGoodOneDecidesOn(
      String name, Consumer<BundleFolder> spoil, String reason) throws InterruptedException {
    BundleFolder bundle = new BundleFolder();
    spoil.accept(bundle);
    expect(
        reason,
        Configs.with(
            Configs.model("bad", bundle.write(folder.resolve("bad"))),
            Configs.model("good", new BundleFolder().write(folder.resolve("good")))));
  }

  /** Files go missing: a copy that was broken off, a folder that was renamed. */
  @Test
  void missingFilesAreNamed() throws IOException, InterruptedException {
    ModelConfig.Bundle.Folder good = new BundleFolder().write(folder.resolve("good"));
    for (String file : List.of("manifest.json", "model.onnx", "golden.json")) {
      Path copy = folder.resolve("without-" + file);
      ModelConfig.Bundle.Folder bad = new BundleFolder().write(copy);
      Files.delete(copy.resolve(file));
      expect(file, Configs.with(Configs.model("bad", bad), Configs.model("good", good)));
      Files.createDirectory(copy.resolve(file));
      expect(file, Configs.with(Configs.model("bad", bad), Configs.model("good", good)));
    }
    ModelConfig.Bundle nowhere = new ModelConfig.Bundle.Folder(folder.resolve("nowhere"));
    expect(
        "there is no folder",
        Configs.with(Configs.model("bad", nowhere), Configs.model("good", good)));
    for (String name : List.of("nobody", "../models/pump-health", "pump-health/", "")) {
      ModelConfig.Bundle builtin = new ModelConfig.Bundle.Builtin(name);
      expect(
          "ships with", Configs.with(Configs.model("bad", builtin), Configs.model("good", good)));
    }
  }

  /** A model bound to the wrong points or windows gives confident nonsense. */
  @Test
  void bindingThatDoesNotFitIsRefused() throws InterruptedException {
    ModelConfig.Bundle good = new BundleFolder().write(folder.resolve("good"));
    ModelConfig fine = Configs.model("good", good);
    expect("'b'", Configs.with(new ModelConfig("bad", good, "w", Map.of("a", A), null), fine));
    expect(
        "no input 'c'",
        Configs.with(
            new ModelConfig("bad", good, "w", Map.of("a", A, "b", B, "c", A), null), fine));
    PointId other = new PointId("d/other");
    expect(
        "does not summarise d/other",
        Configs.with(new ModelConfig("bad", good, "w", Map.of("a", A, "b", other), null), fine));
    expect(
        "no window 'v'",
        Configs.with(new ModelConfig("bad", good, "v", Map.of("a", A, "b", B), null), fine));
    Inference units =
        open(Configs.with(List.of(fine), Map.of(A, "l/min", B, "Cel"), 10 * SECOND, List.of(A, B)));
    assertTrue(reasonOf(units).contains("cannot be converted"), reasonOf(units));
    Inference windows =
        open(Configs.with(List.of(fine), Map.of(A, "bar"), 60 * SECOND, List.of(A, B)));
    assertTrue(reasonOf(windows).contains("60000 ms"), reasonOf(windows));
  }

  /**
   * With the hash and the scan in front, nothing that is spoilt at random may reach native code.
   */
  @Test
  void mutatedBundlesNeverEndTheProcess() {
    Random random = new Random(42);
    for (int i = 0; i < 200; i++) {
      byte[] mutated = Mutation.of(BundleFolder.weighted(), random);
      if (Arrays.equals(mutated, BundleFolder.weighted())) {
        continue;
      }
      ModelConfig.Bundle.Folder bundle = new BundleFolder().write(folder.resolve("m" + i));
      try {
        Files.write(bundle.path().resolve("model.onnx"), mutated);
      } catch (IOException e) {
        throw new AssertionError(e);
      }
      Inference inference = open(Configs.with(Configs.model("bad", bundle)));
      assertTrue(reasonOf(inference).contains("SHA-256"), reasonOf(inference));
      inference.close();
    }
  }

  private Inference open(GatewayConfig config) {
    return Inference.open(config, clock, counters, faults, decisions::add);
  }

  private static String reasonOf(Inference inference) {
    return inference.refusals().getFirst().reason();
  }

  private void expect(String reason, GatewayConfig config) throws InterruptedException {
    decisions.clear();
    Inference inference = open(config);
    try (inference) {
      assertEquals(1, inference.refusals().size(), () -> inference.accepted().toString());
      assertEquals("bad", inference.refusals().getFirst().model());
      assertTrue(reasonOf(inference).contains(reason), reasonOf(inference));
      assertTrue(
          faults.open().stream()
              .anyMatch(f -> f.where().equals("model bad") && f.message().contains(reason)),
          () -> faults.open().toString());
      assertTrue(counters.value("inference.refused") > 0);
      inference.offer(summary(A, 10, 1));
      assertTrue(inference.offer(summary(B, 10, 1)));
      assertEquals(1, inference.step(0));
      assertEquals("good", decisions.getFirst().model());
      assertEquals(1, decisions.size());
    }
  }

  private static Arguments bad(String name, Consumer<BundleFolder> spoil, String reason) {
    return Arguments.of(name, spoil, reason);
  }

  private static byte[] threeFeatures() {
    return new Onnx("three")
        .input("x", 1, 3)
        .output("y", 1, 1)
        .constant("w", new float[] {1, 1, 1}, 3, 1)
        .node("MatMul", List.of("x", "w"), "y")
        .toBytes();
  }

  private static byte[] twoScores() {
    return new Onnx("two")
        .input("x", 1, 2)
        .output("y", 1, 2)
        .node("Relu", List.of("x"), "y")
        .toBytes();
  }

  private static byte[] graphWith(String operator) {
    return new Onnx("operator")
        .input("x", 1, 2)
        .output("y", 1, 1)
        .node(operator, List.of("x"), "y")
        .toBytes();
  }

  private static byte[] externalData() {
    Proto location = new Proto().text(1, "location").text(2, "/etc/hostname");
    Proto weights =
        new Proto().varint(1, 2).varint(1, 1).varint(2, 1).text(8, "w").message(13, location);
    return Onnx.model(
            new Proto()
                .message(11, value("x", 1, 1, 2))
                .message(12, value("y", 1, 1, 1))
                .message(5, weights.varint(14, 1))
                .message(1, node("MatMul", "x", "w")),
            8,
            17)
        .toBytes();
  }

  private static byte[] doubles() {
    return Onnx.model(
            new Proto()
                .message(11, value("x", 11, 1, 2))
                .message(12, value("y", 11, 1, 1))
                .message(1, node("ReduceSum", "x")),
            8,
            17)
        .toBytes();
  }

  private static byte[] dangling() {
    return Onnx.model(
            new Proto()
                .text(2, "g")
                .message(11, value("x", 1, 1, 2))
                .message(12, value("y", 1, 1, 1))
                .message(1, node("MatMul", "x", "nobody")),
            8,
            17)
        .toBytes();
  }

  private static Proto node(String operator, String... inputs) {
    Proto node = new Proto();
    for (String input : inputs) {
      node.text(1, input);
    }
    return node.text(2, "y").text(4, operator);
  }

  private static Proto value(String name, int type, long... dims) {
    Proto shape = new Proto();
    for (long dim : dims) {
      shape.message(1, new Proto().varint(1, dim));
    }
    Proto tensor = new Proto().varint(1, type).message(2, shape);
    return new Proto().text(1, name).message(2, new Proto().message(1, tensor));
  }
}
