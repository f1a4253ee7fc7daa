package dev.tidegate.twin;

/**
 * One property as it is, or that there is none any more.
 *
 * @param value a {@link Double}, {@link Boolean} or {@link String}; {@link #GONE}
 * @param revision the document's revision at which it became so, 1 and above
 */
public record Property(Object value, long revision) {
  /** The value of a property that was taken away. */
  public static final Object GONE = Gone.GONE;

  private enum Gone {
    GONE
  }

  public Property {
    boolean known =
        value instanceof Boolean
            || value instanceof String
            || value instanceof Gone
            || (value instanceof Double number && Double.isFinite(number));
    if (!known || revision < 1) {
      throw new IllegalArgumentException("no property: " + value + " at " + revision);
    }
  }

  /** Whether the property was taken away. */
  public boolean isGone() {
    return value instanceof Gone;
  }
}
