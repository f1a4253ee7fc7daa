package dev.tidegate.acceptance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.config.GatewayConfig;
import dev.tidegate.config.decode.ConfigLoader;
import dev.tidegate.config.decode.ConfigSchema;
import dev.tidegate.config.decode.LoadResult;
import dev.tidegate.driver.Driver;
import dev.tidegate.gateway.Drivers;
import dev.tidegate.health.Counters;
import dev.tidegate.health.Faults;
import dev.tidegate.inference.Inference;
import dev.tidegate.timekeeping.SystemClock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every configuration that we show to people is one that the gateway takes. */
class SamplesTest {
  private static final List<Driver> DRIVERS = Drivers.installed();

  @TempDir Path folder;

  /** A driver that is not on the class path would be missing from the product. */
  @Test
  void allDriversAreInstalled() {
    assertEquals(
        List.of("coap", "replay", "simulator"), DRIVERS.stream().map(Driver::type).toList());
  }

  /** An integrator starts from the sample: it must not be the first thing that fails. */
  @Test
  void everySampleIsTaken() {
    List<Path> samples = Repository.files(Repository.ROOT.resolve("drivers"), "sample.yaml");
    for (Driver driver : DRIVERS) {
      assertTrue(
          samples.contains(Repository.ROOT.resolve("drivers/" + driver.type() + "/sample.yaml")),
          driver.type() + " has no sample.yaml");
    }
    for (Path sample : samples) {
      if (!sample.toString().contains("/src/test/")) {
        taken(sample);
      }
    }
  }

  /** The demo writes this file for people to change. */
  @Test
  void theDemosConfigurationIsTaken() throws Exception {
    String template =
        Files.readString(
            Repository.ROOT.resolve(
                "packaging/demo/src/main/resources/dev/tidegate/demo/gateway.yaml"));
    Files.writeString(
        folder.resolve("recording.csv"), "time,flow,pressure\n2026-01-01T00:00:00Z,1,2\n");
    taken(
        Files.writeString(
            folder.resolve("gateway.yaml"),
            template
                .replace("@coap@", "coap://127.0.0.1:5683")
                .replace("@broker@", "mqtt://127.0.0.1:1883")
                .replace("@recording@", "recording.csv")));
  }

  /** The README's example is the one that most people copy. */
  @Test
  void theReadmesConfigurationIsTaken() throws Exception {
    Matcher yaml =
        Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(Repository.ROOT.resolve("README.md")));
    int found = 0;
    while (yaml.find()) {
      taken(Files.writeString(folder.resolve("readme" + found++ + ".yaml"), yaml.group(1)));
    }
    assertTrue(found > 0, "README.md shows no configuration");
  }

  /** The operator's page must not start people off with a model that the gateway then refuses. */
  @Test
  void theReferencesConfigurationIsTakenWithItsModels() throws Exception {
    Matcher yaml =
        Pattern.compile("```yaml\n(gateway:.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(Repository.ROOT.resolve("docs/operating/configuration.md")));
    int models = 0;
    int found = 0;
    while (yaml.find()) {
      GatewayConfig config =
          taken(Files.writeString(folder.resolve("page" + found++ + ".yaml"), yaml.group(1)));
      SystemClock clock = new SystemClock();
      try (Inference inference =
          Inference.open(config, clock, new Counters(), new Faults(clock), d -> {})) {
        assertEquals(List.of(), inference.refusals());
        models += inference.accepted().size();
      }
    }
    assertTrue(found > 0, "configuration.md shows no configuration");
    assertTrue(models > 0, "configuration.md shows no model");
  }

  /** Editors complete the configuration from this file. */
  @Test
  void theShippedSchemaIsWhatTheGatewayTakes() throws Exception {
    Repository.golden(
        Repository.ROOT.resolve("docs/spec/gateway.schema.json"), ConfigSchema.json(DRIVERS));
  }

  private static GatewayConfig taken(Path file) {
    LoadResult result = ConfigLoader.load(file, DRIVERS);
    return assertInstanceOf(LoadResult.Loaded.class, result, () -> file + ": " + result).config();
  }
}
