package dev.tidegate.aggregation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.config.PointConfig;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The arithmetic by itself. */
final class TallyTest {
  private static Tally tally() {
    return new Tally(PointConfig.NEVER);
  }

  // The textbook formula (sum of squares minus square of sum) loses every digit here.
  @Test
  void keepsItsDigitsFarFromZero() {
    Random random = new Random(1);
    Tally tally = tally();
    Tally plain = tally();
    double squares = 0;
    double sum = 0;
    int n = 100_000;
    for (int i = 0; i < n; i++) {
      double x = random.nextInt(1 << 20) / (double) (1 << 20); // exact also on top of 1e9
      tally.add(i, 1e9 + x);
      plain.add(i, x);
      sum += 1e9 + x;
      squares += (1e9 + x) * (1e9 + x);
    }
    assertEquals(plain.stddev(), tally.stddev(), 1e-12);
    assertEquals(1e9 + plain.mean(), tally.mean(), 1e-6);
    double textbook = Math.sqrt(Math.abs(squares / n - sum / n * (sum / n)));
    assertTrue(Math.abs(textbook - plain.stddev()) > 1e-3, "the test's data is too kind");
  }

  // A sliding window merges panes: that must come to what one run over all samples comes to.
  @Test
  void mergesToTheSameAsOneRun() {
    Random random = new Random(2);
    for (int round = 0; round < 500; round++) {
      Tally whole = new Tally(5);
      Tally merged = new Tally(5);
      whole.begin(0, -3, 7);
      merged.begin(0, -3, 7);
      long time = random.nextInt(4);
      for (int pane = 0; pane < 5; pane++) {
        Tally part = new Tally(5);
        for (int i = random.nextInt(4); i > 0; i--) {
          double value = random.nextInt(5) == 0 ? Double.NaN : 1e6 + random.nextGaussian();
          whole.add(time, value);
          part.add(time, value);
          time += random.nextInt(9);
        }
        merged.merge(part);
      }
      whole.holdUntil(time + 3);
      merged.holdUntil(time + 3);
      assertEquals(whole.count, merged.count);
      assertEquals(whole.bad, merged.bad);
      assertEquals(whole.coveredNanos(), merged.coveredNanos());
      assertEquals(whole.min, merged.min);
      assertEquals(whole.max, merged.max);
      assertEquals(whole.first, merged.first);
      assertEquals(whole.last, merged.last);
      assertEquals(whole.mean(), merged.mean(), 1e-9);
      assertEquals(whole.stddev(), merged.stddev(), 1e-9);
      assertEquals(whole.timeMean(), merged.timeMean(), 1e-9);
    }
  }

  // A constant must come out as itself, with no deviation at all.
  @Test
  void keepsAConstantExactly() {
    Tally tally = tally();
    for (int i = 0; i < 1_000; i++) {
      tally.add(i * 7L, 0.1);
    }
    tally.holdUntil(10_000);
    assertEquals(0.1, tally.mean());
    assertEquals(0.1, tally.timeMean());
    assertEquals(0, tally.stddev());
  }
}
