package dev.tidegate.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tidegate.flow.CommandResult;
import dev.tidegate.flow.CommandResult.Outcome;
import dev.tidegate.flow.CommandResult.Reason;
import dev.tidegate.flow.Lane;
import dev.tidegate.twin.Delta;
import dev.tidegate.twin.Era;
import dev.tidegate.twin.Twin;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What a twin is told of actuators. */
final class ReportedJournalTest {
  private static CommandResult result(String id, String point, Outcome outcome, double value) {
    Reason reason = outcome == Outcome.DONE ? Reason.NONE : Reason.RANGE;
    return new CommandResult(1, id, point, outcome, reason, value, Double.NaN, "so");
  }

  private static Map<String, Object> told(Twin twin) {
    Delta delta = twin.next(0);
    Map<String, Object> told = new TreeMap<>();
    if (delta != null) {
      delta.changes().forEach((path, property) -> told.put(path, property.value()));
    }
    return told;
  }

  /** Without it, each start would take from the twin what an actuator was told last. */
  @Test
  void whatEarlierRunsLeftIsToldUntilThisOneHasSomethingNewer() {
    Twin twin = new Twin(new Era("e", 2), 1_000_000_000L);
    ReportedJournal journal =
        new ReportedJournal((lane, entry, receipt) -> {}, twin, Set.of("pump/speed", "pump/valve"));
    journal.recall(result("old", "pump/valve", Outcome.DONE, 3));
    journal.recall(result("a", "pump/speed", Outcome.DONE, 50));
    journal.recall(result("b", "pump/speed", Outcome.REFUSED, 9_000));
    journal.recall(result("c", "pump/other", Outcome.DONE, 1));
    journal.append(Lane.EVENTS, result("new", "pump/valve", Outcome.DONE, 7), null);
    assertEquals(
        Map.of(
            "actuators/pump/speed/command",
            "b",
            "actuators/pump/speed/status",
            422.0,
            "actuators/pump/speed/message",
            "so",
            "actuators/pump/speed/value",
            50.0,
            "actuators/pump/valve/command",
            "new",
            "actuators/pump/valve/status",
            200.0,
            "actuators/pump/valve/message",
            "so",
            "actuators/pump/valve/value",
            7.0),
        told(twin));
  }
}
