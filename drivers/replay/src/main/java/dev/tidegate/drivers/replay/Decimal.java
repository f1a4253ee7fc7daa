package dev.tidegate.drivers.replay;

/**
 * Decimal numbers as recordings write them: sign, digits, point, exponent. Anything else is NaN,
 * also what {@link Double#parseDouble} takes beyond that ({@code 0x1p3}, {@code 1d}, {@code NaN}).
 */
final class Decimal {
  /** Powers of ten that a double holds exactly. */
  private static final double[] TENS = {
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22
  };

  private static final long EXACT = 1L << 53;

  private Decimal() {}

  /**
   * The number that the characters say, rounded as {@link Double#parseDouble} does, blanks around
   * it allowed; NaN where they are no number or one beyond the range of a double.
   */
  static double parse(char[] text, int from, int to) {
    int at = from;
    int end = to;
    while (at < end && text[at] <= ' ') {
      at++;
    }
    while (end > at && text[end - 1] <= ' ') {
      end--;
    }
    int start = at;
    boolean negative = at < end && text[at] == '-';
    if (at < end && (negative || text[at] == '+')) {
      at++;
    }
    long mantissa = 0;
    int digits = 0;
    int scale = 0;
    boolean point = false;
    for (; at < end; at++) {
      char c = text[at];
      if (c >= '0' && c <= '9') {
        digits++;
        scale += point ? 1 : 0;
        mantissa = mantissa < EXACT / 10 ? mantissa * 10 + (c - '0') : Long.MAX_VALUE;
      } else if (c == '.' && !point) {
        point = true;
      } else {
        break;
      }
    }
    if (digits == 0) {
      return Double.NaN;
    }
    // Clinger's fast path: both are exact, so one division rounds once, as it must.
    if (at == end && mantissa < EXACT && scale < TENS.length) {
      double exact = mantissa / TENS[scale];
      return negative ? -exact : exact;
    }
    return at == end || isExponent(text, at, end) ? slow(text, start, end) : Double.NaN;
  }

  private static boolean isExponent(char[] text, int from, int end) {
    int at = from;
    if (text[at] != 'e' && text[at] != 'E') {
      return false;
    }
    at++;
    if (at < end && (text[at] == '-' || text[at] == '+')) {
      at++;
    }
    int digits = at;
    while (at < end && text[at] >= '0' && text[at] <= '9') {
      at++;
    }
    return at == end && at > digits;
  }

  private static double slow(char[] text, int from, int end) {
    double value = Double.parseDouble(new String(text, from, end - from));
    return Double.isFinite(value) ? value : Double.NaN;
  }
}
