package dev.tidegate.inference;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads a bundle's JSON files, which a stranger may have written: bounded in size and depth. */
final class Json {
  static final int MAX_BYTES = 1 << 20;
  static final int MAX_DEPTH = 6;

  /** A text of 1 to 256 characters without line breaks. */
  static final Pattern ANY = Pattern.compile(".{1,256}");

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MAX_DEPTH)
                          .maxDocumentLength(MAX_BYTES)
                          .maxStringLength(1_024)
                          .maxNameLength(64)
                          .maxNumberLength(40)
                          .build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private Json() {}

  /** The one object of a file. */
  static Keys object(String file, byte[] json) throws Refused {
    if (json.length > MAX_BYTES) {
      throw new Refused(file + " has " + json.length + " bytes, and at most 1 MiB are allowed");
    }
    try {
      return new Keys(file, MAPPER.readTree(json));
    } catch (JacksonException e) {
      throw new Refused(
          file
              + " is no valid JSON at line "
              + (e.getLocation() == null ? "?" : e.getLocation().getLineNr())
              + ": "
              + e.getOriginalMessage());
    }
  }

  /** An object whose every key must be asked for. Owned by one thread. */
  static final class Keys {
    private final String where;
    private final JsonNode object;
    private final Set<String> asked = new HashSet<>();

    Keys(String where, JsonNode object) throws Refused {
      this.where = where;
      this.object = object;
      if (!object.isObject()) {
        throw new Refused(where + " is no JSON object");
      }
    }

    JsonNode any(String key) throws Refused {
      asked.add(key);
      JsonNode value = object.get(key);
      if (value == null) {
        throw bad(key, "is missing");
      }
      return value;
    }

    String text(String key, Pattern form) throws Refused {
      JsonNode value = any(key);
      if (!value.isString() || !form.matcher(value.stringValue()).matches()) {
        throw bad(key, "is no text of the form " + form);
      }
      return value.stringValue();
    }

    void constant(String key, String expected) throws Refused {
      JsonNode value = any(key);
      if (!value.isString() || !value.stringValue().equals(expected)) {
        throw bad(key, "is " + value + ", and only '" + expected + "' is understood here");
      }
    }

    long whole(String key, long low, long high) throws Refused {
      JsonNode value = any(key);
      if (!value.isIntegralNumber()
          || !value.canConvertToLong()
          || value.longValue() < low
          || value.longValue() > high) {
        throw bad(key, "is no whole number from " + low + " to " + high);
      }
      return value.longValue();
    }

    double number(String key, double low, double high) throws Refused {
      JsonNode value = any(key);
      // written so that NaN is refused too
      if (!value.isNumber() || !(value.doubleValue() >= low && value.doubleValue() <= high)) {
        throw bad(key, "is no number from " + low + " to " + high);
      }
      return value.doubleValue();
    }

    List<JsonNode> list(String key, int low, int high) throws Refused {
      JsonNode value = any(key);
      if (!value.isArray() || value.size() < low || value.size() > high) {
        throw bad(key, "is no list of " + low + " to " + high + " entries");
      }
      return List.copyOf(value.values());
    }

    /** Refuses what nobody has asked for: a misspelt key would be without effect otherwise. */
    void end() throws Refused {
      for (Map.Entry<String, JsonNode> entry : object.properties()) {
        if (!asked.contains(entry.getKey())) {
          throw bad(entry.getKey(), "is not known");
        }
      }
    }

    Refused bad(String key, String what) {
      return new Refused(where + ": '" + key + "' " + what);
    }
  }
}
