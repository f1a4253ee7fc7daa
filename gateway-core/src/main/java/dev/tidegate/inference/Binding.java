package dev.tidegate.inference;

import dev.tidegate.config.GatewayConfig;
import dev.tidegate.config.ModelConfig;
import dev.tidegate.config.PointConfig;
import dev.tidegate.config.WindowConfig;
import dev.tidegate.health.Counters;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Unit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Ties a manifest's inputs to the configuration's points: every input to a point of the model's
 * window, in the unit that the model was trained in. Immutable.
 */
final class Binding {
  private final GatewayConfig config;

  Binding(GatewayConfig config) {
    this.config = config;
  }

  /**
   * @throws Refused when an input has no point, a point no place in the window, a unit cannot be
   *     converted, or the window is not as long as those that the model was trained on
   */
  Features bind(ModelConfig model, Manifest manifest, Counters counters) throws Refused {
    WindowConfig window = window(model, manifest);
    Set<String> unknown = new TreeSet<>(model.inputs().keySet());
    List<Features.Source> sources = new ArrayList<>();
    for (Manifest.Input input : manifest.inputs()) {
      unknown.remove(input.name());
      PointId point = model.inputs().get(input.name());
      if (point == null) {
        throw new Refused(
            "no point stands for its input '" + input.name() + "'; add it under 'inputs'");
      }
      if (!window.points().contains(point)) {
        throw new Refused(
            "its window '"
                + window.id()
                + "' does not summarise "
                + point
                + "; add the point there");
      }
      sources.addAll(sources(input, point));
    }
    if (!unknown.isEmpty()) {
      throw new Refused(
          "it has no input '"
              + unknown.iterator().next()
              + "'; its inputs are "
              + manifest.inputs().stream()
                  .map(Manifest.Input::name)
                  .collect(Collectors.joining(", ")));
    }
    return new Features(
        window.id(),
        sources,
        counters.of("inference.incomplete"),
        counters.of("inference.empty"),
        counters.of("inference.stale"));
  }

  private WindowConfig window(ModelConfig model, Manifest manifest) throws Refused {
    for (WindowConfig window : config.windows()) {
      if (window.id().equals(model.window())) {
        if (window.sizeNanos() != manifest.windowNanos()) {
          throw new Refused(
              "it was trained on windows of "
                  + manifest.windowNanos() / 1_000_000
                  + " ms, and the window '"
                  + window.id()
                  + "' has "
                  + window.sizeNanos() / 1_000_000
                  + " ms");
        }
        return window;
      }
    }
    throw new Refused("there is no window '" + model.window() + "'");
  }

  private List<Features.Source> sources(Manifest.Input input, PointId point) throws Refused {
    double gain = 1;
    double offset = 0;
    Unit unit = unit(point);
    if (unit != null) {
      if (!unit.isCommensurate(input.unit())) {
        throw new Refused(
            "its input '"
                + input.name()
                + "' is in "
                + input.unit()
                + ", and "
                + point
                + " in "
                + unit
                + ", which cannot be converted");
      }
      offset = unit.convert(0, input.unit());
      gain = unit.convert(1, input.unit()) - offset;
    }
    List<Features.Source> sources = new ArrayList<>();
    for (Stat stat : input.stats()) {
      sources.add(new Features.Source(point, stat, gain, stat.hasZero() ? offset : 0));
    }
    return sources;
  }

  /** The unit in which the point is delivered; null where none was given: taken as it comes. */
  private @Nullable Unit unit(PointId point) {
    for (PointConfig rules : config.points()) {
      if (rules.id().equals(point)) {
        return rules.unit();
      }
    }
    return null;
  }
}
