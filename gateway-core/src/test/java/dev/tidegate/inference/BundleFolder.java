package dev.tidegate.inference;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tidegate.config.ModelConfig;
import dev.tidegate.models.Onnx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * Writes a bundle that a test then spoils in one place. The good one computes {@code a / 4 + b / 2}
 * from the means of its inputs {@code a} and {@code b}, windows of 10 s, threshold 0.5.
 */
final class BundleFolder {
  byte[] model = weighted();
  String golden =
      """
      {"format": "tidegate-golden/1", "vectors": [
        {"input": [1, 0], "score": 0.25}, {"input": [0.5, 1], "score": 0.625}]}
      """;
  private String manifest =
      """
      {
        "format": "tidegate-model/1",
        "name": "weighted",
        "version": "0.1",
        "description": "for tests",
        "licence": "Apache-2.0",
        "trained-on": "nothing",
        "window-ms": 10000,
        "inputs": [
          {"name": "a", "unit": "bar", "stats": ["mean"]},
          {"name": "b", "unit": "Cel", "stats": ["mean"]}
        ],
        "input": {"name": "x", "type": "float32", "shape": [1, 2]},
        "output": {"name": "y", "type": "float32", "shape": [1, 1]},
        "threshold": 0.5,
        "opset": 17,
        "model-sha256": "MODEL",
        "golden-sha256": "GOLDEN",
        "golden-tolerance": 0.000001
      }
      """;

  /** {@code y = a / 4 + b / 2}. */
  static byte[] weighted() {
    return new Onnx("weighted")
        .input("x", 1, 2)
        .output("y", 1, 1)
        .constant("w", new float[] {0.25f, 0.5f}, 2, 1)
        .node("MatMul", List.of("x", "w"), "y")
        .toBytes();
  }

  /** {@code y = ln(a / 4 + b / 2)}: no number below 0. */
  static byte[] logarithm() {
    return new Onnx("logarithm")
        .input("x", 1, 2)
        .output("y", 1, 1)
        .constant("w", new float[] {0.25f, 0.5f}, 2, 1)
        .node("MatMul", List.of("x", "w"), "sum")
        .node("Log", List.of("sum"), "y")
        .toBytes();
  }

  /** Changes the manifest; the text to be replaced must be there. */
  BundleFolder manifest(String before, String after) {
    if (!manifest.contains(before)) {
      throw new IllegalArgumentException("the manifest does not say " + before);
    }
    manifest = manifest.replace(before, after);
    return this;
  }

  /** Replaces the manifest, with the hashes of the other files where it says MODEL and GOLDEN. */
  BundleFolder wholeManifest(String json) {
    manifest = json;
    return this;
  }

  BundleFolder model(byte[] bytes) {
    model = bytes;
    return this;
  }

  BundleFolder golden(String json) {
    golden = json;
    return this;
  }

  /** Writes the three files. */
  ModelConfig.Bundle.Folder write(Path folder) {
    try {
      Files.createDirectories(folder);
      Files.write(folder.resolve("model.onnx"), model);
      Files.writeString(folder.resolve("golden.json"), golden);
      Files.writeString(
          folder.resolve("manifest.json"),
          manifest
              .replace("MODEL", sha256(model))
              .replace("GOLDEN", sha256(golden.getBytes(UTF_8))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new ModelConfig.Bundle.Folder(folder);
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
