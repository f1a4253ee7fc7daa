package dev.tidegate.sync.plain;

import dev.tidegate.flow.Command;
import dev.tidegate.sync.link.MqttLink;
import dev.tidegate.twin.Delta;
import dev.tidegate.twin.Era;
import dev.tidegate.twin.Property;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Messages of the type {@code state}, the same both ways (docs/spec/wire.md, "State"). */
public final class StateMessages {
  private static final int MAX_PATH = 200;
  private static final int MAX_TEXT = 1_024;
  private static final ObjectReader READER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(6)
                          .maxDocumentLength(MqttLink.MAX_MESSAGE_BYTES)
                          .maxStringLength(MAX_TEXT)
                          .maxNameLength(MAX_PATH)
                          .maxNumberLength(40)
                          .maxTokenCount(32_768)
                          .build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .enable(tools.jackson.databind.DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build()
          .reader();

  private StateMessages() {}

  /**
   * What a message says.
   *
   * @param delta what changed on the sender's side; null for nothing
   * @param known which of our documents the sender knows; null for none
   * @param through up to where
   * @param by who wants what the delta says; empty where that is not said
   */
  public record State(@Nullable Delta delta, @Nullable Era known, long through, String by) {
    /** Without saying who wants it. */
    public State(@Nullable Delta delta, @Nullable Era known, long through) {
      this(delta, known, through, "");
    }
  }

  /** The message on the wire. */
  public static byte[] write(State state) {
    ObjectNode root = JsonNodeFactory.instance.objectNode().put("type", "state");
    Delta delta = state.delta();
    if (delta != null) {
      ObjectNode node = root.putObject("delta");
      node.set("era", era(delta.era()));
      node.put("base", delta.base()).put("through", delta.through());
      ObjectNode set = node.putObject("set");
      ObjectNode gone = JsonNodeFactory.instance.objectNode();
      delta
          .changes()
          .forEach(
              (path, property) -> {
                if (property.isGone()) {
                  gone.put(path, property.revision());
                } else {
                  ArrayNode pair = set.putArray(path);
                  switch (property.value()) {
                    case Double number -> pair.add(number);
                    case Boolean flag -> pair.add(flag);
                    default -> pair.add(String.valueOf(property.value()));
                  }
                  pair.add(property.revision());
                }
              });
      if (!gone.isEmpty()) {
        node.set("gone", gone);
      }
    }
    ObjectNode known = root.putObject("known");
    if (state.known() != null) {
      known.set("era", era(state.known()));
    }
    known.put("through", state.through());
    if (!state.by().isEmpty()) {
      root.put("by", state.by());
    }
    return root.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static ArrayNode era(Era era) {
    return JsonNodeFactory.instance.arrayNode().add(era.id()).add(era.number());
  }

  /** Reads a message; null for what is none. */
  public static @Nullable State read(byte[] payload) {
    try {
      JsonNode root = READER.readTree(payload);
      JsonNode known = root.path("known");
      if (!root.path("type").asString("").equals("state") || !known.isObject()) {
        return null;
      }
      JsonNode delta = root.path("delta");
      return new State(
          delta.isMissingNode() ? null : delta(delta),
          known.has("era") ? era(known.path("era")) : null,
          number(known.path("through")),
          by(root.path("by")));
    } catch (JacksonException | IllegalArgumentException e) {
      return null;
    }
  }

  private static String by(JsonNode node) {
    String by = node.isMissingNode() ? "" : node.asString("?!");
    if (!Command.ISSUER.matcher(by).matches()) {
      throw new IllegalArgumentException("no issuer: " + by);
    }
    return by;
  }

  private static Delta delta(JsonNode node) {
    Map<String, Property> changes = new HashMap<>();
    for (Map.Entry<String, JsonNode> each : node.path("set").properties()) {
      JsonNode pair = each.getValue();
      changes.put(path(each.getKey()), new Property(value(pair.path(0)), number(pair.path(1))));
    }
    for (Map.Entry<String, JsonNode> each : node.path("gone").properties()) {
      changes.put(path(each.getKey()), new Property(Property.GONE, number(each.getValue())));
    }
    return new Delta(
        era(node.path("era")), number(node.path("base")), number(node.path("through")), changes);
  }

  private static String path(String path) {
    if (path.isEmpty() || path.length() > MAX_PATH) {
      throw new IllegalArgumentException("no path: " + path);
    }
    return path;
  }

  private static Era era(JsonNode node) {
    return new Era(node.path(0).asString(""), number(node.path(1)));
  }

  private static Object value(JsonNode node) {
    if (node.isNumber()) {
      return node.doubleValue();
    }
    if (node.isBoolean()) {
      return node.booleanValue();
    }
    if (node.isString()) {
      return node.stringValue();
    }
    throw new IllegalArgumentException("no value: " + node);
  }

  private static long number(JsonNode node) {
    if (!node.isIntegralNumber() || !node.canConvertToLong() || node.longValue() < 0) {
      throw new IllegalArgumentException("no number: " + node);
    }
    return node.longValue();
  }
}
