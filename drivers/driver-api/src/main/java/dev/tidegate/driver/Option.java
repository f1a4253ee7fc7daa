package dev.tidegate.driver;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One key that a driver understands, on the device or on each of its points.
 *
 * @param name the key, dash-case
 * @param scope where the key stands
 * @param kind what its value looks like; the Java type that {@link Settings} hands out follows
 * @param required whether leaving it out is a mistake
 * @param fallback the value taken when it is left out, written as in the configuration; null: none
 * @param min smallest number allowed ({@code INTEGER}, {@code NUMBER}), or seconds ({@code
 *     DURATION})
 * @param max largest number allowed, likewise
 * @param choices the words allowed ({@code CHOICE}); empty otherwise
 * @param doc one sentence for the documentation and the editor
 */
public record Option(
    String name,
    Scope scope,
    Kind kind,
    boolean required,
    @Nullable String fallback,
    double min,
    double max,
    List<String> choices,
    String doc) {
  /** Where a key stands. */
  public enum Scope {
    DEVICE,
    POINT
  }

  /** What a value looks like. */
  public enum Kind {
    /** Any text. */
    TEXT,
    /** A whole number, decimal or 0x…: a long. */
    INTEGER,
    /** A number: a double. */
    NUMBER,
    /** true or false. */
    FLAG,
    /** 250ms, 10s, 5m, 2h, 7d: nanoseconds in a long. */
    DURATION,
    /** One of {@link Option#choices}. */
    CHOICE,
    /** A file or folder; relative ones start at the configuration file's folder. */
    PATH
  }

  public static Option device(Kind kind, String name, String doc) {
    return of(Scope.DEVICE, kind, name, doc);
  }

  public static Option point(Kind kind, String name, String doc) {
    return of(Scope.POINT, kind, name, doc);
  }

  private static Option of(Scope scope, Kind kind, String name, String doc) {
    double inf = Double.POSITIVE_INFINITY;
    return new Option(name, scope, kind, false, null, -inf, inf, List.of(), doc);
  }

  /** The same key, which must not be left out. */
  public Option must() {
    return new Option(name, scope, kind, true, fallback, min, max, choices, doc);
  }

  /** The same key with the value taken when it is left out. */
  public Option or(String value) {
    return new Option(name, scope, kind, required, value, min, max, choices, doc);
  }

  /** The same key, bounded on both sides, both included; seconds for a duration. */
  public Option within(double low, double high) {
    return new Option(name, scope, kind, required, fallback, low, high, choices, doc);
  }

  /** The same key, whose value is one of these words. */
  public Option oneOf(String... words) {
    return new Option(name, scope, kind, required, fallback, min, max, List.of(words), doc);
  }
}
