package dev.tidegate.config.decode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.tidegate.config.kind.Key;
import dev.tidegate.config.kind.Section;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The tables in docs/operating/configuration.md against the declarations that decode the file. */
class ConfigReferenceTest {
  private static final Path PAGE = Path.of("..", "docs", "operating", "configuration.md");

  // Without it: the page names a default, a bound or a key that the gateway does not have.
  @Test
  void thePageListsTheKeysAsTheyAreDeclared() throws IOException {
    String page = Files.readString(PAGE);
    for (Map.Entry<String, Section<?>> each : sections().entrySet()) {
      String start = "<!-- keys: " + each.getKey() + " -->\n";
      int from = page.indexOf(start) + start.length();
      int to = page.indexOf("<!-- end -->", from);
      String found = from < start.length() || to < 0 ? "" : page.substring(from, to);
      if ("write".equals(System.getProperty("tidegate.golden")) && !found.isEmpty()) {
        page = page.substring(0, from) + table(each.getValue()) + page.substring(to);
        Files.writeString(PAGE, page);
        continue;
      }
      assertEquals(table(each.getValue()), found, "the table '" + each.getKey() + "' in " + PAGE);
    }
  }

  private static Map<String, Section<?>> sections() {
    GatewayKeys keys = new GatewayKeys(ProbeDriver.all());
    Section<?> silent = keys.device().byDriver().get("silent"); // the keys of every device
    return Map.ofEntries(
        Map.entry("file", keys.root()),
        Map.entry("gateway", GatewayKeys.GATEWAY),
        Map.entry("devices", silent),
        Map.entry("points", PointKeys.section(List.of())),
        Map.entry("calibrate", PointKeys.CALIBRATION),
        Map.entry("windows", StreamKeys.WINDOW),
        Map.entry("models", StreamKeys.MODEL),
        Map.entry("buffer", SinkKeys.BUFFER),
        Map.entry("lanes", LaneKeys.LANES),
        Map.entry("actuators", ActuatorKeys.ACTUATOR),
        Map.entry("read-back", ActuatorKeys.READ_BACK),
        Map.entry("interlocks", ActuatorKeys.INTERLOCK),
        Map.entry("dead-man", ActuatorKeys.DEAD_MAN),
        Map.entry("budget", GatewayKeys.BUDGET),
        Map.entry("sync", SinkKeys.SYNC),
        Map.entry("reconnect", SinkKeys.RECONNECT),
        Map.entry("link-per-day", SinkKeys.LINK_PER_DAY),
        Map.entry("plain", FarSideKeys.PLAIN),
        Map.entry("ditto", FarSideKeys.DITTO),
        Map.entry("sparkplug-b", FarSideKeys.SPARKPLUG),
        Map.entry("templates", FarSideKeys.TEMPLATE));
  }

  static String table(Section<?> section) {
    StringBuilder table =
        new StringBuilder("| key | value | default | meaning |\n|---|---|---|---|\n");
    for (Key<?> key : section.keys()) {
      // Which drivers there are is not this page's business.
      String value = key.name().equals("driver") ? "the type of a driver" : key.kind().expected();
      String fallback = key.fallback();
      table
          .append("| `")
          .append(key.name())
          .append("` | ")
          .append(plain(value))
          .append(" | ")
          .append(key.required() ? "must be given" : fallback == null ? "" : "`" + fallback + "`")
          .append(" | ")
          .append(plain(key.doc()))
          .append(" |\n");
    }
    return table.toString();
  }

  /** Text that Markdown leaves alone. */
  private static String plain(String text) {
    return text.replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*");
  }

  // Without it: the first file that an operator copies is refused.
  @Test
  void theFileToStartFromIsTaken() throws IOException {
    String page = Files.readString(PAGE);
    int from = page.indexOf("```yaml\n") + "```yaml\n".length();
    String example = page.substring(from, page.indexOf("```", from));
    String here =
        example.replace("driver: simulator", "driver: silent"); // this module has no other
    LoadResult result =
        ConfigLoader.parse(
            Path.of("gateway.yaml"),
            here.getBytes(StandardCharsets.UTF_8),
            new GatewayKeys(ProbeDriver.all()));
    assertEquals(
        List.of(), assertInstanceOf(LoadResult.Loaded.class, result, result::toString).warnings());
  }
}
