package dev.tidegate.conditioning;

import static dev.tidegate.conditioning.Rules.A;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.config.Calibration;
import dev.tidegate.config.Calibration.Linear;
import dev.tidegate.config.Calibration.Pair;
import dev.tidegate.config.Calibration.Table;
import dev.tidegate.health.Counters;
import dev.tidegate.reading.Quality;
import dev.tidegate.reading.Reading;
import dev.tidegate.reading.Value;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * The conditioner against an oracle that looks through the whole history for every reading, over
 * seeded random streams. Times are seconds, values whole numbers, so every comparison is exact.
 */
final class ConditionerOracleTest {
  private static final long SECOND = 1_000_000_000L;

  private record Past(long second, double raw, double value) {}

  // Any state that is kept wrongly from one reading to the next shows here.
  @Test
  void agreesWithAWholeHistoryOracle() {
    Map<Quality, Integer> seen = new EnumMap<>(Quality.class);
    for (int seed = 0; seed < 2_000; seed++) {
      run(seed, true, seen);
    }
    for (Quality quality :
        List.of(
            Quality.GOOD,
            Quality.UNCERTAIN_RATE,
            Quality.UNCERTAIN_STUCK,
            Quality.UNCERTAIN_TIME,
            Quality.BAD_RANGE,
            Quality.BAD_NOT_A_NUMBER)) {
      assertTrue(seen.getOrDefault(quality, 0) > 500, "too few to compare: " + seen);
    }
  }

  // A comparison that accepts a wrong oracle proves nothing.
  @Test
  void noticesAnOracleThatKeepsBadValues() {
    int disagreements = 0;
    for (int seed = 0; seed < 100; seed++) {
      try {
        run(seed, false, new EnumMap<>(Quality.class));
      } catch (AssertionError e) {
        disagreements++;
      }
    }
    assertTrue(disagreements > 10, "noticed in " + disagreements + " of 100");
  }

  private static void run(int seed, boolean onlyBelieved, Map<Quality, Integer> seen) {
    Random random = new Random(seed);
    int shape = random.nextInt(3);
    Calibration calibration =
        switch (shape) {
          case 0 -> Calibration.NONE;
          case 1 -> new Linear(2, -3);
          default -> new Table(List.of(new Pair(-8, 4), new Pair(0, 0), new Pair(4, 8)));
        };
    double low = -4 - random.nextInt(6);
    double high = 4 + random.nextInt(10);
    double maxRate = 1 + random.nextInt(5);
    long stuckAfter = 2L + random.nextInt(8);
    long gapAfter = 1L + random.nextInt(12);
    Conditioner conditioner =
        new Conditioner(
            List.of(
                new Rules()
                    .calibration(calibration)
                    .range(low, high)
                    .maxRate(maxRate)
                    .stuckAfter(stuckAfter * SECOND)
                    .gapAfter(gapAfter * SECOND)
                    .build()),
            new Counters(),
            event -> {});
    List<Past> history = new ArrayList<>();
    long now = 1_000;
    double raw = 0;
    for (int i = 0; i < 60; i++) {
      now += random.nextInt(20) == 0 ? 15 : random.nextInt(3);
      raw = random.nextInt(3) == 0 ? random.nextInt(17) - 8 : raw;
      long second = now - (random.nextInt(6) == 0 ? random.nextInt(10) - 4 : 0);
      double number = random.nextInt(15) == 0 ? Double.NaN : raw;
      Reading in = Reading.good(A, second * SECOND, number);

      boolean ahead = second > now + 1;
      long time = ahead ? now : second;
      double value =
          switch (shape) {
            case 0 -> number;
            case 1 -> 2 * number - 3;
            default -> number < 0 ? -number / 2 : 2 * number;
          };
      Quality expected = Quality.GOOD;
      if (ahead) {
        expected = Quality.UNCERTAIN_TIME;
      }
      if (Double.isNaN(number)) {
        expected = Quality.BAD_NOT_A_NUMBER;
      } else if (value < low || value > high) {
        expected = Quality.BAD_RANGE;
      } else if (expected == Quality.GOOD) {
        expected = judge(history, time, number, value, maxRate, stuckAfter, gapAfter);
      }
      if (!onlyBelieved || !expected.isBad()) {
        history.add(new Past(time, number, value));
      }
      seen.merge(expected, 1, Integer::sum);
      assertEquals(
          new Reading(A, time * SECOND, Value.of(value), expected),
          conditioner.condition(in, now * SECOND),
          "seed " + seed + ", reading " + i);
    }
  }

  private static Quality judge(
      List<Past> history,
      long time,
      double raw,
      double value,
      double maxRate,
      long stuckAfter,
      long gapAfter) {
    // The history in the order in which each became the latest: later ones are not older.
    List<Past> latest = new ArrayList<>();
    for (Past p : history) {
      if (latest.isEmpty() || p.second >= latest.getLast().second) {
        latest.add(p);
      }
    }
    if (latest.isEmpty() || time < latest.getLast().second) {
      return Quality.GOOD;
    }
    Past before = latest.getLast();
    long elapsed = time - before.second;
    if (elapsed > gapAfter) {
      return Quality.GOOD;
    }
    if (elapsed > 0 && Math.abs(value - before.value) / elapsed > maxRate) {
      return Quality.UNCERTAIN_RATE;
    }
    long since = time;
    long next = time;
    for (Past p : latest.reversed()) {
      if (p.raw != raw || next - p.second > gapAfter) {
        break;
      }
      since = p.second;
      next = p.second;
    }
    return time - since > stuckAfter ? Quality.UNCERTAIN_STUCK : Quality.GOOD;
  }
}
