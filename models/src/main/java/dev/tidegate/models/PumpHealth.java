package dev.tidegate.models;

import dev.tidegate.drivers.simulator.Channel;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;

/**
 * The recipe of the bundle {@code pump-health}: which windows a small network learns from, how its
 * threshold is chosen, and what is measured on runs that it has never seen.
 */
public final class PumpHealth {
  public static final String NAME = "pump-health";
  static final String VERSION = "1.0.0";

  /** The channels it looks at, in the order of the features: mean and stddev of each. */
  static final List<Channel> CHANNELS =
      List.of(
          Channel.SPEED,
          Channel.VALVE,
          Channel.FLOW,
          Channel.PRESSURE,
          Channel.CURRENT,
          Channel.VIBRATION,
          Channel.MOTOR_TEMP);

  /** Length of every run: a whole day, because the ambient temperature has a daily wave. */
  public static final int HOURS = 24;

  /** Seeds of the runs that neither training nor the threshold has seen. */
  public static final List<Long> HELD_OUT = List.of(201L, 202L);

  static final List<Long> TRAINING = List.of(1L, 2L);
  static final long VALIDATION = 101L;

  /** Seed of the network's first weights and of the order of the rows. */
  static final long SEED = 7L;

  static final Mlp.Recipe RECIPE = new Mlp.Recipe(List.of(16, 8), 60, 32, 0.01, 1e-5);

  private PumpHealth() {}

  /**
   * The simulated runs; they do not depend on the trainer's seed.
   *
   * @param training what the weights are fitted to
   * @param validation what the threshold is chosen on
   * @param heldOut what the figures of the model card come from
   */
  record Data(List<Run> training, Run validation, List<Run> heldOut) {
    static Data simulate() {
      return new Data(
          TRAINING.stream().map(PumpHealth::run).toList(),
          run(VALIDATION),
          HELD_OUT.stream().map(PumpHealth::run).toList());
    }
  }

  /**
   * The trained network with its threshold.
   *
   * @param network the network
   * @param threshold the score from which on a window raises an alarm
   */
  record Trained(Frozen network, double threshold) {
    Verdicts judge(Run run) {
      return Verdicts.of(run, features -> network.score(features) >= threshold);
    }
  }

  private static Run run(long seed) {
    return Run.of(seed, HOURS, CHANNELS);
  }

  static Trained train(Data data, long seed) {
    List<float[]> rows = new ArrayList<>();
    List<Boolean> labels = new ArrayList<>();
    for (Run run : data.training) {
      for (Run.Window window : run.windows()) {
        if (window.isComplete()) {
          rows.add(window.features());
          labels.add(window.isFaulty());
        }
      }
    }
    boolean[] faulty = new boolean[labels.size()];
    for (int i = 0; i < faulty.length; i++) {
      faulty[i] = labels.get(i);
    }
    boolean[] logged = new boolean[2 * CHANNELS.size()];
    for (int i = 1; i < logged.length; i += 2) {
      logged[i] = true; // a stuck sensor and a calm one differ by the logarithm of their stddev
    }
    Frozen network = Mlp.train(rows.toArray(new float[0][]), logged, faulty, RECIPE, seed);
    return new Trained(network, threshold(network, data.validation));
  }

  /** The hundredth with the best F1; the middle one where several are equally good. */
  private static double threshold(Frozen network, Run validation) {
    List<Integer> best = new ArrayList<>();
    double bestF1 = -1;
    for (int hundredth = 1; hundredth < 100; hundredth++) {
      double f1 = new Trained(network, hundredth / 100.0).judge(validation).f1();
      if (f1 > bestF1) {
        best.clear();
        bestF1 = f1;
      }
      if (f1 == bestF1) {
        best.add(hundredth);
      }
    }
    return best.get(best.size() / 2) / 100.0;
  }

  /** The files of the bundle, by name. */
  static SortedMap<String, byte[]> build(Data data, long seed) {
    return new BundleFiles(train(data, seed), data).all();
  }
}
