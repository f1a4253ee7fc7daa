package dev.tidegate.buffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.flow.Command;
import dev.tidegate.flow.CommandResult;
import dev.tidegate.flow.CommandResult.Outcome;
import dev.tidegate.flow.CommandResult.Reason;
import dev.tidegate.flow.Inbox.Received;
import dev.tidegate.flow.Lane;
import dev.tidegate.reading.Value;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The inbox: at most once, whatever breaks when. */
class CommandsTest {
  @TempDir Path folder;

  private final List<Received> executed = new ArrayList<>();
  private int stored;

  private static Command command(String id, double value) {
    return new Command(
        id,
        Command.Action.WRITE,
        "pump/speed",
        Value.of(value),
        "ops",
        Command.Origin.TWIN,
        1,
        Command.NOT_SAID);
  }

  private CommandResult result(Rig rig, String id, Outcome outcome) {
    return new CommandResult(
        rig.clock.monotonicNanos(), id, "pump/speed", outcome, Reason.NONE, 1, Double.NaN, "so");
  }

  private void receive(Rig rig, Command command) throws InterruptedException {
    assertTrue(rig.buffer().receive(command, () -> stored++));
    rig.buffer().step(0);
  }

  private static List<String> said(Rig rig) throws Exception {
    return rig.entries(Lane.EVENTS).stream()
        .filter(CommandResult.class::isInstance)
        .map(e -> (CommandResult) e)
        .map(r -> r.id() + " " + r.outcome().word() + " " + r.reason().word())
        .toList();
  }

  private Rig open(Path where) throws BufferException {
    Rig rig = Rig.in(where).open();
    rig.buffer().onCommand(executed::add);
    return rig;
  }

  /** What a kill at this moment would leave. */
  private Path killed(Rig rig, String name) throws IOException {
    Path copy = Files.createDirectories(folder.resolve(name).resolve("buffer"));
    try (Stream<Path> files = Files.list(rig.folder)) {
      for (Path file : files.toList()) {
        Files.copy(file, copy.resolve(file.getFileName().toString()));
      }
    }
    return folder.resolve(name);
  }

  /** The same file, in another run of the gateway. */
  private static Rig anotherRun(Path where, List<Received> executed) throws Exception {
    Rig rig = Rig.in(where);
    Buffer buffer =
        Buffer.open(
            rig.folder,
            rig.config,
            "gw-1",
            "00000000-0000-4000-8000-000000000001",
            rig.quantumOf,
            rig.clock,
            new java.util.Random(9),
            rig.counters,
            rig.faults,
            rig.options);
    buffer.onCommand(executed::add);
    rig.adopt(buffer);
    rig.append(Lane.EVENTS, rig.event("started"));
    rig.commit();
    return rig;
  }

  @Test
  void aCommandIsStoredThenToldThenHandedOverOnce() throws Exception {
    try (Rig rig = open(folder)) {
      receive(rig, command("a", 1));
      assertEquals(1, stored);
      assertEquals(List.of("a"), executed.stream().map(r -> r.command().id()).toList());
      receive(rig, command("a", 1));
      assertEquals(2, stored); // told again, for the sender did not hear it
      assertEquals(1, executed.size());
      assertEquals(List.of(), said(rig)); // it is under way
      rig.append(Lane.EVENTS, result(rig, "a", Outcome.STARTED));
      rig.append(Lane.EVENTS, result(rig, "a", Outcome.DONE));
      rig.buffer().step(0);
      receive(rig, command("a", 1));
      assertEquals(List.of("a started none", "a done none", "a done none"), said(rig));
      receive(rig, command("a", 2));
      assertEquals("a refused id-reused", said(rig).getLast());
      receive(rig, command("a", 1)); // the first one's result is not overwritten
      assertEquals("a done none", said(rig).getLast());
      assertEquals(1, executed.size());
    }
  }

  // Without it a lost answer that is asked for again would report an old value as the one in force.
  @Test
  void aRepetitionIsAnsweredNowAndWithoutAValue() throws Exception {
    try (Rig rig = open(folder)) {
      receive(rig, command("a", 1));
      rig.append(Lane.EVENTS, result(rig, "a", Outcome.DONE));
      rig.buffer().step(0);
      rig.clock.advance(7);
      receive(rig, command("a", 1));
      List<CommandResult> results =
          rig.entries(Lane.EVENTS).stream().map(CommandResult.class::cast).toList();
      assertTrue(results.getFirst().isInForce());
      assertFalse(results.getLast().isInForce());
      assertEquals(Outcome.DONE, results.getLast().outcome());
      assertEquals(results.getFirst().atNanos() + 7, results.getLast().atNanos());
    }
  }

  // Without it a command that comes again would be answered in the words of before.
  @Test
  void aRepetitionIsAnsweredWithWhatMayLeave() throws Exception {
    CommandResult may =
        new CommandResult(
            1, "a", "pump/speed", Outcome.DONE, Reason.NONE, Double.NaN, Double.NaN, "none");
    try (Rig rig = open(folder)) {
      rig.buffer().leaving(entry -> may);
      receive(rig, command("a", 1));
      rig.append(Lane.EVENTS, result(rig, "a", Outcome.DONE));
      rig.buffer().step(0);
      receive(rig, command("a", 1));
      assertEquals(2, rig.entries(Lane.EVENTS).size());
      assertEquals(may, rig.entries(Lane.EVENTS).getLast());
    }
  }

  /**
   * Crash at every step: the same id never acts twice, and an unknown outcome is called unknown.
   */
  @Test
  void aKillAtEveryStepNeverMakesACommandActTwice() throws Exception {
    List<Path> kills = new ArrayList<>();
    try (Rig rig = open(folder)) {
      rig.append(Lane.EVENTS, rig.event("before"));
      rig.commit();
      assertTrue(rig.buffer().receive(command("a", 1), () -> stored++));
      kills.add(killed(rig, "0-not-committed"));
      rig.buffer().step(0);
      kills.add(killed(rig, "1-received"));
      rig.append(Lane.EVENTS, result(rig, "a", Outcome.STARTED));
      kills.add(killed(rig, "2-start-not-committed"));
      rig.buffer().step(0);
      kills.add(killed(rig, "3-started"));
      rig.append(Lane.EVENTS, result(rig, "a", Outcome.DONE));
      kills.add(killed(rig, "4-result-not-committed"));
      rig.buffer().step(0);
      kills.add(killed(rig, "5-closed"));
    }
    // what is handed over in the next run, and what a repetition is answered
    List<String> expected =
        List.of(
            "handed over: [] after repetition: [a]; said: []",
            "handed over: [a] after repetition: [a]; said: []",
            "handed over: [a] after repetition: [a]; said: []",
            "handed over: [] after repetition: []; said: [a started none, a unknown restart, a"
                + " unknown restart]",
            "handed over: [] after repetition: []; said: [a started none, a unknown restart, a"
                + " unknown restart]",
            "handed over: [] after repetition: []; said: [a started none, a done none, a done"
                + " none]");
    List<String> found = new ArrayList<>();
    for (Path kill : kills) {
      List<Received> next = new ArrayList<>();
      try (Rig rig = anotherRun(kill, next)) {
        List<String> atStart = next.stream().map(r -> r.command().id()).toList();
        assertTrue(next.stream().allMatch(Received::isOfEarlierRun));
        receive(rig, command("a", 1));
        rig.commit();
        List<String> afterwards = next.stream().map(r -> r.command().id()).toList();
        found.add(
            "handed over: "
                + atStart
                + " after repetition: "
                + afterwards
                + "; said: "
                + said(rig));
        assertTrue(rig.buffer().account().balances());
      }
    }
    assertEquals(expected, found);
  }

  /** The control: where nothing is noted before acting, the same kill makes it act again. */
  @Test
  void withoutTheNoteBeforeActingTheSameKillWouldActTwice() throws Exception {
    Path kill;
    try (Rig rig = open(folder)) {
      receive(rig, command("a", 1));
      assertEquals(1, executed.size()); // an executor that acts at once, without STARTED
      kill = killed(rig, "acted");
    }
    List<Received> next = new ArrayList<>();
    anotherRun(kill, next).close();
    assertEquals(1, next.size()); // handed over again: the second act
  }

  @Test
  void manyOpenOnesAreRefusedAndNoneIsForgotten() throws Exception {
    try (Rig rig = open(folder)) {
      List<String> answered = new ArrayList<>();
      rig.buffer().onAnswer(r -> answered.add(r.id() + " " + r.reason().word()));
      for (int i = 0; i < Commands.MAX_OPEN + 3; i++) {
        receive(rig, command("c" + i, i));
      }
      assertEquals(Commands.MAX_OPEN, executed.size());
      assertEquals(3, said(rig).stream().filter(s -> s.endsWith("refused busy")).count());
      assertEquals(List.of("c64 busy", "c65 busy", "c66 busy"), answered, "nobody else tells it");
      rig.append(Lane.EVENTS, result(rig, "c0", Outcome.REFUSED));
      rig.buffer().step(0);
      receive(rig, command("c64", 64)); // it was refused for want of room, and may be asked again
      assertEquals(Commands.MAX_OPEN + 1, executed.size());
    }
  }

  @Test
  void aFileOfTheFormatBeforeIsBroughtUp() throws Exception {
    try (Rig rig = open(folder)) {
      rig.append(Lane.EVENTS, rig.event("kept"));
      rig.commit();
    }
    Path file = folder.resolve("buffer").resolve("buffer.db");
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      statement.execute("DROP TABLE command");
      statement.execute("PRAGMA user_version=2");
    }
    try (Rig rig = open(folder)) {
      assertEquals(1, rig.entries(Lane.EVENTS).size());
      receive(rig, command("a", 1));
      assertEquals(1, executed.size());
    }
  }

  // Without it one rotten row would have everything that is stored beside it stored again and
  // again.
  @Test
  void whatIsDurableIsNotStoredAgainForWantOfACommand() throws Exception {
    try (Rig rig = open(folder)) {
      receive(rig, command("a", 1));
      Path file = folder.resolve("buffer").resolve("buffer.db");
      try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
          Statement statement = connection.createStatement()) {
        statement.execute("UPDATE command SET sum=sum+1");
      }
      rig.append(Lane.EVENTS, result(rig, "b", Outcome.REFUSED));
      assertThrows(
          DamagedException.class,
          () -> {
            for (int i = 0; i < 5; i++) {
              rig.clock.advance(Rig.SECOND);
              rig.buffer().step(0);
            }
          });
    }
    try (Rig rig = open(folder)) { // what is sound of it is taken over
      rig.commit();
      assertEquals(1, said(rig).stream().filter("b refused none"::equals).count());
    }
  }

  // Without it a command that was begun before the file was damaged would stay open for ever.
  @Test
  void whatAnotherBufferOfTheSameRunBeganIsUnknown() throws Exception {
    try (Rig rig = open(folder)) {
      receive(rig, command("a", 1));
      rig.append(Lane.EVENTS, result(rig, "a", Outcome.STARTED));
      rig.buffer().step(0);
      rig.append(Lane.EVENTS, rig.event("more"));
      rig.commit();
      assertEquals(List.of("a started none"), said(rig), "it goes on within one buffer");
    }
    try (Rig rig = open(folder)) {
      rig.append(Lane.EVENTS, rig.event("more"));
      rig.commit();
      assertEquals("a unknown restart", said(rig).getLast());
    }
  }

  /** A salvaged file must not have forgotten what acted. */
  @Test
  void commandsSurviveSalvage() throws Exception {
    try (Rig rig = open(folder)) {
      receive(rig, command("a", 1));
      rig.append(Lane.EVENTS, result(rig, "a", Outcome.STARTED));
      rig.append(Lane.EVENTS, result(rig, "a", Outcome.DONE));
      rig.buffer().step(0);
    }
    Path file = folder.resolve("buffer").resolve("buffer.db");
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      statement.execute("UPDATE frame SET sum=sum+1"); // makes the file one that is set aside
    }
    executed.clear();
    try (Rig rig = open(folder)) {
      assertTrue(rig.hasFault("database-damaged"));
      rig.commit();
      receive(rig, command("a", 1));
      assertEquals(List.of(), executed);
      assertEquals("a done none", said(rig).getLast());
    }
  }

  private static Command desired(String point, String mark, double value) {
    return new Command(
        "desired/" + point + "/" + mark,
        Command.Action.WRITE,
        point,
        Value.of(value),
        "",
        Command.Origin.DESIRED,
        Command.NOT_SAID,
        Command.NOT_SAID);
  }

  private void carryOut(Rig rig, Command command) throws Exception {
    receive(rig, command);
    close(rig, command.id(), command.subject(), command.value().asDouble());
  }

  /** Many in few commits: as many at a time as may be open. */
  private void carryOutAll(Rig rig, List<Command> commands) throws Exception {
    for (int from = 0; from < commands.size(); from += Commands.MAX_OPEN) {
      int to = Math.min(commands.size(), from + Commands.MAX_OPEN);
      for (Command command : commands.subList(from, to)) {
        assertTrue(rig.buffer().receive(command, () -> stored++));
      }
      rig.buffer().step(0);
      for (Command command : commands.subList(from, to)) {
        rig.append(Lane.EVENTS, done(rig, command.id(), command.subject(), 1));
      }
      rig.buffer().step(0);
    }
  }

  private static CommandResult done(Rig rig, String id, String point, double value) {
    return new CommandResult(
        rig.clock.monotonicNanos(), id, point, Outcome.DONE, Reason.NONE, value, Double.NaN, "so");
  }

  private static void close(Rig rig, String id, String point, double value) throws Exception {
    rig.append(Lane.EVENTS, done(rig, id, point, value));
    rig.buffer().step(0);
  }

  /** Without it, a gateway with many actuators would refuse some at every start. */
  @Test
  void desiredValuesOfManyPointsAreAllTaken() throws Exception {
    try (Rig rig = open(folder)) {
      for (int i = 0; i < 3 * Commands.MAX_OPEN; i++) {
        rig.buffer().receive(desired("pump/p" + i, "1", i), () -> stored++);
      }
      rig.buffer().step(0);
      assertEquals(3 * Commands.MAX_OPEN, executed.size());
      receive(rig, command("a", 1));
      assertEquals(3 * Commands.MAX_OPEN + 1, executed.size(), "and leave room for commands");
    }
  }

  /** Without it, an optimiser's set-points would lock out everything else within a day. */
  @Test
  void desiredValuesThatChangeOftenAreNotRememberedForADay() throws Exception {
    try (Rig rig = open(folder)) {
      carryOut(rig, command("a", 1));
      carryOutAll(
          rig,
          IntStream.range(0, Commands.MAX + 100)
              .mapToObj(i -> desired("pump/speed", "r" + i, i))
              .toList());
      receive(rig, command("a", 1)); // remembered for all that
      assertEquals(Commands.MAX + 101, executed.size());
      assertEquals(0, said(rig).stream().filter(r -> r.contains("busy")).count());
      receive(rig, desired("pump/speed", "r" + (Commands.MAX + 99), Commands.MAX + 99));
      assertEquals(Commands.MAX + 101, executed.size(), "the last one is remembered");
      assertEquals(List.of(), rig.faults.open());
    }
  }

  /** Without it, the first that an operator hears of a full memory would be a refusal. */
  @Test
  void manyCommandsAreAFaultBeforeTheyAreRefused() throws Exception {
    try (Rig rig = open(folder)) {
      carryOutAll(
          rig, IntStream.range(0, Commands.MANY).mapToObj(i -> command("c" + i, i)).toList());
      assertEquals(List.of(), rig.faults.open());
      carryOut(rig, command("another", 1));
      assertTrue(rig.faults.open().stream().anyMatch(f -> f.what().equals("commands-many")));
      rig.clock.advance(Commands.REMEMBERED_NANOS + Rig.SECOND);
      carryOut(rig, command("tomorrow", 1));
      assertEquals(List.of(), rig.faults.open());
    }
  }

  /** Without it, a gateway that is started anew would start what its dead man had stopped. */
  @Test
  void whatIsKeptDesiredIsDroppedWhereTheSafeValueCameSince() throws Exception {
    try (Rig rig = open(folder)) {
      carryOut(rig, desired("pump/speed", "1", 50));
      receive(rig, desired("pump/speed", "1:2", 50).from(Command.Origin.KEPT));
      assertEquals(2, executed.size(), "without a safe value it is written at each start");
      assertEquals(Command.Origin.DESIRED, executed.getLast().command().origin());
      close(rig, "desired/pump/speed/1:2", "pump/speed", 50);
      rig.clock.advance(Rig.SECOND);
      close(rig, "safety/pump/speed/17", "pump/speed", 0);
      receive(rig, desired("pump/speed", "1:3", 50).from(Command.Origin.KEPT));
      assertEquals(2, executed.size());
      receive(rig, desired("pump/speed", "1:3", 60).from(Command.Origin.KEPT));
      assertEquals(3, executed.size(), "another value is something new");
      receive(rig, desired("pump/speed", "2", 50));
      assertEquals(4, executed.size(), "and so is a wish for the same one");
    }
  }

  /** Without it, a start would take from the twin what is known of actuators. */
  @Test
  void whatBecameOfCommandsIsToldAtTheNextStart() throws Exception {
    try (Rig rig = open(folder)) {
      carryOut(rig, desired("pump/speed", "1", 50));
      carryOut(rig, desired("pump/speed", "2", 60));
      rig.clock.advance(Rig.SECOND);
      close(rig, "safety/pump/speed/17", "pump/speed", 0);
      close(rig, "safety/pump/speed/18", "pump/speed", 0);
      close(rig, "safety/pump/valve/18", "pump/valve", 1);
    }
    List<String> earlier = new ArrayList<>();
    try (Rig rig = open(folder)) {
      rig.buffer().earlier().forEach(r -> earlier.add(r.id() + " " + r.value()));
    }
    assertEquals(
        List.of(
            "desired/pump/speed/2 60.0", "safety/pump/speed/18 0.0", "safety/pump/valve/18 1.0"),
        earlier);
  }

  /** Without it, the last of several values would not be the one that stays. */
  @Test
  void commandsOfOneCommitAreHandedOverAsTheyCame() throws Exception {
    List<String> marks = List.of("97", "98", "99", "100", "101");
    try (Rig rig = open(folder)) {
      marks.forEach(m -> rig.buffer().receive(desired("pump/speed", m, 1), () -> stored++));
      rig.buffer().step(0);
    }
    List<String> again = new ArrayList<>();
    try (Rig rig = open(folder)) {
      rig.buffer().onCommand(r -> again.add(r.command().id()));
      rig.append(Lane.EVENTS, rig.event("first"));
      rig.commit();
    }
    List<String> ids = marks.stream().map(m -> "desired/pump/speed/" + m).toList();
    assertEquals(ids, executed.stream().map(r -> r.command().id()).toList());
    assertEquals(ids, again, "and at the next start");
  }

  private static void said(Rig rig, String id, Outcome outcome, Reason reason) throws Exception {
    rig.append(
        Lane.EVENTS,
        new CommandResult(
            rig.clock.monotonicNanos(), id, "pump/speed", outcome, reason, 0, Double.NaN, "so"));
    rig.buffer().step(0);
  }

  private int kept(Rig rig, String mark, double value) throws Exception {
    int before = executed.size();
    receive(rig, desired("pump/speed", mark, value).from(Command.Origin.KEPT));
    return executed.size() - before;
  }

  /** Without it, the power that fails while a safe value is read back would undo it. */
  @Test
  void aSafeValueCountsFromItsBeginning() throws Exception {
    try (Rig rig = open(folder)) {
      carryOut(rig, desired("pump/speed", "1", 50));
      rig.clock.advance(Rig.SECOND);
      said(rig, "safety/pump/speed/17", Outcome.STARTED, Reason.NONE);
      assertEquals(0, kept(rig, "1:2", 50));
    }
    try (Rig rig = open(folder)) {
      rig.append(Lane.EVENTS, rig.event("first"));
      rig.commit();
      assertEquals(0, kept(rig, "1:3", 50));
      assertTrue(said(rig).contains("safety/pump/speed/17 unknown restart"), "nobody saw its end");
      assertEquals("desired/pump/speed/1:3 refused interlock", said(rig).getLast());
    }
  }

  /** Without it, a wish that followed it would be forgotten where it ended before that. */
  @Test
  void aWishThatFollowsASafeValueCounts() throws Exception {
    try (Rig rig = open(folder)) {
      said(rig, "safety/pump/speed/17", Outcome.STARTED, Reason.NONE);
      rig.clock.advance(Rig.SECOND);
      receive(rig, desired("pump/speed", "1", 50));
      rig.clock.advance(Rig.SECOND);
      said(rig, "safety/pump/speed/17", Outcome.UNKNOWN, Reason.OUTDATED);
      close(rig, "desired/pump/speed/1", "pump/speed", 50);
      assertEquals(1, kept(rig, "1:2", 50));
    }
  }

  /** Without it, what an interlock refused would be done at the next start, whatever followed. */
  @Test
  void whatAnInterlockRefusedIsNotDoneAtTheNextStart() throws Exception {
    try (Rig rig = open(folder)) {
      carryOut(rig, desired("pump/speed", "1", 50));
      rig.clock.advance(Rig.SECOND);
      close(rig, "safety/pump/speed/17", "pump/speed", 0);
      rig.clock.advance(Rig.SECOND);
      receive(rig, desired("pump/speed", "2", 50));
      said(rig, "desired/pump/speed/2", Outcome.REFUSED, Reason.INTERLOCK);
      assertEquals(0, kept(rig, "2:2", 50));
      receive(rig, desired("pump/speed", "3", 50));
      said(rig, "desired/pump/speed/3", Outcome.REFUSED, Reason.MODE);
      assertEquals(1, kept(rig, "3:2", 50), "another refusal is for its own time");
    }
  }

  /** Without it, one that ends late would have the one that came after it forgotten. */
  @Test
  void theNewestIsWhatCameLast() throws Exception {
    try (Rig rig = open(folder)) {
      receive(rig, desired("pump/speed", "1", 50));
      rig.clock.advance(Rig.SECOND);
      receive(rig, desired("pump/speed", "2", 80));
      said(rig, "desired/pump/speed/2", Outcome.REFUSED, Reason.SLEW_RATE);
      close(rig, "desired/pump/speed/1", "pump/speed", 50);
      receive(rig, desired("pump/speed", "2", 80));
      assertEquals(2, executed.size(), "it is remembered");
      rig.clock.advance(Rig.SECOND);
      close(rig, "safety/pump/speed/17", "pump/speed", 0);
      assertEquals(0, kept(rig, "2:2", 80));
    }
  }

  /** Without it, a flood of commands would keep a desired stop out for a day. */
  @Test
  void aFullMemoryTakesDesiredValues() throws Exception {
    try (Rig rig = open(folder)) {
      carryOutAll(
          rig, IntStream.range(0, Commands.MAX).mapToObj(i -> command("c" + i, i)).toList());
      int before = executed.size();
      receive(rig, command("more", 1));
      assertEquals(before, executed.size());
      receive(rig, desired("pump/speed", "1", 0));
      assertEquals(before + 1, executed.size());
    }
  }
}
