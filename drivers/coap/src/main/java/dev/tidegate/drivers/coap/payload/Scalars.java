package dev.tidegate.drivers.coap.payload;

import dev.tidegate.reading.Value;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** Turns one word of text, or one node of a JSON or CBOR tree, into a value. */
final class Scalars {
  /** The longest text value that the record {@link Value.Text} takes. */
  private static final int MAX_TEXT_CHARS = 1024;

  private static final Pattern WHOLE = Pattern.compile("[+-]?[0-9]{1,18}");
  private static final Pattern REAL =
      Pattern.compile("[+-]?([0-9]{1,32}(\\.[0-9]{0,32})?|\\.[0-9]{1,32})([eE][+-]?[0-9]{1,4})?");

  private Scalars() {}

  /** A number where it is one, a flag for true and false, otherwise the text itself. */
  static Value ofText(String raw) throws Undecodable {
    String text = raw.strip();
    if (text.isEmpty()) {
      throw new Undecodable("is empty");
    }
    if (WHOLE.matcher(text).matches()) {
      return Value.of(Long.parseLong(text));
    }
    if (REAL.matcher(text).matches()) {
      return Value.of(Double.parseDouble(text));
    }
    if (text.equals("true") || text.equals("false")) {
      return Value.of(text.equals("true"));
    }
    return words(text);
  }

  static Value words(String text) throws Undecodable {
    if (text.length() > MAX_TEXT_CHARS) {
      throw new Undecodable("is a text of " + text.length() + " characters, more than 1,024");
    }
    return Value.of(text);
  }

  /**
   * Whole numbers within a long stay whole; a JSON string stays a text, also when it has digits.
   */
  static Value ofNode(JsonNode node) throws Undecodable {
    if (node.isNumber()) {
      return node.isIntegralNumber() && node.canConvertToLong()
          ? Value.of(node.longValue())
          : Value.of(real(node));
    }
    if (node.isBoolean()) {
      return Value.of(node.booleanValue());
    }
    if (node.isString()) {
      return words(node.stringValue());
    }
    throw new Undecodable(
        switch (node.getNodeType()) {
          case MISSING -> "is not there";
          case NULL -> "is null";
          case OBJECT -> "is an object, not a value";
          case ARRAY -> "is an array, not a value";
          case BINARY, POJO, BOOLEAN, NUMBER, STRING -> "is no number, text or flag";
        });
  }

  /** The number as a double; beyond its range infinite, which flows on as bad data. */
  static double real(JsonNode number) {
    if (number.isBigInteger()) {
      return number.bigIntegerValue().doubleValue();
    }
    // doubleValue(0) would make a good 0 of a decimal fraction beyond a double's range
    return number.isBigDecimal() ? number.decimalValue().doubleValue() : number.doubleValue(0);
  }
}
