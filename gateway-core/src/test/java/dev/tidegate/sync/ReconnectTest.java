package dev.tidegate.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.config.SyncConfig;
import dev.tidegate.sync.binding.Slot;
import dev.tidegate.testkit.ManualClock;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** When and to whom a gateway connects again. Pauses are their ceilings, and the clock is ours. */
final class ReconnectTest {
  private static final long SECOND = Workbench.SECOND;
  private static final int UNSUBSCRIBE = 10;

  private final ManualClock clock = new ManualClock();

  @TempDir Path folder;

  /** Pauses of 1 s and more, keep-alive 1 s. */
  private static SyncConfig config(URI broker) {
    return Workbench.config(broker, 16, 3_600 * SECOND, SECOND, 300 * SECOND);
  }

  private Workbench bench(SyncConfig config) throws Exception {
    return new Workbench(folder, clock, config, BackoffTest.MOST, null);
  }

  /** Nothing is tried for so long, and something right after. */
  private void waits(Workbench bench, ScriptedBroker broker, long nanos) throws Exception {
    int before = broker.connects.get();
    clock.advance(nanos - SECOND / 100);
    bench.settle();
    assertEquals(before, broker.connects.get(), "tried before its time");
    clock.advance(SECOND / 50);
    bench.until("the next attempt", () -> broker.connects.get() == before + 1);
  }

  /** Without it, a server that falls over under a fleet that returns would be kept down by it. */
  @Test
  void whoIsKickedComesBackWithinTheSpreadAndWhoHadHeldInASlot() throws Exception {
    long spread = 60 * SECOND;
    Semaphore over = new Semaphore(0);
    try (ScriptedBroker broker =
            new ScriptedBroker(
                peer -> {
                  peer.accept(0x13, 0x0e, 0x10); // server keep-alive an hour
                  peer.grant();
                  if (peer.number == 3) {
                    over.acquireUninterruptibly();
                  }
                });
        Workbench bench = bench(config(broker.uri()).spread(spread))) {
      bench.until("the first attempt, at once, and the kick", () -> bench.losses() == 1);
      waits(bench, broker, spread);
      bench.until("the second kick", () -> bench.losses() == 2);
      waits(bench, broker, 2 * spread);
      bench.until("the connection", () -> bench.sync.status().online());
      bench.settle();
      clock.advance(SECOND * 11 / 10); // it has held for a keep-alive of ours
      bench.settle();
      over.release();
      bench.until("its end", () -> bench.losses() == 3);
      waits(bench, broker, Slot.nanos(Workbench.GATEWAY, spread) + SECOND);
    }
  }

  /** Without it, a server that asks to be left alone would be asked again within a second. */
  @ParameterizedTest
  @CsvSource({"0x89, 75", "0x97, 75", "0x87, 1"})
  void aServerThatSaysThatItIsBusyIsLeftAlone(String code, int seconds) throws Exception {
    try (ScriptedBroker broker =
            new ScriptedBroker(
                peer -> {
                  peer.read();
                  peer.raw(0x20, 3, 0, Integer.decode(code), 0);
                  peer.fallSilent();
                });
        Workbench bench = bench(config(broker.uri()))) {
      bench.until("the refusal", () -> bench.losses() == 1);
      waits(bench, broker, seconds * SECOND);
    }
  }

  /** CONNACK or DISCONNECT with that reason and a reference to another server (3.2.2.3.16). */
  private static void refers(ScriptedBroker.Peer peer, boolean connack, int code, URI to)
      throws IOException {
    byte[] name = (to.getHost() + ":" + to.getPort()).getBytes(StandardCharsets.US_ASCII);
    ByteArrayOutputStream packet = new ByteArrayOutputStream();
    packet.write(connack ? 0x20 : 0xe0);
    packet.write((connack ? 2 : 1) + 1 + 3 + name.length);
    if (connack) {
      packet.write(0);
    }
    packet.write(code);
    packet.write(3 + name.length);
    packet.write(0x1c);
    packet.write(0);
    packet.write(name.length);
    packet.writeBytes(name);
    peer.raw(packet.toByteArray());
    peer.fallSilent();
  }

  private static ScriptedBroker referring(boolean connack, int code, URI to) throws IOException {
    return new ScriptedBroker(
        peer -> {
          if (connack) {
            peer.read();
          } else {
            peer.accept();
            peer.grant();
            peer.publish();
          }
          refers(peer, connack, code, to);
        });
  }

  private static ScriptedBroker good() throws IOException {
    return new ScriptedBroker(
        peer -> {
          peer.accept();
          peer.grant();
          peer.takeAll();
        });
  }

  /** Without it, a server that is taken out of service could hand nobody on. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aServerThatHasMovedIsLeftForTheNextThatIsConfigured(boolean connack) throws Exception {
    try (ScriptedBroker elsewhere = good();
        ScriptedBroker next = good();
        ScriptedBroker moved = referring(connack, 0x9d, elsewhere.uri());
        Workbench bench = bench(config(moved.uri()).with(List.of(next.uri())))) {
      bench.until("the word", () -> bench.losses() == 1);
      String reason = bench.sync.status().reason();
      assertTrue(reason.contains("server moved (0x9D)"), reason);
      waits(bench, next, SECOND);
      bench.until("the connection", () -> bench.sync.status().online());
      assertEquals(1, moved.connects.get());
      assertEquals(0, elsewhere.connects.get(), "a server sends nobody where it likes");
    }
  }

  /** Without it, a server could send a fleet to another, which would see its credentials. */
  @ParameterizedTest
  @ValueSource(ints = {0x9c, 0x9d})
  void withoutAnotherServerItIsARefusalLikeAnyOther(int code) throws Exception {
    for (boolean connack : new boolean[] {true, false}) {
      try (ScriptedBroker elsewhere = good();
          ScriptedBroker moved = referring(connack, code, elsewhere.uri());
          Workbench bench =
              new Workbench(
                  folder.resolve("" + connack),
                  clock,
                  config(moved.uri()),
                  BackoffTest.MOST,
                  null)) {
        for (int times = 1; times <= 4; times++) {
          long losses = times;
          bench.until("the word", () -> bench.losses() == losses);
          waits(bench, moved, SECOND << (times - 1));
        }
        assertEquals(0, elsewhere.connects.get(), "a server sends nobody where it likes");
      }
    }
  }

  /**
   * Without it, a server that wants no keep-alive would be given up at once, or trusted for ever.
   */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whereTheServerWantsNoKeepAliveOursCounts(boolean answers) throws Exception {
    try (ScriptedBroker broker =
            new ScriptedBroker(
                peer -> {
                  peer.accept(0x13, 0, 0); // server keep-alive 0: none (3.2.2.3.14)
                  peer.grant();
                  while (true) {
                    ScriptedBroker.Packet packet = peer.read();
                    if (answers && packet.type() == UNSUBSCRIBE) {
                      byte[] body = packet.body();
                      peer.raw(0xb0, 4, body[0], body[1], 0, 0x11); // no such subscription
                    }
                  }
                });
        Workbench bench = bench(config(broker.uri()))) {
      bench.until("the connection", () -> bench.sync.status().online());
      for (int times = 0; times < (answers ? 20 : 1); times++) {
        long before = bench.count("link-bytes-in");
        clock.advance(SECOND * 14 / 10);
        bench.settle();
        if (answers) {
          bench.until("a sign of life", () -> bench.count("link-bytes-in") >= before + 6);
        }
        assertEquals(0, bench.losses(), "given up within 1.5 keep-alives of ours");
      }
      assertEquals(1, broker.connects.get());
      if (!answers) {
        clock.advance(SECOND / 5);
        bench.until("the end of the silence", () -> bench.losses() == 1);
      }
    }
  }
}
