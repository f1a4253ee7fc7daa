package dev.tidegate.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.config.ActuatorConfig;
import dev.tidegate.flow.CommandResult;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Lane;
import dev.tidegate.reading.PointId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;

class AllowedJournalTest {
  private static final PointId SPEED = PointId.of("pump", "speed");
  private static final PointId LEVEL = PointId.of("tank", "level");
  private static final String SAYS = "tank/level is at 93.2, above 90";

  private static CommandResult through(Set<String> allowed) {
    double inf = Double.POSITIVE_INFINITY;
    ActuatorConfig actuator =
        new ActuatorConfig(
            SPEED,
            0,
            100,
            inf,
            inf,
            0,
            0,
            List.of(),
            ActuatorConfig.Mode.REMOTE,
            1,
            new ActuatorConfig.ReadBack(LEVEL, 1, 1),
            List.of(new ActuatorConfig.Interlock(LEVEL, 90, -inf, 0, 0, 1, false)),
            null);
    List<Entry> kept = new ArrayList<>();
    AllowedJournal journal =
        new AllowedJournal(
            (lane, entry, receipt) -> kept.add(entry),
            new AllowedPoints(allowed, Map.of(SPEED.name(), actuator)),
            new LongAdder());
    journal.append(
        Lane.EVENTS,
        new CommandResult(
            7,
            "c",
            SPEED.name(),
            CommandResult.Outcome.REFUSED,
            CommandResult.Reason.INTERLOCK,
            40,
            93.2,
            SAYS),
        null);
    return (CommandResult) kept.getFirst();
  }

  // Without it whoever may write could ask for what a sensor shows that must not leave.
  @Test
  void aResultNamesNoValueOfAPointThatMustNotLeave() {
    CommandResult one = through(Set.of(SPEED.name()));
    assertEquals(40, one.value());
    assertTrue(Double.isNaN(one.readBack()));
    assertEquals("interlock", one.message());
    CommandResult other = through(Set.of(LEVEL.name()));
    assertTrue(Double.isNaN(other.value()));
    assertEquals(93.2, other.readBack());
    assertEquals("interlock", other.message());
    CommandResult both = through(Set.of(SPEED.name(), LEVEL.name())); // the control
    assertEquals(SAYS, both.message());
  }
}
