package dev.tidegate.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.cli.Exit;
import dev.tidegate.cli.Tidegate;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What the demo does before it starts anything. */
final class DemoCommandTest {
  @TempDir Path folder;

  /** Without it, the second run throws away what its owner wrote into the configuration. */
  @Test
  void aKeptConfigurationGetsNewAddressesAndNothingElse() throws Exception {
    Path config =
        DemoCommand.prepare(folder, URI.create("mqtt://127.0.0.1:4001"), "coap://127.0.0.1:5001");
    String first = Files.readString(config);
    assertTrue(first.contains("uri: coap://127.0.0.1:5001\n"), first);
    assertTrue(first.contains("broker: mqtt://127.0.0.1:4001\n"), first);
    String changed =
        first.replace("poll-every: 200ms", "poll-every: 300ms # mine")
            + "# not coap://127.0.0.1:9, not mqtt://h:9\n";
    Files.writeString(config, changed);
    assertEquals(
        config,
        DemoCommand.prepare(folder, URI.create("mqtt://localhost:4002"), "coap://127.0.0.1:5002"));
    assertEquals(
        changed
            .replace("coap://127.0.0.1:5001", "coap://127.0.0.1:5002")
            .replace("mqtt://127.0.0.1:4001", "mqtt://localhost:4002"),
        Files.readString(config));
  }

  /** Without it, an address without a port would be tried at port -1. */
  @ParameterizedTest
  @CsvSource({
    "mqtt://127.0.0.1, mqtt://127.0.0.1:1883",
    "mqtt://broker.example/, mqtt://broker.example:1883",
    "MQTT://[::1]:1884, mqtt://[::1]:1884"
  })
  void anAddressIsCompleted(URI given, URI complete) {
    assertEquals(complete, Broker.address(given));
  }

  /** Without it, a mistyped broker would end in a stack trace or in a wait for nothing. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "mqtts://127.0.0.1:8883",
        "127.0.0.1",
        "localhost:1883",
        "mqtt:1883",
        "mqtt://:1883",
        "mqtt://h:0",
        "mqtt://h:65536",
        "mqtt://user@h",
        "mqtt://h/path",
        "http://h:1883",
        "mqtt://a b"
      })
  void whatIsNoBrokerIsRefusedBeforeAnythingStarts(String given) {
    StringWriter said = new StringWriter();
    CommandLine commands = Tidegate.commandLine().addSubcommand(new DemoCommand());
    commands.setErr(new PrintWriter(said));
    assertEquals(
        Exit.USAGE, commands.execute("demo", "--dir", folder.toString(), "--broker", given));
    assertTrue(said.toString().contains("--broker"), said.toString());
    assertEquals(given.startsWith("mqtts"), said.toString().contains("speaks plain MQTT"));
    assertFalse(Files.exists(folder.resolve("gateway.yaml")));
  }
}
