package dev.tidegate.config.yaml;

import java.nio.file.Path;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * One thing wrong with a file, printed as {@code gateway.yaml:12:7: unknown key 'widnow'; did you
 * mean 'window'?}. All texts are safe to print: control characters of the file are escaped.
 *
 * @param file the file, named as it was asked for
 * @param line from 1
 * @param column from 1, in characters
 * @param wrong what is wrong
 * @param expected what was expected instead; null where {@code wrong} says it all
 * @param suggestion what was probably meant; null where that cannot be guessed
 * @param excerpt the line and a caret below the column, two lines; empty where there is no line
 */
public record Problem(
    Path file,
    int line,
    int column,
    String wrong,
    @Nullable String expected,
    @Nullable String suggestion,
    String excerpt) {
  /** The order in which problems are listed: that of the file. */
  public static final Comparator<Problem> BY_PLACE =
      Comparator.comparingInt(Problem::line).thenComparingInt(Problem::column);

  private static final int SHOWN_CHARACTERS = 48;

  /** What is wrong, what was expected and what was probably meant, without the place. */
  public String message() {
    return wrong
        + (expected == null ? "" : "; expected " + expected)
        + (suggestion == null ? "" : "; did you mean '" + suggestion + "'?");
  }

  @Override
  public String toString() {
    return file + ":" + line + ":" + column + ": " + message();
  }

  /** A word of the file made fit for a message: quoted, shortened, control characters escaped. */
  public static String quote(String word) {
    return "'" + plain(word) + "'";
  }

  /** As {@link #quote}, without the quotes. */
  public static String plain(String word) {
    return escaped(word, SHOWN_CHARACTERS);
  }

  /** The first characters of a text, control characters escaped. */
  static String escaped(String text, int characters) {
    int[] points = text.codePoints().limit(characters + 1L).toArray();
    StringBuilder shown = new StringBuilder();
    for (int i = 0; i < Math.min(points.length, characters); i++) {
      if (isPrintable(points[i])) {
        shown.appendCodePoint(points[i]);
      } else {
        shown.append(String.format("\\u%04x", points[i]));
      }
    }
    return points.length > characters ? shown + "…" : shown.toString();
  }

  /** False for what could move the cursor or turn the text around on a terminal. */
  static boolean isPrintable(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.PRIVATE_USE,
          Character.UNASSIGNED ->
          false;
      default -> true;
    };
  }
}
