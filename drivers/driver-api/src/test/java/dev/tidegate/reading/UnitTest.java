package dev.tidegate.reading;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Units are UCUM's (The Unified Code for Units of Measure, version 2.2), and convert exactly. */
class UnitTest {
  // Without it a sensor's value could reach the cloud off by a factor and look plausible.
  @ParameterizedTest
  @CsvSource({
    "100, Cel, [degF], 212",
    "-40, [degF], Cel, -40",
    "0, Cel, K, 273.15",
    "300, K, Cel, 26.85",
    "25, Cel, Cel, 25",
    "100, l/min, m3/h, 6",
    "1, m3/h, l/min, 16.666666666666668",
    "1, L/min, l/min, 1",
    "1, bar, kPa, 100",
    "14.503773773020923, [psi], bar, 1",
    "2, bar, mbar, 2000",
    "1, atm, kPa, 101.325",
    "1, mm[Hg], Pa, 133.322387415",
    "1, cm[H2O], Pa, 98.0665",
    "1, kW.h, J, 3600000",
    "1, kW.h, MJ, 3.6",
    "1, W, J/s, 1",
    "1, cal, J, 4.184",
    "1, [HP], W, 745.6998715822702",
    "1500, {rev}/min, Hz, 25",
    "1, /min, {rev}/min, 1",
    "1, mm/s, m/s, 0.001",
    "1, [g], m/s2, 9.80665",
    "1, m/s2, m.s-2, 1",
    "1, km/h, m/s, 0.2777777777777778",
    "1, [kn_i], km/h, 1.852",
    "1, [in_i], mm, 25.4",
    "1, [ft_i], [in_i], 12",
    "1, [mi_i], km, 1.609344",
    "1, t, kg, 1000",
    "1, [lb_av], g, 453.59237",
    "1, [gal_us], l, 3.785411784",
    "1, V/A, Ohm, 1",
    "1, uF, nF, 1000",
    "1, A.h, C, 3600",
    "1, N.m, J, 1",
    "1, N/m2, Pa, 1",
    "1, %, 1, 0.01",
    "1, [ppm], [ppb], 1000",
    "1, 10*3, 1, 1000",
    "1, 10*-3, %, 0.1",
    "1, d, h, 24",
    "1, wk, d, 7",
    "180, deg, rad, 3.141592653589793",
    "1, mm2, um2, 1000000",
    "1, (m/s)/s, m/s2, 1",
    "1, kg/(m.s2), Pa, 1",
    "1, lx, lm/m2, 1",
    "1, T, Wb/m2, 1",
    "1, Gy, J/kg, 1",
    "1, m{water}, m, 1",
    "5, {count}, 1, 5",
    "1, 100.m, km, 0.1",
  })
  void valuesConvert(double value, String from, String to, double expected) {
    double found = Unit.of(from).convert(value, Unit.of(to));
    assertEquals(expected, found, Math.abs(expected) * 1e-12 + 1e-12);
    assertEquals(value, Unit.of(to).convert(found, Unit.of(from)), Math.abs(value) * 1e-11 + 1e-9);
  }

  // Without it a temperature difference or rate would be shifted by 273.15.
  @Test
  void scalesWithAnOffsetHaveItOnlyByThemselves() {
    assertEquals(1, Unit.of("Cel/min").convert(1, Unit.of("K/min")), 1e-15);
    assertEquals(1.8, Unit.of("K/s").convert(1, Unit.of("[degF]/s")), 1e-12);
    assertEquals(25, Unit.of("mCel").convert(25_000, Unit.of("Cel")), 1e-9);
    assertEquals(298.15, Unit.of("Cel{inlet}").convert(25, Unit.of("K")), 1e-9);
    assertEquals(25, Unit.of("K").convert(298.15, Unit.of("Cel{outlet}")), 1e-9);
  }

  // Without it quantities of different kinds would be mixed.
  @ParameterizedTest
  @CsvSource({
    "l/min, bar",
    "Cel, %",
    "m, m2",
    "Hz, s",
    "kW, kW.h",
    "V, A",
    "deg, 1",
    "C, Cel",
    "g, [g]",
  })
  void differentKindsDoNotConvert(String one, String other) {
    assertFalse(Unit.of(one).isCommensurate(Unit.of(other)));
    IllegalArgumentException refusal =
        assertThrows(IllegalArgumentException.class, () -> Unit.of(one).convert(1, Unit.of(other)));
    assertEquals(one + " cannot be converted to " + other, refusal.getMessage());
  }

  // Without it the operator gets 'wrong unit' for what everyone writes.
  @ParameterizedTest
  @CsvSource({
    "°C, Cel",
    "degC, Cel",
    "°F, [degF]",
    "rpm, {rev}/min",
    "psi, [psi]",
    "ppm, [ppm]",
    "percent, %",
    "kWh, kW.h",
    "lpm, l/min",
    "ohm, Ohm",
    "hz, Hz",
    "pH, [pH]",
    "in, [in_i]",
    "ft, [ft_i]",
  })
  void spokenUnitsAreAnsweredWithUcums(String spoken, String ucum) {
    IllegalArgumentException refusal =
        assertThrows(IllegalArgumentException.class, () -> Unit.of(spoken));
    assertEquals(
        "'" + spoken + "' is no UCUM unit; did you mean '" + ucum + "'?", refusal.getMessage());
    assertEquals(ucum, Unit.of(ucum).toString());
  }

  // Without it a typing error would pass as some unit.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "l min",
        "l//min",
        "l/",
        ".l",
        "l.",
        "()",
        "(l",
        "l)",
        "{",
        "}",
        "m{",
        "[",
        "[psi",
        "psi]",
        "x",
        "kmin",
        "k[psi]",
        "khour",
        "kk",
        "mmm",
        "m1000",
        "m--2",
        "m+-2",
        "0",
        "00",
        "-1",
        "m^2",
        "m²",
        "CEL",
        "BAR",
        "kPA",
        "k%",
        "da",
        "//",
        "/",
        "m+",
        "10*99999",
        "٣m",
        "((((((((((m))))))))))",
        "1234567890"
      })
  void whatIsNoUnitIsRefused(String text) {
    assertThrows(IllegalArgumentException.class, () -> Unit.of(text));
  }

  // Without it a unit of 65 characters or more could be a way to make the parser work for ever.
  @Test
  void longTextsAreRefusedUnread() {
    String longest = "m" + ".m".repeat(31) + "2"; // 64 characters
    assertEquals(64, longest.length());
    Unit.of(longest);
    assertThrows(IllegalArgumentException.class, () -> Unit.of(longest + "0"));
  }

  // Without it a hostile configuration could crash the check or keep it busy.
  @Test
  void randomTextsNeitherCrashNorHangTheParser() {
    Random random = new Random(20_000);
    String alphabet = "mkgsldaKCelVAWhin%[]{}()./*+-0123456789'_ °²\u0000\uD83D\uDE00NJPabr";
    String[] words = {"Cel", "[psi]", "{rev}", "min", "k", "10*", "/", ".", "(", ")", "-2", "m"};
    assertTimeout(
        Duration.ofSeconds(10),
        () -> {
          int units = 0;
          for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int n = random.nextInt(i % 2 == 0 ? 70 : 6); n >= 0; n--) {
              if (random.nextBoolean()) {
                text.append(words[random.nextInt(words.length)]);
              } else {
                text.append(alphabet.charAt(random.nextInt(alphabet.length())));
              }
            }
            units += parses(text.toString()) ? 1 : 0;
          }
          assertTrue(units > 200, "the generator makes some units too: " + units);
        });
  }

  private static boolean parses(String text) {
    Unit unit;
    try {
      unit = Unit.of(text);
    } catch (IllegalArgumentException e) {
      return false;
    }
    assertEquals(text, unit.toString());
    assertEquals(unit, Unit.of(text));
    assertTrue(unit.isCommensurate(unit));
    assertEquals(7.0, unit.convert(7, unit));
    return true;
  }

  // Without it units could not be told apart or kept in maps.
  @Test
  void unitsAreEqualByTheirText() {
    assertEquals(Unit.of("l/min"), Unit.of("l/min"));
    assertEquals(Unit.of("l/min").hashCode(), Unit.of("l/min").hashCode());
    assertNotEquals(Unit.of("l/min"), Unit.of("L/min")); // the same size, another text
    assertEquals("1", Unit.ONE.toString());
  }
}
