package dev.tidegate.models;

import dev.tidegate.drivers.simulator.Channel;
import dev.tidegate.drivers.simulator.Fault;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Writes the four files of a bundle (docs/spec/bundle.md): the graph, the manifest, the golden
 * vectors and the model card. Every number in the card is measured while it is written.
 */
final class BundleFiles {
  /** How many windows become golden vectors, taken evenly from the first held-out run. */
  static final int GOLDEN = 32;

  /**
   * How far a device may be off on a golden vector: libraries differ in the last bits of a sum, an
   * exponential or a logarithm.
   */
  static final double TOLERANCE = 1e-5;

  private final PumpHealth.Trained trained;
  private final PumpHealth.Data data;

  BundleFiles(PumpHealth.Trained trained, PumpHealth.Data data) {
    this.trained = trained;
    this.data = data;
  }

  SortedMap<String, byte[]> all() {
    byte[] model = trained.network().toOnnx(PumpHealth.NAME);
    byte[] golden = utf8(golden());
    SortedMap<String, byte[]> files = new TreeMap<>();
    files.put("model.onnx", model);
    files.put("golden.json", golden);
    files.put("manifest.json", utf8(manifest(model, golden)));
    files.put("MODEL_CARD.md", utf8(card(model)));
    return files;
  }

  private String manifest(byte[] model, byte[] golden) {
    String inputs =
        PumpHealth.CHANNELS.stream()
            .map(
                channel ->
                    "    {\"name\": \"%s\", \"unit\": \"%s\", \"stats\": [\"mean\", \"stddev\"]}"
                        .formatted(channel.id(), channel.unit()))
            .collect(Collectors.joining(",\n"));
    return """
    {
      "format": "tidegate-model/1",
      "name": "%s",
      "version": "%s",
      "description": "Probability that something is wrong with a pump loop, from one window",
      "licence": "Apache-2.0",
      "trained-on": "%s",
      "window-ms": %d,
      "inputs": [
    %s
      ],
      "input": {"name": "%s", "type": "float32", "shape": [1, %d]},
      "output": {"name": "%s", "type": "float32", "shape": [1, 1]},
      "threshold": %s,
      "opset": %d,
      "model-sha256": "%s",
      "golden-sha256": "%s",
      "golden-tolerance": %s
    }
    """
        .formatted(
            PumpHealth.NAME,
            PumpHealth.VERSION,
            "Tidegate's plant simulator, seeds "
                + PumpHealth.TRAINING
                + ", "
                + PumpHealth.HOURS
                + " simulated hours each",
            Run.WINDOW_NANOS / 1_000_000,
            inputs,
            Frozen.INPUT,
            trained.network().width(),
            Frozen.OUTPUT,
            trained.threshold(),
            Onnx.OPSET,
            sha256(model),
            sha256(golden),
            TOLERANCE);
  }

  /** Healthy and faulty windows in turn, so that both ends of the score are pinned. */
  private String golden() {
    List<Run.Window> complete =
        data.heldOut().getFirst().windows().stream().filter(Run.Window::isComplete).toList();
    List<Run.Window> faulty = complete.stream().filter(Run.Window::isFaulty).toList();
    List<Run.Window> healthy = complete.stream().filter(window -> !window.isFaulty()).toList();
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < GOLDEN; i++) {
      List<Run.Window> from = i % 2 == 0 ? healthy : faulty;
      Run.Window window = from.get(from.size() * (i / 2) / (GOLDEN / 2));
      float score = trained.network().score(window.features());
      lines.add(
          "    {\"input\": " + Arrays.toString(window.features()) + ", \"score\": " + score + "}");
    }
    return """
    {
      "format": "tidegate-golden/1",
      "vectors": [
    %s
      ]
    }
    """
        .formatted(String.join(",\n", lines));
  }

  private String card(byte[] model) {
    List<Verdicts> verdicts = data.heldOut().stream().map(trained::judge).toList();
    Verdicts both = verdicts.stream().reduce(Verdicts::plus).orElseThrow();
    StringBuilder rows = new StringBuilder();
    for (Verdicts v : verdicts) {
      rows.append(row(Long.toString(v.seed()), v));
    }
    rows.append(row("all", both));
    StringBuilder kinds = new StringBuilder();
    for (Map.Entry<Fault.Kind, Verdicts.Share> entry : both.kinds().entrySet()) {
      Verdicts.Share share = entry.getValue();
      kinds.append(
          "| %s | %d | %d | %s |\n"
              .formatted(
                  entry.getKey().id(),
                  share.whole(),
                  share.part(),
                  percent((double) share.part() / share.whole())));
    }
    return """
    # pump-health %s

    Says how likely it is that something is wrong with a pump loop, from one 10 s window: 0 is
    healthy, 1 is faulty, and from %s on an alarm is raised. Written by the build; every figure below
    was measured while it was written.

    - **Inputs**: mean and standard deviation over the window of %s.
    - **Network**: logarithm of the standard deviations, normalisation and clipping at ±%d standard
      deviations inside the graph, then dense layers %s with ReLU and one sigmoid; %d bytes, operator
      set %d, 32-bit floats.
    - **Learnt from**: Tidegate's plant simulator, seeds %s, %d simulated hours each; one fault after
      another (each kind equally likely, 60 to 300 s long, severity 0.3 to 1) with 2 to 10 minutes of
      health between them. A window counts as faulty when the fault was there for more than half of it.
    - **Threshold**: the hundredth with the best F1 on seed %d.
    - **Licence**: Apache-2.0. No third-party data.

    ## On runs it has not seen

    | seed | hits | false alarms | misses | rests | undecided | precision | recall | F1 |
    |---|---|---|---|---|---|---|---|---|
    %s
    A *rest* is a healthy window without an alarm. *Undecided* windows had no usable sample of one
    point, and a gateway does not score them: a flow meter that gives no value is told by the quality
    of its samples, not by this model.

    %d of %d faults with at least one scored window raised at least one alarm. By kind, both runs:

    | fault | scored windows | with an alarm | recall |
    |---|---|---|---|
    %s
    Measured again by `mvn -pl models -am verify`, which fails when a figure or any other byte of this
    bundle differs; and by `EndToEndTest` in `gateway-core`, through ONNX Runtime.

    ## What it is not

    - The plant is simulated, by us. The figures say that the path from windows to decisions works;
      they say nothing about your pump. Train on your own plant before you rely on it.
    - Most misses are the first windows of a fault that is only setting in, and the sensor-dropout
      windows that still had some samples.
    - It knows speeds from 1,900 to 2,850 {rev}/min and valve openings from 50 to 95 %%, which is what
      the simulator's programme uses. Outside them (a stopped pump, a closed valve) it guesses.
    - It names no cause.
    """
        .formatted(
            PumpHealth.VERSION,
            trained.threshold(),
            PumpHealth.CHANNELS.stream().map(Channel::id).collect(Collectors.joining(", ")),
            (int) Mlp.CLIP,
            trained.network().shape().stream()
                .map(String::valueOf)
                .collect(Collectors.joining("-")),
            model.length,
            Onnx.OPSET,
            numbers(PumpHealth.TRAINING),
            PumpHealth.HOURS,
            PumpHealth.VALIDATION,
            rows,
            both.found(),
            both.faults(),
            kinds);
  }

  private static String row(String seed, Verdicts v) {
    return "| %s | %d | %d | %d | %d | %d | %s | %s | %s |\n"
        .formatted(
            seed,
            v.hits(),
            v.falseAlarms(),
            v.misses(),
            v.rests(),
            v.undecided(),
            percent(v.precision()),
            percent(v.recall()),
            percent(v.f1()));
  }

  private static String numbers(List<Long> seeds) {
    return seeds.stream().map(String::valueOf).collect(Collectors.joining(" and "));
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.2f %%", 100 * share);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
