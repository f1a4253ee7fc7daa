package dev.tidegate.config.kind;

import org.jspecify.annotations.Nullable;

/** What the keys of one section ask of each other. */
public sealed interface Rule {
  /** {@code key} and {@code other} exclude each other. */
  record Excludes(String key, String other) implements Rule {}

  /**
   * {@code key} says something only where {@code other} is given.
   *
   * @param word the value that {@code other} must have; null: any
   */
  record OnlyWith(String key, String other, @Nullable String word) implements Rule {}

  /** {@code key} says something only where one of two others is given. */
  record OnlyWithOne(String key, String other, String another) implements Rule {}

  /** At least one key is given. */
  record NotEmpty() implements Rule {}
}
