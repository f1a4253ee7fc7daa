package dev.tidegate.inference;

import dev.tidegate.config.ModelConfig;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * A model bundle whose parts fit each other: manifest, graph and golden vectors, read once, checked
 * against the manifest's hashes, and the graph looked through by {@link OnnxScan}. ONNX Runtime has
 * not seen it yet. Immutable but for the arrays, which nobody writes to.
 *
 * @param manifest what it says about itself
 * @param model the bytes of {@code model.onnx}
 * @param golden input and expected score of each golden vector
 */
@SuppressWarnings("ArrayRecordComponent") // handed on to ONNX Runtime, compared by nobody
record Bundle(Manifest manifest, byte[] model, List<Golden> golden) {
  static final int MAX_GOLDEN = 1_000;

  private static final String BUILTIN = "/dev/tidegate/models/";
  private static final Pattern BUILTIN_NAME = Pattern.compile("[a-z0-9-]{1,64}");
  private static final long FLOAT = 1;

  /** A feature vector and the score that the model must give for it. */
  @SuppressWarnings("ArrayRecordComponent") // see above
  record Golden(float[] input, float score) {}

  /**
   * Reads and checks a bundle.
   *
   * @throws Refused when a file is missing, too large, or does not fit the others
   */
  static Bundle load(ModelConfig.Bundle source) throws Refused {
    Manifest manifest = Manifest.parse(read(source, "manifest.json", Json.MAX_BYTES));
    byte[] model = read(source, "model.onnx", OnnxScan.MAX_BYTES);
    verify("model.onnx", model, manifest.modelSha256());
    byte[] golden = read(source, "golden.json", Json.MAX_BYTES);
    verify("golden.json", golden, manifest.goldenSha256());
    fit(OnnxScan.scan(model), manifest);
    return new Bundle(manifest, model, golden(golden, manifest.width()));
  }

  private static byte[] read(ModelConfig.Bundle source, String file, int maxBytes) throws Refused {
    String where =
        switch (source) {
          case ModelConfig.Bundle.Folder folder -> folder.path().resolve(file).toString();
          case ModelConfig.Bundle.Builtin builtin -> "builtin:" + builtin.name() + "/" + file;
        };
    try (InputStream in = open(source, file)) {
      byte[] bytes = in.readNBytes(maxBytes + 1);
      if (bytes.length > maxBytes) {
        throw new Refused(where + " has more than the " + maxBytes + " bytes allowed");
      }
      return bytes;
    } catch (IOException e) {
      throw new Refused(where + " cannot be read", e);
    }
  }

  private static InputStream open(ModelConfig.Bundle source, String file)
      throws IOException, Refused {
    return switch (source) {
      case ModelConfig.Bundle.Folder(Path path) -> inFolder(path, file);
      case ModelConfig.Bundle.Builtin(String name) -> onClassPath(name, file);
    };
  }

  private static InputStream inFolder(Path folder, String file) throws IOException, Refused {
    if (!Files.isDirectory(folder)) {
      throw new Refused("there is no folder " + folder + "; copy the bundle there");
    }
    Path wanted = folder.resolve(file);
    if (!Files.isRegularFile(wanted)) {
      throw new Refused(folder + " holds no file " + file + "; copy the whole bundle there");
    }
    return Files.newInputStream(wanted);
  }

  private static InputStream onClassPath(String name, String file) throws Refused {
    InputStream in =
        BUILTIN_NAME.matcher(name).matches()
            ? Bundle.class.getResourceAsStream(BUILTIN + name + "/" + file)
            : null;
    if (in == null) {
      throw new Refused("no model '" + name + "' ships with this gateway");
    }
    return in;
  }

  private static void verify(String file, byte[] bytes, String sha256) throws Refused {
    String actual;
    try {
      actual = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
    if (!actual.equals(sha256)) {
      throw new Refused(
          file
              + " is not the file that the manifest names: its SHA-256 is "
              + actual
              + "; copy the bundle again");
    }
  }

  private static void fit(OnnxScan.Signature signature, Manifest manifest) throws Refused {
    fit("input", signature.input(), manifest.input());
    fit("output", signature.output(), manifest.output());
    if (signature.opset() != manifest.opset()) {
      throw new Refused(
          "model.onnx uses operator set "
              + signature.opset()
              + ", the manifest says "
              + manifest.opset());
    }
  }

  /** A dimension that the file leaves open may stand for 1, as exporters do for the batch. */
  private static void fit(String end, OnnxScan.Port port, Manifest.Tensor tensor) throws Refused {
    if (!port.name().equals(tensor.name())) {
      throw new Refused(
          "model.onnx's "
              + end
              + " is '"
              + port.name()
              + "', the manifest says '"
              + tensor.name()
              + "'");
    }
    if (port.type() != FLOAT) {
      throw new Refused(
          "model.onnx's "
              + end
              + " '"
              + port.name()
              + "' is of ONNX type "
              + port.type()
              + ", not 32-bit float (1)");
    }
    boolean same = port.dims().size() == tensor.shape().size();
    for (int i = 0; same && i < port.dims().size(); i++) {
      long dim = port.dims().get(i) == -1 ? 1 : port.dims().get(i);
      same = dim == tensor.shape().get(i);
    }
    if (!same) {
      throw new Refused(
          "model.onnx's "
              + end
              + " '"
              + port.name()
              + "' has the shape "
              + port.dims()
              + ", the manifest says "
              + tensor.shape());
    }
  }

  private static List<Golden> golden(byte[] json, int width) throws Refused {
    Json.Keys keys = Json.object("golden.json", json);
    keys.constant("format", "tidegate-golden/1");
    List<Golden> all = new ArrayList<>();
    for (JsonNode node : keys.list("vectors", 1, MAX_GOLDEN)) {
      Json.Keys vector = new Json.Keys("golden.json vector " + all.size(), node);
      float[] input = new float[width];
      List<JsonNode> numbers = vector.list("input", width, width);
      for (int i = 0; i < width; i++) {
        input[i] = (float) numbers.get(i).doubleValue(Double.NaN);
        if (!Float.isFinite(input[i])) {
          throw vector.bad("input", "holds " + numbers.get(i) + ", which is no 32-bit float");
        }
      }
      all.add(new Golden(input, (float) vector.number("score", -1e30, 1e30)));
      vector.end();
    }
    keys.end();
    return List.copyOf(all);
  }
}
