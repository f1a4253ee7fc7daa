package dev.tidegate.config.decode;

import dev.tidegate.config.GatewayConfig;
import dev.tidegate.config.kind.Key;
import dev.tidegate.config.yaml.Findings;
import dev.tidegate.config.yaml.Node;
import dev.tidegate.config.yaml.YamlFile;
import dev.tidegate.driver.Driver;
import dev.tidegate.driver.Option;
import dev.tidegate.driver.Settings;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads a configuration file: offline, without touching any device, and in bounded work whatever
 * the file holds. See docs/operating/configuration.md for the file and
 * docs/decisions/0003-configuration-is-decoded-not-mapped.md for why it is done so. Keeps no state;
 * safe for use by any thread.
 */
public final class ConfigLoader {
  private ConfigLoader() {}

  /**
   * The configuration in the file, or everything that is wrong with it. Paths in it are made
   * absolute, starting at the file's folder.
   *
   * @param drivers the drivers there are
   * @throws IllegalArgumentException when a driver's options clash with each other or with {@link
   *     #reservedKeys}: a mistake in the driver, not in the file
   */
  public static LoadResult load(Path file, List<Driver> drivers) {
    GatewayKeys keys = new GatewayKeys(drivers);
    Findings findings = new Findings(file);
    return decode(YamlFile.read(file, findings), keys, findings);
  }

  /** As {@link #load}, for a file that is in memory already. */
  static LoadResult parse(Path file, byte[] bytes, GatewayKeys keys) {
    Findings findings = new Findings(file);
    return decode(YamlFile.parse(bytes, findings), keys, findings);
  }

  private static LoadResult decode(@Nullable Node root, GatewayKeys keys, Findings findings) {
    GatewayConfig config = root == null ? null : keys.root().decode("file", root, findings);
    return config == null || findings.count() > 0
        ? new LoadResult.Refused(findings.problems(), findings.isCutShort())
        : new LoadResult.Loaded(config, findings.warnings());
  }

  /**
   * A driver's settings built in code: the given values, and the defaults of everything else.
   *
   * @param given values by key, of the Java types that {@link Option.Kind} names
   */
  public static Settings settings(Driver driver, Option.Scope scope, Map<String, Object> given) {
    Map<String, Object> values = new HashMap<>(given);
    Findings none = new Findings(Path.of("defaults"));
    for (Key<?> key : DriverKeys.of(driver, scope, Set.of())) {
      Object fallback = key.fallback(none);
      if (fallback != null) {
        values.putIfAbsent(key.name(), fallback);
      }
    }
    return new Settings(values);
  }

  /** The keys that are the gateway's own, so that no driver may declare an option of that name. */
  public static Set<String> reservedKeys(Option.Scope scope) {
    return switch (scope) {
      case DEVICE -> DeviceKeys.RESERVED;
      case POINT -> PointKeys.CORE.stream().map(Key::name).collect(Collectors.toUnmodifiableSet());
    };
  }
}
