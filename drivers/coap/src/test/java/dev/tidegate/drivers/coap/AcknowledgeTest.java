package dev.tidegate.drivers.coap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.driver.Device;
import dev.tidegate.driver.DeviceConfig;
import dev.tidegate.driver.DriverException;
import dev.tidegate.driver.Pollable;
import dev.tidegate.driver.Sink;
import dev.tidegate.driver.Subscribable;
import dev.tidegate.reading.Reading;
import dev.tidegate.reading.Sample;
import dev.tidegate.testkit.CollectingSink;
import dev.tidegate.testkit.DeviceSketch;
import dev.tidegate.testkit.ManualClock;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * "Acknowledged is kept": what the device sees on the wire, and when. The peer follows a script;
 * the sink says what is durable.
 */
class AcknowledgeTest {
  private static final Duration SOON = Duration.ofSeconds(5);
  private static final int QUIET_MILLIS = 150;

  private final ScriptedPeer peer;
  private final List<Device> opened = new ArrayList<>();
  private final CollectingSink sink = new CollectingSink();
  private final ManualClock clock = new ManualClock();
  private final CoapDriver driver = new CoapDriver(TestPacing.quick());

  AcknowledgeTest() throws IOException {
    peer = new ScriptedPeer();
  }

  @AfterEach
  void close() {
    for (Device device : opened) {
      device.close(); // again, unless the test failed before it could
    }
    peer.close();
  }

  private DeviceConfig config(String mode, String acknowledge, String... points) {
    DeviceSketch sketch =
        DeviceSketch.of(driver, "meter")
            .set("uri", peer.uri())
            .set("mode", mode)
            .set("acknowledge", acknowledge);
    for (String point : points) {
      sketch.point(point, "resource", "/count");
    }
    return sketch.config();
  }

  /** A subscription whose first answer, "0", has been given. */
  private final class Subscription implements AutoCloseable {
    final ObservedDevice device;
    final byte[] token;

    Subscription(String acknowledge, String... points) throws Exception {
      device = (ObservedDevice) driver.open(config("observe", acknowledge, points), () -> clock);
      opened.add(device);
      CompletableFuture<Void> done = subscribing(device, sink);
      ScriptedPeer.Message get = peer.expectGet();
      token = get.token();
      peer.content(ScriptedPeer.ACK, get.mid(), token, 1, "0");
      done.get(SOON.toSeconds(), TimeUnit.SECONDS);
      assertTrue(sink.awaitSamples(points.length, SOON));
    }

    @Override
    public void close() {
      device.close();
    }
  }

  private static CompletableFuture<Void> subscribing(Subscribable device, Sink sink) {
    return CompletableFuture.runAsync(
        () -> {
          try {
            device.subscribe(sink);
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });
  }

  private List<Double> values() {
    return sink.samples().stream().map(s -> ((Reading) s).value().asDouble()).toList();
  }

  // Without it a notification is acknowledged that a crash a moment later loses for good.
  @Test
  void notificationIsAcknowledgedOnlyOnceDurable() throws Exception {
    try (Subscription subscription = new Subscription("stored", "count")) {
      peer.content(ScriptedPeer.CON, 7001, subscription.token, 2, "1");
      assertTrue(sink.awaitSamples(2, SOON));
      peer.expectSilence(QUIET_MILLIS);
      sink.makeDurable();
      peer.expectAck(7001);
    }
  }

  // Without it the retransmission that our waiting causes would be counted as a second sample, or
  // be acknowledged although nothing is stored.
  @Test
  void retransmissionBeforeDurableIsNeitherDeliveredNorAcknowledged() throws Exception {
    try (Subscription subscription = new Subscription("stored", "count")) {
      for (int i = 0; i < 3; i++) {
        peer.content(ScriptedPeer.CON, 7001, subscription.token, 2, "1");
      }
      assertTrue(sink.awaitSamples(2, SOON));
      peer.expectSilence(QUIET_MILLIS);
      sink.makeDurable();
      peer.expectAck(7001);
      peer.expectSilence(QUIET_MILLIS);
      assertEquals(List.of(0.0, 1.0), values());
      assertEquals(2, subscription.device.client().counts().duplicates.sum());
    }
  }

  // Without it a lost acknowledgement makes the device give up on something that is stored.
  @Test
  void retransmissionAfterDurableIsAcknowledgedAgainAndNotDelivered() throws Exception {
    try (Subscription subscription = new Subscription("stored", "count")) {
      peer.content(ScriptedPeer.CON, 7001, subscription.token, 2, "1");
      assertTrue(sink.awaitSamples(2, SOON));
      sink.makeDurable();
      peer.expectAck(7001);
      for (int i = 0; i < 3; i++) {
        peer.content(ScriptedPeer.CON, 7001, subscription.token, 2, "1");
        peer.expectAck(7001);
      }
      assertEquals(List.of(0.0, 1.0), values());
    }
  }

  // Without it a device that restarts within 247 s and happens on an old message id has its new
  // value acknowledged as a repetition, and lost.
  @Test
  void anotherMessageUnderTheSameIdIsNew() throws Exception {
    try (Subscription subscription = new Subscription("stored", "count")) {
      peer.content(ScriptedPeer.CON, 7001, subscription.token, 2, "1");
      assertTrue(sink.awaitSamples(2, SOON));
      sink.makeDurable();
      peer.expectAck(7001);
      peer.content(ScriptedPeer.CON, 7001, subscription.token, 3, "2");
      assertTrue(sink.awaitSamples(3, SOON));
      peer.expectSilence(QUIET_MILLIS);
      sink.makeDurable();
      peer.expectAck(7001);
      assertEquals(List.of(0.0, 1.0, 2.0), values());
    }
  }

  // Without it one stored point of three would acknowledge the other two.
  @Test
  void everyPointOfANotificationMustBeDurable() throws Exception {
    BlockingQueue<Sink.Receipt> receipts = new LinkedBlockingQueue<>();
    Sink keeping =
        new Sink() {
          @Override
          public void accept(Sample sample) {}

          @Override
          public void accept(Sample sample, Receipt receipt) {
            receipts.add(receipt);
          }

          @Override
          public int room() {
            return Integer.MAX_VALUE;
          }

          @Override
          public void trouble(DriverException trouble) {}
        };
    DeviceConfig three = config("observe", "stored", "a", "b", "c");
    try (ObservedDevice device = (ObservedDevice) driver.open(three, () -> clock)) {
      CompletableFuture<Void> done = subscribing(device, keeping);
      ScriptedPeer.Message get = peer.expectGet();
      peer.content(ScriptedPeer.ACK, get.mid(), get.token(), 1, "0");
      done.get(SOON.toSeconds(), TimeUnit.SECONDS);
      peer.content(ScriptedPeer.CON, 7001, get.token(), 2, "1");
      for (int i = 0; i < 3; i++) {
        Sink.Receipt receipt = receipts.poll(SOON.toSeconds(), TimeUnit.SECONDS);
        assertNotNull(receipt);
        peer.expectSilence(QUIET_MILLIS);
        receipt.durable();
      }
      peer.expectAck(7001);
    }
  }

  // Without it 'acknowledge: received' would change nothing.
  @Test
  void receivedAcknowledgesAtOnce() throws Exception {
    try (Subscription subscription = new Subscription("received", "count")) {
      peer.content(ScriptedPeer.CON, 7001, subscription.token, 2, "1");
      peer.expectAck(7001);
      peer.content(ScriptedPeer.CON, 7001, subscription.token, 2, "1");
      peer.expectAck(7001);
      assertTrue(sink.awaitSamples(2, SOON));
      assertEquals(List.of(0.0, 1.0), values());
      assertEquals(0, sink.receiptsWaiting());
    }
  }

  // Without it RFC 7641 section 3.4 is only hoped for: an old value would follow a new one.
  @Test
  void olderNotificationIsAcknowledgedAndNotDelivered() throws Exception {
    try (Subscription subscription = new Subscription("stored", "count")) {
      peer.content(ScriptedPeer.NON, 7001, subscription.token, 0xfffffe, "1");
      peer.content(ScriptedPeer.CON, 7002, subscription.token, 1, "2"); // the same as the first
      peer.expectAck(7002);
      peer.content(ScriptedPeer.NON, 7003, subscription.token, 3, "3");
      assertTrue(sink.awaitSamples(2, SOON));
      peer.content(ScriptedPeer.NON, 7004, subscription.token, 2, "4");
      peer.content(ScriptedPeer.NON, 7005, subscription.token, 4, "5");
      assertTrue(sink.awaitSamples(3, SOON));
      assertEquals(List.of(0.0, 3.0, 5.0), values());
      assertEquals(3, subscription.device.client().counts().stale.sum());
    }
  }

  // Without it the freshness rule breaks where the 24 bits of the Observe option wrap.
  @Test
  void orderHoldsAcrossTheWrapOf24Bits() throws Exception {
    try (ObservedDevice device =
        (ObservedDevice) driver.open(config("observe", "stored", "count"), () -> clock)) {
      CompletableFuture<Void> done = subscribing(device, sink);
      ScriptedPeer.Message get = peer.expectGet();
      peer.content(ScriptedPeer.ACK, get.mid(), get.token(), 0xffffff, "0");
      done.get(SOON.toSeconds(), TimeUnit.SECONDS);
      peer.content(ScriptedPeer.NON, 7001, get.token(), 0, "1");
      peer.content(ScriptedPeer.NON, 7002, get.token(), 0xfffffe, "2");
      peer.content(ScriptedPeer.NON, 7003, get.token(), 1, "3");
      assertTrue(sink.awaitSamples(3, SOON));
      assertEquals(List.of(0.0, 1.0, 3.0), values());
    }
  }

  // Without it a device that answers separately (RFC 7252 section 5.2.2) is acknowledged early.
  @Test
  void separateResponseIsAcknowledgedOnlyOnceDurable() throws Exception {
    try (PolledDevice device =
        (PolledDevice) driver.open(config("poll", "stored", "count"), () -> clock)) {
      CompletableFuture<Void> polled = polling(device);
      ScriptedPeer.Message get = peer.expectGet();
      peer.empty(ScriptedPeer.ACK, get.mid());
      peer.content(ScriptedPeer.CON, 8001, get.token(), -1, "1");
      polled.get(SOON.toSeconds(), TimeUnit.SECONDS);
      assertEquals(List.of(1.0), values());
      peer.content(ScriptedPeer.CON, 8001, get.token(), -1, "1");
      peer.expectSilence(QUIET_MILLIS);
      sink.makeDurable();
      peer.expectAck(8001);
      peer.content(ScriptedPeer.CON, 8001, get.token(), -1, "1");
      peer.expectAck(8001);
      assertEquals(List.of(1.0), values());
    }
  }

  private CompletableFuture<Void> polling(Pollable device) {
    return CompletableFuture.runAsync(
        () -> {
          try {
            device.poll(sink);
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });
  }

  // Without it an error, which carries nothing to store, would never be acknowledged.
  @Test
  void errorNotificationIsAcknowledgedAtOnceAndRegistersAgain() throws Exception {
    try (Subscription subscription = new Subscription("stored", "count")) {
      peer.send(
          ScriptedPeer.message(
              ScriptedPeer.CON, 0xa3, 7001, subscription.token, -1, "no sensor")); // 5.03
      peer.expectAck(7001);
      assertTrue(sink.awaitTrouble(SOON));
      assertTrue(sink.troubles().getFirst().toString().contains("5.03"));
      ScriptedPeer.Message again = peer.expectGet();
      peer.content(ScriptedPeer.ACK, again.mid(), again.token(), 1, "9");
      assertTrue(sink.awaitSamples(2, SOON));
    }
  }

  // Without it a notification for nobody would be acknowledged, and the device go on for ever.
  @Test
  void notificationOfUnknownTokenIsReset() throws Exception {
    try (Subscription subscription = new Subscription("stored", "count")) {
      assertFalse(subscription.token.length == 0);
      peer.content(ScriptedPeer.CON, 7001, new byte[] {1, 2, 3}, 2, "1");
      peer.expectReset(7001);
      assertEquals(List.of(0.0), values());
    }
  }

  private static void sweep(ObservedDevice device, int times) throws Exception {
    for (int i = 0; i < times; i++) {
      CompletableFuture<Void> done = new CompletableFuture<>();
      device
          .client()
          .execute(
              () -> {
                device.client().sweep();
                done.complete(null);
              });
      done.get(SOON.toSeconds(), TimeUnit.SECONDS);
    }
  }

  // Without it a device that gave up on us, and dropped its observer, is never observed again; or
  // gets, minutes later, an acknowledgement of an id that it uses for something else by then.
  @Test
  void whatIsNotStoredIn93SecondsIsNeverAcknowledgedAndRegistersAgain() throws Exception {
    try (Subscription subscription = new Subscription("stored", "count")) {
      peer.content(ScriptedPeer.CON, 7001, subscription.token, 2, "1");
      assertTrue(sink.awaitSamples(2, SOON));
      sweep(subscription.device, 2);
      peer.expectSilence(QUIET_MILLIS);
      sweep(subscription.device, 1);
      ScriptedPeer.Message again = peer.expectGet();
      assertTrue(Arrays.equals(subscription.token, again.token()), "a renewal keeps the token");
      sink.makeDurable();
      peer.expectSilence(QUIET_MILLIS);
      assertEquals(1, subscription.device.client().counts().unacknowledged.sum());
    }
  }

  // Without it what is remembered of a device grows for as long as it speaks.
  @Test
  void messagesAreForgottenAfterTheirLifetimeAndBeyondTheLimit() throws Exception {
    try (Subscription subscription = new Subscription("received", "count")) {
      Counts counts = subscription.device.client().counts();
      peer.content(ScriptedPeer.CON, 7001, subscription.token, 2, "1");
      peer.expectAck(7001);
      sweep(subscription.device, 7);
      peer.content(ScriptedPeer.CON, 7001, subscription.token, 2, "1");
      peer.expectAck(7001);
      assertEquals(1, counts.duplicates.sum());
      sweep(subscription.device, 1);
      peer.content(ScriptedPeer.CON, 7001, subscription.token, 2, "1");
      peer.expectAck(7001);
      assertEquals(1, counts.duplicates.sum(), "248 s later it is another message");

      for (int i = 1; i <= AckGate.MAX_REMEMBERED; i++) {
        peer.content(ScriptedPeer.CON, 7001 + i, subscription.token, 2 + i, "1");
        peer.expectAck(7001 + i);
      }
      assertEquals(1, counts.forgotten.sum());
      peer.content(ScriptedPeer.CON, 7002, subscription.token, 3, "1");
      peer.expectAck(7002);
      assertEquals(2, counts.duplicates.sum(), "the newest ones are still known");
    }
  }

  // Without it the device keeps sending to a gateway that no longer listens.
  @Test
  void closeSaysGoodbye() throws Exception {
    byte[] token;
    try (Subscription subscription = new Subscription("stored", "count")) {
      token = subscription.token;
    }
    ScriptedPeer.Message goodbye = peer.expectGet();
    assertEquals(ScriptedPeer.NON, goodbye.type());
    assertTrue(Arrays.equals(token, goodbye.token()));
    assertEquals(0x61, goodbye.rest()[0], "Observe (6), one byte"); // RFC 7641 section 3.6
    assertEquals(1, goodbye.rest()[1]);
  }
}
