package dev.tidegate.cli;

import dev.tidegate.config.GatewayConfig;
import dev.tidegate.gateway.Drivers;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which of the gateways on this machine is asked. Owned by the thread that parses options. */
final class WhichGateway {
  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "the configuration it was started with")
  @Nullable Path config;

  @Option(names = "--data", paramLabel = "FOLDER", description = "its data folder")
  @Nullable Path data;

  /**
   * Where it is, and what may be written there as far as that is known.
   *
   * @param actuators names of points; empty without a configuration
   */
  record Place(Path folder, List<String> actuators) {}

  /** Its place, or empty after all complaints about the configuration were printed. */
  static Optional<Place> place(@Nullable WhichGateway which) {
    if (which != null && which.data != null) {
      return Optional.of(new Place(which.data, List.of()));
    }
    Optional<GatewayConfig> config =
        CheckCommand.load(which == null ? null : which.config, Drivers.installed());
    return config.map(
        c -> new Place(c.data(), c.actuators().stream().map(a -> a.point().name()).toList()));
  }
}
