package dev.tidegate.config.kind;

import dev.tidegate.config.PointConfig;
import dev.tidegate.config.yaml.Findings;
import dev.tidegate.config.yaml.Node;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The kind whose value is a whole number with a unit behind it: a duration or a size. */
public final class Amount extends Single<Long> {
  private static final Pattern FORM = Pattern.compile("([0-9]{1,12})([A-Za-z]+)");
  private static final String NEVER = "never";

  /** Durations, counted in nanoseconds. */
  private static final Scale TIME =
      new Scale("a duration", "250ms, 10s, 5m, 2h or 7d")
          .unit("ms", 1_000_000L)
          .unit("s", 1_000_000_000L)
          .unit("m", 60_000_000_000L)
          .unit("h", 3_600_000_000_000L)
          .unit("d", 86_400_000_000_000L);

  /** Sizes, counted in bytes: IEC 80000-13 prefixes by 1,024, SI prefixes by 1,000. */
  private static final Scale BYTES =
      new Scale("a size", "64KiB, 16MiB or 2GiB")
          .unit("B", 1)
          .unit("KB", 1_000)
          .unit("KiB", 1 << 10)
          .unit("MB", 1_000_000)
          .unit("MiB", 1 << 20)
          .unit("GB", 1_000_000_000)
          .unit("GiB", 1 << 30);

  private final Scale scale;
  private final long min;
  private final long max;
  private final boolean neverToo;

  private Amount(Scale scale, long min, long max, boolean neverToo) {
    this.scale = scale;
    this.min = min;
    this.max = max;
    this.neverToo = neverToo;
  }

  /** A duration in nanoseconds, from one to another, both included. */
  public static Amount duration(String min, String max) {
    return new Amount(TIME, TIME.count(min), TIME.count(max), false);
  }

  /** The same, or the word {@code never}: {@link PointConfig#NEVER}. */
  public static Amount durationOrNever(String min, String max) {
    return new Amount(TIME, TIME.count(min), TIME.count(max), true);
  }

  /** A duration in nanoseconds, bounded in seconds; infinite for no bound. */
  public static Amount seconds(double min, double max) {
    long longest = TIME.count("36500d");
    return new Amount(
        TIME, (long) Math.max(0, min * 1e9), (long) Math.min((double) longest, max * 1e9), false);
  }

  /** A size in bytes, from one to another, both included. */
  public static Amount size(String min, String max) {
    return new Amount(BYTES, BYTES.count(min), BYTES.count(max), false);
  }

  @Override
  @Nullable Long take(String name, Node.Scalar scalar, Findings findings) {
    if (neverToo && scalar.text().equals(NEVER)) {
      return PointConfig.NEVER;
    }
    long value = scalar.type() == Node.Type.TEXT ? scale.count(scalar.text()) : -1;
    if (value < 0) {
      findings.add(scalar.place(), is(name, scalar), expected(), meant(scalar.text()));
      return null;
    }
    if (value < min || value > max) {
      String low = scale.words(min);
      String high = scale.words(max);
      findings.add(scalar.place(), Numbers.outside(name, scalar.text(), low, high, false, false));
      return null;
    }
    return value;
  }

  /** "10 S" is probably "10s". */
  private @Nullable String meant(String text) {
    String tight = text.replace(" ", "");
    for (String unit : scale.units.keySet()) {
      int number = tight.length() - unit.length();
      if (number > 0 && tight.substring(number).equalsIgnoreCase(unit)) {
        String meant = tight.substring(0, number) + unit;
        long value = scale.count(meant);
        if (value >= min && value <= max) {
          return meant;
        }
      }
    }
    return null;
  }

  /** The amount in the largest unit that leaves it whole. */
  public static String words(long nanos) {
    return TIME.words(nanos);
  }

  @Override
  public String expected() {
    return scale.what
        + " from "
        + scale.words(min)
        + " to "
        + scale.words(max)
        + (neverToo ? " or 'never'" : "")
        + ", for example "
        + scale.examples;
  }

  @Override
  public Map<String, Object> schema() {
    String units = String.join("|", scale.units.keySet());
    String form = "[0-9]{1,12}(?:" + units + ")";
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put("type", "string");
    schema.put("pattern", "^(?:" + form + (neverToo ? "|" + NEVER : "") + ")$");
    return schema;
  }

  /** Units from small to large, each worth so many of what is counted. */
  private record Scale(String what, String examples, Map<String, Long> units) {
    Scale(String what, String examples) {
      this(what, examples, new LinkedHashMap<>());
    }

    Scale unit(String name, long worth) {
      units.put(name, worth);
      return this;
    }

    /** What the text amounts to; -1 when it is no amount, the largest number when it overflows. */
    long count(String text) {
      Matcher form = FORM.matcher(text);
      Long worth = form.matches() ? units.get(form.group(2)) : null;
      if (worth == null) {
        return -1;
      }
      long number = Long.parseLong(form.group(1));
      return number > Long.MAX_VALUE / worth ? Long.MAX_VALUE : number * worth;
    }

    String words(long amount) {
      String shown = units.containsKey("s") ? "0s" : "0B";
      for (Map.Entry<String, Long> unit : units.entrySet()) {
        if (amount % unit.getValue() == 0 && amount != 0) {
          shown = amount / unit.getValue() + unit.getKey();
        }
      }
      return shown;
    }
  }
}
