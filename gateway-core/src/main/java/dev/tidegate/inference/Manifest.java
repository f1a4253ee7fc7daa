package dev.tidegate.inference;

import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Unit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * What a bundle says about its model (docs/spec/bundle.md). Immutable.
 *
 * @param name the model's name: lower-case letters, digits and {@code -}
 * @param version the model's version, 1 to 32 characters
 * @param windowNanos length of the windows it was trained on
 * @param inputs where its features come from, in their order
 * @param input the graph's input: 32-bit floats
 * @param output the graph's output: 32-bit floats, one of them
 * @param threshold the score from which on an alarm is raised, unless the configuration says
 *     another
 * @param opset version of ONNX's operator set
 * @param modelSha256 of {@code model.onnx}, 64 lower-case hexadecimal digits
 * @param goldenSha256 of {@code golden.json}
 * @param goldenTolerance how far this device may be off on a golden vector, 0 to 0.01
 */
record Manifest(
    String name,
    String version,
    long windowNanos,
    List<Input> inputs,
    Tensor input,
    Tensor output,
    double threshold,
    long opset,
    String modelSha256,
    String goldenSha256,
    double goldenTolerance) {
  static final String FORMAT = "tidegate-model/1";
  static final int MAX_INPUTS = 256;
  static final int MAX_NUMBERS = 2_048;

  private static final Pattern VERSION = Pattern.compile("[0-9A-Za-z][0-9A-Za-z.+_-]{0,31}");
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

  Manifest {
    inputs = List.copyOf(inputs);
  }

  /**
   * One quantity that the model looks at.
   *
   * @param name what the configuration maps to a point
   * @param unit what the model was trained in
   * @param stats which statistics of its window become features, in this order
   */
  record Input(String name, Unit unit, List<Stat> stats) {
    Input {
      stats = List.copyOf(stats);
    }
  }

  /** A named tensor of 32-bit floats with a fixed shape. */
  record Tensor(String name, List<Long> shape) {
    Tensor {
      shape = List.copyOf(shape);
    }

    long count() {
      return shape.stream().reduce(1L, (a, b) -> a * b);
    }

    long[] dims() {
      return shape.stream().mapToLong(Long::longValue).toArray();
    }
  }

  /** How many features the inputs make. */
  int width() {
    return inputs.stream().mapToInt(i -> i.stats.size()).sum();
  }

  /**
   * Reads {@code manifest.json}.
   *
   * @throws Refused when it is no manifest of this format; the reason names the key
   */
  static Manifest parse(byte[] json) throws Refused {
    Json.Keys keys = Json.object("manifest.json", json);
    keys.constant("format", FORMAT);
    List<Input> inputs = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (JsonNode node : keys.list("inputs", 1, MAX_INPUTS)) {
      Input input = input(new Json.Keys("manifest.json inputs", node));
      if (!names.add(input.name)) {
        throw keys.bad("inputs", "names '" + input.name + "' twice");
      }
      inputs.add(input);
    }
    Manifest manifest =
        new Manifest(
            keys.text("name", PointId.PART),
            keys.text("version", VERSION),
            keys.whole("window-ms", 1, 86_400_000L * 366) * 1_000_000,
            inputs,
            tensor(new Json.Keys("manifest.json input", keys.any("input"))),
            tensor(new Json.Keys("manifest.json output", keys.any("output"))),
            keys.number("threshold", -1e9, 1e9),
            keys.whole("opset", 1, 1_000),
            keys.text("model-sha256", SHA256),
            keys.text("golden-sha256", SHA256),
            keys.number("golden-tolerance", 0, 0.01));
    for (String about : List.of("description", "licence", "trained-on")) {
      keys.text(about, Json.ANY);
    }
    keys.end();
    if (manifest.input.count() != manifest.width()) {
      throw keys.bad(
          "input",
          "holds "
              + manifest.input.count()
              + " numbers, and the inputs make "
              + manifest.width()
              + " features");
    }
    if (manifest.output.count() != 1) {
      throw keys.bad("output", "holds " + manifest.output.count() + " numbers, not one score");
    }
    return manifest;
  }

  private static Input input(Json.Keys keys) throws Refused {
    String name = keys.text("name", PointId.PART);
    String ucum = keys.text("unit", Json.ANY);
    Unit unit;
    try {
      unit = Unit.of(ucum);
    } catch (IllegalArgumentException e) {
      throw keys.bad("unit", String.valueOf(e.getMessage()));
    }
    List<Stat> stats = new ArrayList<>();
    for (JsonNode node : keys.list("stats", 1, Stat.values().length)) {
      Stat stat = Stat.ofId(node.isString() ? node.stringValue() : "");
      if (stat == null || stats.contains(stat)) {
        throw keys.bad("stats", "holds " + node + ", which is unknown or comes twice");
      }
      stats.add(stat);
    }
    keys.end();
    return new Input(name, unit, stats);
  }

  private static Tensor tensor(Json.Keys keys) throws Refused {
    String name = keys.text("name", Json.ANY);
    keys.constant("type", "float32");
    List<Long> shape = new ArrayList<>();
    long count = 1;
    for (JsonNode node : keys.list("shape", 1, OnnxScan.MAX_DIMS)) {
      long dim = node.isIntegralNumber() && node.canConvertToLong() ? node.longValue() : 0;
      if (dim < 1 || dim > MAX_NUMBERS / count) {
        throw keys.bad("shape", "stands for none or for more than 2,048 numbers");
      }
      shape.add(dim);
      count *= dim;
    }
    keys.end();
    return new Tensor(name, shape);
  }
}
