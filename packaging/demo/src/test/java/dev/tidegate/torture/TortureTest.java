package dev.tidegate.torture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The torture itself, in short, and whether it can tell. */
class TortureTest {
  private static final long HOUR_NANOS = 3_600_000_000_000L;

  @TempDir Path folder;

  // Without it a user's own trial would fail where ours do not.
  @Test
  void aGatewayUnderAllFaultsAccountsForEverything() throws Exception {
    Torture.Plan plan = new Torture.Plan(2, 1_000, -HOUR_NANOS, true, 10, 1, false);
    Torture.Outcome outcome = new Torture(plan, folder, line -> {}).run();
    System.out.println("torture: " + outcome);
    assertTrue(outcome.held(), outcome.toString());
    assertTrue(outcome.acknowledged() > 0 && outcome.account().get(0) > 100, outcome.toString());
  }

  // Without it the check could be blind: acknowledged before the commit, counts do get lost.
  @Test
  void acknowledgingBeforeTheCommitIsFound() throws Exception {
    Torture.Plan plan = new Torture.Plan(4, 0, 0, false, 10, 1, true);
    Torture.Outcome outcome = new Torture(plan, folder, line -> {}).run();
    System.out.println("torture, control: " + outcome);
    assertFalse(outcome.missing().isEmpty(), outcome.toString());
    assertFalse(outcome.held());
  }

  // Without it a mistyped option would run for an hour, or end in a stack trace.
  @ParameterizedTest
  @ValueSource(strings = {"--kills=0", "--speed=101", "--clock=soon", "--link-down=-5m"})
  void whatMakesNoSenseIsRefusedBeforeAnythingStarts(String option) {
    CommandLine line = new CommandLine(new TortureCommand());
    line.setErr(new java.io.PrintWriter(java.io.Writer.nullWriter()));
    assertEquals(CommandLine.ExitCode.USAGE, line.execute(option));
    assertThrows(CommandLine.ParameterException.class, () -> line.parseArgs("--kills=x"));
  }
}
