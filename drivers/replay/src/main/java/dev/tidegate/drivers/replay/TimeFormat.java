package dev.tidegate.drivers.replay;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.LocalDate;
import org.jspecify.annotations.Nullable;

/** How a recording writes its times. */
public enum TimeFormat {
  /** Told by the first row: {@link #ISO}, or an epoch by the count of its digits. */
  AUTO("auto", 0),
  /**
   * ISO 8601: {@code 2026-11-23T10:15:30.123+01:00}. A blank may stand for the T; seconds, fraction
   * and time of day may be left out; without a zone it is UTC.
   */
  ISO("iso", 0),
  /** Seconds since the Unix epoch, also with a fraction. */
  EPOCH_SECONDS("epoch-s", 9),
  /** Milliseconds since the Unix epoch. */
  EPOCH_MILLIS("epoch-ms", 6),
  /** Microseconds since the Unix epoch. */
  EPOCH_MICROS("epoch-us", 3),
  /** Nanoseconds since the Unix epoch. */
  EPOCH_NANOS("epoch-ns", 0);

  /** What {@link #parse} gives for a text that is no time. */
  public static final long NO_TIME = Long.MIN_VALUE;

  private static final long SECOND_NANOS = 1_000_000_000;

  /** The difference of two times this far from the epoch still fits a long. */
  private static final long FARTHEST_NANOS = Long.MAX_VALUE / 2;

  private final String id;
  private final int powerOfTen;

  TimeFormat(String id, int powerOfTen) {
    this.id = id;
    this.powerOfTen = powerOfTen;
  }

  /** The word in a configuration. */
  public String id() {
    return id;
  }

  /** The format of that word, or null. */
  public static @Nullable TimeFormat ofId(String id) {
    for (TimeFormat format : values()) {
      if (format.id.equals(id)) {
        return format;
      }
    }
    return null;
  }

  /** This format, or for {@link #AUTO} the one that the text is written in. */
  public TimeFormat resolve(String text) {
    if (this != AUTO) {
      return this;
    }
    int digits = 0;
    for (int i = 0; i < text.length() && text.charAt(i) != '.'; i++) {
      if (isDigit(text, i)) {
        digits++;
      } else if (i > 0) {
        return ISO;
      }
    }
    if (digits <= 11) {
      return EPOCH_SECONDS; // until the year 5138
    }
    return digits <= 14 ? EPOCH_MILLIS : digits <= 17 ? EPOCH_MICROS : EPOCH_NANOS;
  }

  /** Nanoseconds since the Unix epoch, or {@link #NO_TIME}. Years 1824 to 2115. */
  public long parse(String text) {
    long nanos = written(text);
    return nanos >= -FARTHEST_NANOS && nanos <= FARTHEST_NANOS ? nanos : NO_TIME;
  }

  private long written(String text) {
    return switch (this) {
      case AUTO -> resolve(text).written(text);
      case ISO -> iso(text);
      case EPOCH_SECONDS, EPOCH_MILLIS, EPOCH_MICROS, EPOCH_NANOS -> epoch(text);
    };
  }

  private long epoch(String text) {
    for (int i = 0; i < text.length(); i++) {
      boolean sign = i == 0 && text.charAt(i) == '-' && text.length() > 1;
      if (!isDigit(text, i) && text.charAt(i) != '.' && !sign) {
        return NO_TIME;
      }
    }
    try {
      return text.length() > 40
          ? NO_TIME
          : new BigDecimal(text).scaleByPowerOfTen(powerOfTen).toBigInteger().longValueExact();
    } catch (ArithmeticException | NumberFormatException e) {
      return NO_TIME;
    }
  }

  /** YYYY-MM-DD[(T| )HH:MM[:SS[(.|,)f…]]][Z|±HH[[:]MM]] */
  private static long iso(String text) {
    if (text.length() < 10 || text.charAt(4) != '-' || text.charAt(7) != '-') {
      return NO_TIME;
    }
    int year = number(text, 0, 4);
    int month = number(text, 5, 2);
    int day = number(text, 8, 2);
    int at = 10;
    int hour = 0;
    int minute = 0;
    int second = 0;
    long fraction = 0;
    if (at < text.length() && "T t".indexOf(text.charAt(at)) >= 0) {
      hour = number(text, at + 1, 2);
      minute = is(text, at + 3, ':') ? number(text, at + 4, 2) : -1;
      at += 6;
      if (is(text, at, ':')) {
        second = number(text, at + 1, 2);
        at += 3;
        if (is(text, at, '.') || is(text, at, ',')) {
          long unitNanos = SECOND_NANOS;
          int start = ++at;
          for (; isDigit(text, at); at++) {
            unitNanos /= 10; // digits beyond the ninth count nothing
            fraction += (text.charAt(at) - '0') * unitNanos;
          }
          second = at == start ? -1 : second;
        }
      }
    }
    long zone = zoneSeconds(text, at);
    boolean allDigits = (year | month | day | hour | minute | second) >= 0;
    if (!allDigits || hour > 23 || minute > 59 || second > 59 || zone == NO_TIME) {
      return NO_TIME;
    }
    if (year < 1678 || year > 2261) {
      return NO_TIME;
    }
    try {
      long seconds = LocalDate.of(year, month, day).toEpochDay() * 86_400;
      return (seconds + hour * 3_600L + minute * 60L + second - zone) * SECOND_NANOS + fraction;
    } catch (DateTimeException e) {
      return NO_TIME;
    }
  }

  private static long zoneSeconds(String text, int at) {
    String zone = text.substring(Math.min(at, text.length()));
    if (zone.isEmpty() || zone.equalsIgnoreCase("Z")) {
      return 0;
    }
    boolean minutes = zone.length() == 5 || (zone.length() == 6 && zone.charAt(3) == ':');
    if ("+-".indexOf(zone.charAt(0)) < 0 || !(zone.length() == 3 || minutes)) {
      return NO_TIME;
    }
    int hour = number(zone, 1, 2);
    int minute = minutes ? number(zone, zone.length() - 2, 2) : 0;
    if (hour < 0 || hour > 18 || minute < 0 || minute > 59) {
      return NO_TIME;
    }
    return (zone.charAt(0) == '-' ? -1 : 1) * (hour * 3_600L + minute * 60L);
  }

  /** So many digits as a number, or -1. */
  private static int number(String text, int from, int count) {
    int value = 0;
    for (int i = from; i < from + count; i++) {
      if (!isDigit(text, i)) {
        return -1;
      }
      value = value * 10 + (text.charAt(i) - '0');
    }
    return value;
  }

  private static boolean is(String text, int at, char c) {
    return at < text.length() && text.charAt(at) == c;
  }

  private static boolean isDigit(String text, int at) {
    return at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9';
  }
}
