package dev.tidegate.drivers.coap;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.driver.DriverException;
import dev.tidegate.driver.Subscribable;
import dev.tidegate.reading.Quality;
import dev.tidegate.reading.Reading;
import dev.tidegate.reading.Value;
import dev.tidegate.testkit.CollectingSink;
import dev.tidegate.testkit.DeviceSketch;
import dev.tidegate.testkit.ManualClock;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import org.eclipse.californium.core.coap.CoAP;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Observing, against a real server. */
class ObservedDeviceTest {
  private static final Duration SOON = Duration.ofSeconds(10);

  private final CollectingSink sink = new CollectingSink();
  private final ManualClock clock = new ManualClock();
  private final CoapDriver driver = new CoapDriver(TestPacing.quick());

  private DeviceSketch sketch(String uri) {
    return DeviceSketch.of(driver, "plant").set("uri", uri).set("timeout", "1s");
  }

  private Subscribable open(DeviceSketch sketch) throws DriverException {
    return (Subscribable) driver.open(sketch.config(), () -> clock);
  }

  private Value last() {
    return ((Reading) sink.samples().getLast()).value();
  }

  // Without it what a device says by itself is only believed to arrive, CON or NON.
  @ParameterizedTest
  @EnumSource(
      value = CoAP.Type.class,
      names = {"CON", "NON"})
  void notificationsArriveInOrder(CoAP.Type type) throws Exception {
    LoopServer.Thing thing = LoopServer.Thing.text("t", "0").observable(type);
    try (LoopServer server = new LoopServer(0, thing);
        Subscribable device = open(sketch(server.uri()).point("t"))) {
      device.subscribe(sink);
      assertTrue(sink.awaitSamples(1, SOON));
      for (int i = 1; i <= 20; i++) {
        thing.say(Integer.toString(i));
        assertTrue(sink.awaitSamples(i + 1, SOON), "notification " + i);
        sink.makeDurable();
        assertEquals(Value.of((long) i), last());
      }
      assertEquals(21, sink.samples().size());
      assertEquals(List.of(), sink.troubles());
    }
  }

  // Without it a large notification arrives cut, or is acknowledged while its rest is missing.
  @Test
  void largeNotificationsAreFetchedInBlocks() throws Exception {
    LoopServer.Thing thing =
        new LoopServer.Thing("t", 50, "{\"v\":0}".getBytes(UTF_8)).observable(CoAP.Type.CON);
    try (LoopServer server = new LoopServer(0, thing);
        Subscribable device = open(sketch(server.uri()).point("t", "pointer", "/v"))) {
      device.subscribe(sink);
      assertTrue(sink.awaitSamples(1, SOON));
      for (int i = 1; i <= 3; i++) {
        thing.say("{\"pad\":\"" + "x".repeat(3_000) + "\",\"v\":" + i + "}");
        assertTrue(sink.awaitSamples(i + 1, SOON), "notification " + i);
        assertEquals(Value.of((long) i), last());
        assertEquals(1, sink.receiptsWaiting());
        sink.makeDurable();
      }
    }
  }

  // Without it the values of a device that lost its power once are never seen again.
  @Test
  void registersAgainAfterTheDeviceRestarted() throws Exception {
    int port;
    LoopServer.Thing before = LoopServer.Thing.text("t", "1").observable(CoAP.Type.CON).maxAge(1);
    LoopServer first = new LoopServer(0, before);
    try (Subscribable device = open(sketch(first.uri()).point("t"))) {
      device.subscribe(sink);
      assertTrue(sink.awaitSamples(1, SOON));
      port = first.port();
      first.close();
      assertTrue(sink.awaitTrouble(SOON), "nobody was told");
      sink.clear();
      LoopServer.Thing after = LoopServer.Thing.text("t", "2").observable(CoAP.Type.CON);
      try (LoopServer _ = new LoopServer(port, after)) {
        assertTrue(sink.awaitSamples(1, SOON), "not registered again");
        after.say("3");
        assertTrue(sink.awaitSamples(2, SOON));
        assertEquals(Value.of(3L), last());
      }
    } finally {
      first.close();
    }
  }

  // Without it a device that forgot its observers, but answers, goes quiet for good.
  @Test
  void registersAgainWhenMaxAgePassesInSilence() throws Exception {
    LoopServer.Thing thing = LoopServer.Thing.text("t", "1").observable(CoAP.Type.CON).maxAge(0);
    try (LoopServer server = new LoopServer(0, thing);
        Subscribable device = open(sketch(server.uri()).point("t"))) {
      device.subscribe(sink);
      assertTrue(sink.awaitSamples(1, SOON));
      thing.clearObserveRelations();
      assertTrue(sink.awaitSamples(3, SOON), "not renewed");
      thing.say("5");
      assertTrue(sink.awaitSamples(4, SOON));
    }
  }

  // Without it a resource that answers with an error is asked in a tight loop.
  @Test
  void failingRegistrationsPauseLongerEachTime() throws Exception {
    LoopServer.Thing good = LoopServer.Thing.text("good", "1").observable(CoAP.Type.CON);
    LoopServer.Thing bad = LoopServer.Thing.text("bad", "1").observable(CoAP.Type.CON);
    bad.answering(CoAP.ResponseCode.SERVICE_UNAVAILABLE);
    try (LoopServer server = new LoopServer(0, good, bad);
        Subscribable device = open(sketch(server.uri()).point("good").point("bad"))) {
      device.subscribe(sink);
      for (int i = 1; i <= 30; i++) {
        good.say(Integer.toString(i));
        assertTrue(sink.awaitSamples(i + 1, SOON), "the other one flows on");
        sink.makeDurable();
      }
      assertTrue(sink.awaitTrouble(SOON));
      int asked = bad.gets.get();
      assertTrue(asked <= 6, "asked " + asked + " times");
      bad.answering(CoAP.ResponseCode.CONTENT);
      bad.say("7");
      assertTrue(sink.awaitSamples(32, SOON), "it comes back by itself");
      assertEquals("bad", sink.samples().getLast().point().point());
    }
  }

  // Without it a device that takes no observer looks observed and never says anything.
  @Test
  void unobservableResourceIsReportedWithTheNextStep() throws Exception {
    try (LoopServer server = new LoopServer(0, LoopServer.Thing.text("t", "1"));
        Subscribable device = open(sketch(server.uri()).point("t"))) {
      DriverException refusal = assertThrows(DriverException.class, () -> device.subscribe(sink));
      assertEquals(DriverException.Kind.UNSUPPORTED, refusal.kind());
      assertTrue(refusal.toString().contains("mode: poll"), refusal.toString());
    }
  }

  // Without it a wrong path, in observe mode, looks like a dead device.
  @Test
  void wrongResourceIsMisconfigured() throws Exception {
    try (LoopServer server = new LoopServer(0, LoopServer.Thing.text("t", "1"));
        Subscribable device = open(sketch(server.uri()).point("t", "resource", "/none"))) {
      DriverException refusal = assertThrows(DriverException.class, () -> device.subscribe(sink));
      assertEquals(DriverException.Kind.MISCONFIGURED, refusal.kind());
      assertTrue(refusal.toString().contains("4.04"), refusal.toString());
    }
  }

  // Without it a silent device would hold its bus thread for CoAP's own 93 s.
  @Test
  void silentDeviceIsTransientWithinTheTimeout() throws Exception {
    try (DatagramSocket silent = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        Subscribable device =
            open(
                sketch("coap://127.0.0.1:" + silent.getLocalPort())
                    .set("timeout", "300ms")
                    .point("a")
                    .point("b"))) {
      DriverException silence =
          assertTimeout(
              Duration.ofSeconds(2),
              () -> assertThrows(DriverException.class, () -> device.subscribe(sink)));
      assertEquals(DriverException.Kind.TRANSIENT, silence.kind());
    }
  }

  // Without it one bad payload ends an observation, or takes the other points' values along.
  @Test
  void malformedPayloadsAreDataAndTheRestFlowsOn() throws Exception {
    LoopServer.Thing thing =
        new LoopServer.Thing("t", 50, "{\"v\":0}".getBytes(UTF_8)).observable(CoAP.Type.CON);
    LoopServer.Thing other = LoopServer.Thing.text("other", "0").observable(CoAP.Type.CON);
    List<byte[]> malformed =
        List.of(
            new byte[0],
            "{".getBytes(UTF_8),
            "nul".getBytes(UTF_8),
            "{\"w\":1}".getBytes(UTF_8),
            "[".repeat(1_000).getBytes(UTF_8),
            new byte[] {(byte) 0xff, (byte) 0xfe, 0});
    try (LoopServer server = new LoopServer(0, thing, other);
        Subscribable device =
            open(sketch(server.uri()).point("t", "pointer", "/v").point("other"))) {
      device.subscribe(sink);
      assertTrue(sink.awaitSamples(2, SOON));
      int count = 2;
      for (byte[] payload : malformed) {
        thing.say(50, payload);
        assertTrue(sink.awaitSamples(++count, SOON));
        assertEquals(Quality.BAD_SENSOR, sink.samples().getLast().quality());
        sink.makeDurable();
        other.say(Integer.toString(count));
        assertTrue(sink.awaitSamples(++count, SOON));
        assertEquals(Quality.GOOD, sink.samples().getLast().quality());
        sink.makeDurable();
      }
      assertEquals(malformed.size(), sink.troubles().size());
      thing.say("{\"v\":9}");
      assertTrue(sink.awaitSamples(++count, SOON));
      assertEquals(Value.of(9L), last());
    }
  }
}
