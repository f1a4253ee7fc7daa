package dev.tidegate.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.flow.Lane;
import dev.tidegate.frame.FrameHeader;
import dev.tidegate.sync.Sync;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A real buffer, a real sync, a real broker on loopback, and a cloud side that keeps books. */
final class OutageTest {
  @TempDir Path folder;

  private final List<FrameHeader> fresh = new CopyOnWriteArrayList<>();

  static Stream<TestBroker.Kind> brokers() {
    return TestBroker.Kind.available();
  }

  private CloudSide cloud(TestBroker broker, CloudStore store) throws InterruptedException {
    CloudSide cloud =
        CloudSide.start(
            broker.uri(),
            "tg/default/+",
            store,
            (header, isFresh, bytes) -> {
              if (isFresh) {
                fresh.add(header);
              }
            });
    assertTrue(cloud.awaitConnected(30_000_000_000L), "the cloud side does not connect");
    return cloud;
  }

  private Path sub(String name) throws IOException {
    return java.nio.file.Files.createDirectories(folder.resolve(name));
  }

  private static void assertEverythingArrived(Rig rig, CloudStore store) {
    CloudStore.Verdict verdict = store.verdict();
    assertEquals(List.of(), verdict.missing(), "no gaps");
    assertEquals(0, verdict.differing(), "resends are byte-identical");
    assertEquals(rig.account().accepted(), rig.account().delivered(), "all of it is delivered");
    assertEquals(0, rig.account().lost());
    assertTrue(rig.buffer.account().balances());
    for (Lane lane : Lane.values()) {
      assertEquals(rig.buffer.account().of(lane).accepted(), store.stored(lane), lane.word());
    }
  }

  /** Without it, a stopped broker could lose what was in flight, or leave it unsent for ever. */
  @ParameterizedTest
  @MethodSource("brokers")
  void aStoppedBrokerLosesNothing(TestBroker.Kind kind) throws Exception {
    outage(kind, false);
  }

  /** Without it, a broker that forgets what it acknowledged (kill -9) could lose records. */
  @ParameterizedTest
  @MethodSource("brokers")
  void aKilledBrokerLosesNothing(TestBroker.Kind kind) throws Exception {
    outage(kind, true);
  }

  private void outage(TestBroker.Kind kind, boolean kill) throws Exception {
    try (TestBroker broker = TestBroker.start(kind, sub("broker"));
        CloudStore store = CloudStore.open(sub("cloud"));
        CloudSide cloud = cloud(broker, store);
        Rig rig = new Rig(sub("gateway"))) {
      Sync sync = rig.connect(Rig.quick(broker.uri()));
      rig.await("a connection", () -> sync.status().online());
      rig.rounds(50);
      if (kill) {
        broker.kill(); // with frames in flight
      } else {
        rig.awaitEmpty();
        broker.stop();
      }
      rig.rounds(100);
      assertTrue(rig.account().buffered() > 0, "the outage was one");
      broker.startAgain();
      rig.rounds(50);
      rig.awaitEmpty();
      assertEverythingArrived(rig, store);
      assertEquals(2, rig.counters.value("sync.connects"));
      if (!kill) {
        assertInOrderPerRun(rig.buffer.account().of(Lane.RAW).accepted());
      }
      assertEquals(0, cloud.unreadable());
    }
  }

  /** Fresh frames of a lane come in at most two rising runs a connection: live, and backlog. */
  private void assertInOrderPerRun(long records) {
    Map<Lane, Long> live = new EnumMap<>(Lane.class);
    Map<Lane, Long> backlog = new EnumMap<>(Lane.class);
    for (FrameHeader frame : fresh) {
      Lane lane = frame.lane();
      long first = frame.firstSequence();
      if (first == live.getOrDefault(lane, 0L) + 1) {
        live.put(lane, frame.lastSequence());
      } else if (first > live.getOrDefault(lane, 0L)) {
        backlog.putIfAbsent(lane, live.getOrDefault(lane, 0L)); // jumped ahead: live after outage
        live.put(lane, frame.lastSequence());
      } else {
        assertEquals(
            backlog.getOrDefault(lane, 0L) + 1, first, "the backlog is sent in order: " + frame);
        backlog.put(lane, frame.lastSequence());
      }
    }
    assertTrue(records > 0);
  }

  /** Without it, an alarm after a day's outage could wait for the day's backlog. */
  @ParameterizedTest
  @MethodSource("brokers")
  void liveFramesGoBeforeTheBacklog(TestBroker.Kind kind) throws Exception {
    try (TestBroker broker = TestBroker.start(kind, sub("broker"));
        SlowWire wire = new SlowWire(broker.port());
        CloudStore store = CloudStore.open(sub("cloud"));
        CloudSide cloud = cloud(broker, store);
        Rig rig = new Rig(sub("gateway"))) {
      wire.bytesPerSecond(40_000);
      rig.rounds(150);
      long head = rig.buffer.head(Lane.ALARMS);
      rig.connect(Rig.quick(wire.uri(), 4));
      rig.await("some backlog to arrive", () -> fresh.size() >= 20);
      rig.alarm(7);
      int before = fresh.size();
      rig.awaitEmpty();
      assertEverythingArrived(rig, store);
      int at = 0;
      while (fresh.get(at).lane() != Lane.ALARMS || fresh.get(at).firstSequence() < head) {
        at++;
      }
      int overtaken = at - before;
      assertTrue(overtaken <= 12, "backlog frames before the live alarm: " + overtaken);
      assertTrue(fresh.size() - at > 30, "backlog frames after it: " + (fresh.size() - at));
      assertEquals(0, cloud.unreadable());
    }
  }

  /** Without it, a link that cuts packets in half or falls silent could lose or garble frames. */
  @ParameterizedTest
  @MethodSource("brokers")
  void aCutOrFrozenLinkLosesNothing(TestBroker.Kind kind) throws Exception {
    try (TestBroker broker = TestBroker.start(kind, sub("broker"));
        SlowWire wire = new SlowWire(broker.port());
        CloudStore store = CloudStore.open(sub("cloud"));
        CloudSide cloud = cloud(broker, store);
        Rig rig = new Rig(sub("gateway"))) {
      wire.latencyMillis(5);
      rig.connect(Rig.quick(wire.uri()));
      for (int cut : List.of(1_237, 5_003, 9_001)) {
        long lost = rig.counters.value("sync.connections-lost");
        wire.cutAfter(cut);
        rig.rounds(40);
        rig.await("the cut", () -> rig.counters.value("sync.connections-lost") > lost);
      }
      rig.awaitEmpty();
      long lost = rig.counters.value("sync.connections-lost");
      wire.freeze();
      rig.rounds(10);
      rig.await("the frozen link", () -> rig.counters.value("sync.connections-lost") > lost);
      rig.awaitEmpty();
      assertEverythingArrived(rig, store);
      assertEquals(0, cloud.unreadable());
    }
  }

  /** Without it, a link slower than the data could time out for ever and deliver nothing. */
  @ParameterizedTest
  @MethodSource("brokers")
  void aSlowLinkDeliversEverythingOnOneConnection(TestBroker.Kind kind) throws Exception {
    try (TestBroker broker = TestBroker.start(kind, sub("broker"));
        SlowWire wire = new SlowWire(broker.port());
        CloudStore store = CloudStore.open(sub("cloud"));
        CloudSide cloud = cloud(broker, store);
        Rig rig = new Rig(sub("gateway"))) {
      wire.bytesPerSecond(12_000);
      wire.latencyMillis(50);
      rig.rounds(40);
      rig.connect(Rig.quick(wire.uri()));
      rig.awaitEmpty();
      assertEverythingArrived(rig, store);
      assertEquals(1, rig.counters.value("sync.connects"));
      assertEquals(0, rig.counters.value("sync.connections-lost"));
      assertEquals(0, cloud.unreadable());
    }
  }
}
