package dev.tidegate.sync.ditto;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Turns fields into JSON. */
final class Json {
  private Json() {}

  /** A number that does not exist is null, which takes away what stood there (RFC 7396). */
  static ObjectNode node(Map<String, @Nullable Object> fields) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    fields.forEach(
        (name, value) -> {
          switch (value) {
            case null -> node.putNull(name);
            case Double number -> node.put(name, number);
            case Long number -> node.put(name, number);
            case Boolean flag -> node.put(name, flag);
            default -> node.put(name, value.toString());
          }
        });
    return node;
  }
}
