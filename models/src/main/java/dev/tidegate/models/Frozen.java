package dev.tidegate.models;

import java.util.ArrayList;
import java.util.List;

/**
 * A trained classifier in 32-bit floats: computes scores by itself, and writes the graph that
 * computes the same in ONNX Runtime. Immutable; safe for use by any thread.
 *
 * <pre>{@code
 * features [1,n] -+-> Max floor -> Log -> Mul logged -+-> Add -> Sub centre -> Mul scale -> Clip +-8
 *                 +-> Mul (1 - logged) ---------------+         -> (Gemm -> Relu)* -> Gemm
 *                                                               -> Sigmoid -> score [1,1]
 * }</pre>
 */
final class Frozen {
  static final String INPUT = "features";
  static final String OUTPUT = "score";

  private final float[] logged;
  private final float[] centre;
  private final float[] scale;
  private final float[][] weights;
  private final float[][] biases;

  /**
   * @param logged per feature, 1 where its logarithm is taken, otherwise 0
   * @param centre per feature, what is subtracted
   * @param scale per feature, what it is then multiplied with
   * @param weights per layer, row by row, one row per output
   * @param biases per layer, one per output
   */
  Frozen(float[] logged, float[] centre, float[] scale, float[][] weights, float[][] biases) {
    this.logged = logged;
    this.centre = centre;
    this.scale = scale;
    this.weights = weights;
    this.biases = biases;
  }

  /** How many features it takes. */
  int width() {
    return centre.length;
  }

  /**
   * The probability of a fault, 0 to 1, as the exported graph computes it but for rounding: sums in
   * double, so that what differs is the rounding of the other side alone.
   */
  float score(float[] features) {
    double[] x = new double[centre.length];
    for (int i = 0; i < x.length; i++) {
      double log = StrictMath.log(Math.max(features[i], Mlp.FLOOR));
      double plain = logged[i] == 0 ? features[i] : log;
      x[i] = Math.clamp((plain - centre[i]) * scale[i], -Mlp.CLIP, Mlp.CLIP);
    }
    for (int l = 0; l < weights.length; l++) {
      double[] y = new double[biases[l].length];
      for (int o = 0; o < y.length; o++) {
        double sum = biases[l][o];
        for (int i = 0; i < x.length; i++) {
          sum += weights[l][o * x.length + i] * x[i];
        }
        y[o] = l < weights.length - 1 ? Math.max(sum, 0) : sum;
      }
      x = y;
    }
    return (float) (1 / (1 + StrictMath.exp(-x[0])));
  }

  /** The graph as an ONNX file. */
  byte[] toOnnx(String name) {
    int n = width();
    float[] unlogged = new float[n];
    for (int i = 0; i < n; i++) {
      unlogged[i] = 1 - logged[i];
    }
    Onnx onnx =
        new Onnx(name)
            .input(INPUT, 1, n)
            .output(OUTPUT, 1, 1)
            .constant("floor", new float[] {Mlp.FLOOR})
            .constant("logged", logged, 1, n)
            .constant("unlogged", unlogged, 1, n)
            .constant("centre", centre, 1, n)
            .constant("scale", scale, 1, n)
            .constant("low", new float[] {-Mlp.CLIP})
            .constant("high", new float[] {Mlp.CLIP})
            .node("Max", List.of(INPUT, "floor"), "floored")
            .node("Log", List.of("floored"), "logarithm")
            .node("Mul", List.of("logarithm", "logged"), "logs")
            .node("Mul", List.of(INPUT, "unlogged"), "plains")
            .node("Add", List.of("logs", "plains"), "values")
            .node("Sub", List.of("values", "centre"), "centred")
            .node("Mul", List.of("centred", "scale"), "scaled")
            .node("Clip", List.of("scaled", "low", "high"), "x0");
    for (int l = 0; l < weights.length; l++) {
      int out = biases[l].length;
      onnx.constant("w" + l, weights[l], out, weights[l].length / out)
          .constant("b" + l, biases[l], out)
          .node(
              "Gemm",
              List.of("x" + l, "w" + l, "b" + l),
              "y" + l,
              Onnx.attribute("transB", 1)); // weights row by row, one row per output
      if (l < weights.length - 1) {
        onnx.node("Relu", List.of("y" + l), "x" + (l + 1));
      } else {
        onnx.node("Sigmoid", List.of("y" + l), OUTPUT);
      }
    }
    return onnx.toBytes();
  }

  /** Layer widths from features to score, for the model card. */
  List<Integer> shape() {
    List<Integer> shape = new ArrayList<>();
    shape.add(width());
    for (float[] bias : biases) {
      shape.add(bias.length);
    }
    return shape;
  }
}
