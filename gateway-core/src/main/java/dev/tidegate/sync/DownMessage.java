package dev.tidegate.sync;

import static dev.tidegate.flow.Command.NOT_SAID;

import dev.tidegate.flow.Command;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.ReplayRequest;
import dev.tidegate.reading.Value;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the far side says on the down topic (docs/spec/wire.md, "Down"). The far side is not trusted
 * to write well: whatever does not fit is {@link Unreadable}, as a whole.
 */
sealed interface DownMessage {
  /**
   * What became of frames.
   *
   * @param epoch the database whose frames are meant
   */
  record Acks(String epoch, List<Ack> acks) implements DownMessage {}

  /**
   * The far side asks for what an on-request lane recorded.
   *
   * @param request what it asks for
   */
  record Replay(ReplayRequest request) implements DownMessage {}

  /**
   * The far side asks for an action.
   *
   * @param command what it asks for
   */
  record Commanded(Command command) implements DownMessage {}

  /** A message that has no effect. */
  record Unreadable() implements DownMessage {}

  /**
   * What became of the records of one lane from first to last.
   *
   * @param code 200 to 299 and 400 to 599, with HTTP's meaning (RFC 9110, 15)
   * @param reason in the far side's words, one line; may be empty
   */
  record Ack(Lane lane, long first, long last, int code, String reason) {
    boolean stored() {
      return code < 300;
    }

    /** Whether sending the same frame again later may help. */
    boolean worthAnotherTry() {
      return code == 408 || code == 424 || code >= 500;
    }
  }

  /** What the far side may call a request: it comes back in events, and in logs. */
  Pattern ID = Pattern.compile("[A-Za-z0-9._:-]{1,64}");

  int MAX_ACKS = 1024;
  int MAX_DEPTH = 8;

  /** Reads a payload of at most {@link PahoLink#MAX_MESSAGE_BYTES}. */
  static DownMessage parse(byte[] payload) {
    try {
      JsonNode root = Json.READER.readTree(payload);
      String type = root.isObject() ? text(root, "type") : null;
      if ("replay".equals(type)) {
        return replay(root);
      }
      if ("command".equals(type)) {
        return command(root);
      }
      if (!"ack".equals(type)) {
        return new Unreadable();
      }
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
    } catch (JacksonException e) {
      return new Unreadable();
    }
  }

  private static DownMessage replay(JsonNode root) {
    String id = text(root, "id");
    String word = text(root, "lane");
    Lane lane = word == null ? null : lane(word);
    Long from = nanos(text(root, "from"));
    Long to = nanos(text(root, "to"));
    if (id == null || !ID.matcher(id).matches() || lane == null || from == null || to == null) {
      return new Unreadable();
    }
    return to < from ? new Unreadable() : new Replay(new ReplayRequest(id, lane, from, to));
  }

  private static DownMessage command(JsonNode root) {
    String id = text(root, "id");
    String word = root.has("action") ? text(root, "action") : Command.Action.WRITE.word();
    String subject = text(root, root.has("point") ? "point" : "subject");
    String issuer = root.has("by") ? text(root, "by") : "";
    Long issued = root.has("issued") ? nanos(text(root, "issued")) : Long.valueOf(NOT_SAID);
    Long expires = root.has("expires") ? nanos(text(root, "expires")) : Long.valueOf(NOT_SAID);
    Command.Action action = null;
    for (Command.Action each : Command.Action.values()) {
      if (each.word().equals(word)) {
        action = each;
      }
    }
    Value value = root.has("value") ? value(root.get("value")) : Value.of(false);
    boolean isWrite = action == Command.Action.WRITE;
    if (id == null
        || action == null
        || issuer == null
        || issued == null
        || expires == null
        || value == null
        || (isWrite && (subject == null || !root.has("value")))) {
      return new Unreadable();
    }
    try {
      return new Commanded(
          new Command(
              id,
              action,
              subject == null ? "" : subject,
              value,
              issuer,
              Command.Origin.TWIN,
              issued,
              expires));
    } catch (IllegalArgumentException e) {
      return new Unreadable();
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
  final class Json {
    static final ObjectReader READER =
        JsonMapper.builder(
                JsonFactory.builder()
                    .streamReadConstraints(
                        StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .maxDocumentLength(PahoLink.MAX_MESSAGE_BYTES)
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
