package dev.tidegate.config.kind;

import dev.tidegate.config.yaml.Findings;
import dev.tidegate.config.yaml.Node;
import dev.tidegate.config.yaml.Place;
import dev.tidegate.config.yaml.Problem;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One mapping of the file, checked against its section: unknown keys, missing keys, and keys that
 * do not go together are noted when it is made; values when they are asked for. Owned by one
 * thread.
 */
public final class Block {
  private final Section<?> section;
  private final Node.Mapping mapping;
  private final Findings findings;
  private final int troublesBefore;

  Block(Section<?> section, Node.Mapping mapping, Findings findings) {
    this.section = section;
    this.mapping = mapping;
    this.findings = findings;
    this.troublesBefore = findings.troubles();
    List<String> names = section.keys().stream().map(Key::name).toList();
    mapping
        .fields()
        .forEach(
            (word, field) -> {
              if (!section.open() && !names.contains(word)) {
                unknown(word, field.place(), names);
              }
            });
    for (Key<?> key : section.keys()) {
      if (key.required() && !has(key.name())) {
        String missing = "the " + section.title() + " has no '" + key.name() + "'";
        findings.add(mapping.place(), missing, key.kind().expected());
      }
    }
    section.rules().forEach(this::check);
  }

  private void unknown(String word, Place place, List<String> names) {
    String near = findings.nearest(word, names);
    String instead = near == null ? "one of " + String.join(", ", names) : null;
    findings.add(place, "unknown key " + Problem.quote(word), instead, near);
  }

  private void check(Rule rule) {
    switch (rule) {
      case Rule.Excludes(String key, String other) -> {
        if (has(key) && has(other)) {
          Place place = max(keyPlace(key), keyPlace(other));
          findings.add(
              place, "'" + key + "' and '" + other + "' exclude each other", "one of them");
        }
      }
      case Rule.OnlyWith(String key, String other, String word) -> {
        if (has(key) && !(word == null ? has(other) : says(other, word))) {
          String with = word == null ? other : other + ": " + word;
          findings.add(keyPlace(key), "'" + key + "' says nothing without '" + with + "'");
        }
      }
      case Rule.OnlyWithOne(String key, String other, String another) -> {
        if (has(key) && !has(other) && !has(another)) {
          String with = "'" + other + "' or '" + another + "'";
          findings.add(keyPlace(key), "'" + key + "' says nothing without " + with);
        }
      }
      case Rule.NotEmpty() -> {
        if (mapping.fields().isEmpty()) {
          findings.add(mapping.place(), "the " + section.title() + " is empty", section.expected());
        }
      }
    }
  }

  private static Place max(Place a, Place b) {
    return a.compareTo(b) > 0 ? a : b;
  }

  private boolean says(String name, String word) {
    Node.Field field = mapping.fields().get(name);
    return field != null && field.value() instanceof Node.Scalar s && s.text().equals(word);
  }

  public boolean has(String name) {
    return mapping.fields().containsKey(name);
  }

  /** The value; null when the key is left out and has no default, or when the value is wrong. */
  public <T> @Nullable T get(Key<T> key) {
    Node.Field field = mapping.fields().get(key.name());
    return field == null
        ? key.fallback(findings)
        : key.kind().decode(key.name(), field.value(), findings);
  }

  /** The value of a key that has a default; the default also when the value is wrong. */
  public <T> T or(Key<T> key) {
    T value = get(key);
    return value == null ? Objects.requireNonNull(key.fallback(findings), key.name()) : value;
  }

  /** The value; {@code otherwise} when it is left out or wrong. */
  public <T> T or(Key<T> key, T otherwise) {
    T value = get(key);
    return value == null ? otherwise : value;
  }

  /** Where the mapping starts. */
  public Place place() {
    return mapping.place();
  }

  /** Where the key stands; the start of the mapping when it is left out. */
  public Place keyPlace(String name) {
    Node.Field field = mapping.fields().get(name);
    return field == null ? mapping.place() : field.place();
  }

  /** Where the key's value stands; the start of the mapping when it is left out. */
  public Place valuePlace(String name) {
    Node.Field field = mapping.fields().get(name);
    return field == null ? mapping.place() : field.value().place();
  }

  public Findings findings() {
    return findings;
  }

  /** Whether nothing was found wrong with it, or with anything else, since it was opened. */
  public boolean isSound() {
    return findings.troubles() == troublesBefore;
  }
}
