package dev.tidegate.testkit;

import dev.tidegate.driver.DeviceConfig;
import dev.tidegate.driver.Driver;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The contract, run on a flawed driver by {@link DriverContractTest}; its name keeps it from being
 * run by itself.
 */
final class FlawedContract extends DriverContract {
  private final FlawedDriver driver;
  private final Path folder;

  FlawedContract(FlawedDriver driver, Path folder) {
    this.driver = driver;
    this.folder = folder;
  }

  @Override
  protected Driver driver() {
    return driver;
  }

  @Override
  protected DeviceConfig config(String deviceId) {
    return DeviceSketch.of(new FlawedDriver(), deviceId).set("port", "1").point("p").config();
  }

  @Override
  protected @Nullable DeviceConfig missing(String deviceId) {
    return config(deviceId);
  }

  @Override
  protected boolean breakDevices() {
    driver.breakDevices();
    return true;
  }

  @Override
  protected void pass() {
    super.pass();
    driver.pass();
  }

  @Override
  protected Duration deadline() {
    return Duration.ofMillis(100);
  }

  @Override
  protected Path folder() {
    return folder;
  }
}
