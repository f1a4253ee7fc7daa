package dev.tidegate.sync.ditto;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * One message of the Ditto protocol, version 1: what goes out is built with it, and what comes in
 * is read with it. Fields that are missing are "" or missing nodes.
 *
 * @param namespace of the thing; {@code _} for any
 * @param name of the thing; {@code _} for any
 * @param criterion the rest of the topic, for example {@code things/twin/commands/merge}
 * @param headers the message's headers
 * @param path what of the thing is meant
 * @param value the payload
 * @param status of an answer; 0 for none
 * @param revision of the thing; 0 for none
 * @param fields what of the thing is asked for; "" for all of it
 */
record Envelope(
    String namespace,
    String name,
    String criterion,
    ObjectNode headers,
    String path,
    JsonNode value,
    int status,
    long revision,
    String fields) {
  /** Asks for nothing in particular. */
  Envelope(
      String namespace,
      String name,
      String criterion,
      ObjectNode headers,
      String path,
      JsonNode value,
      int status,
      long revision) {
    this(namespace, name, criterion, headers, path, value, status, revision, "");
  }

  static final String CONTENT_TYPE = "application/vnd.eclipse.ditto+json";

  private static final int MAX_BYTES = 64 << 10;
  private static final ObjectReader READER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(32)
                          .maxDocumentLength(MAX_BYTES)
                          .maxStringLength(16_384)
                          .maxNameLength(256)
                          .maxNumberLength(40)
                          .maxTokenCount(16_384)
                          .build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .enable(tools.jackson.databind.DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build()
          .reader();

  /** A message for a thing. */
  static Envelope to(Things things, String thing, String criterion, String path, JsonNode value) {
    ObjectNode headers = JsonNodeFactory.instance.objectNode();
    return new Envelope(things.namespace(), thing, criterion, headers, path, value, 0, 0);
  }

  /** The same without a payload, asking for these fields alone. */
  Envelope asking(String some) {
    JsonNode none = JsonNodeFactory.instance.missingNode();
    return new Envelope(namespace, name, criterion, headers, path, none, 0, 0, some);
  }

  /** The bytes on the wire. */
  byte[] bytes() {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("topic", namespace + "/" + name + "/" + criterion);
    root.set("headers", headers);
    root.put("path", path);
    if (!value.isMissingNode()) {
      root.set("value", value);
    }
    if (status != 0) {
      root.put("status", status);
    }
    if (!fields.isEmpty()) {
      root.put("fields", fields);
    }
    return root.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** Reads a message; null for what is none. */
  static @Nullable Envelope read(byte[] payload) {
    try {
      JsonNode root = READER.readTree(payload);
      String topic = text(root, "topic");
      String[] parts = topic.split("/", 3);
      if (!root.isObject() || parts.length < 3) {
        return null;
      }
      JsonNode headers = root.path("headers");
      JsonNode status = root.path("status");
      JsonNode revision = root.path("revision");
      return new Envelope(
          parts[0],
          parts[1],
          parts[2],
          headers instanceof ObjectNode object ? object : JsonNodeFactory.instance.objectNode(),
          text(root, "path"),
          root.path("value"),
          status.isIntegralNumber() && status.canConvertToInt() ? status.intValue() : 0,
          revision.isIntegralNumber() && revision.canConvertToLong() ? revision.longValue() : 0);
    } catch (JacksonException e) {
      return null;
    }
  }

  /** A header's text; "" where there is none. */
  String header(String name) {
    return text(headers, name);
  }

  static String text(JsonNode node, String key) {
    JsonNode value = node.path(key);
    return value.isString() ? value.stringValue() : "";
  }
}
