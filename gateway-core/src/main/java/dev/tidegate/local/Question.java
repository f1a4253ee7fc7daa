package dev.tidegate.local;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What may be asked at the {@link Desk}: one line of JSON. Immutable. */
public sealed interface Question {
  /** How many bytes a question may have, its line end not counted. */
  int MAX_BYTES = 1_024;

  /** How many characters the name of a point may have. */
  int MAX_POINT = 200;

  /** How the gateway stands: {@code {"ask":"status"}}. */
  record Status() implements Question {}

  /**
   * To write a value: {@code {"ask":"write","point":"pump/speed","value":1200}}.
   *
   * @param point the point's name
   * @param value a finite number; 0 or 1 for a flag
   * @param isFlag whether it was asked as true or false
   */
  record Write(String point, double value, boolean isFlag) implements Question {
    public Write {
      if (point.isEmpty()
          || point.length() > MAX_POINT
          || point.chars().anyMatch(Character::isISOControl)) {
        throw new IllegalArgumentException(
            "a point has a name of 1 to " + MAX_POINT + " characters, for example pump/speed");
      }
      if (!Double.isFinite(value)) {
        throw new IllegalArgumentException("the value of a write is a number, true or false");
      }
    }
  }

  /** The question as it is sent, without the line end. */
  default String json() {
    Map<String, Object> fields = new LinkedHashMap<>();
    switch (this) {
      case Status _ -> fields.put("ask", "status");
      case Write write -> {
        fields.put("ask", "write");
        fields.put("point", write.point);
        if (write.isFlag) {
          fields.put("value", write.value != 0);
        } else {
          fields.put("value", write.value);
        }
      }
    }
    return JsonMapper.builder().build().writeValueAsString(fields);
  }

  /**
   * Reads a question.
   *
   * @throws IllegalArgumentException when it is none; the message says what would be one
   */
  static Question parse(String line) {
    try {
      return of(
          JsonMapper.builder()
              .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
              .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
              .build()
              .readTree(line));
    } catch (JacksonException e) {
      throw new IllegalArgumentException("a question is one line of JSON: {\"ask\":\"status\"}", e);
    }
  }

  private static Question of(JsonNode root) {
    return switch (root.path("ask").asString("")) {
      case "status" -> {
        only(root, Set.of("ask"));
        yield new Status();
      }
      case "write" -> {
        only(root, Set.of("ask", "point", "value"));
        JsonNode value = root.path("value");
        if (!value.isNumber() && !value.isBoolean()) {
          throw new IllegalArgumentException("the value of a write is a number, true or false");
        }
        double number = value.isBoolean() ? (value.booleanValue() ? 1 : 0) : value.doubleValue();
        JsonNode point = root.path("point");
        yield new Write(point.isString() ? point.stringValue() : "", number, value.isBoolean());
      }
      default ->
          throw new IllegalArgumentException(
              "it can be asked {\"ask\":\"status\"}, or"
                  + " {\"ask\":\"write\",\"point\":\"pump/speed\",\"value\":1200}");
    };
  }

  private static void only(JsonNode root, Set<String> names) {
    for (String name : root.propertyNames()) {
      if (!names.contains(name)) {
        throw new IllegalArgumentException("this question has no '" + name + "'");
      }
    }
  }
}
