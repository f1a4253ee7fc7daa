package dev.tidegate.models;

import java.util.Arrays;
import java.util.List;

/**
 * A small classifier: take logarithms where asked, normalise, clip, dense layers with ReLU, one
 * sigmoid. Trained in double with Adam (Kingma and Ba, 2015) on the cross entropy; frozen to 32-bit
 * floats, which is what is exported and what {@link Frozen#score} computes.
 *
 * <p>The same rows, sizes and seed give the same weights on every machine: one thread, {@code
 * StrictMath}, an own generator, sums in a fixed order. Owned by one thread.
 */
final class Mlp {
  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.999;
  private static final double EPSILON = 1e-8;

  /** What a feature is raised to before its logarithm is taken. */
  static final float FLOOR = 1e-4f;

  /** How many standard deviations a feature may be off before more makes no difference. */
  static final float CLIP = 8;

  /**
   * How training goes.
   *
   * @param hidden width of each hidden layer
   * @param epochs passes over the rows
   * @param batch rows per step
   * @param rate Adam's step size at the start; it falls in a straight line to a tenth
   * @param decay L2 penalty on the weights
   */
  record Recipe(List<Integer> hidden, int epochs, int batch, double rate, double decay) {
    Recipe {
      hidden = List.copyOf(hidden);
    }
  }

  private final boolean[] logged;
  private final double[] mean;
  private final double[] deviation;
  private final Layer[] layers;
  private final Recipe recipe;
  private int steps;

  private Mlp(boolean[] logged, double[] mean, double[] deviation, Layer[] layers, Recipe recipe) {
    this.logged = logged;
    this.mean = mean;
    this.deviation = deviation;
    this.layers = layers;
    this.recipe = recipe;
  }

  /**
   * Trains on labelled rows.
   *
   * @param raw feature vectors, all of one length
   * @param logged per feature, whether its logarithm is taken first
   * @param faulty per row, whether it is to score near 1
   * @param seed of the first weights and of the order of the rows
   */
  static Frozen train(float[][] raw, boolean[] logged, boolean[] faulty, Recipe recipe, long seed) {
    SplitMix random = new SplitMix(seed);
    int width = logged.length;
    double[][] rows = new double[raw.length][];
    Arrays.setAll(rows, n -> logs(raw[n], logged));
    double[] mean = new double[width];
    double[] deviation = new double[width];
    for (int i = 0; i < width; i++) {
      Moments moments = new Moments();
      for (double[] row : rows) {
        moments.add(row[i]);
      }
      mean[i] = moments.mean();
      deviation[i] = Math.max(moments.stddev(), 1e-6);
    }
    Layer[] layers = new Layer[recipe.hidden.size() + 1];
    int in = width;
    for (int i = 0; i < layers.length; i++) {
      int out = i < recipe.hidden.size() ? recipe.hidden.get(i) : 1;
      layers[i] = new Layer(in, out, random);
      in = out;
    }
    Mlp mlp = new Mlp(logged, mean, deviation, layers, recipe);
    int[] order = new int[rows.length];
    Arrays.setAll(order, i -> i);
    for (int epoch = 0; epoch < recipe.epochs; epoch++) {
      mlp.pass(rows, faulty, shuffled(order, random), epoch);
    }
    return mlp.frozen();
  }

  private static double[] logs(float[] features, boolean[] logged) {
    double[] row = new double[features.length];
    for (int i = 0; i < row.length; i++) {
      row[i] = logged[i] ? StrictMath.log(Math.max(features[i], FLOOR)) : features[i];
    }
    return row;
  }

  private static int[] shuffled(int[] order, SplitMix random) {
    for (int i = order.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swap = order[i];
      order[i] = order[j];
      order[j] = swap;
    }
    return order;
  }

  private void pass(double[][] rows, boolean[] faulty, int[] order, int epoch) {
    double rate = recipe.rate * (1 - 0.9 * epoch / recipe.epochs);
    double[] input = new double[mean.length];
    for (int from = 0; from < order.length; from += recipe.batch) {
      int to = Math.min(from + recipe.batch, order.length);
      for (int n = from; n < to; n++) {
        double[] row = rows[order[n]];
        for (int i = 0; i < input.length; i++) {
          input[i] = Math.clamp((row[i] - mean[i]) / deviation[i], -CLIP, CLIP);
        }
        double[] x = input;
        for (int l = 0; l < layers.length; l++) {
          x = layers[l].forward(x, l < layers.length - 1);
        }
        double score = 1 / (1 + StrictMath.exp(-x[0]));
        // The cross entropy's slope through the sigmoid.
        double[] slope = {(score - (faulty[order[n]] ? 1 : 0)) / (to - from)};
        for (int l = layers.length - 1; l >= 0; l--) {
          slope = layers[l].backward(slope, l < layers.length - 1);
        }
      }
      steps++;
      for (Layer layer : layers) {
        layer.update(rate, recipe.decay, steps);
      }
    }
  }

  private Frozen frozen() {
    float[] logs = new float[mean.length];
    float[] scale = new float[mean.length];
    float[] centre = new float[mean.length];
    for (int i = 0; i < mean.length; i++) {
      logs[i] = logged[i] ? 1 : 0;
      centre[i] = (float) mean[i];
      scale[i] = (float) (1 / deviation[i]);
    }
    float[][] weights = new float[layers.length][];
    float[][] biases = new float[layers.length][];
    for (int l = 0; l < layers.length; l++) {
      weights[l] = floats(layers[l].weights);
      biases[l] = floats(layers[l].biases);
    }
    return new Frozen(logs, centre, scale, weights, biases);
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  /** One dense layer with its slopes and Adam's two moments; weights row by row, one per output. */
  private static final class Layer {
    private final int in;
    private final int out;
    private final double[] weights;
    private final double[] biases;
    private final double[] weightSlopes;
    private final double[] biasSlopes;
    private final double[][] moments;
    private final double[] y;
    private double[] x = {};

    Layer(int in, int out, SplitMix random) {
      this.in = in;
      this.out = out;
      weights = new double[in * out];
      biases = new double[out];
      weightSlopes = new double[in * out];
      biasSlopes = new double[out];
      moments =
          new double[][] {
            new double[in * out], new double[in * out], new double[out], new double[out]
          };
      y = new double[out];
      double spread = StrictMath.sqrt(2.0 / in); // He et al., 2015
      for (int i = 0; i < weights.length; i++) {
        weights[i] = spread * random.nextGaussian();
      }
    }

    double[] forward(double[] input, boolean relu) {
      x = input;
      for (int o = 0; o < out; o++) {
        double sum = biases[o];
        for (int i = 0; i < in; i++) {
          sum += weights[o * in + i] * input[i];
        }
        y[o] = relu && sum < 0 ? 0 : sum;
      }
      return y;
    }

    double[] backward(double[] slope, boolean relu) {
      double[] below = new double[in];
      for (int o = 0; o < out; o++) {
        double s = relu && y[o] <= 0 ? 0 : slope[o];
        if (s != 0) {
          biasSlopes[o] += s;
          for (int i = 0; i < in; i++) {
            weightSlopes[o * in + i] += s * x[i];
            below[i] += s * weights[o * in + i];
          }
        }
      }
      return below;
    }

    void update(double rate, double decay, int step) {
      double correct1 = 1 - StrictMath.pow(BETA1, step);
      double correct2 = 1 - StrictMath.pow(BETA2, step);
      adam(weights, weightSlopes, moments[0], moments[1], rate, decay, correct1, correct2);
      adam(biases, biasSlopes, moments[2], moments[3], rate, 0, correct1, correct2);
    }

    private static void adam(
        double[] values,
        double[] slopes,
        double[] first,
        double[] second,
        double rate,
        double decay,
        double correct1,
        double correct2) {
      for (int i = 0; i < values.length; i++) {
        double slope = slopes[i] + decay * values[i];
        first[i] = BETA1 * first[i] + (1 - BETA1) * slope;
        second[i] = BETA2 * second[i] + (1 - BETA2) * slope * slope;
        values[i] -=
            rate * (first[i] / correct1) / (StrictMath.sqrt(second[i] / correct2) + EPSILON);
        slopes[i] = 0;
      }
    }
  }
}
