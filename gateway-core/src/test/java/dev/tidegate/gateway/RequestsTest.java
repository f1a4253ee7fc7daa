package dev.tidegate.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.tidegate.command.Commander.Answer;
import dev.tidegate.flow.Command;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.ReplayRequest;
import dev.tidegate.local.Report;
import dev.tidegate.reading.Value;
import dev.tidegate.testkit.ManualClock;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

/** What the twin may ask for that is no write; the rest is in the acceptance tests. */
class RequestsTest {
  private static final long SECOND = 1_000_000_000L;
  private static final Logger OURS = Logger.getLogger("tidegate");

  private final ManualClock clock = new ManualClock();
  private final LogLevel log = new LogLevel();
  private final Requests requests =
      new Requests(null, replay -> fail("no link: " + replay), RequestsTest::report, log, clock);

  private static Report report() {
    Report.Lane lane = new Report.Lane("raw", 10, 7, 2, 1, 100, 1_000, 24, 5, 200, 0);
    return new Report(
        "g",
        77,
        3,
        10,
        4,
        0,
        1,
        new Report.Clock("synchronised", 5, 0),
        new Report.Link("online", 5, ""),
        List.of(lane),
        new Report.Traffic(1, 1, 1, -1),
        new Report.Traffic(1, 1, 1, -1),
        List.of(new Report.Fault("pump", "its value is 17.25 bar", 1, "", "")));
  }

  private Answer ask(Command.Action action, String subject, double value) {
    return requests.run(command(action, subject, Value.of(value)));
  }

  private static Command command(Command.Action action, String subject, Value value) {
    return new Command(
        "c", action, subject, value, "", Command.Origin.TWIN, Command.NOT_SAID, Command.NOT_SAID);
  }

  private static Command replay(String lane, Value interval) {
    return command(Command.Action.REPLAY, lane, interval);
  }

  // Without it a log that was made louder for a look would fill the disk for a year.
  @Test
  void aLouderLogIsSetBackByItself() {
    Level before = OURS.getLevel();
    OURS.setLevel(Level.INFO);
    assertTrue(ask(Command.Action.LOG_LEVEL, "debug", 60).isDone());
    assertEquals(Level.FINE, OURS.getLevel());
    clock.advance(59 * SECOND);
    log.tick(clock.monotonicNanos());
    assertEquals(Level.FINE, OURS.getLevel());
    assertTrue(ask(Command.Action.LOG_LEVEL, "warning", 10).isDone());
    assertEquals(Level.WARNING, OURS.getLevel());
    clock.advance(10 * SECOND);
    log.tick(clock.monotonicNanos());
    assertEquals(Level.INFO, OURS.getLevel());
    for (String word : List.of("", "trace", "DEBUG", "all")) {
      assertFalse(ask(Command.Action.LOG_LEVEL, word, 60).isDone(), word);
    }
    for (double seconds : new double[] {0, -1, 0.5, 3_601, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertFalse(ask(Command.Action.LOG_LEVEL, "debug", seconds).isDone(), "" + seconds);
    }
    OURS.setLevel(before);
  }

  // Without it the values of points that must not leave would leave in the text of a fault.
  @Test
  void aSnapshotCountsAndShowsNoValues() {
    String said = ask(Command.Action.SNAPSHOT, "", 0).message();
    assertEquals(
        "up 77 s; clock synchronised; raw: accepted 10, delivered 7, buffered 2, lost 1;"
            + " turned away 4; faults 1: pump",
        said);
  }

  // Without it what was recorded of another time would be sent, or a mistake be answered by
  // silence.
  @Test
  void aReplayThatCannotBeReadIsRefusedInWords() {
    String day = "2026-11-28T10:00:00Z/2026-11-28T10:15:00Z";
    for (String[] wrong :
        new String[][] {
          {"raw", ""},
          {"raw", "2026-11-28T10:00:00Z"},
          {"raw", "2026-11-28T10:15:00Z/2026-11-28T10:00:00Z"},
          {"raw", "2026-11-28T10:00:00/2026-11-28T10:15:00"},
          {"raw", day + "/"},
          {"cooked", day},
          {"", day}
        }) {
      assertEquals(null, Requests.replayRequest(replay(wrong[0], Value.of(wrong[1]))), wrong[1]);
    }
    assertEquals(null, Requests.replayRequest(replay("raw", Value.of(7.0))));
    assertEquals(
        new ReplayRequest("c", Lane.RAW, 1_795_860_000_000_000_000L, 1_795_860_900_000_000_000L),
        Requests.replayRequest(replay("raw", Value.of(day))));
  }

  // Without it a gateway that sends nothing would say that it has paused.
  @Test
  void aGatewayWithoutALinkSaysSo() {
    for (Command.Action action :
        List.of(
            Command.Action.PAUSE,
            Command.Action.RESUME,
            Command.Action.REBIRTH,
            Command.Action.REPLAY)) {
      Answer answer = ask(action, "raw", 60);
      assertFalse(answer.isDone());
      assertTrue(answer.message().contains("no sync section"), answer.message());
    }
  }
}
