package dev.tidegate.drivers.simulator;

import dev.tidegate.driver.DeviceConfig;
import dev.tidegate.driver.Driver;
import dev.tidegate.testkit.DeviceSketch;
import dev.tidegate.testkit.DriverContract;

/** The simulator keeps the contract of all drivers. A plant is always there and cannot fail. */
class SimulatorContractTest extends DriverContract {
  @Override
  protected Driver driver() {
    return new SimulatorDriver();
  }

  @Override
  protected DeviceConfig config(String deviceId) {
    return DeviceSketch.of(driver(), deviceId)
        .point("flow", "unit", "l/min")
        .point("opening", "channel", "valve")
        .config();
  }
}
