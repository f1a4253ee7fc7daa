package dev.tidegate.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.buffer.Buffer;
import dev.tidegate.config.BufferConfig;
import dev.tidegate.config.BufferConfig.LaneQuota;
import dev.tidegate.config.BufferConfig.Send;
import dev.tidegate.config.BufferConfig.WhenFull;
import dev.tidegate.config.PointConfig;
import dev.tidegate.config.SyncConfig;
import dev.tidegate.flow.Delivery;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.Outbound;
import dev.tidegate.flow.Outbox;
import dev.tidegate.flow.ReplayRequest;
import dev.tidegate.flow.Stretch;
import dev.tidegate.health.Faults;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Reading;
import dev.tidegate.sync.ScriptedBroker.Published;
import dev.tidegate.sync.binding.Topics;
import dev.tidegate.testkit.ManualClock;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The acknowledgement rule, with the clock in the test's hand. */
final class SyncTest {
  private static final long SECOND = Workbench.SECOND;
  private static final String DOWN = "tg/default/g1/down";

  @TempDir Path folder;

  private final ManualClock clock = new ManualClock();
  private final BlockingQueue<String> toSay = new LinkedBlockingQueue<>();

  /** Takes every publish, and says after each what the test has put up. */
  private ScriptedBroker attentive() throws IOException {
    return new ScriptedBroker(
        peer -> {
          peer.accept();
          peer.grant();
          Published next = peer.publish();
          while (next != null) {
            peer.pubAck(next, 0);
            String said = toSay.poll();
            while (said != null) {
              peer.say(DOWN, said.getBytes(StandardCharsets.UTF_8));
              said = toSay.poll();
            }
            next = peer.publish();
          }
        });
  }

  private static SyncConfig calm(URI broker) {
    SyncConfig c = Workbench.config(broker, 16, 30 * SECOND, SECOND, 60 * SECOND);
    return new SyncConfig(
        broker,
        c.tenant(),
        c.topics(),
        c.sendWindow(),
        c.batchBytes(),
        c.ackTimeoutNanos(),
        3_600 * SECOND, // the clock stands still between two bytes: silence is not what is tested
        c.reconnectMinNanos(),
        c.reconnectMaxNanos(),
        null,
        null,
        null);
  }

  private static String ack(Buffer buffer, long first, long last, int code) {
    return "{\"type\":\"ack\",\"epoch\":\"%s\",\"acks\":[{\"lane\":\"alarms\",\"first\":%d,\"last\":%d,\"code\":%d}]}"
        .formatted(buffer.epoch(), first, last, code);
  }

  private Workbench online(ScriptedBroker broker) throws Exception {
    return online(broker, null);
  }

  private Workbench online(
      ScriptedBroker broker, Workbench.@org.jspecify.annotations.Nullable Wrap wrap)
      throws Exception {
    Workbench bench = new Workbench(folder, clock, calm(broker.uri()), new Random(3), wrap);
    bench.until("the connection", () -> bench.count("pubacks") == 1);
    return bench;
  }

  /** Without it, PUBACK would let the buffer forget what the far side never stored. */
  @Test
  void onlyTheApplicationsAcknowledgementSettles() throws Exception {
    try (ScriptedBroker broker = attentive();
        Workbench bench = online(broker)) {
      bench.alarms(2);
      bench.until("the pubacks", () -> bench.count("pubacks") == 3);
      bench.buffer.step(0);
      assertEquals(2, bench.buffer.account().total().buffered());
      toSay.add(ack(bench.buffer, 1, 2, 200));
      bench.alarms(1);
      bench.until("the acknowledgement", () -> bench.count("acked-frames") == 2);
      clock.advance(2 * SECOND);
      bench.until("two less", () -> bench.buffer.account().total().buffered() == 1);
      assertEquals(0, bench.count("resent"));
    }
  }

  /** Without it, the flight recorder would flood the link, or a break lose what was promised. */
  @Test
  void aReplayIsSentOnRequestAloneAfterEverythingElse() throws Exception {
    LaneQuota roomy = new LaneQuota(16 << 20, PointConfig.NEVER);
    LaneQuota recorder =
        new LaneQuota(16 << 20, PointConfig.NEVER, WhenFull.DROP_OLDEST, Send.ON_REQUEST);
    BufferConfig lanes = new BufferConfig(SECOND, roomy, roomy, roomy, recorder);
    try (ScriptedBroker broker = attentive();
        Workbench bench =
            new Workbench(folder, clock, calm(broker.uri()), new Random(3), null, lanes)) {
      bench.until("the connection", () -> bench.count("pubacks") == 1);
      long start = clock.wallNanos();
      for (int i = 0; i < 10; i++) {
        bench.buffer.append(
            Lane.RAW,
            new Entry.Measured(Reading.good(PointId.of("p", "x"), clock.monotonicNanos(), i)),
            null);
        bench.buffer.step(0);
        clock.advance(SECOND);
        bench.buffer.step(0);
      }
      bench.settle();
      assertEquals(0, bench.count("published"));
      bench.buffer.request(
          new ReplayRequest("r1", Lane.RAW, start + 2 * SECOND, start + 4 * SECOND));
      bench.alarms(1);
      clock.advance(SECOND);
      bench.until("the promised frames", () -> bench.count("published") == 5);
      assertEquals(List.of("alarms", "events", "raw", "raw", "raw"), lanes(broker, 5));
      assertEquals(3, bench.buffer.stretches().getFirst().firstSequence());

      toSay.add(
          "{\"type\":\"ack\",\"epoch\":\"%s\",\"acks\":[{\"lane\":\"raw\",\"first\":3,\"last\":5,\"code\":200}]}"
              .formatted(bench.buffer.epoch()));
      bench.alarms(1);
      bench.until("the acknowledgements", () -> bench.count("acked-frames") == 3);
      clock.advance(SECOND);
      bench.until("the end of the replay", () -> bench.buffer.stretches().isEmpty());
      assertEquals(3, bench.buffer.account().of(Lane.RAW).delivered());
      assertEquals(7, bench.buffer.account().of(Lane.RAW).buffered());
    }
  }

  private static List<String> lanes(ScriptedBroker broker, int count) throws Exception {
    List<String> lanes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String text = new String(broker.next("/up/batch").rest(), StandardCharsets.ISO_8859_1);
      for (Lane lane : Lane.values()) {
        if (text.contains("\0\4lane\0" + (char) lane.word().length() + lane.word())) {
          lanes.add(lane.word());
        }
      }
    }
    return lanes;
  }

  /** Without it, a lost answer would leave a frame behind, or a late one send it in a loop. */
  @Test
  void withoutAnAnswerAFrameIsSentAgainAfterLongerAndLongerTimes() throws Exception {
    try (ScriptedBroker broker = attentive();
        Workbench bench = online(broker)) {
      bench.alarms(1);
      bench.until("the puback", () -> bench.count("pubacks") == 2);
      Published first = broker.next("/up/batch");
      for (int i = 0, seconds = 30; i < 3; i++, seconds *= 2) {
        clock.advance(seconds * SECOND - 1);
        bench.settle();
        assertEquals(i, bench.count("resent"), "not before its time");
        clock.advance(1);
        int pubAcks = 3 + i;
        bench.until("the resend", () -> bench.count("pubacks") == pubAcks);
        Published again = broker.next("/up/batch");
        assertEquals(
            new String(first.rest(), StandardCharsets.ISO_8859_1),
            new String(again.rest(), StandardCharsets.ISO_8859_1),
            "byte-identical, properties included");
      }
      assertEquals(3, bench.count("ack-timeouts"));
      assertTrue(bench.hasFault("no-acknowledgement"));
      assertEquals(1, bench.buffer.account().total().buffered());
    }
  }

  /** Without it, a fault would end and begin anew while it lasts, or stay when it is over. */
  @Test
  void aFaultLastsUntilFramesAreTakenAgain() throws Exception {
    try (ScriptedBroker broker = attentive();
        Workbench bench = online(broker)) {
      bench.alarms(1);
      bench.until("the puback", () -> bench.count("pubacks") == 2);
      for (int i = 0, seconds = 30; i < 5; i++, seconds = Math.min(240, 2 * seconds)) {
        for (int passed = 0; passed < seconds; passed += 10) {
          clock.advance(10 * SECOND);
          bench.sync.step(0);
          assertTrue(i == 0 || bench.hasFault("no-acknowledgement"), "still unanswered");
        }
        int pubAcks = 3 + i;
        bench.until("the resend", () -> bench.count("pubacks") == pubAcks);
      }
      toSay.add(ack(bench.buffer, 1, 2, 200));
      bench.alarms(1);
      bench.until("the acknowledgement", () -> bench.count("acked-frames") == 2);
      clock.advance((Troubles.QUIET_SECONDS + 1) * SECOND);
      bench.settle();
      assertTrue(!bench.hasFault("no-acknowledgement"), "over");
    }
  }

  /** Without it, a fault that is seen seldom would end between two sights of it. */
  @Test
  void aFaultEndsOnlyAfterItShouldHaveBeenSeenAgain() {
    Faults faults = new Faults(clock);
    Troubles troubles = new Troubles(faults);
    troubles.raise("a", "a message", 0);
    troubles.raise("b", "a rare one", 0, 300 * SECOND);
    troubles.raiseOfDelivery("c", "a frame that waits", 0, 300 * SECOND);
    troubles.tick(180 * SECOND);
    assertEquals(3, faults.open().size());
    troubles.tick(181 * SECOND);
    assertEquals(List.of("b", "c"), faults.open().stream().map(Faults.Fault::what).toList());
    troubles.delivered();
    troubles.tick(182 * SECOND);
    assertEquals(List.of("b"), faults.open().stream().map(Faults.Fault::what).toList());
    troubles.tick(301 * SECOND);
    assertEquals(List.of(), faults.open());
  }

  /** Without it, an overloaded far side would be hammered, or a refused frame kept for ever. */
  @Test
  void answersDecideWhatBecomesOfAFrame() throws Exception {
    try (ScriptedBroker broker = attentive();
        Workbench bench = online(broker)) {
      for (int code : new int[] {503, 408, 424, 500}) {
        long put = bench.count("put-off");
        toSay.add(ack(bench.buffer, 1, 1, code));
        if (put == 0) {
          bench.alarms(1);
        } else {
          clock.advance(120 * SECOND);
        }
        bench.until("the answer " + code, () -> bench.count("put-off") == put + 1);
      }
      assertEquals(1, bench.buffer.account().total().buffered());
      assertTrue(bench.hasFault("far-side-busy"));
      toSay.add(ack(bench.buffer, 1, 1, 422));
      clock.advance(120 * SECOND);
      bench.until("the refusal", () -> bench.count("rejected-records") == 1);
      clock.advance(2 * SECOND);
      bench.until("the loss", () -> bench.buffer.account().total().lost() == 1);
      assertTrue(bench.buffer.account().balances());
      assertTrue(bench.hasFault("rejected"));
    }
  }

  /** Without it, a copied card or a hostile peer could have records deleted that nobody stored. */
  @Test
  void acknowledgementsOfWhatWasNotSentHaveNoEffect() throws Exception {
    try (ScriptedBroker broker = attentive();
        Workbench bench = online(broker)) {
      String ours = bench.buffer.epoch();
      toSay.add(ack(bench.buffer, 1, 1, 200).replace(ours, "0".repeat(32)));
      toSay.add(ack(bench.buffer, 2, Long.MAX_VALUE, 200));
      toSay.add(ack(bench.buffer, 1, 1, 200).replace("alarms", "raw"));
      toSay.add("{\"type\":\"format-the-disk\"}");
      toSay.add("[".repeat(10_000));
      bench.alarms(1);
      bench.until("the messages", () -> bench.count("down-messages") == 5);
      assertEquals(1, bench.count("acks-foreign"));
      assertEquals(2, bench.count("acks-unmatched"));
      assertEquals(2, bench.count("down-unreadable"));
      assertTrue(bench.hasFault("foreign-acknowledgement"));
      assertTrue(bench.hasFault("unreadable-message"));
      clock.advance(2 * SECOND);
      bench.settle();
      assertEquals(1, bench.buffer.account().total().buffered());
      clock.advance((Troubles.QUIET_SECONDS + 1) * SECOND);
      bench.settle();
      assertTrue(!bench.hasFault("unreadable-message"), "over after three quiet minutes");
    }
  }

  /** Without it, a far side that never answers would fill the memory with what waits for it. */
  @Test
  void whatWaitsForAnAnswerIsBounded() throws Exception {
    try (ScriptedBroker broker = attentive();
        Workbench bench = online(broker)) {
      for (int i = 1; i <= LaneRun.MAX_WAITING; i++) {
        int sent = i;
        bench.alarms(1); // sent at once, before the buffer can merge small frames
        bench.until("frame " + i, () -> bench.count("pubacks") == sent + 1);
      }
      bench.alarms(50);
      bench.settle();
      assertEquals(LaneRun.MAX_WAITING, bench.count("published"));
      assertEquals(LaneRun.MAX_WAITING, bench.sync.status().waitingFrames());
      toSay.add(ack(bench.buffer, 1, LaneRun.MAX_WAITING + 50, 200));
      clock.advance(30 * SECOND); // the first resend wakes the script up
      bench.until("the rest", () -> bench.count("acked-frames") >= LaneRun.MAX_WAITING);
    }
  }

  /** Without it, a frame whose settlement found no room would stay until the next reconnect. */
  @Test
  void whatStayedBehindIsFoundAgain() throws Exception {
    try (ScriptedBroker broker = attentive();
        Workbench bench = online(broker, Forgetful::new)) {
      toSay.add(ack(bench.buffer, 1, 1, 200));
      bench.alarms(1);
      bench.until("the acknowledgement", () -> bench.count("acked-frames") == 1);
      clock.advance(2 * SECOND);
      bench.settle();
      assertEquals(1, bench.buffer.account().total().buffered(), "the first settlement got lost");
      for (int i = 0; i < 2; i++) {
        toSay.clear();
        toSay.add(ack(bench.buffer, 1, 1, 200));
        clock.advance(121 * SECOND);
        bench.settle();
      }
      bench.until("the second time", () -> bench.count("acked-frames") == 2);
      clock.advance(2 * SECOND);
      bench.until("an empty buffer", () -> bench.buffer.account().total().buffered() == 0);
    }
  }

  /** A buffer whose first settlement finds no room. */
  private static final class Forgetful implements Outbox {
    private final Buffer buffer;
    private boolean settledOnce;

    Forgetful(Buffer buffer) {
      this.buffer = buffer;
    }

    @Override
    public String epoch() {
      return buffer.epoch();
    }

    @Override
    public long head(Lane lane) {
      return buffer.head(lane);
    }

    @Override
    public List<Outbound> read(Lane lane, long from, long before, int maxBytes) {
      return buffer.read(lane, from, before, maxBytes);
    }

    @Override
    public void settle(Delivery delivery) {
      if (settledOnce) {
        buffer.settle(delivery);
      }
      settledOnce = true;
    }

    @Override
    public boolean isOnRequest(Lane lane) {
      return buffer.isOnRequest(lane);
    }

    @Override
    public boolean request(ReplayRequest request) {
      return buffer.request(request);
    }

    @Override
    public List<Stretch> stretches() {
      return buffer.stretches();
    }

    @Override
    public void onCommit(Runnable listener) {
      buffer.onCommit(listener);
    }
  }

  /** Without it, a template with a wildcard would publish to nobody knows whom. */
  @Test
  void topicsThatCannotBePublishedToAreRefusedAtOnce() {
    for (String template :
        List.of("tg/#", "tg/+/x", "", "$SYS/x", "tg/\0", "tg/\"x", "x".repeat(201))) {
      SyncConfig c = SyncConfig.to(URI.create("mqtt://127.0.0.1:1"));
      SyncConfig wrong =
          new SyncConfig(c.broker(), c.tenant(), template, 1, 1024, 1, 1, 1, 1, null, null, null);
      assertThrows(IllegalArgumentException.class, () -> Topics.of(wrong, "g1"), template);
    }
    assertEquals(
        new Topics("tg/default/g1/up", "tg/default/g1/up/batch", DOWN, "tg/default/g1/status"),
        Topics.of(SyncConfig.to(URI.create("mqtt://127.0.0.1:1")), "g1"));
  }
}
