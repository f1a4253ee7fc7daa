package dev.tidegate.config.yaml;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One value of the file and where it starts. Immutable. */
public sealed interface Node {
  Place place();

  /**
   * A single value.
   *
   * @param text as written, without the quotes
   * @param type what YAML 1.2's core schema (chapter 10.3) takes it for; quoted ones are text
   */
  record Scalar(Place place, String text, Type type) implements Node {}

  /** A list. */
  record Sequence(Place place, List<Node> items) implements Node {
    public Sequence {
      items = List.copyOf(items);
    }
  }

  /**
   * Keys and their values, in the order of the file. Keys are plain words, each there once: others
   * were found wrong and left out when the file was read.
   */
  record Mapping(Place place, Map<String, Field> fields) implements Node {
    public Mapping {
      fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    }
  }

  /** A value that was found wrong when the file was read: nothing more is to be said about it. */
  record Unread(Place place) implements Node {}

  /**
   * The value of one key.
   *
   * @param place where the key stands
   */
  record Field(Place place, Node value) {}

  /** What a single value looks like. */
  enum Type {
    TEXT,
    WHOLE,
    REAL,
    FLAG,
    /** {@code null}, {@code ~} or nothing at all. */
    NOTHING
  }
}
