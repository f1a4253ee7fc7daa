package dev.tidegate.aggregation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.flow.Summary;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** The windows against a brute-force oracle, over seeded random streams. */
final class WindowsOracleTest {
  private static final int STREAMS = 2_000;

  // Any error in ordering, boundaries, holding, lateness, panes or flushing shows here.
  @Test
  void agreesWithBruteForceOnEveryStream() {
    long summaries = 0;
    long late = 0;
    long bad = 0;
    long gaps = 0;
    long empty = 0;
    for (int seed = 0; seed < STREAMS; seed++) {
      Script script = new Script(seed);
      List<Summary> expected = new Oracle(script, Oracle.Defect.NONE).run();
      List<Summary> actual = script.run();
      String difference = difference(expected, actual);
      assertEquals("", difference, "stream of seed " + seed);
      summaries += actual.size();
      late += actual.stream().mapToLong(Summary::late).sum();
      bad += actual.stream().mapToLong(Summary::bad).sum();
      empty += actual.stream().filter(s -> s.count() == 0).count();
      gaps += actual.stream().filter(s -> s.coveredNanos() < s.endNanos() - s.startNanos()).count();
    }
    // The streams do contain what the comparison is for.
    assertTrue(
        summaries > 50L * STREAMS && late > STREAMS && bad > STREAMS,
        summaries + " summaries, " + late + " late, " + bad + " bad");
    assertTrue(gaps > STREAMS && empty > STREAMS, gaps + " with a gap, " + empty + " empty");
  }

  // A comparison that accepts a wrong oracle proves nothing.
  @ParameterizedTest
  @EnumSource(value = Oracle.Defect.class, mode = Mode.EXCLUDE, names = "NONE")
  void noticesAnOracleWithADefect(Oracle.Defect defect) {
    int disagreements = 0;
    for (int seed = 0; seed < 100; seed++) {
      Script script = new Script(seed);
      if (!difference(new Oracle(script, defect).run(), script.run()).isEmpty()) {
        disagreements++;
      }
    }
    assertTrue(disagreements >= 10, defect + " was noticed in " + disagreements + " of 100");
  }

  // Replaying a recording twice must give the same bytes.
  @Test
  void givesTheSameBitsTwice() {
    for (int seed = 0; seed < 200; seed++) {
      assertEquals(new Script(seed).run(), new Script(seed).run(), "stream of seed " + seed);
    }
  }

  private static String difference(List<Summary> expected, List<Summary> actual) {
    for (int i = 0; i < Math.min(expected.size(), actual.size()); i++) {
      if (!agree(expected.get(i), actual.get(i))) {
        return "summary " + i + ": expected " + expected.get(i) + " but got " + actual.get(i);
      }
    }
    return expected.size() == actual.size()
        ? ""
        : "expected " + expected.size() + " summaries but got " + actual.size();
  }

  /** Everything exact but the three quotients, which agree within a relative 1e-9. */
  private static boolean agree(Summary e, Summary a) {
    return e.window().equals(a.window())
        && e.point().equals(a.point())
        && e.startNanos() == a.startNanos()
        && e.endNanos() == a.endNanos()
        && e.count() == a.count()
        && e.bad() == a.bad()
        && e.late() == a.late()
        && e.coveredNanos() == a.coveredNanos()
        && same(e.min(), a.min())
        && same(e.max(), a.max())
        && same(e.first(), a.first())
        && same(e.last(), a.last())
        && close(e.mean(), a.mean(), 0.25)
        && close(e.stddev(), a.stddev(), 0)
        && close(e.timeMean(), a.timeMean(), 0.25);
  }

  private static boolean same(double e, double a) {
    return e == a || (Double.isNaN(e) && Double.isNaN(a));
  }

  /**
   * @param scale smallest magnitude that a mean is measured against: one step of the values, since
   *     a mean itself can be 0
   */
  private static boolean close(double e, double a, double scale) {
    return same(e, a) || Math.abs(e - a) <= 1e-9 * Math.max(Math.abs(e), scale);
  }
}
