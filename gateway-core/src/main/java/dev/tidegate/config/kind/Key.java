package dev.tidegate.config.kind;

import dev.tidegate.config.yaml.Findings;
import org.jspecify.annotations.Nullable;

/**
 * One key of a section.
 *
 * @param name the word in the file
 * @param kind what its value looks like
 * @param required whether leaving it out is a mistake
 * @param fallback the value taken when it is left out, written as in the file; null: none
 * @param doc one sentence for the documentation and the editor
 * @param <T> what the value is decoded to
 */
public record Key<T>(
    String name, Kind<T> kind, boolean required, @Nullable String fallback, String doc) {
  /** A key that must not be left out. */
  public static <T> Key<T> must(String name, Kind<T> kind, String doc) {
    return new Key<>(name, kind, true, null, doc);
  }

  /** A key that may be left out. */
  public static <T> Key<T> may(String name, Kind<T> kind, String doc) {
    return new Key<>(name, kind, false, null, doc);
  }

  /** A key that has a value also when it is left out. */
  public static <T> Key<T> or(String fallback, String name, Single<T> kind, String doc) {
    return new Key<>(name, kind, false, fallback, doc);
  }

  /** The value taken when the key is left out; null: none. */
  public @Nullable T fallback(Findings findings) {
    if (fallback == null) {
      return null;
    }
    if (!(kind instanceof Single<T> single)) {
      throw new IllegalStateException("only single values have a default: " + name);
    }
    return single.parse(name, fallback, findings);
  }
}
