package dev.tidegate.twin;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What one side knows of the other's document. Deltas may come late, twice, in any order, or not at
 * all: a property is taken over when it is younger than the one that is known, and the revision up
 * to which everything is known moves on only where a delta joins it. At most {@link
 * Document#MAX_PROPERTIES}. Owned by one thread.
 */
public final class Mirror {
  private final TreeMap<String, Property> properties = new TreeMap<>();
  private @Nullable Era era;
  private long through;

  /** Knows nothing any more. */
  public void forget() {
    era = null;
    through = 0;
    properties.clear();
  }

  /** The document that is mirrored; null before the first delta. */
  public @Nullable Era era() {
    return era;
  }

  /** The revision up to which everything is known. */
  public long through() {
    return through;
  }

  /** The property's value; null where there is none. */
  public @Nullable Object get(String path) {
    Property now = properties.get(path);
    return now == null || now.isGone() ? null : now.value();
  }

  /** Every property that there is. */
  public Map<String, Object> values() {
    Map<String, Object> values = new TreeMap<>();
    properties.forEach(
        (path, property) -> {
          if (!property.isGone()) {
            values.put(path, property.value());
          }
        });
    return values;
  }

  /**
   * Takes a delta over.
   *
   * @return the properties that are new or younger by it, those that are gone included
   */
  public Map<String, Property> apply(Delta delta) {
    if (era != null && delta.era().isBefore(era)) {
      return Map.of(); // of a document that is over
    }
    if (!delta.era().equals(era)) {
      if (delta.base() > 0) {
        return Map.of(); // of a document whose beginning is not known: it is asked for
      }
      era = delta.era();
      through = 0;
      properties.clear();
    }
    Map<String, Property> taken = new HashMap<>();
    for (Map.Entry<String, Property> change : delta.changes().entrySet()) {
      Property known = properties.get(change.getKey());
      if (known == null
          ? properties.size() < Document.MAX_PROPERTIES
          : known.revision() < change.getValue().revision()) {
        properties.put(change.getKey(), change.getValue());
        taken.put(change.getKey(), change.getValue());
      }
    }
    if (delta.base() <= through) {
      through = Math.max(through, delta.through());
    }
    return taken;
  }
}
