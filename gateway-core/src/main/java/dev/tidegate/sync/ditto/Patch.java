package dev.tidegate.sync.ditto;

import java.util.HashSet;
import java.util.Set;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A JSON merge patch (RFC 7396) for one thing in the making: what several records say of it, as
 * long as they do not speak of the same twice. Owned by one thread.
 */
final class Patch {
  /** Rough; a message of Ditto has at most 250 kB by default. */
  private static final int MAX_BYTES = 48 << 10;

  private final ObjectNode root = JsonNodeFactory.instance.objectNode();
  private final Set<String> said = new HashSet<>();
  private int bytes;
  private long through;

  /** Whether the patch can take that on: nothing was said of that yet, and there is room. */
  boolean takes(String feature, String property, int size) {
    return !said.contains(feature + "/" + property) && (said.isEmpty() || bytes + size < MAX_BYTES);
  }

  /**
   * Says something of a feature.
   *
   * @param property path below the feature's properties, parts separated by {@code /}
   * @param sequence number of the record that says so
   */
  void say(String feature, String property, ObjectNode value, int size, long sequence) {
    said.add(feature + "/" + property);
    bytes += size;
    reach(sequence);
    put(feature, property, value);
  }

  /** Notes up to which record it is. */
  void reach(long sequence) {
    through = sequence;
  }

  /** Sets a property without remembering that it was said. */
  void put(String feature, String property, tools.jackson.databind.JsonNode value) {
    ObjectNode at = root.withObject("/features").withObjectProperty(feature);
    at = at.withObjectProperty("properties");
    String[] path = property.split("/", -1);
    for (int i = 0; i < path.length - 1; i++) {
      at = at.withObjectProperty(path[i]);
    }
    at.set(path[path.length - 1], value);
  }

  /** The number of the last record in it. */
  long through() {
    return through;
  }

  boolean isEmpty() {
    return said.isEmpty();
  }

  ObjectNode root() {
    return root;
  }
}
