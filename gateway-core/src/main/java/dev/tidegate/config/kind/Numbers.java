package dev.tidegate.config.kind;

import dev.tidegate.config.yaml.Findings;
import dev.tidegate.config.yaml.Node;
import dev.tidegate.config.yaml.Problem;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The kinds whose values are bare numbers. */
public final class Numbers {
  private Numbers() {}

  /** A whole number: decimal, 0x… or 0o… (YAML 1.2, chapter 10.3.2). */
  public static final class Whole extends Single<Long> {
    private final long min;
    private final long max;

    /** From min to max, both included. */
    public Whole(long min, long max) {
      this.min = min;
      this.max = max;
    }

    @Override
    @Nullable Long take(String name, Node.Scalar scalar, Findings findings) {
      if (scalar.type() != Node.Type.WHOLE) {
        return misfit(name, scalar, findings);
      }
      Long value = parse(scalar.text());
      if (value == null || value < min || value > max) {
        findings.add(scalar.place(), outOfRange(name, scalar.text()));
        return null;
      }
      return value;
    }

    /** Null when it does not fit 64 bits. */
    private static @Nullable Long parse(String text) {
      try {
        if (text.startsWith("0x")) {
          return Long.parseLong(text.substring(2), 16);
        }
        return text.startsWith("0o") ? Long.parseLong(text.substring(2), 8) : Long.parseLong(text);
      } catch (NumberFormatException e) {
        return null;
      }
    }

    private String outOfRange(String name, String text) {
      String shape = text.startsWith("0x") ? "0x%02x" : "%d";
      String low = String.format(shape, min);
      String high = String.format(shape, max);
      return outside(name, text, low, high, min == Long.MIN_VALUE, max == Long.MAX_VALUE);
    }

    @Override
    public Node.Type type() {
      return Node.Type.WHOLE;
    }

    @Override
    public String expected() {
      boolean noLow = min == Long.MIN_VALUE;
      boolean noHigh = max == Long.MAX_VALUE;
      return "a whole number" + bounds(String.valueOf(min), String.valueOf(max), noLow, noHigh);
    }

    @Override
    public Map<String, Object> schema() {
      Map<String, Object> schema = new LinkedHashMap<>();
      schema.put("type", "integer");
      if (min != Long.MIN_VALUE) {
        schema.put("minimum", min);
      }
      if (max != Long.MAX_VALUE) {
        schema.put("maximum", max);
      }
      return schema;
    }
  }

  /** A finite number. */
  public static final class Real extends Single<Double> {
    private final double min;
    private final double max;
    private final boolean zeroToo;

    private Real(double min, double max, boolean zeroToo) {
      this.min = min;
      this.max = max;
      this.zeroToo = zeroToo;
    }

    public static Real any() {
      return within(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
    }

    /** From min to max, both included; infinite for no bound. */
    public static Real within(double min, double max) {
      return new Real(min, max, true);
    }

    public static Real notNegative() {
      return within(0, Double.POSITIVE_INFINITY);
    }

    public static Real positive() {
      return new Real(0, Double.POSITIVE_INFINITY, false);
    }

    public static Real notZero() {
      return new Real(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, false);
    }

    @Override
    @Nullable Double take(String name, Node.Scalar scalar, Findings findings) {
      double value =
          switch (scalar.type()) {
            case WHOLE -> whole(scalar.text());
            case REAL -> real(scalar.text());
            case TEXT, FLAG, NOTHING -> Double.NaN;
          };
      boolean belowOpenEnd = !zeroToo && (value == 0 || value < min);
      if (!Double.isFinite(value) || belowOpenEnd) {
        return misfit(name, scalar, findings);
      }
      if (value < min || value > max) {
        boolean noLow = Double.isInfinite(min);
        boolean noHigh = Double.isInfinite(max);
        findings.add(
            scalar.place(), outside(name, scalar.text(), show(min), show(max), noLow, noHigh));
        return null;
      }
      return value;
    }

    private static double whole(String text) {
      Long value = Whole.parse(text);
      return value == null ? real(text) : value;
    }

    private static double real(String text) {
      try {
        return Double.parseDouble(text);
      } catch (NumberFormatException e) {
        return Double.NaN; // .inf, .nan, or hexadecimal beyond 64 bits
      }
    }

    @Override
    public Node.Type type() {
      return Node.Type.REAL;
    }

    @Override
    public String expected() {
      boolean noLow = Double.isInfinite(min);
      boolean noHigh = Double.isInfinite(max);
      if (!zeroToo) {
        return noLow ? "a number other than 0" : "a number above 0";
      }
      return "a number" + bounds(show(min), show(max), noLow, noHigh);
    }

    @Override
    public Map<String, Object> schema() {
      Map<String, Object> schema = new LinkedHashMap<>();
      schema.put("type", "number");
      if (!Double.isInfinite(min)) {
        schema.put(zeroToo ? "minimum" : "exclusiveMinimum", min);
      } else if (!zeroToo) {
        schema.put("not", Map.of("const", 0));
      }
      if (!Double.isInfinite(max)) {
        schema.put("maximum", max);
      }
      return schema;
    }
  }

  /** A number without needless decimals. */
  public static String show(double number) {
    return number == Math.rint(number) && Math.abs(number) < 1e15
        ? String.valueOf((long) number)
        : String.valueOf(number);
  }

  /** " from 1 to 7", or as much of it as there is. */
  static String bounds(String low, String high, boolean noLow, boolean noHigh) {
    if (noLow) {
      return noHigh ? "" : " of at most " + high;
    }
    return noHigh ? " of at least " + low : " from " + low + " to " + high;
  }

  /** "address 0x90 is out of range 0x03 to 0x77". */
  static String outside(
      String name, String text, String low, String high, boolean noLow, boolean noHigh) {
    String is = name + " " + Problem.plain(text) + " is ";
    if (noLow) {
      return is + (noHigh ? "beyond 64 bits" : "above " + high);
    }
    return is + (noHigh ? "below " + low : "out of range " + low + " to " + high);
  }
}
