package dev.tidegate.sync;

import dev.tidegate.config.ActuatorConfig;
import dev.tidegate.config.GatewayConfig;
import dev.tidegate.config.SyncConfig;
import dev.tidegate.config.SyncConfig.FarSide;
import dev.tidegate.sync.binding.Binding;
import dev.tidegate.sync.binding.Topics;
import dev.tidegate.sync.ditto.DittoBinding;
import dev.tidegate.sync.plain.PlainBinding;
import dev.tidegate.sync.sparkplug.BirthCount;
import dev.tidegate.sync.sparkplug.SparkplugBinding;
import dev.tidegate.time.Clock;
import dev.tidegate.twin.Twin;
import java.util.stream.Collectors;

/** Makes the binding that a configuration asks for. */
public final class Bindings {
  private Bindings() {}

  /**
   * The binding to the far side that the configuration names.
   *
   * @param sync the gateway's sync section
   * @param twin what is reported and desired, where the far side has no such thing of its own
   * @param epoch of the database
   * @param run the boot id of this run of the gateway
   * @throws IllegalArgumentException when the configured topics cannot be published to
   */
  public static Binding of(
      GatewayConfig config, SyncConfig sync, Twin twin, String epoch, String run, Clock clock) {
    Topics topics = Topics.of(sync, config.id());
    return switch (sync.farSide()) {
      case FarSide.Plain plain ->
          new PlainBinding(
              topics,
              config.id(),
              epoch,
              twin,
              config.actuators().stream().map(a -> a.point().name()).collect(Collectors.toSet()),
              plain.json());
      case FarSide.Ditto ditto ->
          new DittoBinding(
              topics,
              ditto,
              config.id(),
              config.devices().stream().map(d -> d.device().id()).collect(Collectors.toSet()),
              config.actuators().stream().map(ActuatorConfig::point).collect(Collectors.toSet()),
              epoch,
              run);
      case FarSide.SparkplugB sparkplug ->
          new SparkplugBinding(sparkplug, config, epoch, run, new BirthCount(config.data()), clock);
    };
  }
}
