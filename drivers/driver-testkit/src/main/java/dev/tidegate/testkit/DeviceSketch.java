package dev.tidegate.testkit;

import dev.tidegate.driver.DeviceConfig;
import dev.tidegate.driver.Driver;
import dev.tidegate.driver.Option;
import dev.tidegate.driver.Settings;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Unit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A device's configuration written in code with the words of the YAML file. It is checked against
 * the driver's options and completed with their fallbacks, as the gateway does.
 *
 * <pre>{@code
 * DeviceSketch.of(new SimulatorDriver(), "pump").set("seed", "7")
 *     .point("flow", "unit", "l/min").point("opening", "channel", "valve").config()
 * }</pre>
 */
public final class DeviceSketch {
  private final List<Option> options;
  private final String id;
  private final Map<String, String> given = new HashMap<>();
  private final List<DeviceConfig.Point> points = new ArrayList<>();
  private long pollEveryNanos = 1_000_000_000;

  private DeviceSketch(List<Option> options, String id) {
    this.options = options;
    this.id = id;
  }

  /** A device of that driver, without points yet, polled every second. */
  public static DeviceSketch of(Driver driver, String id) {
    return new DeviceSketch(driver.options(), id);
  }

  /** Sets an option of the device. */
  public DeviceSketch set(String option, String value) {
    given.put(option, value);
    return this;
  }

  public DeviceSketch pollEvery(long nanos) {
    pollEveryNanos = nanos;
    return this;
  }

  /**
   * Adds a point.
   *
   * @param keysAndValues {@code unit} or an option, its value, and so on
   * @throws IllegalArgumentException when the driver has no such option, or the value is wrong
   */
  public DeviceSketch point(String point, String... keysAndValues) {
    Map<String, String> keys = new HashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      keys.put(keysAndValues[i], keysAndValues[i + 1]);
    }
    @Nullable String ucum = keys.remove("unit");
    points.add(
        new DeviceConfig.Point(
            PointId.of(id, point),
            ucum == null ? null : Unit.of(ucum),
            settings(Option.Scope.POINT, keys)));
    return this;
  }

  /**
   * The configuration.
   *
   * @throws IllegalArgumentException when the driver has no such option, or the value is wrong
   */
  public DeviceConfig config() {
    return new DeviceConfig(id, settings(Option.Scope.DEVICE, given), points, pollEveryNanos);
  }

  private Settings settings(Option.Scope scope, Map<String, String> texts) {
    Map<String, Object> values = new HashMap<>();
    Map<String, String> left = new HashMap<>(texts);
    for (Option option : options) {
      if (option.scope() != scope) {
        continue;
      }
      String text = left.remove(option.name());
      if (text == null) {
        text = option.fallback();
      }
      if (text != null) {
        values.put(option.name(), OptionText.parse(option, text));
      } else if (option.required()) {
        throw new IllegalArgumentException("option '" + option.name() + "' must be given");
      }
    }
    if (!left.isEmpty()) {
      throw new IllegalArgumentException("the driver has no option " + left.keySet());
    }
    return new Settings(values);
  }
}
