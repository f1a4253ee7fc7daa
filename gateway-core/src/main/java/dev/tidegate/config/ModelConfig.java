package dev.tidegate.config;

import dev.tidegate.reading.PointId;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One model on live data.
 *
 * @param id the model's name on this gateway
 * @param bundle where the model bundle lies (manifest, model.onnx, golden vectors)
 * @param window id of the window whose summaries make the features
 * @param inputs which point stands for each of the manifest's input names
 * @param threshold the score from which on an alarm is raised; null: the manifest's
 */
public record ModelConfig(
    String id,
    Bundle bundle,
    String window,
    Map<String, PointId> inputs,
    @Nullable Double threshold) {
  public ModelConfig {
    inputs = Map.copyOf(inputs);
  }

  /** Where a model bundle lies. */
  public sealed interface Bundle {
    /**
     * A folder.
     *
     * @param path absolute, or relative to the process's working folder
     */
    record Folder(Path path) implements Bundle {}

    /**
     * A bundle that ships with the gateway: the class path folder {@code
     * /dev/tidegate/models/<name>/}. Written {@code builtin:<name>} in the configuration.
     *
     * @param name lower-case letters, digits and {@code -}, 1 to 64 characters
     */
    record Builtin(String name) implements Bundle {}
  }
}
