package dev.tidegate.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.driver.DeviceConfig;
import dev.tidegate.driver.Driver;
import dev.tidegate.driver.DriverException;
import dev.tidegate.driver.Pollable;
import dev.tidegate.reading.Reading;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The example driver keeps the contract, and shows how a driver's test looks. */
class ThermometerContractTest extends DriverContract {
  final SimulatedBus bus = new SimulatedBus();

  @BeforeEach
  void plug() {
    bus.plug(0x48);
    bus.set(0x48, 0, (byte) 21, (byte) 0x80, ThermometerDriver.crc((byte) 21, (byte) 0x80));
  }

  @Override
  protected Driver driver() {
    return new ThermometerDriver(bus);
  }

  @Override
  protected DeviceConfig config(String deviceId) {
    return at(deviceId, "0x48");
  }

  @Override
  protected @Nullable DeviceConfig missing(String deviceId) {
    return at(deviceId, "0x49");
  }

  @Override
  protected boolean breakDevices() {
    bus.pull(0x48);
    return true;
  }

  @Override
  protected Path folder() {
    return Path.of(System.getProperty("tidegate.root"), "drivers/driver-testkit/src/test/example");
  }

  private DeviceConfig at(String deviceId, String address) {
    return DeviceSketch.of(driver(), deviceId).set("address", address).point("room").config();
  }

  // Without it the bus could bring anything and the example would still pass.
  @Test
  void readsWhatTheRegistersHold() throws Exception {
    CollectingSink sink = new CollectingSink();
    Pollable device = (Pollable) open(config("hall"));
    for (String line :
        Files.readAllLines(folder().resolve("testcases/frost/case.txt")).stream()
            .filter(l -> !l.startsWith("#"))
            .toList()) {
      String[] columns = line.split(" {3}", -1);
      bus.set(0x48, 0, HexFormat.ofDelimiter(" ").parseHex(columns[0]));
      sink.clear();
      device.poll(sink);
      assertEquals(
          Double.parseDouble(columns[1]),
          ((Reading) sink.samples().getFirst()).value().asDouble(),
          line);
    }
  }

  // Without it a flipped bit on the wire would be a temperature.
  @Test
  void spoiltTransfersAreRefusedAndTheNextOnesRead() throws IOException, DriverException {
    CollectingSink sink = new CollectingSink();
    Pollable device = (Pollable) open(config("hall"));
    bus.flipNext(1);
    DriverException spoilt = assertThrows(DriverException.class, () -> device.poll(sink));
    assertEquals(DriverException.Kind.TRANSIENT, spoilt.kind());
    bus.failNext(1);
    DriverException silent = assertThrows(DriverException.class, () -> device.poll(sink));
    assertEquals(DriverException.Kind.UNPLUGGED, silent.kind());
    assertTrue(sink.samples().isEmpty());
    device.poll(sink);
    assertEquals(1, sink.samples().size());
    assertEquals(3, bus.transfers());
  }
}
