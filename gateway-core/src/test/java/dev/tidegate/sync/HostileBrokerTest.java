package dev.tidegate.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.config.SyncConfig;
import dev.tidegate.config.SyncConfig.FarSide;
import dev.tidegate.flow.Account;
import dev.tidegate.flow.Event;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.Outbound;
import dev.tidegate.reading.PointId;
import dev.tidegate.sync.ScriptedBroker.Published;
import dev.tidegate.sync.binding.Binding;
import dev.tidegate.sync.binding.Incoming;
import dev.tidegate.sync.binding.Topics;
import dev.tidegate.sync.ditto.DittoBinding;
import dev.tidegate.sync.link.Filter;
import dev.tidegate.sync.link.Outgoing;
import dev.tidegate.sync.plain.PlainBinding;
import dev.tidegate.testkit.ManualClock;
import dev.tidegate.timekeeping.SystemClock;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers that refuse, lie, choke or fall silent: the connection goes, the records stay. */
final class HostileBrokerTest {
  @TempDir Path folder;

  /** A server of good will, whose first connection runs another script. */
  private static ScriptedBroker firstThenGood(ScriptedBroker.Script first) throws Exception {
    return new ScriptedBroker(
        peer -> {
          if (peer.number == 1) {
            first.run(peer);
          } else {
            peer.accept();
            peer.grant();
            peer.takeAll();
          }
        });
  }

  /** Is connected again within ten seconds, with the pauses of these tests. */
  private static void recovers(Workbench bench) throws InterruptedException {
    long start = System.nanoTime();
    bench.until("the second attempt", () -> bench.sync.status().online());
    assertTrue(System.nanoTime() - start < 10 * Workbench.SECOND, "recovery takes too long");
  }

  /** Without it, a refused login would end the trying, or fill the log. */
  @ParameterizedTest
  @ValueSource(ints = {0x84, 0x86, 0x88, 0xFF})
  void aRefusedConnectIsTriedAgain(int code) throws Exception {
    try (ScriptedBroker broker =
            firstThenGood(
                peer -> {
                  peer.read();
                  peer.raw(0x20, 3, 0, code, 0);
                  peer.fallSilent();
                });
        Workbench bench = new Workbench(folder, new SystemClock(), Workbench.quick(broker.uri()))) {
      bench.until("the refusal", () -> bench.count("connect-failures") == 1);
      String reason = bench.sync.status().reason();
      assertTrue(reason.contains("(0x%02X)".formatted(code)) || code == 0xFF, reason);
      recovers(bench);
    }
  }

  /** Without it, a broker that kicks at once would be hammered, by a whole fleet at a time. */
  @Test
  void aKickAfterConnackIsMetWithLongerAndLongerPauses() throws Exception {
    ManualClock clock = new ManualClock();
    long second = Workbench.SECOND;
    try (ScriptedBroker broker =
        new ScriptedBroker(
            peer -> {
              peer.accept();
              peer.grant();
            })) {
      SyncConfig config = Workbench.config(broker.uri(), 16, 30 * second, second, 300 * second);
      try (Workbench bench = new Workbench(folder, clock, config)) {
        long end = clock.monotonicNanos() + 3_600 * second;
        while (clock.monotonicNanos() < end) {
          int before = broker.connects.get();
          long losses = bench.losses();
          bench.sync.step(0);
          if (broker.connects.get() > before || bench.sync.status().reason().isEmpty()) {
            bench.until("the kick", () -> bench.losses() > losses);
          }
          bench.settle();
          clock.advance(2 * second);
        }
        // Ceilings of 1, 2, 4 ... 256, 300 s: half of each on average, so 9 and then 20 or so.
        assertTrue(broker.connects.get() < 60, "connects in an hour: " + broker.connects.get());
        assertTrue(broker.connects.get() > 10, "connects in an hour: " + broker.connects.get());
        assertTrue(bench.hasFault("disconnected"));
      }
    }
  }

  /** Without it, five bytes from a server could take 256 MB of heap. */
  @Test
  void aHugeLengthIsNotBelieved() throws Exception {
    try (ScriptedBroker broker =
            firstThenGood(
                peer -> {
                  peer.accept();
                  peer.grant();
                  peer.publish();
                  peer.raw(0x30, 0xff, 0xff, 0xff, 0x7f, 0, 1, 'a');
                  peer.fallSilent();
                });
        Workbench bench = new Workbench(folder, new SystemClock(), Workbench.quick(broker.uri()))) {
      bench.until("the loss", () -> bench.losses() >= 1);
      assertTrue(bench.sync.status().reason().contains("268435455"), bench.sync.status()::reason);
      recovers(bench);
    }
  }

  /** Without it, a remaining length of five bytes would read on as something else. */
  @Test
  void aLengthOfFiveBytesEndsTheConnection() throws Exception {
    try (ScriptedBroker broker =
            firstThenGood(
                peer -> {
                  peer.accept();
                  peer.grant();
                  peer.publish();
                  peer.raw(0x30, 0x80, 0x80, 0x80, 0x80, 1, 0, 1, 'a');
                  peer.fallSilent();
                });
        Workbench bench = new Workbench(folder, new SystemClock(), Workbench.quick(broker.uri()))) {
      bench.until("the loss", () -> bench.losses() >= 1);
      recovers(bench);
    }
  }

  /** Without it, U+0000 in a topic would kill Paho's reader while it says that it is connected. */
  @Test
  void aTopicWithNulEndsTheConnectionAtOnce() throws Exception {
    try (ScriptedBroker broker =
            firstThenGood(
                peer -> {
                  peer.accept();
                  peer.grant();
                  peer.publish();
                  peer.say("tg/\0/down", new byte[] {1});
                  peer.takeAll();
                });
        Workbench bench = new Workbench(folder, new SystemClock(), Workbench.quick(broker.uri()))) {
      bench.until("the loss", () -> bench.losses() >= 1);
      assertFalse(bench.sync.status().reason().contains("keep-alive"), "noticed without a wait");
      recovers(bench);
    }
  }

  /** Without it, a topic that is no UTF-8 would kill Paho's reader, or be taken for another. */
  @Test
  void aTopicThatIsNoUtf8EndsTheConnectionAtOnceOrHasNoEffect() throws Exception {
    try (ScriptedBroker broker =
            firstThenGood(
                peer -> {
                  peer.accept();
                  peer.grant();
                  peer.publish();
                  peer.raw(0x30, 5, 0, 2, 0xc3, 0x28, 0);
                  peer.raw(0x30, 5, 0, 2, 0xed, 0xa0, 0);
                  peer.takeAll();
                });
        Workbench bench = new Workbench(folder, new SystemClock(), Workbench.quick(broker.uri()))) {
      bench.until(
          "an end, or nothing", () -> bench.losses() >= 1 || bench.count("down-unreadable") >= 1);
      bench.alarms(3);
      bench.until("the frames", () -> bench.count("pubacks") >= 4);
      assertTrue(broker.connects.get() <= 3, "no loop: " + broker.connects.get());
    }
  }

  /** Without it, a poisoned message that a server keeps would come at every connect, for ever. */
  @Test
  void aRetainedPoisonHasNoEffectAndDoesNotLoop() throws Exception {
    try (ScriptedBroker broker =
            new ScriptedBroker(
                peer -> {
                  peer.accept();
                  ScriptedBroker.Packet subscribe = peer.read();
                  int options = subscribe.body()[subscribe.body().length - 1];
                  peer.raw(0x90, 4, subscribe.body()[0], subscribe.body()[1], 0, 1);
                  if ((options >> 4) != 2) { // 3.8.3.1: it asks for retained messages
                    peer.raw(0x31, 5, 0, 2, 0, 0, 0);
                  }
                  peer.raw(0x31, 6, 0, 1, 'd', 0, '{', '{'); // and what comes all the same
                  peer.takeAll();
                });
        Workbench bench = new Workbench(folder, new SystemClock(), Workbench.quick(broker.uri()))) {
      bench.alarms(3);
      bench.until("the frames", () -> bench.count("pubacks") >= 4);
      assertEquals(1, broker.connects.get());
      assertEquals(1, bench.count("down-unreadable"));
      assertTrue(bench.hasFault("unreadable-message"));
    }
  }

  /** Without it, a stale alias after a cut would send frames nowhere, or loop for ever. */
  @Test
  void aliasesThatAServerOffersDoNotOutliveAConnection() throws Exception {
    try (ScriptedBroker broker =
            new ScriptedBroker(
                peer -> {
                  peer.accept(0x22, 0, 10); // topic alias maximum 10
                  peer.grant();
                  if (peer.number == 1) {
                    for (int i = 0; i < 4; i++) {
                      peer.publish(); // in flight when the connection is cut
                    }
                    return;
                  }
                  peer.takeAll();
                });
        Workbench bench = new Workbench(folder, new SystemClock(), Workbench.quick(broker.uri()))) {
      bench.alarms(6);
      bench.until("the frames", () -> bench.count("pubacks") >= 7);
      assertEquals(2, broker.connects.get());
      Published first =
          broker.published.stream().filter(p -> p.connection() == 2).findFirst().get();
      assertEquals("tg/default/g1/status", first.topic(), "a topic of its own, and no alias");
    }
  }

  /** Without it, a server that needs a shorter keep-alive would drop us as dead. */
  @Test
  void theServersKeepAliveIsKept() throws Exception {
    try (ScriptedBroker broker =
            firstThenGood(
                peer -> {
                  peer.accept(0x13, 0, 1); // server keep-alive 1 s, ours is longer
                  peer.grant();
                  peer.publish();
                  peer.fallSilent();
                });
        Workbench bench =
            new Workbench(
                folder,
                new SystemClock(),
                Workbench.config(broker.uri(), 16, 20 * Workbench.SECOND, 1, 2))) {
      long start = System.nanoTime();
      bench.until("the end of the silence", () -> bench.losses() >= 1);
      assertTrue(System.nanoTime() - start < 10 * Workbench.SECOND, "recovery takes too long");
      recovers(bench);
    }
  }

  /** Without it, a server that was switched off without a farewell would be trusted for hours. */
  @Test
  void aSilentServerIsGivenUpAfterOneAndAHalfKeepAlives() throws Exception {
    try (ScriptedBroker broker =
            firstThenGood(
                peer -> {
                  peer.accept();
                  peer.grant();
                  peer.fallSilent();
                });
        Workbench bench = new Workbench(folder, new SystemClock(), Workbench.quick(broker.uri()))) {
      bench.until("the connection", () -> bench.sync.status().online());
      long since = bench.sync.status().sinceNanos();
      bench.until("the loss", () -> bench.losses() >= 1);
      long heldNanos = bench.clock.monotonicNanos() - since;
      assertTrue(heldNanos >= 1_400 * Workbench.MILLI, "given up after " + heldNanos);
      assertTrue(heldNanos < 3_000 * Workbench.MILLI, "given up after " + heldNanos);
      recovers(bench);
    }
  }

  /** Without it, a server that accepts and says nothing more would hold the connection for ever. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aServerThatDoesNotAnswerIsGivenUp(boolean connack) throws Exception {
    try (ScriptedBroker broker =
            firstThenGood(
                peer -> {
                  if (connack) {
                    peer.accept();
                  }
                  peer.fallSilent();
                });
        Workbench bench =
            new Workbench(
                folder,
                new SystemClock(),
                Workbench.config(
                    broker.uri(),
                    16,
                    500 * Workbench.MILLI,
                    20 * Workbench.MILLI,
                    200 * Workbench.MILLI))) {
      bench.until("the failure", () -> bench.count("connect-failures") == 1);
      recovers(bench);
    }
  }

  /** Without it, a server that answers pings and takes nothing would stop delivery for ever. */
  @Test
  void aServerThatNeverAcknowledgesPublishesIsGivenUp() throws Exception {
    try (ScriptedBroker broker =
            firstThenGood(
                peer -> {
                  peer.accept();
                  peer.grant();
                  while (peer.publish() != null) {
                    // no PUBACK
                  }
                });
        Workbench bench = new Workbench(folder, new SystemClock(), Workbench.quick(broker.uri()))) {
      bench.alarms(3);
      bench.until("the loss", () -> bench.losses() >= 1);
      assertTrue(bench.sync.status().reason().contains("took nothing"));
      bench.until("the pubacks", () -> bench.count("pubacks") >= 4);
    }
  }

  /** Without it, a broker with receive maximum 1 would disconnect us (MQTT 5, 4.9). */
  @Test
  void theServersReceiveMaximumIsKept() throws Exception {
    AtomicInteger most = new AtomicInteger();
    try (ScriptedBroker broker =
            new ScriptedBroker(
                peer -> {
                  peer.accept(0x21, 0, 1);
                  peer.grant();
                  Deque<Published> open = new ArrayDeque<>();
                  Published next = peer.publish();
                  while (next != null) {
                    open.add(next);
                    most.accumulateAndGet(open.size(), Math::max);
                    peer.pubAck(open.remove(), 0);
                    next = peer.publish();
                  }
                });
        Workbench bench = new Workbench(folder, new SystemClock(), Workbench.quick(broker.uri()))) {
      bench.alarms(20);
      bench.until("all frames", () -> bench.count("pubacks") == 21);
      assertEquals(1, most.get());
    }
  }

  /** Without it, a gateway with many actuators would ask for all desired values at once. */
  @Test
  void whatIsSaidFirstKeepsToTheReceiveMaximumToo() throws Exception {
    AtomicInteger unread = new AtomicInteger(-1);
    Semaphore go = new Semaphore(0);
    Set<String> devices = Set.of("d1", "d2", "d3", "d4", "d5");
    Set<PointId> actuators =
        devices.stream().map(d -> PointId.of(d, "valve")).collect(Collectors.toSet());
    FarSide.Ditto ditto = new FarSide.Ditto("org.example", "org.example:gateways");
    try (ScriptedBroker broker =
            new ScriptedBroker(
                peer -> {
                  peer.accept(0x21, 0, 2);
                  peer.grant();
                  Published first = peer.publish();
                  Published second = peer.publish();
                  go.acquireUninterruptibly();
                  unread.set(peer.unread());
                  peer.pubAck(first, 0);
                  peer.pubAck(second, 0);
                  peer.takeAll();
                });
        Workbench bench =
            new Workbench(
                folder,
                Workbench.quick(broker.uri()),
                epoch ->
                    new DittoBinding(
                        Topics.of(Workbench.quick(broker.uri()), Workbench.GATEWAY),
                        ditto,
                        Workbench.GATEWAY,
                        devices,
                        actuators,
                        epoch,
                        "run"))) {
      bench.until("the window to fill", () -> broker.published.size() == 2);
      bench.settle();
      assertEquals(2, broker.published.size());
      go.release();
      bench.until("the birth and a retrieve for each device", () -> bench.count("pubacks") == 6);
      assertEquals(0, unread.get(), "sent beyond the receive maximum");
      assertEquals(1, broker.connects.get());
      assertEquals(0, bench.losses());
    }
  }

  /** Without it, a slow server's window would be overrun: here it answers only when told to. */
  @Test
  void nothingIsSentBeyondTheReceiveMaximum() throws Exception {
    Semaphore go = new Semaphore(0);
    try (ScriptedBroker broker =
            new ScriptedBroker(
                peer -> {
                  peer.accept(0x21, 0, 3);
                  peer.grant();
                  Published first = peer.publish();
                  Published second = peer.publish();
                  Published third = peer.publish();
                  go.acquireUninterruptibly();
                  peer.pubAck(first, 0);
                  peer.pubAck(second, 0);
                  peer.pubAck(third, 0);
                  peer.takeAll();
                });
        Workbench bench = new Workbench(folder, new SystemClock(), Workbench.quick(broker.uri()))) {
      bench.alarms(20);
      bench.until("the backlog's part to fill", () -> broker.published.size() == 2);
      bench.settle();
      assertEquals(1, bench.count("published"), "one frame of the backlog beside the state");
      bench.alarms(5);
      bench.until("the window to fill", () -> broker.published.size() == 3);
      bench.settle();
      assertEquals(2, bench.count("published"), "the last place is for what is live");
      go.release();
      bench.until("all frames", () -> bench.count("pubacks") == 26);
    }
  }

  /** Without it, a refused publish would be lost, or sent again in a loop. */
  @Test
  void aRefusedPublishIsSentAgainLater() throws Exception {
    AtomicInteger refusals = new AtomicInteger();
    try (ScriptedBroker broker =
            new ScriptedBroker(
                peer -> {
                  peer.accept();
                  peer.grant();
                  Published next = peer.publish();
                  while (next != null) {
                    boolean refuse =
                        next.topic().endsWith("/up/batch") && refusals.incrementAndGet() <= 3;
                    peer.pubAck(next, refuse ? 0x97 : 0);
                    next = peer.publish();
                  }
                });
        Workbench bench = new Workbench(folder, new SystemClock(), Workbench.quick(broker.uri()))) {
      bench.alarms(1);
      bench.until("three refusals and a success", () -> bench.count("pubacks") >= 5);
      assertEquals(3, bench.count("pubacks-refused"));
      assertEquals(3, bench.count("resent"));
      assertTrue(bench.hasFault("publish-refused"));
      Account.Line books = bench.buffer.account().total();
      assertEquals(1, books.buffered(), "PUBACK alone lets nothing be forgotten");
    }
  }

  /** Text that no compression makes short. */
  private static String noise(int length) {
    Random random = new Random(1);
    StringBuilder text = new StringBuilder();
    while (text.length() < length) {
      text.appendCodePoint(' ' + random.nextInt(95));
    }
    return text.toString();
  }

  /** Without it, one frame that the server cannot take would end the connection for all. */
  @Test
  void aFrameBeyondTheServersPacketSizeIsHeldAndTheOthersFlow() throws Exception {
    try (ScriptedBroker broker =
            new ScriptedBroker(
                peer -> {
                  peer.accept(0x27, 0, 0, 2, 0); // maximum packet size 512
                  peer.grant();
                  peer.takeAll();
                });
        Workbench bench = new Workbench(folder, new SystemClock(), Workbench.quick(broker.uri()))) {
      bench.buffer.append(
          Lane.EVENTS,
          new Event(bench.clock.monotonicNanos(), Event.Severity.INFO, "long", "", noise(490)),
          null);
      bench.alarms(2);
      bench.until("the small ones", () -> bench.count("pubacks") >= 3);
      assertTrue(bench.count("held") >= 1);
      assertTrue(bench.hasFault("frame-too-large"));
      assertEquals(3, bench.buffer.account().total().buffered());
      assertEquals(0, bench.count("connections-lost"));
    }
  }

  /** Without it, one large birth or state would end every connection, for ever. */
  @Test
  void aBirthBeyondTheServersPacketSizeIsLeftOutAndTheOthersFlow() throws Exception {
    try (ScriptedBroker broker =
            new ScriptedBroker(
                peer -> {
                  peer.accept(0x27, 0, 0, 1, 44); // maximum packet size 300
                  peer.grant();
                  peer.takeAll();
                });
        Workbench bench =
            new Workbench(
                folder, Workbench.quick(broker.uri()), epoch -> new Growing(epoch, 400, 0))) {
      bench.alarms(3);
      bench.until("the frames", () -> bench.count("pubacks") >= 3);
      assertTrue(bench.hasFault("frame-too-large"));
      assertEquals(1, broker.connects.get());
      assertEquals(0, bench.losses());
    }
  }

  /** Without it, a frame that is larger the second time would keep the sync thread for itself. */
  @Test
  void aFrameThatIsTooLargeTheSecondTimeStopsNothing() throws Exception {
    try (ScriptedBroker broker =
            new ScriptedBroker(
                peer -> {
                  peer.accept(0x27, 0, 0, 4, 0); // maximum packet size 1,024
                  peer.grant();
                  peer.takeAll();
                });
        Workbench bench =
            new Workbench(
                folder,
                Workbench.config(
                    broker.uri(), 16, Workbench.SECOND, Workbench.MILLI, Workbench.MILLI),
                epoch -> new Growing(epoch, 10, 1_000))) {
      bench.until("the birth", () -> bench.count("pubacks") == 1);
      bench.alarms(1);
      bench.until("its first try", () -> bench.count("published") == 1);
      bench.until("its second", () -> bench.count("held") == 1);
      bench.alarms(1);
      bench.until("the next one", () -> bench.count("published") == 2);
      assertEquals(0, bench.losses());
    }
  }

  /** Plain frames with a birth of any size, and frames that grow when they are sent again. */
  private record Growing(PlainBinding plain, int birth, int growth) implements Binding {
    Growing(String epoch, int birth, int growth) {
      this(
          new PlainBinding(
              Topics.of(SyncConfig.to(URI.create("mqtt://127.0.0.1:1")), Workbench.GATEWAY),
              Workbench.GATEWAY,
              epoch),
          birth,
          growth);
    }

    @Override
    public void begin() {
      plain.begin();
    }

    @Override
    public List<Filter> subscriptions() {
      return plain.subscriptions();
    }

    @Override
    public Outgoing will() {
      return plain.will();
    }

    @Override
    public List<Outgoing> births() {
      return List.of(Outgoing.of("tg/birth", new byte[birth], "text/plain"));
    }

    @Override
    public Outgoing farewell() {
      return plain.farewell();
    }

    @Override
    public boolean isOrdered(Lane lane) {
      return false;
    }

    @Override
    public String destination(Lane lane) {
      return plain.destination(lane);
    }

    @Override
    public List<Outgoing> pack(Outbound frame, boolean isLate) {
      byte[] bytes = Arrays.copyOf(frame.frame(), frame.frame().length + (isLate ? growth : 0));
      return List.of(Outgoing.of(destination(frame.lane()), bytes, "text/plain"));
    }

    @Override
    public Incoming read(String topic, byte[] payload) {
      return plain.read(topic, payload);
    }
  }

  /** Without it, what a server sends before it answers the subscription would be lost. */
  @Test
  void aMessageBeforeTheSubscriptionIsAnsweredIsTaken() throws Exception {
    try (ScriptedBroker broker =
            new ScriptedBroker(
                peer -> {
                  peer.accept();
                  ScriptedBroker.Packet subscribe = peer.read();
                  peer.say("tg/default/g1/down", 7, new byte[] {'{'});
                  peer.raw(0x90, 4, subscribe.body()[0], subscribe.body()[1], 0, 1);
                  peer.takeAll();
                });
        Workbench bench = new Workbench(folder, new SystemClock(), Workbench.quick(broker.uri()))) {
      bench.until("the message", () -> bench.count("down-messages") == 1);
      bench.until("that it is confirmed", () -> broker.pubAcks.contains(7));
      assertEquals(1, broker.connects.get());
    }
  }

  /** Without it, a server's farewell would be taken for a bug. */
  @Test
  void aDisconnectIsReportedInItsOwnWords() throws Exception {
    try (ScriptedBroker broker =
            firstThenGood(
                peer -> {
                  peer.accept();
                  peer.grant();
                  peer.publish();
                  peer.raw(0xe0, 2, 0x8e, 0);
                  peer.fallSilent();
                });
        Workbench bench = new Workbench(folder, new SystemClock(), Workbench.quick(broker.uri()))) {
      bench.until("the loss", () -> bench.losses() >= 1);
      assertTrue(
          bench.sync.status().reason().contains("another client uses"),
          bench.sync.status()::reason);
    }
  }

  /** Without it, the operator would read "not connected" while frames flow. */
  @Test
  void theFaultEndsWithTheReconnect() throws Exception {
    try (ScriptedBroker broker = firstThenGood(peer -> peer.accept());
        Workbench bench = new Workbench(folder, new ManualClock(), Workbench.quick(broker.uri()))) {
      bench.until("the loss", () -> bench.hasFault("disconnected"));
      ((ManualClock) bench.clock).advance(Workbench.SECOND);
      recovers(bench);
      assertFalse(bench.hasFault("disconnected"));
    }
  }
}
