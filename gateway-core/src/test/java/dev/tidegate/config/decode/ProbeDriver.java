package dev.tidegate.config.decode;

import dev.tidegate.driver.Complaint;
import dev.tidegate.driver.Device;
import dev.tidegate.driver.DeviceConfig;
import dev.tidegate.driver.Driver;
import dev.tidegate.driver.DriverContext;
import dev.tidegate.driver.DriverException;
import dev.tidegate.driver.Option;
import dev.tidegate.driver.Option.Kind;
import java.util.ArrayList;
import java.util.List;

/**
 * A driver with one option of each kind in each place, shaped like one for an I2C sensor: seven-bit
 * addresses as the I2C specification leaves them free (0x03 to 0x77), registers on the points.
 */
final class ProbeDriver implements Driver {
  private final String type;

  ProbeDriver(String type) {
    this.type = type;
  }

  /** What every test here is given. */
  static List<Driver> all() {
    return List.of(new ProbeDriver("probe"), new SilentDriver());
  }

  @Override
  public String type() {
    return type;
  }

  @Override
  public List<Option> options() {
    return List.of(
        Option.device(Kind.INTEGER, "address", "The sensor's address on the bus.")
            .must()
            .within(0x03, 0x77),
        Option.device(Kind.CHOICE, "speed", "The bus's speed.").oneOf("slow", "fast").or("slow"),
        Option.device(Kind.FLAG, "checksum", "Whether answers carry a checksum.").or("true"),
        Option.device(Kind.DURATION, "timeout", "How long an answer may take.")
            .within(0.001, 5)
            .or("100ms"),
        Option.device(Kind.PATH, "map", "A file with the registers."),
        Option.device(Kind.TEXT, "label", "What is written on the sensor."),
        Option.point(Kind.INTEGER, "register", "The first register of the value.")
            .must()
            .within(0, 255),
        Option.point(Kind.NUMBER, "weight", "How much of it counts.").within(0, 1).or("1.0"));
  }

  /** Two points cannot read the same register; a slow bus has no use for a time-out below 10 ms. */
  @Override
  public List<Complaint> check(DeviceConfig config) {
    List<Complaint> complaints = new ArrayList<>();
    if (config.settings().text("speed").equals("slow")
        && config.settings().nanos("timeout") < 10_000_000) {
      complaints.add(
          new Complaint(null, "timeout", "a slow bus needs a 'timeout' of at least 10ms"));
    }
    List<Long> registers = new ArrayList<>();
    for (DeviceConfig.Point point : config.points()) {
      long register = point.settings().integer("register");
      if (registers.contains(register)) {
        complaints.add(
            new Complaint(
                point.id(), "register", "register " + register + " belongs to another point"));
      }
      registers.add(register);
    }
    if (config.settings().has("label") && config.settings().text("label").equals("worn off")) {
      complaints.add(new Complaint(null, null, "a sensor without a readable label is not used"));
    }
    return complaints;
  }

  @Override
  public Device open(DeviceConfig config, DriverContext context) throws DriverException {
    throw new DriverException(DriverException.Kind.UNPLUGGED, "no bus here");
  }

  /** A driver without a key of its own. */
  static final class SilentDriver implements Driver {
    @Override
    public String type() {
      return "silent";
    }

    @Override
    public Device open(DeviceConfig config, DriverContext context) throws DriverException {
      throw new DriverException(DriverException.Kind.UNPLUGGED, "no bus here");
    }
  }
}
