package dev.tidegate.config.yaml;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** One YAML 1.2 file, read whole or not at all. Keeps no state. */
public final class YamlFile {
  /** The largest file that is read, in bytes. */
  public static final int MAX_BYTES = 256 << 10;

  /** How deep lists and mappings may be nested; the file itself is the first level. */
  public static final int MAX_DEPTH = 32;

  /**
   * How many values, keys counted too, a file may hold. A gateway with 1,000 points of ten keys
   * each has some 21,000; the bound is what keeps a refusal below 100 ms.
   */
  public static final int MAX_VALUES = 50_000;

  private YamlFile() {}

  /**
   * The tree of the file; null when there is none to speak of, and then the findings say why. They
   * may also name problems when there is a tree.
   */
  public static @Nullable Node read(Path file, Findings findings) {
    byte[] bytes = SourceText.bytes(file, findings);
    return bytes == null ? null : parse(bytes, findings);
  }

  /** As {@link #read}, for a file that is in memory already. */
  public static @Nullable Node parse(byte[] bytes, Findings findings) {
    if (bytes.length > MAX_BYTES) {
      throw new IllegalArgumentException(bytes.length + " bytes");
    }
    String text = SourceText.decode(bytes, findings);
    return text == null ? null : new TreeReader(text, findings).read();
  }
}
