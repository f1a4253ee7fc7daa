package dev.tidegate.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.config.SyncConfig;
import dev.tidegate.sync.ScriptedBroker.Published;
import dev.tidegate.sync.link.LinkEvent;
import dev.tidegate.sync.link.Login;
import dev.tidegate.sync.link.Mailbox;
import dev.tidegate.sync.link.MqttLink;
import dev.tidegate.sync.link.Outgoing;
import dev.tidegate.timekeeping.SystemClock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the far side sees of a stop, and how long that may take. */
final class FarewellTest {
  @TempDir Path folder;

  /** Without it, a stopped gateway would look alive to the far side, or dead without reason. */
  @Test
  void birthWillAndFarewellAreRetained() throws Exception {
    try (ScriptedBroker broker =
        new ScriptedBroker(
            peer -> {
              peer.accept();
              peer.grant();
              peer.takeAll();
            })) {
      try (Workbench bench =
          new Workbench(folder, new SystemClock(), Workbench.quick(broker.uri()))) {
        bench.until("the birth", () -> bench.count("pubacks") == 1);
      }
      Published birth = broker.next("/status");
      Published farewell = broker.next("/status");
      assertTrue(birth.retained() && farewell.retained());
      assertTrue(text(birth).contains("\"state\":\"online\""), text(birth));
      assertTrue(text(farewell).contains("\"state\":\"offline\""), text(farewell));
      assertEquals(1, broker.gone.poll(10, TimeUnit.SECONDS));
    }
  }

  /** Without it, a server would keep a session that nobody comes back to. */
  @Test
  void theConnectIsCleanAndLeavesNoSession() throws Exception {
    BlockingQueue<byte[]> connects = new LinkedBlockingQueue<>();
    try (ScriptedBroker broker = new ScriptedBroker(peer -> connects.add(peer.read().body()));
        Workbench bench = new Workbench(folder, new SystemClock(), Workbench.quick(broker.uri()))) {
      bench.until("a connect", () -> !connects.isEmpty());
      byte[] connect = connects.remove(); // MQTT 5, 3.1.2
      assertEquals(5, connect[6], "the protocol's version");
      assertEquals(2, connect[7] & 2, "clean start: principles-persistence-clean-session-50");
      int at = 11;
      int end = at + connect[10];
      while (at < end) {
        int property = connect[at];
        assertTrue(Set.of(0x11, 0x21, 0x27).contains(property), "property " + property);
        if (property == 0x11) {
          assertEquals(0, java.nio.ByteBuffer.wrap(connect).getInt(at + 1), "session expiry");
        }
        at += property == 0x21 ? 3 : 5;
      }
    }
  }

  /** Without it, a Sparkplug host would not hear of a gateway that leaves on purpose. */
  @ParameterizedTest
  @EnumSource(MqttLink.Parting.class)
  void theDisconnectSaysWhetherTheWillIsToBePublished(MqttLink.Parting parting) throws Exception {
    BlockingQueue<String> said = new LinkedBlockingQueue<>();
    try (ScriptedBroker broker =
        new ScriptedBroker(
            peer -> {
              peer.accept();
              try {
                ScriptedBroker.Packet last = peer.read();
                int reason = last.body().length == 0 ? 0 : last.body()[0];
                said.add(last.type() == ScriptedBroker.DISCONNECT ? "reason " + reason : "?");
              } catch (IOException e) {
                said.add("nothing");
              }
            })) {
      Mailbox mailbox = new Mailbox();
      SyncConfig config = Workbench.quick(broker.uri());
      Outgoing will = Outgoing.of("will", new byte[] {1}, "text/plain");
      MqttLink link =
          MqttLink.of(
              Login.of(config, broker.uri(), Workbench.GATEWAY, will),
              mailbox,
              new SystemClock(),
              new MqttLink.Meters(new LongAdder(), new LongAdder(), new LongAdder()));
      link.connect();
      assertInstanceOf(LinkEvent.Up.class, mailbox.pollEvent(10 * Workbench.SECOND));
      link.close(parting);
      String expected =
          switch (parting) {
            case CUT -> "nothing";
            case WITHOUT_WILL -> "reason 0";
            case WITH_WILL -> "reason 4";
          };
      assertEquals(expected, said.poll(10, TimeUnit.SECONDS));
    }
  }

  /**
   * Without it, a chatty far side could hold up the stop of the gateway for as long as it likes.
   */
  @Test
  void theFarewellHasADeadline() throws Exception {
    SystemClock clock = new SystemClock();
    try (ScriptedBroker broker =
        new ScriptedBroker(
            peer -> {
              peer.accept();
              peer.grant();
              peer.pubAck(peer.publish(), 0);
              peer.publish(); // the farewell
              while (true) {
                peer.say("tg/default/g1/down", new byte[] {'x'});
                LockSupport.parkNanos(Workbench.MILLI);
              }
            })) {
      Workbench bench = new Workbench(folder, clock, Workbench.quick(broker.uri()));
      bench.until("the birth", () -> bench.count("pubacks") == 1);
      long before = clock.monotonicNanos();
      bench.close();
      long tookNanos = clock.monotonicNanos() - before;
      assertTrue(tookNanos >= 1_900 * Workbench.MILLI, "took " + tookNanos);
      assertTrue(tookNanos < 8_000 * Workbench.MILLI, "took " + tookNanos);
      assertTrue(bench.count("down-messages") > 10, "they kept coming");
      assertFalse(bench.hasFault("disconnected"), "a stop is no fault");
    }
  }

  /** Without it, a stop beside a full window would overrun the server, and be taken for a fault. */
  @Test
  void theFarewellWaitsForRoomInTheWindow() throws Exception {
    Semaphore go = new Semaphore(0);
    AtomicInteger early = new AtomicInteger();
    try (ScriptedBroker broker =
        new ScriptedBroker(
            peer -> {
              peer.accept(0x21, 0, 1);
              peer.grant();
              peer.pubAck(peer.publish(), 0);
              Published frame = peer.publish();
              go.acquireUninterruptibly();
              peer.pubAck(frame, 0);
              peer.takeAll();
            })) {
      Workbench bench = new Workbench(folder, new SystemClock(), Workbench.quick(broker.uri()));
      bench.until("the birth", () -> bench.count("pubacks") == 1);
      bench.alarms(1);
      bench.until("a full window", () -> broker.published.size() == 2);
      bench.settle();
      Thread later =
          Thread.ofPlatform()
              .start(
                  () -> {
                    LockSupport.parkNanos(300 * Workbench.MILLI);
                    early.set(broker.published.size());
                    go.release();
                  });
      bench.close();
      later.join(10_000);
      assertEquals(2, early.get(), "nothing beyond the receive maximum");
      assertFalse(bench.hasFault("disconnected"), "a stop is no fault");
      broker.next("/status");
      broker.next("/up/batch");
      assertTrue(text(broker.next("/status")).contains("\"state\":\"offline\""));
    }
  }

  /** Without it, a stop that the server never answers would overrun it or look like a fault. */
  @Test
  void withoutRoomTheWillIsTheFarewell() throws Exception {
    try (ScriptedBroker broker =
        new ScriptedBroker(
            peer -> {
              peer.accept(0x21, 0, 1);
              peer.grant();
              peer.pubAck(peer.publish(), 0);
              peer.publish();
              peer.publish(); // throws when the connection ends without DISCONNECT
              throw new IllegalStateException("there was another packet");
            })) {
      Workbench bench =
          new Workbench(
              folder,
              new SystemClock(),
              Workbench.config(
                  broker.uri(), 16, 20 * Workbench.SECOND, Workbench.MILLI, Workbench.SECOND));
      bench.until("the birth", () -> bench.count("pubacks") == 1);
      bench.alarms(1);
      bench.until("a full window", () -> broker.published.size() == 2);
      bench.close();
      assertFalse(bench.hasFault("disconnected"), "a stop is no fault");
      assertEquals(1, broker.gone.poll(10, TimeUnit.SECONDS), "gone without a farewell");
      assertEquals(2, broker.published.size());
    }
  }

  private static String text(Published published) {
    return new String(published.rest(), StandardCharsets.UTF_8);
  }
}
