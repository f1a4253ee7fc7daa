package dev.tidegate.flow;

/** What a model made of one feature vector. */
public sealed interface Decision extends Entry {
  /** Id of the model in the configuration. */
  String model();

  /** Version from the model's manifest. */
  String version();

  /** End of the window that completed the feature vector, on the gateway's timeline. */
  @Override
  long atNanos();

  /**
   * Decided here and now; final.
   *
   * @param score the model's output, finite
   * @param threshold the score from which on the decision raises an alarm
   * @param alarm {@code score >= threshold}
   * @param latencyNanos from the feature vector being complete to the decision
   */
  record Decided(
      String model,
      String version,
      long atNanos,
      double score,
      double threshold,
      boolean alarm,
      long latencyNanos)
      implements Decision {}
}
