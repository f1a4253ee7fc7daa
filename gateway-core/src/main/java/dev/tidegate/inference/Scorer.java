package dev.tidegate.inference;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Map;
import java.util.Set;

/**
 * A model in ONNX Runtime: one session, one input and one output buffer that live as long as it
 * does. Loaded from bytes, so that the runtime knows no folder from which to read further files.
 *
 * <p>One thread inside the runtime, which is the calling one; no spinning; no memory arena, because
 * models here are small and live for months.
 *
 * <p>Opened by any thread, then used by one. The calling thread's stack must have 512 KiB or more:
 * below that ONNX Runtime ends the process.
 */
final class Scorer implements AutoCloseable {
  private final OrtSession session;
  private final OnnxTensor input;
  private final OnnxTensor output;
  private final FloatBuffer features;
  private final FloatBuffer score;
  private final Map<String, OnnxTensor> inputs;
  private final Map<String, OnnxTensor> outputs;

  private Scorer(OrtEnvironment environment, OrtSession session, Manifest manifest)
      throws OrtException {
    this.session = session;
    features = floats(manifest.width());
    score = floats(1);
    input = OnnxTensor.createTensor(environment, features, manifest.input().dims());
    output = OnnxTensor.createTensor(environment, score, manifest.output().dims());
    inputs = Map.of(manifest.input().name(), input);
    outputs = Map.of(manifest.output().name(), output);
  }

  /** Off the heap and in the machine's byte order, so that ONNX Runtime uses it as it is. */
  private static FloatBuffer floats(int count) {
    return ByteBuffer.allocateDirect(4 * count).order(ByteOrder.nativeOrder()).asFloatBuffer();
  }

  /**
   * Hands the bundle to ONNX Runtime and holds it against its golden vectors.
   *
   * @throws Refused when there is no ONNX Runtime for this machine, when it does not take the
   *     model, or when a golden vector gives another score
   */
  static Scorer open(Bundle bundle) throws Refused {
    Scorer scorer;
    try {
      scorer = session(bundle);
    } catch (OrtException e) {
      throw new Refused("ONNX Runtime does not take model.onnx", e);
    } catch (LinkageError e) {
      // the native library is loaded by a static initialiser
      throw new Refused(
          "ONNX Runtime cannot be loaded on this machine (64-bit x86 or ARM Linux is needed; see"
              + " -Donnxruntime.native.path)",
          e);
    }
    try {
      scorer.reproduce(bundle);
      return scorer;
    } catch (Refused e) {
      scorer.close();
      throw e;
    }
  }

  private static Scorer session(Bundle bundle) throws OrtException, Refused {
    OrtEnvironment environment =
        OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, "tidegate");
    environment.setTelemetry(false);
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setExecutionMode(OrtSession.SessionOptions.ExecutionMode.SEQUENTIAL);
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      options.setCPUArenaAllocator(false);
      options.addConfigEntry("session.intra_op.allow_spinning", "0");
      options.addConfigEntry("session.inter_op.allow_spinning", "0");
      options.addConfigEntry("session.load_model_format", "ONNX");
      OrtSession session = environment.createSession(bundle.model(), options);
      try {
        fit("input", session.getInputInfo(), bundle.manifest().input());
        fit("output", session.getOutputInfo(), bundle.manifest().output());
        return new Scorer(environment, session, bundle.manifest());
      } catch (OrtException | Refused e) {
        session.close();
        throw e;
      }
    }
  }

  /** The runtime infers shapes by itself; what it found must be what the file promised. */
  private static void fit(String end, Map<String, NodeInfo> nodes, Manifest.Tensor tensor)
      throws Refused {
    NodeInfo node = nodes.get(tensor.name());
    boolean same =
        nodes.size() == 1
            && node != null
            && node.getInfo() instanceof TensorInfo info
            && info.type == OnnxJavaType.FLOAT
            && matches(info.getShape(), tensor.dims());
    if (!same) {
      throw new Refused(
          "ONNX Runtime finds another " + end + " than the manifest: " + nodes.values());
    }
  }

  private static boolean matches(long[] found, long[] wanted) {
    boolean same = found.length == wanted.length;
    for (int i = 0; same && i < found.length; i++) {
      same = found[i] == wanted[i] || (found[i] == -1 && wanted[i] == 1);
    }
    return same;
  }

  private void reproduce(Bundle bundle) throws Refused {
    double tolerance = bundle.manifest().goldenTolerance();
    int number = 0;
    for (Bundle.Golden golden : bundle.golden()) {
      float got = score(golden.input());
      // written so that NaN is refused too
      if (!(Math.abs(got - golden.score()) <= tolerance)) {
        throw new Refused(
            "golden vector %d gives %s here and must give %s, within %s"
                .formatted(number, got, golden.score(), tolerance));
      }
      number++;
    }
  }

  /**
   * Scores one feature vector. May give NaN or an infinity: that is the model's doing.
   *
   * @throws Refused when ONNX Runtime gives up
   */
  float score(float[] vector) throws Refused {
    features.put(0, vector);
    score.put(0, Float.NaN); // a run that writes nothing must not repeat the last score
    try {
      session.run(inputs, Set.of(), outputs).close(); // the output is ours and stays open
      return score.get(0);
    } catch (OrtException e) {
      throw new Refused("ONNX Runtime gave up on a feature vector", e);
    }
  }

  @Override
  public void close() {
    input.close();
    output.close();
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException("a session that cannot be closed was closed before", e);
    }
  }
}
