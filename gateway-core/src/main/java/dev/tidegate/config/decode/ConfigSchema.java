package dev.tidegate.config.decode;

import dev.tidegate.driver.Driver;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.databind.json.JsonMapper;

/**
 * The JSON Schema (2020-12) of the configuration file, for editors: made of the same declarations
 * that decode it. It says what a schema can say; names that refer to each other, units and bounds
 * of durations are the decoder's alone. Keeps no state.
 */
public final class ConfigSchema {
  private ConfigSchema() {}

  /** The schema for a gateway with these drivers; the same drivers give the same text. */
  public static String json(List<Driver> drivers) {
    GatewayKeys keys = new GatewayKeys(drivers);
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put("$schema", "https://json-schema.org/draft/2020-12/schema");
    schema.put("$id", "urn:tidegate:gateway.schema.json");
    schema.put("title", "Tidegate gateway.yaml");
    schema.putAll(keys.root().schema());
    schema.put("$defs", keys.device().definitions());
    DefaultIndenter indent = new DefaultIndenter("  ", "\n");
    DefaultPrettyPrinter printer =
        new DefaultPrettyPrinter().withObjectIndenter(indent).withArrayIndenter(indent);
    return JsonMapper.shared().writer().with(printer).writeValueAsString(schema) + "\n";
  }
}
