package dev.tidegate.config.yaml;

/**
 * Where something stands in the file.
 *
 * @param line from 1
 * @param column from 1, in characters (Unicode code points)
 */
public record Place(int line, int column) implements Comparable<Place> {
  /** The first character of the file; also stands for the file as a whole. */
  public static final Place START = new Place(1, 1);

  @Override
  public int compareTo(Place other) {
    return line != other.line
        ? Integer.compare(line, other.line)
        : Integer.compare(column, other.column);
  }
}
