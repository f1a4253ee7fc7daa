package dev.tidegate.config.kind;

import dev.tidegate.config.yaml.Findings;
import dev.tidegate.config.yaml.Node;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the value of a key looks like. Immutable.
 *
 * @param <T> what it is decoded to
 */
public interface Kind<T> {
  /**
   * The value; null when it does not fit, and then the findings say why.
   *
   * @param name the key's name, for the messages
   */
  @Nullable T decode(String name, Node node, Findings findings);

  /** The same in words, after "expected …". */
  String expected();

  /** The same in JSON Schema (2020-12), as far as that can say it. */
  Map<String, Object> schema();
}
