package dev.tidegate.drivers.replay;

import dev.tidegate.driver.DeviceConfig;
import dev.tidegate.driver.Driver;
import dev.tidegate.testkit.DeviceSketch;
import dev.tidegate.testkit.DriverContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** The replay driver keeps the contract of all drivers. */
class ReplayContractTest extends DriverContract {
  @TempDir private Path temp;

  @BeforeEach
  void record() throws IOException {
    Files.writeString(temp.resolve("pump.csv"), "t,flow,level\n0,1,2\n1,3,4\n2,5,6\n");
  }

  @Override
  protected Driver driver() {
    return new ReplayDriver();
  }

  @Override
  protected DeviceConfig config(String deviceId) {
    return of(deviceId, "pump.csv");
  }

  @Override
  protected @Nullable DeviceConfig missing(String deviceId) {
    return of(deviceId, "no-such.csv");
  }

  private DeviceConfig of(String deviceId, String file) {
    return DeviceSketch.of(driver(), deviceId)
        .set("file", temp.resolve(file).toString())
        .point("flow")
        .point("height", "column", "level")
        .config();
  }
}
