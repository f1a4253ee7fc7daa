package dev.tidegate.twin;

import java.util.Map;

/**
 * What changed in a document after a revision: every property whose last change is younger.
 *
 * @param era the document that is meant
 * @param base the revision after which the changes are complete; 0: the whole document
 * @param through the document's revision when this was made
 * @param changes by path
 */
public record Delta(Era era, long base, long through, Map<String, Property> changes) {
  public Delta {
    changes = Map.copyOf(changes);
    if (base < 0 || through < base) {
      throw new IllegalArgumentException("no stretch of revisions: " + base + " to " + through);
    }
  }
}
