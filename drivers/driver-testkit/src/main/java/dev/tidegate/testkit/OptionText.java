package dev.tidegate.testkit;

import dev.tidegate.driver.Option;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Turns the text of an option into the Java type that {@link Option.Kind} promises. */
final class OptionText {
  private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");

  private OptionText() {}

  /**
   * The value of that text.
   *
   * @throws IllegalArgumentException when the text is no value of the option, or out of its bounds
   */
  static Object parse(Option option, String text) {
    return switch (option.kind()) {
      case TEXT -> text;
      case INTEGER -> {
        long value = Long.decode(text);
        requireWithin(option, (double) value);
        yield value;
      }
      case NUMBER -> {
        double value = Double.parseDouble(text);
        requireWithin(option, value);
        yield value;
      }
      case FLAG ->
          switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw bad(option, "is true or false", text);
          };
      case DURATION -> {
        long nanos = nanos(option, text);
        requireWithin(option, nanos / 1e9);
        yield nanos;
      }
      case CHOICE -> {
        if (!option.choices().contains(text)) {
          throw bad(option, "is one of " + option.choices(), text);
        }
        yield text;
      }
      case PATH -> Path.of(text);
    };
  }

  private static void requireWithin(Option option, double value) {
    if (!(value >= option.min() && value <= option.max())) {
      throw bad(option, "lies within " + option.min() + " and " + option.max(), value);
    }
  }

  private static long nanos(Option option, String text) {
    Matcher matcher = DURATION.matcher(text);
    if (!matcher.matches()) {
      throw bad(option, "is a duration as 250ms, 10s, 5m, 2h, 7d", text);
    }
    long unitNanos =
        switch (matcher.group(2)) {
          case "ms" -> 1_000_000L;
          case "s" -> 1_000_000_000L;
          case "m" -> 60_000_000_000L;
          case "h" -> 3_600_000_000_000L;
          default -> 86_400_000_000_000L;
        };
    return Math.multiplyExact(Long.parseLong(matcher.group(1)), unitNanos);
  }

  private static IllegalArgumentException bad(Option option, String expected, Object found) {
    return new IllegalArgumentException(
        "option '" + option.name() + "' " + expected + ", not '" + found + "'");
  }
}
