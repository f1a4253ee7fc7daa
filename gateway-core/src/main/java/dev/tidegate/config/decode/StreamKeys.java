package dev.tidegate.config.decode;

import dev.tidegate.config.ModelConfig.Bundle;
import dev.tidegate.config.kind.Amount;
import dev.tidegate.config.kind.Block;
import dev.tidegate.config.kind.Key;
import dev.tidegate.config.kind.Many.ListOf;
import dev.tidegate.config.kind.Many.MapOf;
import dev.tidegate.config.kind.Many.Placed;
import dev.tidegate.config.kind.Many.PlacedKind;
import dev.tidegate.config.kind.Numbers;
import dev.tidegate.config.kind.Section;
import dev.tidegate.config.kind.Words;
import dev.tidegate.reading.PointId;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The keys of windows and models. The names in them are looked up by {@link References}. */
final class StreamKeys {
  /** How many windows may overlap at one instant. */
  static final int MAX_OVERLAP = 2_048;

  private static final String PART = PointId.PART.pattern();

  private static final Key<Placed<String>> WINDOW_ID =
      Key.must("id", new PlacedKind<>(Words.ID), "The window's name.");

  /** A point, or all points of a device. */
  static final PlacedKind<String> POINT_OR_ALL =
      new PlacedKind<>(
          new Words.Text(PART + "/(?:\\*|" + PART + ")", 129, "device/point or device/*"));

  private static final Key<List<Placed<String>>> POINTS =
      Key.must(
          "points",
          new ListOf<>("points", POINT_OR_ALL, 1, 1_024),
          "What is summarised, each point by itself; device/* is every point of that device.");
  private static final Key<Long> SIZE =
      Key.must("size", Amount.duration("10ms", "7d"), "The length of a window.");
  private static final Key<Long> SLIDE =
      Key.may(
          "slide",
          Amount.duration("10ms", "7d"),
          "From one window's start to the next: a whole fraction of size; left out: the size.");
  private static final Key<Long> LATENESS =
      Key.or(
          "0s",
          "lateness",
          Amount.duration("0s", "24h"),
          "How long after its end a window waits for late readings.");

  static final Section<Window> WINDOW =
      Section.of(
          "window",
          "One window: readings summarised over time.",
          List.of(WINDOW_ID, POINTS, SIZE, SLIDE, LATENESS),
          StreamKeys::window);

  private static final Key<Placed<String>> MODEL_ID =
      Key.must("id", new PlacedKind<>(Words.ID), "The model's name on this gateway.");
  private static final Key<Bundle> BUNDLE =
      Key.must(
          "bundle",
          Words.BUNDLE,
          "The folder of the model bundle, or builtin:<name> for one that ships with the gateway.");
  private static final Key<Placed<String>> MODEL_WINDOW =
      Key.must(
          "window",
          new PlacedKind<>(Words.ID),
          "The window whose summaries make the model's features.");
  private static final Key<Map<String, Placed<String>>> INPUTS =
      Key.must(
          "inputs",
          new MapOf<>(
              "inputs",
              new Words.Text(
                  "[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}",
                  64,
                  "1 to 64 letters, digits, '_', '.' or '-'"),
              new PlacedKind<>(new Words.Text(PART + "/" + PART, 129, "device/point")),
              1,
              256),
          "The point that stands for each of the model's inputs.");
  private static final Key<Double> THRESHOLD =
      Key.may(
          "threshold",
          Numbers.Real.any(),
          "The score from which on an alarm is raised; left out: the bundle's.");

  static final Section<Model> MODEL =
      Section.of(
          "model",
          "One model, scored on live data.",
          List.of(MODEL_ID, BUNDLE, MODEL_WINDOW, INPUTS, THRESHOLD),
          StreamKeys::model);

  private StreamKeys() {}

  /** A window whose points were not looked up yet. */
  record Window(
      Placed<String> id, List<Placed<String>> points, long size, long slide, long lateness) {}

  /** A model whose window and points were not looked up yet. */
  record Model(
      Placed<String> id,
      Bundle bundle,
      Placed<String> window,
      Map<String, Placed<String>> inputs,
      @Nullable Double threshold) {}

  private static @Nullable Window window(Block block) {
    Placed<String> id = block.get(WINDOW_ID);
    List<Placed<String>> points = block.or(POINTS, List.of());
    Long size = block.get(SIZE);
    Long given = block.get(SLIDE);
    long lateness = block.or(LATENESS);
    if (id == null) {
      return null;
    }
    if (size == null) {
      return new Window(id, points, 1, 1, lateness);
    }
    long slide = given == null ? size : given;
    if (size % slide != 0) {
      String wrong = "'slide' " + Amount.words(slide) + " does not divide 'size' ";
      block
          .findings()
          .add(
              block.valuePlace("slide"),
              wrong + Amount.words(size),
              "a whole fraction, for example " + Amount.words(fraction(size)));
    } else if (size / slide > MAX_OVERLAP) {
      String wrong = size / slide + " windows overlap";
      String most = "at most " + MAX_OVERLAP + ": a longer 'slide' or a shorter 'size'";
      block.findings().add(block.valuePlace("slide"), wrong, most);
    }
    return new Window(id, points, size, slide, lateness);
  }

  private static long fraction(long size) {
    return size % 2 == 0 ? size / 2 : size;
  }

  private static @Nullable Model model(Block block) {
    Placed<String> id = block.get(MODEL_ID);
    Bundle bundle = block.get(BUNDLE);
    Placed<String> window = block.get(MODEL_WINDOW);
    Map<String, Placed<String>> inputs = block.or(INPUTS, Map.of());
    Double threshold = block.get(THRESHOLD);
    return id == null || bundle == null || window == null
        ? null
        : new Model(id, bundle, window, inputs, threshold);
  }
}
