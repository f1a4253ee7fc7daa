package dev.tidegate.cli;

import dev.tidegate.config.decode.ConfigSchema;
import dev.tidegate.gateway.Drivers;
import picocli.CommandLine.Command;

/** {@code tidegate schema}: what an editor needs to complete the configuration. */
@Command(
    name = "schema",
    description = "Prints the JSON Schema of the configuration, installed drivers included.",
    mixinStandardHelpOptions = true)
final class SchemaCommand implements Runnable {
  @Override
  public void run() {
    System.out.print(ConfigSchema.json(Drivers.installed()));
  }
}
