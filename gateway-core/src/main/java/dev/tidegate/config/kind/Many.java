package dev.tidegate.config.kind;

import dev.tidegate.config.yaml.Findings;
import dev.tidegate.config.yaml.Node;
import dev.tidegate.config.yaml.Place;
import dev.tidegate.config.yaml.Problem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The kinds whose values hold any number of others, within bounds. */
public final class Many {
  private Many() {}

  /**
   * A value and where it stands.
   *
   * @param <T> the value
   */
  public record Placed<T>(Place place, T value) {}

  /**
   * A kind that remembers the place.
   *
   * @param <T> what the value is decoded to
   */
  public record PlacedKind<T>(Kind<T> kind) implements Kind<Placed<T>> {
    @Override
    public @Nullable Placed<T> decode(String name, Node node, Findings findings) {
      T value = kind.decode(name, node, findings);
      return value == null ? null : new Placed<>(node.place(), value);
    }

    @Override
    public String expected() {
      return kind.expected();
    }

    @Override
    public Map<String, Object> schema() {
      return kind.schema();
    }
  }

  /**
   * A list; its value holds the items that fit.
   *
   * @param what what the items are, for messages: "points"
   * @param <T> what an item is decoded to
   */
  public record ListOf<T>(String what, Kind<T> item, int min, int max) implements Kind<List<T>> {
    @Override
    public @Nullable List<T> decode(String name, Node node, Findings findings) {
      if (!(node instanceof Node.Sequence list)) {
        return Single.misfit(this, name, node, findings);
      }
      int size = list.items().size();
      if (size < min || size > max) {
        findings.add(node.place(), "'" + name + "' has " + size + " " + what, expected());
        return null;
      }
      List<T> values = new ArrayList<>(size);
      for (Node each : list.items()) {
        T value = item.decode(name, each, findings);
        if (value != null) {
          values.add(value);
        }
      }
      return values;
    }

    @Override
    public String expected() {
      return "a list of " + (min == max ? "" + min : min + " to " + max) + " " + what;
    }

    @Override
    public Map<String, Object> schema() {
      Map<String, Object> schema = new LinkedHashMap<>();
      schema.put("type", "array");
      schema.put("items", item.schema());
      schema.put("minItems", min);
      schema.put("maxItems", max);
      return schema;
    }
  }

  /**
   * A mapping whose keys are names of the author's own; its value holds the entries that fit.
   *
   * @param what what the entries are, for messages: "inputs"
   * @param <T> what a value is decoded to
   */
  public record MapOf<T>(String what, Words.Text key, Kind<T> value, int min, int max)
      implements Kind<Map<String, T>> {
    @Override
    public @Nullable Map<String, T> decode(String name, Node node, Findings findings) {
      if (!(node instanceof Node.Mapping mapping)) {
        return Single.misfit(this, name, node, findings);
      }
      int size = mapping.fields().size();
      if (size < min || size > max) {
        findings.add(node.place(), "'" + name + "' has " + size + " " + what, expected());
        return null;
      }
      Map<String, T> values = new LinkedHashMap<>();
      mapping
          .fields()
          .forEach(
              (word, field) -> {
                if (!key.matches(word)) {
                  String wrong = Problem.quote(word) + " cannot be a name in '" + name + "'";
                  findings.add(field.place(), wrong, key.expected());
                }
                T decoded = value.decode(Problem.plain(word), field.value(), findings);
                if (decoded != null) {
                  values.put(word, decoded);
                }
              });
      return values;
    }

    @Override
    public String expected() {
      return "a mapping with " + min + " to " + max + " " + what;
    }

    @Override
    public Map<String, Object> schema() {
      Map<String, Object> schema = new LinkedHashMap<>();
      schema.put("type", "object");
      schema.put("propertyNames", key.schema());
      schema.put("additionalProperties", value.schema());
      schema.put("minProperties", min);
      schema.put("maxProperties", max);
      return schema;
    }
  }
}
