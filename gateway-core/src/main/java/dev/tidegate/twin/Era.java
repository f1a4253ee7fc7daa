package dev.tidegate.twin;

/**
 * Which document is meant: its owner begins a new one with each start, under a higher number; the
 * numbers of different ids cannot be compared.
 *
 * @param id of whoever owns the document, and of its memory: 1 to 64 characters
 * @param number of the start, 1 and above
 */
public record Era(String id, long number) {
  public Era {
    if (id.isEmpty() || id.length() > 64 || number < 0) {
      throw new IllegalArgumentException("no era: " + id + " " + number);
    }
  }

  /** Whether this one is over because the other one has begun. */
  boolean isBefore(Era other) {
    return id.equals(other.id) && number < other.number;
  }
}
