package dev.tidegate.config;

import dev.tidegate.reading.PointId;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One model on live data.
 *
 * @param id the model's name on this gateway
 * @param bundle folder of the model bundle (manifest, model.onnx, golden vectors)
 * @param window id of the window whose summaries make the features
 * @param inputs which point stands for each of the manifest's input names
 * @param threshold the score from which on an alarm is raised; null: the manifest's
 */
public record ModelConfig(
    String id,
    Path bundle,
    String window,
    Map<String, PointId> inputs,
    @Nullable Double threshold) {
  public ModelConfig {
    inputs = Map.copyOf(inputs);
  }
}
