package dev.tidegate.twin;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The properties of the side that owns them. Each change makes a revision; what is sent are the
 * properties that changed after the revision that the other side is known to have, so that a
 * message that is lost costs no more than that the next one is larger. At most {@value
 * #MAX_PROPERTIES}. Owned by one thread.
 */
public final class Document {
  public static final int MAX_PROPERTIES = 4_096;

  private final Era era;
  private final TreeMap<String, Property> properties = new TreeMap<>();
  private long revision;

  public Document(Era era) {
    this.era = era;
  }

  public Era era() {
    return era;
  }

  /** The revision of the last change; 0 before the first. */
  public long revision() {
    return revision;
  }

  /**
   * Sets a property; no change where it is so already.
   *
   * @param value a finite {@link Double}, a {@link Boolean} or a {@link String}
   * @return false when there is no room for a further property
   */
  public boolean set(String path, Object value) {
    Property now = properties.get(path);
    if (now != null && now.value().equals(value)) {
      return true;
    }
    if (now == null && properties.size() >= MAX_PROPERTIES) {
      return false;
    }
    properties.put(path, new Property(value, ++revision));
    return true;
  }

  /** Takes a property away. */
  public void remove(String path) {
    Property now = properties.get(path);
    if (now != null && !now.isGone()) {
      properties.put(path, new Property(Property.GONE, ++revision));
    }
  }

  /** The property's value; null where there is none. */
  public @Nullable Object get(String path) {
    Property now = properties.get(path);
    return now == null || now.isGone() ? null : now.value();
  }

  /** What changed after that revision. */
  public Delta since(long known) {
    long base = known < 0 || known > revision ? 0 : known;
    Map<String, Property> changes = new HashMap<>();
    properties.forEach(
        (path, property) -> {
          if (property.revision() > base) {
            changes.put(path, property);
          }
        });
    return new Delta(era, base, revision, changes);
  }
}
