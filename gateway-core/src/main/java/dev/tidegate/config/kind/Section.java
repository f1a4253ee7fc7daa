package dev.tidegate.config.kind;

import dev.tidegate.config.yaml.Findings;
import dev.tidegate.config.yaml.Node;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The kind whose value is a mapping with known keys.
 *
 * @param title what the mapping is, in one or two words: "device"
 * @param doc one sentence about it
 * @param keys the keys it may have, in the order in which they are documented
 * @param rules what the keys ask of each other
 * @param open whether other keys pass unseen, because nobody knows which there are
 * @param build makes the record of a block whose keys are known and whose required keys are there;
 *     null when a value did not fit
 * @param <T> what it is decoded to
 */
public record Section<T>(
    String title,
    String doc,
    List<Key<?>> keys,
    List<Rule> rules,
    boolean open,
    Function<Block, @Nullable T> build)
    implements Kind<T> {
  public Section {
    keys = List.copyOf(keys);
    rules = List.copyOf(rules);
  }

  public static <T> Section<T> of(
      String title, String doc, List<Key<?>> keys, Function<Block, @Nullable T> build) {
    return new Section<>(title, doc, keys, List.of(), false, build);
  }

  /** The same section with what its keys ask of each other. */
  public Section<T> with(Rule... more) {
    return new Section<>(title, doc, keys, List.of(more), open, build);
  }

  /** The same section, in which other keys pass unseen. */
  public Section<T> opened() {
    return new Section<>(title, doc, keys, rules, true, build);
  }

  @Override
  public @Nullable T decode(String name, Node node, Findings findings) {
    if (findings.isFull()) {
      return null;
    }
    return node instanceof Node.Mapping mapping
        ? build.apply(new Block(this, mapping, findings))
        : Single.misfit(this, name, node, findings);
  }

  @Override
  public String expected() {
    List<String> first = keys.stream().map(Key::name).limit(4).toList();
    String more = keys.size() > first.size() ? ", …" : "";
    return "a mapping with the keys " + String.join(", ", first) + more;
  }

  @Override
  public Map<String, Object> schema() {
    Map<String, Object> properties = new LinkedHashMap<>();
    keys.forEach(k -> properties.put(k.name(), property(k)));
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put("type", "object");
    schema.put("description", doc);
    schema.put("properties", properties);
    List<String> required = keys.stream().filter(Key::required).map(Key::name).toList();
    if (!required.isEmpty()) {
      schema.put("required", required);
    }
    schema.put("additionalProperties", false);
    List<Object> conditions = new ArrayList<>();
    for (Rule rule : rules) {
      switch (rule) {
        case Rule.Excludes(String key, String other) ->
            conditions.add(Map.of("not", Map.of("required", List.of(key, other))));
        case Rule.OnlyWith(String key, String other, String word) ->
            conditions.add(onlyWith(key, other, word));
        case Rule.OnlyWithOne(String key, String other, String another) ->
            conditions.add(onlyWithOne(key, List.of(other, another)));
        case Rule.NotEmpty() -> schema.put("minProperties", 1);
      }
    }
    if (!conditions.isEmpty()) {
      schema.put("allOf", conditions);
    }
    return schema;
  }

  private static Map<String, Object> onlyWithOne(String key, List<String> others) {
    Map<String, Object> condition = new LinkedHashMap<>();
    condition.put("if", Map.of("required", List.of(key)));
    List<Object> any = new ArrayList<>();
    others.forEach(other -> any.add(Map.of("required", List.of(other))));
    condition.put("then", Map.of("anyOf", any));
    return condition;
  }

  private static Map<String, Object> onlyWith(String key, String other, @Nullable String word) {
    Map<String, Object> then = new LinkedHashMap<>();
    then.put("required", List.of(other));
    if (word != null) {
      then.put("properties", Map.of(other, Map.of("const", word)));
    }
    Map<String, Object> condition = new LinkedHashMap<>();
    condition.put("if", Map.of("required", List.of(key)));
    condition.put("then", then);
    return condition;
  }

  private static Map<String, Object> property(Key<?> key) {
    Map<String, Object> property = new LinkedHashMap<>();
    property.put("description", key.doc());
    key.kind().schema().forEach(property::putIfAbsent);
    String fallback = key.fallback();
    if (fallback != null && key.kind() instanceof Single<?> single) {
      property.put(
          "default",
          switch (single.type()) {
            case WHOLE -> Long.decode(fallback);
            case REAL -> Double.valueOf(fallback);
            case FLAG -> Boolean.valueOf(fallback);
            case TEXT, NOTHING -> fallback;
          });
    }
    return property;
  }
}
