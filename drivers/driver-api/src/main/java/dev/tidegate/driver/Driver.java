package dev.tidegate.driver;

import java.util.List;

/**
 * A kind of device. Found through {@code META-INF/services/dev.tidegate.driver.Driver}; one
 * instance serves all devices of its type and keeps no state of its own.
 */
public interface Driver {
  /** The word after {@code driver:} in the configuration: lower case, for example {@code coap}. */
  String type();

  /**
   * The keys that this driver adds to a device and to its points. The configuration is checked
   * against them, offline, before {@link #open} is called; the editor's schema is made of them.
   */
  default List<Option> options() {
    return List.of();
  }

  /**
   * What the options cannot say by themselves (two keys that exclude each other, a file that has no
   * such column): one complaint per mistake. Must not touch the device; may read local files.
   */
  default List<Complaint> check(DeviceConfig config) {
    return List.of();
  }

  /**
   * The name of the wire on which the device sits. Devices that share a bus share one thread, and
   * never talk at the same time. By default each device has its own.
   */
  default String bus(DeviceConfig config) {
    return config.id();
  }

  /**
   * Takes hold of the device: opens the port, finds the chip, resolves the name. Called on the
   * device's bus thread; must return or throw within 10 s. A device that is merely silent may be
   * opened all the same and fail at the first poll.
   *
   * @throws DriverException when the device cannot be used now; the gateway decides when to retry
   */
  Device open(DeviceConfig config, DriverContext context) throws DriverException;
}
