package dev.tidegate.sync.binding;

import static dev.tidegate.flow.Command.NOT_SAID;

import dev.tidegate.flow.Command;
import dev.tidegate.flow.Lane;
import dev.tidegate.reading.Value;
import dev.tidegate.sync.binding.Incoming.Ack;
import dev.tidegate.sync.binding.Incoming.Acks;
import dev.tidegate.sync.binding.Incoming.Commanded;
import dev.tidegate.sync.binding.Incoming.Unreadable;
import dev.tidegate.sync.link.MqttLink;
import dev.tidegate.sync.link.Text;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.json.JsonMapper;

/** Reads what the far side says as JSON (docs/spec/wire.md, "Down"). */
public final class DownMessages {
  /** What the far side may call a request: it comes back in events, and in logs. */
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9._:-]{1,64}");

  /** What asks for an action says nothing else: a limit that is misspelt would be none. */
  private static final Set<String> COMMAND_KEYS =
      Set.of("type", "id", "action", "point", "subject", "value", "by", "issued", "expires");

  private static final Set<String> REPLAY_KEYS =
      Set.of("type", "id", "lane", "from", "to", "by", "issued", "expires");

  private static final int MAX_ACKS = 1024;
  private static final int MAX_DEPTH = 8;

  private DownMessages() {}

  /** Reads a payload of at most {@link MqttLink#MAX_MESSAGE_BYTES}. */
  public static Incoming read(byte[] payload) {
    try {
      JsonNode root = Json.READER.readTree(payload);
      String type = root.isObject() ? text(root, "type") : null;
      if (type == null) {
        return new Unreadable("it has no 'type'");
      }
      return type.equals("ack") ? acks(root) : request(type, root, text(root, "id"));
    } catch (JacksonException e) {
      return new Unreadable("it is no JSON, or has a key twice, or is too large or too deep");
    }
  }

  /**
   * Reads a request that is named outside of its payload.
   *
   * @param type {@code command} or {@code replay}
   * @param id the request's id where the payload has none
   */
  public static Incoming request(String type, byte[] payload, String id) {
    try {
      JsonNode root = Json.READER.readTree(payload);
      return root.isObject()
          ? request(type, root, root.has("id") ? text(root, "id") : id)
          : new Unreadable("it is no JSON object");
    } catch (JacksonException e) {
      return new Unreadable("it is no JSON, or has a key twice, or is too large or too deep");
    }
  }

  private static Incoming request(String type, JsonNode root, @Nullable String id) {
    return switch (type) {
      case "replay" -> strict(type, root, REPLAY_KEYS, () -> replay(root, id));
      case "command" -> strict(type, root, COMMAND_KEYS, () -> command(root, id));
      default -> new Unreadable("its 'type' is none of ack, replay, command, state");
    };
  }

  private static Incoming strict(
      String type, JsonNode root, Set<String> keys, Supplier<Incoming> read) {
    for (String key : root.propertyNames()) {
      if (!keys.contains(key)) {
        return new Unreadable("a " + type + " has no key '" + Text.oneLine(key) + "'");
      }
    }
    return read.get();
  }

  private static Incoming acks(JsonNode root) {
    String epoch = text(root, "epoch");
    JsonNode list = root.get("acks");
    if (epoch == null || list == null || !list.isArray() || list.size() > MAX_ACKS) {
      return new Unreadable();
    }
    List<Ack> acks = new ArrayList<>(list.size());
    for (JsonNode node : list) {
      Ack ack = ack(node);
      if (ack == null) {
        return new Unreadable();
      }
      acks.add(ack);
    }
    return new Acks(epoch, acks);
  }

  private static Incoming replay(JsonNode root, @Nullable String id) {
    String word = text(root, "lane");
    Lane lane = word == null ? null : lane(word);
    Long from = nanos(text(root, "from"));
    Long to = nanos(text(root, "to"));
    if (id == null || !ID.matcher(id).matches() || lane == null) {
      return new Unreadable("a replay needs an 'id' and a 'lane'");
    }
    if (from == null || to == null || to < from) {
      return new Unreadable(
          "'from' and 'to' are no ISO 8601 times with zones, or the wrong way round");
    }
    String interval = text(root, "from") + "/" + text(root, "to");
    return command(root, id, Command.Action.REPLAY, lane.word(), Value.of(interval));
  }

  private static Incoming command(JsonNode root, @Nullable String id) {
    String word = root.has("action") ? text(root, "action") : Command.Action.WRITE.word();
    String subject = text(root, root.has("point") ? "point" : "subject");
    Command.Action action = null;
    for (Command.Action each : Command.Action.values()) {
      if (each.word().equals(word)) {
        action = each;
      }
    }
    Value value = root.has("value") ? value(root.get("value")) : Value.of(false);
    boolean isWrite = action == Command.Action.WRITE;
    if (action == null) {
      return new Unreadable("its 'action' is unknown");
    }
    if (value == null || (isWrite && (subject == null || !root.has("value")))) {
      return new Unreadable("a write needs 'point' and 'value': a number, a flag or a short text");
    }
    return command(root, id, action, subject == null ? "" : subject, value);
  }

  private static Incoming command(
      JsonNode root, @Nullable String id, Command.Action action, String subject, Value value) {
    String issuer = root.has("by") ? text(root, "by") : "";
    Long issued = root.has("issued") ? nanos(text(root, "issued")) : Long.valueOf(NOT_SAID);
    Long expires = root.has("expires") ? nanos(text(root, "expires")) : Long.valueOf(NOT_SAID);
    if (issued == null || expires == null) {
      return new Unreadable("'issued' or 'expires' is no ISO 8601 time with a zone");
    }
    if (id == null || issuer == null) {
      return new Unreadable("a command needs an 'id', a text; 'by' is one as well");
    }
    try {
      return new Commanded(
          List.of(
              new Command(
                  id, action, subject, value, issuer, Command.Origin.TWIN, issued, expires)));
    } catch (IllegalArgumentException e) {
      return new Unreadable("its 'id', 'by' or 'point' has characters that are not allowed");
    }
  }

  /** A number, a flag or a text of at most 1,024 characters; null for anything else. */
  private static @Nullable Value value(JsonNode node) {
    if (node.isNumber()) {
      return Value.of(node.doubleValue());
    }
    if (node.isBoolean()) {
      return Value.of(node.booleanValue());
    }
    return node.isString() && node.stringValue().length() <= 1024
        ? Value.of(node.stringValue())
        : null;
  }

  /** Wall time of an ISO 8601 instant with its zone; null where it is none, or not a long's. */
  private static @Nullable Long nanos(@Nullable String text) {
    if (text == null) {
      return null;
    }
    try {
      Instant instant = OffsetDateTime.parse(text).toInstant();
      return Math.addExact(
          Math.multiplyExact(instant.getEpochSecond(), 1_000_000_000L), instant.getNano());
    } catch (DateTimeParseException | ArithmeticException e) {
      return null;
    }
  }

  private static @Nullable Ack ack(JsonNode node) {
    String word = text(node, "lane");
    JsonNode first = node.get("first");
    JsonNode last = node.get("last");
    JsonNode code = node.get("code");
    if (word == null || !isLong(first) || !isLong(last) || !isLong(code)) {
      return null;
    }
    Lane lane = lane(word);
    long from = first.longValue();
    long to = last.longValue();
    long status = code.longValue();
    boolean known = (status >= 200 && status < 300) || (status >= 400 && status < 600);
    if (lane == null || from < 1 || to < from || !known) {
      return null;
    }
    String reason = text(node, "reason");
    return new Ack(lane, from, to, (int) status, reason == null ? "" : Text.oneLine(reason));
  }

  private static @Nullable Lane lane(String word) {
    try {
      return Lane.of(word);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  @org.jspecify.annotations.NullUnmarked
  private static boolean isLong(JsonNode node) {
    return node != null && node.isIntegralNumber() && node.canConvertToLong();
  }

  private static @Nullable String text(JsonNode node, String key) {
    JsonNode value = node.get(key);
    return value == null || !value.isString() ? null : value.stringValue();
  }

  /** The reader, with its limits. */
  private static final class Json {
    static final ObjectReader READER =
        JsonMapper.builder(
                JsonFactory.builder()
                    .streamReadConstraints(
                        StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .maxDocumentLength(MqttLink.MAX_MESSAGE_BYTES)
                            .maxStringLength(4096)
                            .maxNameLength(64)
                            .maxNumberLength(20)
                            .maxTokenCount(16_384)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(tools.jackson.databind.DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build()
            .reader();

    private Json() {}
  }
}
