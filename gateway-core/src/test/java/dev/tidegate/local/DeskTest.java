package dev.tidegate.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.health.Counters;
import dev.tidegate.health.Faults;
import dev.tidegate.testkit.ManualClock;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The operator's question, and what stands in its way. */
class DeskTest {
  private static final Report REPORT =
      new Report(
          "g1",
          7,
          2,
          100,
          0,
          0,
          1,
          new Report.Clock("synchronised", 5, 0),
          new Report.Link("offline", 3, "the broker did not answer \"connect\""),
          List.of(new Report.Lane("raw", 10, 5, 4, 1, 99, 1_000, 168, 12.5, 80, 60)),
          new Report.Traffic(1, 2.5, -1, -1),
          new Report.Traffic(3, 4.5, -1, 1_000),
          List.of(new Report.Fault("sync", "down", 3, "a", "b")));

  /** Long enough for whoever asks at once, on a busy machine too. */
  private static final Duration LONG = Duration.ofSeconds(30);

  private static final Duration SHORT = Duration.ofMillis(50);

  private static final String STATUS = "{\"ask\":\"status\"}\n";

  @TempDir Path folder;
  private final ManualClock clock = new ManualClock();
  private final Counters counters = new Counters();
  private final Faults faults = new Faults(clock);
  private final Queue<Question.Write> written = new ConcurrentLinkedQueue<>();

  private Desk open(Path where, Duration deadline) {
    return Desk.open(where, () -> REPORT, this::write, deadline, clock, counters, faults);
  }

  private WriteAnswer write(Question.Write asked) {
    written.add(asked);
    return new WriteAnswer(
        "local/1", asked.point(), "done", "none", 200, asked.value(), null, "the device took it");
  }

  private Report status() throws IOException {
    return Caller.report(Caller.ask(folder, new Question.Status(), clock));
  }

  /** Connects, and says that. */
  private SocketChannel say(String text) throws IOException {
    SocketChannel caller = SocketChannel.open(StandardProtocolFamily.UNIX);
    caller.connect(UnixDomainSocketAddress.of(folder.resolve(Desk.SOCKET)));
    if (!text.isEmpty()) {
      caller.write(ByteBuffer.wrap(text.getBytes(UTF_8)));
    }
    return caller;
  }

  /** What is answered, up to the end of the line. */
  private static String heard(SocketChannel caller) throws IOException {
    ByteBuffer answer = ByteBuffer.allocate(1 << 16);
    while (answer.position() == 0 || answer.get(answer.position() - 1) != '\n') {
      if (caller.read(answer) < 0) {
        throw new AssertionError("the connection ended without an answer");
      }
    }
    return new String(answer.array(), 0, answer.position() - 1, UTF_8);
  }

  private String answerTo(String text) throws IOException {
    try (SocketChannel caller = say(text)) {
      return heard(caller);
    }
  }

  // Without it an operator could not tell how a gateway stands without stopping it.
  @Test
  void whoAsksGetsTheReportAndTheNextOneToo() throws Exception {
    try (Desk _ = open(folder, LONG)) {
      for (int i = 0; i < 5; i++) {
        assertEquals(REPORT, status());
      }
      assertEquals(
          "rw-------",
          java.nio.file.attribute.PosixFilePermissions.toString(
              Files.getPosixFilePermissions(folder.resolve(Desk.SOCKET))));
    }
    assertFalse(Files.exists(folder.resolve(Desk.SOCKET)));
    assertThrows(Caller.NobodyThere.class, this::status);
    assertEquals(List.of(), faults.open());
  }

  // Without it a caller that asks and goes would end the answers for all others.
  @Test
  void aCallerThatGoesAtOnceDoesNotStopTheNext() throws Exception {
    try (Desk _ = open(folder, LONG)) {
      for (int i = 0; i < 20; i++) {
        say(i % 2 == 0 ? "" : STATUS).close();
      }
      assertEquals(REPORT, status());
    }
  }

  // Without it a kill would leave a socket behind that the next start stumbles over.
  @Test
  void whatAKilledGatewayLeftIsReplaced() throws Exception {
    Files.writeString(folder.resolve(Desk.SOCKET), "stale");
    try (Desk _ = open(folder, LONG)) {
      assertEquals(REPORT, status());
    }
  }

  // Without it a long path would keep the gateway from starting, or from being asked, unsaid.
  @Test
  void aPathThatIsTooLongIsAFaultAndNoMore() throws Exception {
    Path deep = Files.createDirectories(folder.resolve("d".repeat(120)));
    open(deep, LONG).close();
    assertEquals(1, faults.open().size());
    assertTrue(faults.open().getFirst().message().contains("shorten gateway.data"));
  }

  // Without it nobody at the gateway could command, or would command something else.
  @Test
  void aWriteIsHandedOnAsItWasAskedAndAnswered() throws Exception {
    try (Desk _ = open(folder, LONG)) {
      Question.Write speed = new Question.Write("pump/speed", -1_200.5, false);
      WriteAnswer answer = Caller.writeAnswer(Caller.ask(folder, speed, clock));
      assertEquals(write(speed), answer);
      Question.Write on = new Question.Write("pump/on", 1, true);
      Caller.ask(folder, on, clock);
      assertEquals(List.of(speed, speed, on), List.copyOf(written));
    }
  }

  // Without it a misspelt question would be a write of something, or hang its caller.
  @Test
  void whatIsNoQuestionIsAnsweredSoAndCounted() throws Exception {
    List<String> bad =
        List.of(
            "",
            "status",
            "[]",
            "{\"ask\":\"reboot\"}",
            "{\"ask\":\"status\",\"point\":\"pump/speed\"}",
            "{\"ask\":\"status\"}{\"ask\":\"status\"}",
            "{\"ask\":\"write\",\"value\":1}",
            "{\"ask\":\"write\",\"point\":\"\",\"value\":1}",
            "{\"ask\":\"write\",\"point\":7,\"value\":1}",
            "{\"ask\":\"write\",\"point\":\"a\\u0007\",\"value\":1}",
            "{\"ask\":\"write\",\"point\":\"" + "p".repeat(201) + "\",\"value\":1}",
            "{\"ask\":\"write\",\"point\":\"pump/speed\"}",
            "{\"ask\":\"write\",\"point\":\"pump/speed\",\"value\":\"1\"}",
            "{\"ask\":\"write\",\"point\":\"pump/speed\",\"value\":null}",
            "{\"ask\":\"write\",\"point\":\"pump/speed\",\"value\":1e999}",
            "{\"ask\":\"write\",\"point\":\"pump/speed\",\"value\":" + "9".repeat(400) + "}",
            "{\"ask\":\"write\",\"point\":\"pump/speed\",\"value\":NaN}",
            "{\"ask\":\"write\",\"point\":\"pump/speed\",\"value\":1,\"value\":2}",
            "{\"ask\":\"write\",\"point\":\"pump/speed\",\"value\":1,\"by\":\"me\"}",
            "{\"ask\":\"status\"}" + " ".repeat(Question.MAX_BYTES));
    try (Desk _ = open(folder, LONG)) {
      for (String question : bad) {
        String answer = answerTo(question + "\n");
        assertTrue(answer.startsWith("{\"error\":\""), question + " got " + answer);
      }
      assertEquals(bad.size(), counters.value("local.turned-away"));
      assertEquals(List.of(), List.copyOf(written));
      String longest = STATUS.strip();
      longest += " ".repeat(Question.MAX_BYTES - longest.length()) + "\n";
      assertEquals(REPORT, Caller.report(answerTo(longest)), "the control: as long as may be");
    }
  }

  // Without it whoever connects and says nothing would keep a thread for ever.
  @Test
  void whoAsksNothingInTimeIsToldSoAndCounted() throws Exception {
    try (Desk _ = open(folder, SHORT)) {
      assertTrue(answerTo("").contains("nothing was asked within 50 ms"));
      assertTrue(answerTo("{\"ask\":").contains("nothing was asked within 50 ms"));
      assertEquals(2, counters.value("local.turned-away"));
    }
  }

  // Without it a byte now and then would be enough to stay.
  @Test
  void theDeadlineIsForTheWholeQuestion() throws Exception {
    try (Desk _ = open(folder, LONG);
        SocketChannel slow = say("{")) {
      for (int i = 0; i < 500 && counters.value("local.turned-away") == 0; i++) {
        clock.advance(LONG.toNanos() / 4);
        try {
          slow.write(ByteBuffer.wrap(" ".getBytes(UTF_8)));
        } catch (IOException e) {
          break; // it has closed
        }
        assertEquals(REPORT, status()); // so that the desk has had time to look
      }
      assertEquals(1, counters.value("local.turned-away"));
      assertTrue(heard(slow).contains("nothing was asked within 30000 ms"));
    }
  }

  // Without it silent callers would cost a thread each, or keep out who has something to ask.
  @Test
  void asManyAsMayAreServedAtOnceAndTheNextIsSentAway() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch inside = new CountDownLatch(Desk.MAX_CALLERS);
    Function<Question.Write, WriteAnswer> slow =
        asked -> {
          inside.countDown();
          awaitQuietly(release);
          return write(asked);
        };
    List<SocketChannel> waiting = new ArrayList<>();
    try (Desk _ = Desk.open(folder, () -> REPORT, slow, LONG, clock, counters, faults)) {
      for (int i = 0; i < Desk.MAX_CALLERS; i++) {
        waiting.add(say(new Question.Write("pump/speed", i, false).json() + "\n"));
      }
      assertTrue(inside.await(30, TimeUnit.SECONDS));
      Caller.TurnedAway sent = assertThrows(Caller.TurnedAway.class, this::status);
      assertTrue(String.valueOf(sent.getMessage()).contains("too many ask at once"));
      assertEquals(1, counters.value("local.turned-away"));
      release.countDown();
      for (SocketChannel caller : waiting) {
        assertEquals("done", Caller.writeAnswer(heard(caller)).outcome());
        caller.close();
      }
    }
  }

  // Without it a stop would leave callers without a word, or wait a minute for them.
  @Test
  void whoWaitsAtTheCloseIsStillAnswered() throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    Function<Question.Write, WriteAnswer> waits =
        asked -> {
          inside.countDown();
          try {
            throw new AssertionError("not interrupted: " + never.await(30, TimeUnit.SECONDS));
          } catch (InterruptedException e) {
            return write(asked);
          }
        };
    Desk desk = Desk.open(folder, () -> REPORT, waits, LONG, clock, counters, faults);
    try (SocketChannel caller = say(new Question.Write("pump/speed", 1, false).json() + "\n")) {
      assertTrue(inside.await(30, TimeUnit.SECONDS));
      desk.close();
      assertEquals("done", Caller.writeAnswer(heard(caller)).outcome());
    }
  }

  // Without it an answer that never came would pass for one, or a question for not asked.
  @Test
  void aGatewayThatEndsWithoutAnAnswerIsToldFromOneThatIsNotThere() throws Exception {
    Function<Question.Write, WriteAnswer> broken =
        asked -> {
          throw new IllegalStateException("a defect");
        };
    Question.Write write = new Question.Write("pump/speed", 1, false);
    try (Desk _ = Desk.open(folder, () -> REPORT, broken, LONG, clock, counters, faults)) {
      IOException asked = assertThrows(IOException.class, () -> Caller.ask(folder, write, clock));
      assertFalse(asked instanceof Caller.NobodyThere || asked instanceof Caller.TurnedAway);
      assertEquals(REPORT, status(), "and the next one is served");
    }
    assertThrows(Caller.NobodyThere.class, () -> Caller.ask(folder, write, clock));
    assertTrue(Caller.advice(folder, "No such file").contains("is it running"));
    assertTrue(Caller.advice(folder, "Permission denied").contains("root alone"));
  }

  private static boolean awaitQuietly(CountDownLatch latch) {
    try {
      return latch.await(30, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      return false;
    }
  }
}
