package dev.tidegate.driver;

import java.nio.file.Path;
import java.util.Map;

/**
 * The checked values of a driver's {@link Option options}, on a device or on a point. Left-out keys
 * have their fallback. Immutable.
 */
public final class Settings {
  public static final Settings NONE = new Settings(Map.of());

  private final Map<String, Object> values;

  /**
   * @param values by key; Java types as {@link Option.Kind} says (PATH: {@link Path})
   */
  public Settings(Map<String, Object> values) {
    this.values = Map.copyOf(values);
  }

  /** Whether the key was given or has a fallback. */
  public boolean has(String name) {
    return values.containsKey(name);
  }

  /** TEXT and CHOICE. */
  public String text(String name) {
    return as(String.class, name);
  }

  public long integer(String name) {
    return as(Long.class, name);
  }

  public double number(String name) {
    return as(Double.class, name);
  }

  public boolean flag(String name) {
    return as(Boolean.class, name);
  }

  /** DURATION, in nanoseconds. */
  public long nanos(String name) {
    return as(Long.class, name);
  }

  public Path path(String name) {
    return as(Path.class, name);
  }

  private <T> T as(Class<T> type, String name) {
    Object value = values.get(name);
    if (!type.isInstance(value)) {
      throw new IllegalArgumentException(
          "option '" + name + "' is " + value + ", not a " + type.getSimpleName());
    }
    return type.cast(value);
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Settings s && values.equals(s.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  @Override
  public String toString() {
    return values.toString();
  }
}
