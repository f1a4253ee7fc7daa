package dev.tidegate.testkit;

import dev.tidegate.driver.Device;
import dev.tidegate.driver.DeviceConfig;
import dev.tidegate.driver.Driver;
import dev.tidegate.driver.DriverContext;
import dev.tidegate.driver.DriverException;
import dev.tidegate.driver.Option;
import dev.tidegate.driver.Pollable;
import dev.tidegate.driver.Sink;
import dev.tidegate.driver.Writable;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Reading;
import dev.tidegate.reading.Value;
import java.io.IOException;
import java.util.List;

/**
 * A driver as an author would write it: a chip on a {@link SimulatedBus} with a temperature in
 * registers 0 and 1 (1/256 Cel, two's complement) and their CRC-8 (polynomial 0x31, start 0xFF) in
 * register 2. The unit test's bus is handed in; the service loader's instance has a bus of its own.
 */
public final class ThermometerDriver implements Driver {
  private final SimulatedBus bus;

  public ThermometerDriver() {
    this(new SimulatedBus());
  }

  ThermometerDriver(SimulatedBus bus) {
    this.bus = bus;
  }

  @Override
  public String type() {
    return "thermometer";
  }

  @Override
  public List<Option> options() {
    return List.of(
        Option.device(Option.Kind.INTEGER, "address", "The chip's address on the bus.")
            .must()
            .within(0x08, 0x77));
  }

  @Override
  public Device open(DeviceConfig config, DriverContext context) {
    return new Thermometer(config, context);
  }

  private final class Thermometer implements Pollable, Writable {
    private final DeviceConfig config;
    private final DriverContext context;

    Thermometer(DeviceConfig config, DriverContext context) {
      this.config = config;
      this.context = context;
    }

    @Override
    public void poll(Sink sink) throws DriverException {
      byte[] answer;
      try {
        answer = bus.read((int) config.settings().integer("address"), 0, 3);
      } catch (IOException e) {
        throw new DriverException(
            DriverException.Kind.UNPLUGGED,
            config.id() + " does not answer (" + e.getMessage() + "): check wiring and address",
            e);
      }
      if (crc(answer[0], answer[1]) != answer[2]) {
        throw new DriverException(
            DriverException.Kind.TRANSIENT, config.id() + " answered with a wrong checksum");
      }
      double celsius = (short) ((answer[0] << 8) | (answer[1] & 0xFF)) / 256.0;
      for (DeviceConfig.Point point : config.points()) {
        sink.accept(Reading.good(point.id(), context.clock().monotonicNanos(), celsius));
      }
    }

    @Override
    public void write(PointId point, Value value) throws DriverException {
      throw new DriverException(
          DriverException.Kind.UNSUPPORTED, point + " cannot be written: it is a thermometer");
    }

    @Override
    public void close() {}
  }

  /** CRC-8 of two bytes, polynomial x⁸+x⁵+x⁴+1, start value 0xFF. */
  static byte crc(byte first, byte second) {
    int crc = 0xFF;
    for (byte b : new byte[] {first, second}) {
      crc ^= b & 0xFF;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 0x80) != 0 ? (crc << 1) ^ 0x31 : crc << 1;
      }
    }
    return (byte) crc;
  }
}
