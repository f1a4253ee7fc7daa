package dev.tidegate.config;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything that one gateway is told.
 *
 * @param id the gateway's name towards the cloud: letters, digits, {@code .}, {@code _}, {@code -},
 *     1 to 64 characters
 * @param data folder for the buffer file, made when it is not there
 * @param devices what is read, in the order of the file, 1 to 1,024
 * @param windows what is summarised
 * @param models what is scored
 * @param actuators what may be written
 * @param buffer how long and how much is kept
 * @param sync where it goes; null keeps everything local
 * @param budget what it may cost
 */
public record GatewayConfig(
    String id,
    Path data,
    List<DeviceEntry> devices,
    List<WindowConfig> windows,
    List<ModelConfig> models,
    List<ActuatorConfig> actuators,
    BufferConfig buffer,
    @Nullable SyncConfig sync,
    BudgetConfig budget) {
  public GatewayConfig {
    devices = List.copyOf(devices);
    windows = List.copyOf(windows);
    models = List.copyOf(models);
    actuators = List.copyOf(actuators);
  }

  /** A gateway that writes nothing, without a budget. */
  public GatewayConfig(
      String id,
      Path data,
      List<DeviceEntry> devices,
      List<WindowConfig> windows,
      List<ModelConfig> models,
      BufferConfig buffer,
      @Nullable SyncConfig sync) {
    this(id, data, devices, windows, models, List.of(), buffer, sync, BudgetConfig.UNBOUNDED);
  }

  /** The rules of every point of every device. */
  public List<PointConfig> points() {
    return devices.stream().flatMap(d -> d.points().stream()).toList();
  }
}
