package dev.tidegate.reading;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A unit of measure in UCUM's case-sensitive notation, for example {@code Cel}, {@code l/min},
 * {@code kW.h}, {@code mm/s}, {@code %}.
 *
 * <p>Understands the grammar of The Unified Code for Units of Measure, version 2.2, chapter 2
 * (terms, prefixes, exponents, annotations, parentheses) over the atoms that plants use; the
 * logarithmic units {@code B} and {@code [pH]} count as plain numbers and are not converted. What
 * people write for another unit is refused even where UCUM has a meaning for it: {@code pH} is not
 * taken for picohenry, nor {@code ft} for femtotonne.
 */
public final class Unit {
  /** One number without a dimension. */
  public static final Unit ONE;

  private static final String BASE = "m s g rad K C cd";
  private static final Map<String, Double> PREFIXES = new HashMap<>();
  private static final Map<String, Scale> ATOMS = new HashMap<>();

  /** What people write, and how UCUM spells it. */
  private static final Map<String, String> SPOKEN =
      Map.ofEntries(
          Map.entry("°C", "Cel"),
          Map.entry("degC", "Cel"),
          Map.entry("celsius", "Cel"),
          Map.entry("°F", "[degF]"),
          Map.entry("degF", "[degF]"),
          Map.entry("rpm", "{rev}/min"),
          Map.entry("psi", "[psi]"),
          Map.entry("ppm", "[ppm]"),
          Map.entry("hp", "[HP]"),
          Map.entry("ohm", "Ohm"),
          Map.entry("Ω", "Ohm"),
          Map.entry("percent", "%"),
          Map.entry("kWh", "kW.h"),
          Map.entry("Wh", "W.h"),
          Map.entry("kph", "km/h"),
          Map.entry("sec", "s"),
          Map.entry("hr", "h"),
          Map.entry("lpm", "l/min"),
          Map.entry("in", "[in_i]"),
          Map.entry("ft", "[ft_i]"),
          Map.entry("°", "deg"),
          Map.entry("hz", "Hz"),
          Map.entry("pa", "Pa"),
          Map.entry("pH", "[pH]"));

  static {
    String names = "Y Z E P T G M k h da d c m u n p f a";
    int[] powers = {24, 21, 18, 15, 12, 9, 6, 3, 2, 1, -1, -2, -3, -6, -9, -12, -15, -18};
    String[] symbols = names.split(" ", -1);
    for (int i = 0; i < symbols.length; i++) {
      PREFIXES.put(symbols[i], Double.parseDouble("1e" + powers[i]));
    }
    String[] base = BASE.split(" ", -1);
    for (int i = 0; i < base.length; i++) {
      int[] dims = new int[base.length];
      dims[i] = 1;
      ATOMS.put(base[i], new Scale(1, 0, dims, true));
    }
    metric("mol=6.02214076e23 sr=1rad2 Hz=1/s N=1e3g.m/s2 Pa=1N/m2 J=1N.m W=1J/s A=1C/s V=1J/C");
    metric("F=1C/V Ohm=1V/A S=1/Ohm Wb=1V.s T=1Wb/m2 H=1Wb/A lm=1cd.sr lx=1lm/m2 Bq=1/s Gy=1J/kg");
    metric(
        "l=1e-3m3 L=1e-3m3 t=1e6g bar=1e5Pa eV=1.602176634e-19J cal=4.184J B=1 u=1.66053907e-24g");
    metric("m[H2O]=9806.65Pa m[Hg]=133322.387415Pa");
    plain("10*=10 %=1e-2 [ppth]=1e-3 [ppm]=1e-6 [ppb]=1e-9 [pH]=1 min=60s h=60min d=24h wk=7d");
    plain(
        "a=365.25d deg=0.017453292519943295rad '=0.016666666666666666deg ''=0.016666666666666666'");
    plain("atm=101325Pa [in_i]=2.54cm [ft_i]=12[in_i] [mi_i]=1609.344m [lb_av]=453.59237g");
    plain("[psi]=6894.757293168361Pa [gal_us]=3.785411784l [HP]=745.6998715822702W");
    plain("[Btu]=1055.05585262J [kn_i]=0.5144444444444445m/s");
    plain("[g]=9.80665m/s2");
    ATOMS.put("Cel", new Scale(1, 273.15, atom("K").dims, true));
    ATOMS.put("[degF]", new Scale(5.0 / 9, 459.67 * 5 / 9, atom("K").dims, false));
    ONE = Unit.of("1"); // needs the atoms, therefore last
  }

  private final String ucum;
  private final Scale scale;

  private Unit(String ucum, Scale scale) {
    this.ucum = ucum;
    this.scale = scale;
  }

  /**
   * The unit of that notation.
   *
   * @throws IllegalArgumentException when UCUM has no such unit; the message says what was meant,
   *     where that can be guessed
   */
  public static Unit of(String ucum) {
    if (ucum.isEmpty() || ucum.length() > 64) {
      throw new IllegalArgumentException("a unit has 1 to 64 characters");
    }
    Parser parser = new Parser(ucum);
    if (SPOKEN.containsKey(ucum)) {
      throw parser.bad();
    }
    return new Unit(ucum, parser.whole());
  }

  /** Whether values can be converted between the two. */
  public boolean isCommensurate(Unit other) {
    return Arrays.equals(scale.dims, other.scale.dims);
  }

  /**
   * The value, given in this unit, in another one.
   *
   * @throws IllegalArgumentException when the two do not measure the same kind of quantity
   */
  public double convert(double value, Unit to) {
    if (!isCommensurate(to)) {
      throw new IllegalArgumentException(this + " cannot be converted to " + to);
    }
    if (ucum.equals(to.ucum)) {
      return value;
    }
    return (value * scale.factor + scale.offset - to.scale.offset) / to.scale.factor;
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Unit u && ucum.equals(u.ucum);
  }

  @Override
  public int hashCode() {
    return ucum.hashCode();
  }

  /** The UCUM notation. */
  @Override
  public String toString() {
    return ucum;
  }

  private static Scale atom(String symbol) {
    Scale found = ATOMS.get(symbol);
    if (found == null) {
      throw new IllegalStateException(symbol);
    }
    return found;
  }

  private static void metric(String definitions) {
    define(definitions, true);
  }

  private static void plain(String definitions) {
    define(definitions, false);
  }

  private static void define(String definitions, boolean metric) {
    for (String definition : definitions.split(" ", -1)) {
      int equals = definition.indexOf('=');
      int end = equals + 1;
      while (end < definition.length() && "0123456789.e-".indexOf(definition.charAt(end)) >= 0) {
        end++;
      }
      String number = definition.substring(equals + 1, end);
      String rest = definition.substring(end);
      Scale of = rest.isEmpty() ? Scale.ONE : new Parser(rest).whole();
      ATOMS.put(
          definition.substring(0, equals),
          new Scale(Double.parseDouble(number) * of.factor, 0, of.dims, metric));
    }
  }

  /** value in base units = value × factor + offset. */
  @SuppressWarnings("ArrayRecordComponent") // private, never changed
  private record Scale(double factor, double offset, int[] dims, boolean metric) {
    static final Scale ONE = new Scale(1, 0, new int[7], false);

    Scale times(Scale other, int exponent) {
      int[] sum = dims.clone();
      for (int i = 0; i < sum.length; i++) {
        sum[i] += other.dims[i] * exponent;
      }
      return new Scale(factor * Math.pow(other.factor, exponent), 0, sum, false);
    }
  }

  /** term: ['/'] component (('.' | '/') component)*; component: atom [exponent] | '(' term ')'. */
  private static final class Parser {
    private final String text;
    private int at;

    Parser(String text) {
      this.text = text;
    }

    Scale whole() {
      int brace = text.indexOf('{');
      boolean annotated = brace > 0 && text.indexOf('}') == text.length() - 1;
      Scale only = prefixed(annotated ? text.substring(0, brace) : text);
      if (only != null) {
        return only; // keeps the offset: Cel by itself is a point on a scale, and so is mCel
      }
      Scale result = term(0);
      if (at < text.length() || !Double.isFinite(result.factor) || result.factor == 0) {
        throw bad();
      }
      return result;
    }

    private Scale term(int depth) {
      if (depth > 8) {
        throw bad();
      }
      Scale result = Scale.ONE;
      int sign = 1;
      if (peek() == '/') {
        at++;
        sign = -1;
      }
      while (true) {
        result = result.times(component(depth), sign);
        if (peek() != '.' && peek() != '/') {
          return result;
        }
        sign = text.charAt(at++) == '/' ? -1 : 1;
      }
    }

    private Scale component(int depth) {
      if (peek() == '(') {
        at++;
        Scale inner = term(depth + 1);
        if (peek() != ')') {
          throw bad();
        }
        at++;
        return inner;
      }
      int start = at;
      while (at < text.length() && "./(){".indexOf(text.charAt(at)) < 0) {
        at = text.charAt(at) == '[' ? after(']') : at + 1;
      }
      String symbol = text.substring(start, at);
      boolean annotated = peek() == '{';
      if (annotated) {
        at = after('}');
      }
      return symbol.isEmpty() && annotated ? Scale.ONE : powered(symbol);
    }

    private Scale powered(String symbol) {
      if (symbol.matches("[1-9][0-9]{0,8}")) {
        return new Scale(Integer.parseInt(symbol), 0, Scale.ONE.dims, false);
      }
      int end = symbol.length();
      while (end > 0 && Character.isDigit(symbol.charAt(end - 1))) {
        end--;
      }
      if (end > 0 && end < symbol.length() && "+-".indexOf(symbol.charAt(end - 1)) >= 0) {
        end--;
      }
      if (symbol.length() - end > 3) {
        throw bad();
      }
      int exponent = end == symbol.length() ? 1 : Integer.parseInt(symbol.substring(end));
      Scale found = prefixed(symbol.substring(0, end));
      if (found == null) {
        throw bad();
      }
      return Scale.ONE.times(found, exponent);
    }

    private static @Nullable Scale prefixed(String symbol) {
      Scale plain = ATOMS.get(symbol);
      if (plain != null) {
        return plain;
      }
      for (int length = 1; length <= 2 && length < symbol.length(); length++) {
        Double prefix = PREFIXES.get(symbol.substring(0, length));
        Scale atom = ATOMS.get(symbol.substring(length));
        if (prefix != null && atom != null && atom.metric) {
          return new Scale(prefix * atom.factor, atom.offset, atom.dims, false);
        }
      }
      return null;
    }

    private char peek() {
      return at < text.length() ? text.charAt(at) : '\0';
    }

    private int after(char closing) {
      int found = text.indexOf(closing, at);
      if (found < 0) {
        throw bad();
      }
      return found + 1;
    }

    private IllegalArgumentException bad() {
      String meant = SPOKEN.get(text);
      return new IllegalArgumentException(
          "'"
              + text
              + "' is no UCUM unit"
              + (meant == null ? "" : "; did you mean '" + meant + "'?"));
    }
  }
}
