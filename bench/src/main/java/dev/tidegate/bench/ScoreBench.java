package dev.tidegate.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.sun.management.ThreadMXBean;
import dev.tidegate.config.BufferConfig;
import dev.tidegate.config.GatewayConfig;
import dev.tidegate.config.ModelConfig;
import dev.tidegate.config.WindowConfig;
import dev.tidegate.flow.Summary;
import dev.tidegate.health.Counters;
import dev.tidegate.health.Faults;
import dev.tidegate.inference.Inference;
import dev.tidegate.reading.PointId;
import dev.tidegate.timekeeping.SystemClock;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What one decision of {@code builtin:pump-health} costs, in CPU time and allocated bytes:
 *
 * <ul>
 *   <li>{@code gateway}: seven summaries in, one decision out, through {@link Inference};
 *   <li>{@code pinned}: ONNX Runtime's Java interface alone, buffers and tensors made once;
 *   <li>{@code arrays}: the same as its examples show it, a tensor and an array per call.
 * </ul>
 *
 * <p>Run: {@code mvn -q -pl bench -am -Pbench process-classes -Dbench=ScoreBench}.
 */
public final class ScoreBench {
  private static final int ROUNDS = 15;
  private static final int CALLS = 20_000;
  private static final long WINDOW_NANOS = 10_000_000_000L;
  private static final String BUNDLE = "/dev/tidegate/models/pump-health/";
  private static final float[] FEATURES = {
    2400, 1.5f, 75, 0.1f, 234, 0.9f, 1.4f, 0.006f, 2.9f, 0.02f, 1.3f, 0.06f, 52, 0.1f
  };

  private static final ThreadMXBean THREAD = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private ScoreBench() {}

  /** One way to get a score, called again and again. */
  private interface Way {
    double call() throws OrtException, InterruptedException;
  }

  /** Measures and prints. */
  public static void main(String[] args) throws OrtException, IOException, InterruptedException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      options.setCPUArenaAllocator(false);
      options.addConfigEntry("session.intra_op.allow_spinning", "0");
      try (OrtSession session = environment.createSession(model(), options)) {
        Map<String, Way> ways = new TreeMap<>();
        ways.put("gateway", gateway());
        ways.put("pinned", pinned(environment, session));
        ways.put("arrays", arrays(environment, session));
        measure(ways);
      }
    }
  }

  private static byte[] model() throws IOException {
    try (InputStream in = ScoreBench.class.getResourceAsStream(BUNDLE + "model.onnx")) {
      if (in == null) {
        throw new IOException("no " + BUNDLE + "model.onnx on the class path");
      }
      return in.readAllBytes();
    }
  }

  private static void measure(Map<String, Way> ways) throws OrtException, InterruptedException {
    Map<String, List<long[]>> rounds = new TreeMap<>();
    double guard = 0;
    for (int round = -3; round < ROUNDS; round++) { // the first three warm up
      for (Map.Entry<String, Way> way : ways.entrySet()) {
        long bytes = THREAD.getCurrentThreadAllocatedBytes();
        long nanos = THREAD.getCurrentThreadCpuTime();
        for (int i = 0; i < CALLS; i++) {
          guard += way.getValue().call();
        }
        nanos = THREAD.getCurrentThreadCpuTime() - nanos;
        bytes = THREAD.getCurrentThreadAllocatedBytes() - bytes;
        if (round >= 0) {
          rounds
              .computeIfAbsent(way.getKey(), k -> new ArrayList<>())
              .add(new long[] {nanos, bytes});
        }
      }
    }
    System.out.printf(
        Locale.ROOT, "%d rounds of %d calls, medians (sum of scores %.3f)%n", ROUNDS, CALLS, guard);
    rounds.forEach(
        (name, all) ->
            System.out.printf(
                Locale.ROOT,
                "%-8s %7.2f us CPU  %6.0f bytes allocated%n",
                name,
                median(all, 0) / 1e3 / CALLS,
                (double) median(all, 1) / CALLS));
  }

  private static long median(List<long[]> rounds, int column) {
    long[] sorted = rounds.stream().mapToLong(r -> r[column]).sorted().toArray();
    return sorted[sorted.length / 2];
  }

  private static Way gateway() {
    List<String> names =
        List.of("speed", "valve", "flow", "pressure", "current", "vibration", "motor-temp");
    List<PointId> points = names.stream().map(name -> PointId.of("pump", name)).toList();
    Map<String, PointId> inputs = new TreeMap<>();
    points.forEach(point -> inputs.put(point.point(), point));
    ModelConfig model =
        new ModelConfig(
            "pump-health", new ModelConfig.Bundle.Builtin("pump-health"), "w", inputs, null);
    GatewayConfig config =
        new GatewayConfig(
            "bench",
            Path.of("data"),
            List.of(),
            List.of(new WindowConfig("w", points, WINDOW_NANOS, WINDOW_NANOS, 0)),
            List.of(model),
            BufferConfig.defaults(),
            null);
    SystemClock clock = new SystemClock();
    double[] last = new double[1];
    Inference inference =
        Inference.open(
            config,
            clock,
            new Counters(),
            new Faults(clock),
            decision -> last[0] = decision.atNanos() * 1e-18);
    if (!inference.refusals().isEmpty()) {
      throw new IllegalStateException(inference.refusals().toString());
    }
    long[] window = new long[1];
    return () -> {
      long start = window[0]++ * WINDOW_NANOS;
      for (int i = 0; i < points.size(); i++) {
        inference.offer(summary(points.get(i), start, FEATURES[2 * i], FEATURES[2 * i + 1]));
      }
      inference.step(0);
      return last[0];
    };
  }

  private static Summary summary(PointId point, long start, double mean, double stddev) {
    return new Summary(
        "w",
        point,
        start,
        start + WINDOW_NANOS,
        10,
        0,
        0,
        mean,
        mean,
        mean,
        stddev,
        mean,
        mean,
        mean,
        WINDOW_NANOS);
  }

  private static Way pinned(OrtEnvironment environment, OrtSession session) throws OrtException {
    FloatBuffer features = direct(FEATURES.length);
    FloatBuffer score = direct(1);
    OnnxTensor in = OnnxTensor.createTensor(environment, features, new long[] {1, FEATURES.length});
    OnnxTensor out = OnnxTensor.createTensor(environment, score, new long[] {1, 1});
    Map<String, OnnxTensor> inputs = Map.of("features", in);
    Map<String, OnnxTensor> outputs = Map.of("score", out);
    return () -> {
      features.put(0, FEATURES);
      session.run(inputs, Set.of(), outputs).close();
      return score.get(0);
    };
  }

  private static FloatBuffer direct(int count) {
    return ByteBuffer.allocateDirect(4 * count).order(ByteOrder.nativeOrder()).asFloatBuffer();
  }

  private static Way arrays(OrtEnvironment environment, OrtSession session) {
    return () -> {
      float[][] rows = {Arrays.copyOf(FEATURES, FEATURES.length)};
      try (OnnxTensor in = OnnxTensor.createTensor(environment, rows);
          OrtSession.Result result = session.run(Map.of("features", in))) {
        return ((float[][]) result.get(0).getValue())[0][0];
      }
    };
  }
}
