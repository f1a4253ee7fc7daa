package dev.tidegate.drivers.coap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.tidegate.reading.Reading;
import dev.tidegate.testkit.CollectingSink;
import dev.tidegate.testkit.DeviceSketch;
import dev.tidegate.testkit.ManualClock;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A peer that sends what it likes: the observation survives it. */
class HostilePeerTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final int DATAGRAMS = 10_000;

  private final ScriptedPeer peer;
  private final CollectingSink sink = new CollectingSink();
  private final Random random = new Random(20261123);
  private ObservedDevice device;
  private byte[] token;

  @SuppressWarnings("NullAway.Init") // subscribe() runs before each test
  HostilePeerTest() throws IOException {
    peer = new ScriptedPeer();
  }

  @BeforeEach
  void subscribe() throws Exception {
    CoapDriver driver = new CoapDriver(TestPacing.quick());
    ManualClock clock = new ManualClock();
    device =
        (ObservedDevice)
            driver.open(
                DeviceSketch.of(driver, "meter").set("uri", peer.uri()).point("count").config(),
                () -> clock);
    CompletableFuture<Void> done =
        CompletableFuture.runAsync(
            () -> {
              try {
                device.subscribe(sink);
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    ScriptedPeer.Message get = peer.expectGet();
    token = get.token();
    peer.content(ScriptedPeer.ACK, get.mid(), token, 1, "0");
    done.get(SOON.toSeconds(), TimeUnit.SECONDS);
  }

  @AfterEach
  void close() {
    device.close();
    peer.close();
  }

  /**
   * A good notification gets through: tried again while the flood before it is worked off, and
   * after a registration where the flood has ended the observation.
   */
  private void assertStillAlive(int observe) throws Exception {
    for (int attempt = 0; attempt < 75; attempt++) {
      ScriptedPeer.Message registration = peer.awaitGet(200);
      if (registration != null) {
        token = registration.token();
        peer.content(ScriptedPeer.ACK, registration.mid(), token, 1, "0");
      }
      peer.content(ScriptedPeer.NON, 30_000 + attempt, token, observe + attempt, "4711");
      sink.awaitSamples(sink.samples().size() + 1, Duration.ofMillis(100));
      if (sink.samples().stream()
          .anyMatch(s -> s instanceof Reading r && r.value().asDouble() == 4711)) {
        return;
      }
    }
    fail("no notification gets through any more; troubles: " + sink.troubles());
  }

  // Without it one unlucky datagram from the device ends the client for good.
  @Test
  void survivesRandomBytes() throws Exception {
    for (int i = 0; i < DATAGRAMS; i++) {
      byte[] bytes = new byte[random.nextInt(200)];
      random.nextBytes(bytes);
      peer.send(bytes);
    }
    assertStillAlive(100);
  }

  // Without it only noise is tried, which no parser lets past its first byte.
  @Test
  void survivesSpoiltNotifications() throws Exception {
    for (int i = 0; i < DATAGRAMS; i++) {
      byte[] bytes =
          ScriptedPeer.message(
              random.nextInt(4), ScriptedPeer.CONTENT, random.nextInt(65_536), token, 2, "12.5");
      for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      }
      peer.send(bytes);
    }
    // A spoilt one may carry any Observe number, or end the observation.
    assertStillAlive(8_000_000);
  }

  // Without it anybody on the network can put values into the gateway, or keep it busy.
  @Test
  void ignoresWhatOthersSend() throws Exception {
    assertTrue(sink.awaitSamples(1, SOON));
    Counts counts = device.client().counts();
    try (DatagramSocket stranger = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      byte[] forged =
          ScriptedPeer.message(ScriptedPeer.NON, ScriptedPeer.CONTENT, 1, token, 50, "666");
      for (int i = 0; i < 100; i++) {
        stranger.send(new DatagramPacket(forged, forged.length, peer.client()));
      }
    }
    assertStillAlive(100);
    assertTrue(counts.foreign.sum() > 0, counts.toString());
    assertTrue(
        sink.samples().stream().noneMatch(s -> ((Reading) s).value().asDouble() == 666),
        "a forged value was taken");
  }

  // Without it a client could be made to remember, and to answer, one request per datagram.
  @Test
  void servesNoRequests() throws Exception {
    for (int mid = 0; mid < 100; mid++) {
      peer.send(ScriptedPeer.message(ScriptedPeer.CON, 1, mid, token, -1, "x"));
    }
    assertStillAlive(100);
    assertEquals(100, device.client().counts().requests.sum());
  }

  // Without it the text of a hostile device ends up in a log or a twin unbounded.
  @Test
  void boundsTexts() throws Exception {
    peer.content(ScriptedPeer.NON, 7, token, 2, "z".repeat(1_025));
    assertTrue(sink.awaitSamples(2, SOON));
    assertTrue(sink.samples().getLast().quality().isBad());
    peer.content(ScriptedPeer.NON, 8, token, 3, "z".repeat(1_024));
    assertTrue(sink.awaitSamples(3, SOON));
    assertTrue(sink.samples().getLast().quality().isGood());
  }
}
