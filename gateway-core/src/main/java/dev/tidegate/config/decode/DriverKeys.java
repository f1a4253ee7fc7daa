package dev.tidegate.config.decode;

import dev.tidegate.config.kind.Amount;
import dev.tidegate.config.kind.Block;
import dev.tidegate.config.kind.Key;
import dev.tidegate.config.kind.Numbers;
import dev.tidegate.config.kind.Single;
import dev.tidegate.config.kind.Words;
import dev.tidegate.config.yaml.Findings;
import dev.tidegate.driver.Driver;
import dev.tidegate.driver.Option;
import dev.tidegate.driver.Settings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The keys that a driver adds, made of its {@link Option}s. */
final class DriverKeys {
  private DriverKeys() {}

  /**
   * The driver's keys in one place.
   *
   * @throws IllegalArgumentException when a key is the gateway's own, is there twice, or has a
   *     default that does not fit it: mistakes in the driver
   */
  static List<Key<?>> of(Driver driver, Option.Scope scope, Set<String> reserved) {
    List<Key<?>> keys = new ArrayList<>();
    Set<String> seen = new HashSet<>(reserved);
    for (Option option : driver.options()) {
      if (option.scope() != scope) {
        continue;
      }
      Key<?> key = key(option);
      if (!seen.add(option.name())) {
        throw new IllegalArgumentException(
            "driver '"
                + driver.type()
                + "' declares the key '"
                + option.name()
                + "' once too often");
      }
      var _ = key.fallback(new Findings(Path.of("default.yaml")));
      keys.add(key);
    }
    return keys;
  }

  private static Key<?> key(Option option) {
    Single<?> kind =
        switch (option.kind()) {
          case TEXT -> Words.ANY;
          case INTEGER -> new Numbers.Whole((long) option.min(), (long) option.max());
          case NUMBER -> Numbers.Real.within(option.min(), option.max());
          case FLAG -> new Words.Flag();
          case DURATION -> Amount.seconds(option.min(), option.max());
          case CHOICE -> Words.Choice.of(option.choices());
          case PATH -> Words.PATH;
        };
    return new Key<>(option.name(), kind, option.required(), option.fallback(), option.doc());
  }

  /** The values of these keys; those left out without a default are not in it. */
  static Settings settings(Block block, List<Key<?>> keys) {
    Map<String, Object> values = new HashMap<>();
    for (Key<?> key : keys) {
      Object value = block.get(key);
      if (value != null) {
        values.put(key.name(), value);
      }
    }
    return new Settings(values);
  }
}
