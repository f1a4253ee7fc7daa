package dev.tidegate.drivers.coap.payload;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tidegate.reading.Quality;
import dev.tidegate.reading.Reading;
import dev.tidegate.reading.Value;
import dev.tidegate.time.Clock;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.cbor.CBORFactory;
import tools.jackson.dataformat.cbor.CBORMapper;

/**
 * One payload as it came off the wire, read by as many points as share its resource. Each way of
 * writing is parsed once.
 *
 * <p>A payload that says nothing, or nonsense, never throws: the points that wanted something of it
 * get a reading of quality BAD_SENSOR, the others their value.
 *
 * <p>Not safe for use by several threads at once.
 */
public final class Payload {
  /** The largest payload that is looked at. */
  public static final int MAX_BYTES = 65_536;

  /** How deep arrays and maps may be nested. */
  public static final int MAX_DEPTH = 32;

  private static final StreamReadConstraints CONSTRAINTS =
      StreamReadConstraints.builder()
          .maxNestingDepth(MAX_DEPTH)
          .maxDocumentLength(MAX_BYTES)
          .maxNumberLength(400)
          .maxStringLength(MAX_BYTES)
          .maxNameLength(256)
          .build();

  private static final ObjectMapper JSON =
      JsonMapper.builder(JsonFactory.builder().streamReadConstraints(CONSTRAINTS).build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private static final ObjectMapper CBOR =
      CBORMapper.builder(CBORFactory.builder().streamReadConstraints(CONSTRAINTS).build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final byte[] bytes;
  private final int contentFormat;
  private final Map<Format, JsonNode> trees = new EnumMap<>(Format.class);
  private final Map<Format, Undecodable> broken = new EnumMap<>(Format.class);
  private final Map<Format, SenmlPack> packs = new EnumMap<>(Format.class);

  private Payload(byte[] bytes, int contentFormat) {
    this.bytes = bytes;
    this.contentFormat = contentFormat;
  }

  /**
   * Loads the parsers, which takes some tenths of a second the first time: better before the first
   * notifications wait than while they do.
   */
  public static void prepare() {
    byte[] zero = {'0'};
    JSON.readTree(zero);
    CBOR.readTree(new byte[1]);
  }

  /**
   * Reads a payload.
   *
   * @param bytes the payload
   * @param contentFormat the number of its Content-Format option; below 0 where it had none, which
   *     reads as text
   * @param extracts what to take from it
   * @param arrivalNanos when it arrived, on the gateway's timeline
   * @param clock places SenML's absolute times on the gateway's timeline
   */
  public static Decoded decode(
      byte[] bytes, int contentFormat, List<Extract> extracts, long arrivalNanos, Clock clock) {
    Payload payload = new Payload(bytes, contentFormat);
    List<Reading> readings = new ArrayList<>(extracts.size());
    List<String> complaints = new ArrayList<>();
    for (Extract extract : extracts) {
      String why;
      try {
        readings.addAll(payload.readings(extract, arrivalNanos, clock));
        continue;
      } catch (Undecodable e) {
        why = String.valueOf(e.getMessage());
      } catch (RuntimeException e) {
        // A defect, here or in a parser, that a hostile payload has found must not end the gateway.
        why = "cannot be read because of a defect of this driver (" + e + ")";
      }
      complaints.add("the payload for " + extract.point() + " " + why);
      Value none = Value.of(Double.NaN);
      readings.add(new Reading(extract.point(), arrivalNanos, none, Quality.BAD_SENSOR));
    }
    return new Decoded(readings, complaints);
  }

  /** Good, unless the value is a number that is none. */
  static Quality soundness(Value value) {
    return value instanceof Value.Real real && !Double.isFinite(real.value())
        ? Quality.BAD_NOT_A_NUMBER
        : Quality.GOOD;
  }

  private List<Reading> readings(Extract extract, long arrivalNanos, Clock clock)
      throws Undecodable {
    if (bytes.length > MAX_BYTES) {
      throw new Undecodable("has " + bytes.length + " bytes, more than " + MAX_BYTES);
    }
    Format format = extract.format() == null ? byContentFormat() : extract.format();
    return switch (format) {
      case TEXT -> one(extract, arrivalNanos, Scalars.ofText(text()));
      case JSON, CBOR ->
          one(extract, arrivalNanos, Scalars.ofNode(tree(format).at(extract.pointer())));
      case SENML_JSON -> pack(format, SenmlPack.Labels.JSON).readings(extract, arrivalNanos, clock);
      case SENML_CBOR -> pack(format, SenmlPack.Labels.CBOR).readings(extract, arrivalNanos, clock);
    };
  }

  private static List<Reading> one(Extract extract, long arrivalNanos, Value value) {
    return List.of(new Reading(extract.point(), arrivalNanos, value, soundness(value)));
  }

  private Format byContentFormat() throws Undecodable {
    if (contentFormat < 0) {
      return Format.TEXT;
    }
    Format format = Format.ofContentFormat(contentFormat);
    if (format == null) {
      throw new Undecodable(
          "has Content-Format "
              + contentFormat
              + ", which is not understood: say with 'format' how to read it");
    }
    return format;
  }

  private String text() throws Undecodable {
    try {
      return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException _) {
      throw new Undecodable("is no UTF-8 text");
    }
  }

  private JsonNode tree(Format format) throws Undecodable {
    JsonNode known = trees.get(format);
    if (known != null) {
      return known;
    }
    Undecodable before = broken.get(format);
    if (before != null) {
      throw before;
    }
    try {
      JsonNode tree = parsed(format == Format.JSON || format == Format.SENML_JSON);
      trees.put(format, tree);
      return tree;
    } catch (Undecodable e) {
      broken.put(format, e);
      throw e;
    }
  }

  private JsonNode parsed(boolean json) throws Undecodable {
    try {
      JsonNode tree = (json ? JSON : CBOR).readTree(bytes);
      if (tree.isMissingNode()) {
        throw new Undecodable("is empty");
      }
      return tree;
    } catch (JacksonException e) {
      String why = String.valueOf(e.getOriginalMessage()).replaceAll("[^ -~]", "?");
      throw new Undecodable(
          "is no "
              + (json ? "JSON" : "CBOR")
              + " within the limits: "
              + why.substring(0, Math.min(160, why.length())));
    }
  }

  private SenmlPack pack(Format format, SenmlPack.Labels labels) throws Undecodable {
    SenmlPack known = packs.get(format);
    if (known == null) {
      known = SenmlPack.of(tree(format), labels);
      packs.put(format, known);
    }
    return known;
  }
}
