package dev.tidegate.config.decode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.tidegate.config.yaml.Findings;
import dev.tidegate.config.yaml.Node;
import dev.tidegate.config.yaml.YamlFile;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The schema and the decoder against each other, by a validator that is not ours. Two rules: what
 * the decoder takes, the schema takes; what is wrong with the shape of a file, both refuse.
 */
class ConfigSchemaTest {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final GatewayKeys KEYS = new GatewayKeys(ProbeDriver.all());
  private static final Schema SCHEMA =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
          .getSchema(ConfigSchema.json(ProbeDriver.all()), InputFormat.JSON);

  static List<String> cases() throws IOException {
    return ConfigCasesTest.cases();
  }

  // Without it: an editor underlines a file that the gateway takes.
  @ParameterizedTest
  @MethodSource("cases")
  void whatTheDecoderTakesTheSchemaTakes(String name) throws IOException {
    if (name.startsWith("good-")) {
      assertEquals(List.of(), SCHEMA.validate(file(name)));
    }
  }

  // Without it: an editor is silent where the gateway refuses, though a schema could have said it.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "address-out-of-range",
        "bad-durations-and-sizes",
        "bad-numbers",
        "bad-sync",
        "bad-windows",
        "bad-words",
        "just-a-word",
        "keys-without-their-partner",
        "missing-keys",
        "missing-sections",
        "no-values",
        "not-a-mapping",
        "terminal-escapes",
        "unknown-keys",
        "wrong-types",
        "wrong-types-inside"
      })
  void whatASchemaCanSayItSays(String name) throws IOException {
    assertFalse(SCHEMA.validate(file(name)).isEmpty());
  }

  // Without it: one key's type, or the ban on unknown keys, is in the decoder and not in the
  // schema.
  @Test
  void bothRefuseEachValueOfAnotherShape() throws IOException {
    JsonNode good = file("good-everything");
    int tried = 0;
    for (Mutant mutant : mutants(good, good, "")) {
      tried++;
      boolean schema = SCHEMA.validate(mutant.file()).isEmpty();
      assertFalse(schema, () -> "the schema takes " + mutant.what());
      assertFalse(decodes(mutant.file()), () -> "the decoder takes " + mutant.what());
    }
    assertTrue(tried > 200, tried + " mutants");
  }

  // Without it: a key is required by one of the two alone.
  @Test
  void aKeyLeftOutIsRefusedByBothOrLeftToTheDecoder() throws IOException {
    JsonNode good = file("good-everything");
    List<String> required = new ArrayList<>();
    for (Mutant mutant : removals(good, good, "")) {
      List<Error> errors = SCHEMA.validate(mutant.file());
      boolean decodes = decodes(mutant.file());
      assertTrue(errors.isEmpty() || !decodes, () -> "only the schema refuses " + mutant.what());
      if (!errors.isEmpty()) {
        required.add(mutant.what());
      }
    }
    assertTrue(
        required.containsAll(
            List.of(
                "no /gateway",
                "no /gateway/id",
                "no /devices",
                "no /devices/0/driver",
                "no /devices/0/address",
                "no /devices/0/points/0/register",
                "no /devices/0/points/0/unit", // source-unit is there
                "no /devices/0/points/0/report", // deadband is there
                "no /windows/0/size",
                "no /models/0/bundle",
                "no /sync/broker",
                "no /sync/username")),
        required::toString);
    assertFalse(required.contains("no /sync/reconnect"));
  }

  // Without it: the same drivers give another text with each run, and the kept copy never agrees.
  @Test
  void theSameDriversGiveTheSameText() {
    assertEquals(
        ConfigSchema.json(ProbeDriver.all()), ConfigSchema.json(ProbeDriver.all().reversed()));
  }

  // Without it: the schema refers to a definition that is not there, or describes no key.
  @Test
  void everyKeyIsDescribed() {
    JsonNode schema = JsonMapper.shared().readTree(ConfigSchema.json(ProbeDriver.all()));
    JsonNode address = schema.at("/$defs/device-probe/properties/address");
    assertEquals(3, address.path("minimum").asInt());
    assertEquals(119, address.path("maximum").asInt());
    assertEquals("The sensor's address on the bus.", address.path("description").asString());
    for (JsonNode properties : schema.findValues("properties")) {
      for (Map.Entry<String, JsonNode> key : properties.properties()) {
        boolean condition = key.getValue().has("const") || key.getValue().has("enum");
        assertTrue(condition || key.getValue().has("description"), key::toString);
      }
    }
  }

  /** A file with one mistake. */
  private record Mutant(String what, JsonNode file) {}

  /** Each value once as a list in a list, once as nothing; each mapping once with a key more. */
  private static List<Mutant> mutants(JsonNode file, JsonNode at, String pointer) {
    List<Mutant> mutants = new ArrayList<>();
    if (!pointer.isEmpty()) {
      ArrayNode nested = JSON.arrayNode().add(JSON.arrayNode());
      mutants.add(new Mutant(pointer + " as [[]]", with(file, pointer, nested)));
      mutants.add(new Mutant(pointer + " as null", with(file, pointer, JSON.nullNode())));
    }
    if (at instanceof ObjectNode object) {
      ObjectNode more = object.deepCopy().put("zz", 1);
      mutants.add(new Mutant(pointer + " with zz", with(file, pointer, more)));
      object.forEachEntry((k, v) -> mutants.addAll(mutants(file, v, pointer + "/" + k)));
    }
    for (int i = 0; at instanceof ArrayNode && i < at.size(); i++) {
      mutants.addAll(mutants(file, at.get(i), pointer + "/" + i));
    }
    return mutants;
  }

  private static List<Mutant> removals(JsonNode file, JsonNode at, String pointer) {
    List<Mutant> mutants = new ArrayList<>();
    if (at instanceof ObjectNode object) {
      for (Map.Entry<String, JsonNode> each : object.properties()) {
        String key = pointer + "/" + each.getKey();
        ObjectNode less = object.deepCopy();
        less.remove(each.getKey());
        mutants.add(new Mutant("no " + key, with(file, pointer, less)));
        mutants.addAll(removals(file, each.getValue(), key));
      }
    }
    for (int i = 0; at instanceof ArrayNode && i < at.size(); i++) {
      mutants.addAll(removals(file, at.get(i), pointer + "/" + i));
    }
    return mutants;
  }

  private static JsonNode with(JsonNode file, String pointer, JsonNode value) {
    if (pointer.isEmpty()) {
      return value;
    }
    JsonNode copy = file.deepCopy();
    int slash = pointer.lastIndexOf('/');
    String last = pointer.substring(slash + 1);
    switch (copy.at(pointer.substring(0, slash))) {
      case ObjectNode object -> object.set(last, value);
      case ArrayNode array -> array.set(Integer.parseInt(last), value);
      default -> throw new IllegalStateException(pointer);
    }
    return copy;
  }

  /** JSON is YAML (1.2, chapter 1.3), so the decoder reads it as it is. */
  private static boolean decodes(JsonNode file) {
    byte[] bytes = file.toString().getBytes(StandardCharsets.UTF_8);
    return ConfigLoader.parse(Path.of("gateway.yaml"), bytes, KEYS) instanceof LoadResult.Loaded;
  }

  private static JsonNode file(String name) throws IOException {
    Path file = ConfigCasesTest.folder(name).resolve("gateway.yaml");
    Node root = YamlFile.parse(Files.readAllBytes(file), new Findings(file));
    assertTrue(root != null, name + " is no YAML");
    return json(root);
  }

  /** What YAML's core schema makes of the file. */
  private static JsonNode json(Node node) {
    return switch (node) {
      case Node.Scalar s ->
          switch (s.type()) {
            case TEXT -> JSON.stringNode(s.text());
            case WHOLE -> whole(s.text());
            case REAL -> real(s.text());
            case FLAG -> JSON.booleanNode(Boolean.parseBoolean(s.text()));
            case NOTHING -> JSON.nullNode();
          };
      case Node.Sequence s -> {
        ArrayNode array = JSON.arrayNode();
        s.items().forEach(i -> array.add(json(i)));
        yield array;
      }
      case Node.Mapping m -> {
        ObjectNode object = JSON.objectNode();
        m.fields().forEach((k, f) -> object.set(k, json(f.value())));
        yield object;
      }
      case Node.Unread u -> JSON.nullNode();
    };
  }

  private static JsonNode whole(String text) {
    return JSON.numberNode(
        text.startsWith("0x") ? new BigInteger(text.substring(2), 16) : new BigInteger(text));
  }

  private static JsonNode real(String text) {
    return text.contains("inf") || text.contains("nan")
        ? JSON.stringNode(text)
        : JSON.numberNode(new BigDecimal(text));
  }
}
