package dev.tidegate.drivers.coap;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.driver.DriverException;
import dev.tidegate.driver.Pollable;
import dev.tidegate.reading.Quality;
import dev.tidegate.reading.Reading;
import dev.tidegate.reading.Sample;
import dev.tidegate.reading.Value;
import dev.tidegate.testkit.CollectingSink;
import dev.tidegate.testkit.DeviceSketch;
import dev.tidegate.testkit.ManualClock;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.eclipse.californium.core.coap.CoAP;
import org.eclipse.californium.core.server.resources.CoapExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** Polling, against a real server. */
@Isolated
class PolledDeviceTest {
  private final CollectingSink sink = new CollectingSink();
  private final ManualClock clock = new ManualClock();
  private final CoapDriver driver = new CoapDriver(TestPacing.quick());

  private DeviceSketch sketch(String uri) {
    return DeviceSketch.of(driver, "plant").set("uri", uri).set("mode", "poll");
  }

  private Pollable open(DeviceSketch sketch) throws DriverException {
    return (Pollable) driver.open(sketch.config(), () -> clock);
  }

  private Map<String, Value> values() {
    return sink.samples().stream()
        .collect(Collectors.toMap(s -> s.point().point(), s -> ((Reading) s).value()));
  }

  // Without it one of the five ways to write a value is only believed to be read.
  @Test
  void readsEveryFormatByItsContentFormat() throws Exception {
    HexFormat hex = HexFormat.of();
    try (LoopServer server =
            new LoopServer(
                0,
                LoopServer.Thing.text("text", "21.5"),
                new LoopServer.Thing("json", 50, "{\"a\":[{\"v\":42}]}".getBytes(UTF_8)),
                new LoopServer.Thing("cbor", 60, hex.parseHex("a16161f93e00")), // {"a": 1.5}
                new LoopServer.Thing(
                    "pack", 110, "[{\"n\":\"t\",\"u\":\"Cel\",\"v\":20}]".getBytes(UTF_8)),
                // [{0: "t", 1: "%RH", 2: 61}]
                new LoopServer.Thing("binary", 112, hex.parseHex("81a3006174016325524802183d")));
        Pollable device =
            open(
                sketch(server.uri())
                    .point("text")
                    .point("json", "pointer", "/a/0/v")
                    .point("cbor", "pointer", "/a")
                    .point("pack", "name", "t", "unit", "K")
                    .point("binary", "unit", "%"))) {
      device.poll(sink);
      assertEquals(
          Map.of(
              "text", Value.of(21.5),
              "json", Value.of(42L),
              "cbor", Value.of(1.5),
              "pack", Value.of(293.15),
              "binary", Value.of(61L)),
          values());
      assertTrue(sink.samples().stream().allMatch(s -> s.quality().isGood()));
      assertTrue(sink.samples().stream().allMatch(s -> s.sourceNanos() == clock.monotonicNanos()));
      assertEquals(List.of(), sink.troubles());
    }
  }

  // Without it ten points on one resource would ask it ten times.
  @Test
  void pointsOfOneResourceShareItsRequest() throws Exception {
    LoopServer.Thing air = new LoopServer.Thing("air", 50, "{\"t\":21,\"h\":55}".getBytes(UTF_8));
    try (LoopServer server = new LoopServer(0, air);
        Pollable device =
            open(
                sketch(server.uri())
                    .set("confirmable", "false")
                    .point("t", "resource", "/air", "pointer", "/t")
                    .point("h", "resource", "/air", "pointer", "/h"))) {
      device.poll(sink);
      assertEquals(Map.of("t", Value.of(21L), "h", Value.of(55L)), values());
      assertEquals(1, air.gets.get());
    }
  }

  // Without it a payload of more than one block arrives cut, or not at all (RFC 7959).
  @Test
  void fetchesLargePayloadsInBlocks() throws Exception {
    String large = "{\"pad\":\"" + "x".repeat(5_000) + "\",\"v\":7}";
    try (LoopServer server =
            new LoopServer(0, new LoopServer.Thing("large", 50, large.getBytes(UTF_8)));
        Pollable device = open(sketch(server.uri()).point("large", "pointer", "/v"))) {
      device.poll(sink);
      assertEquals(Map.of("large", Value.of(7L)), values());
    }
  }

  // Without it a device that never stops sending blocks fills the gateway's memory.
  @Test
  void refusesMoreThanItsLimit() throws Exception {
    byte[] huge = "1".repeat(70_000).getBytes(UTF_8);
    try (LoopServer server = new LoopServer(0, new LoopServer.Thing("huge", 0, huge));
        Pollable device = open(sketch(server.uri()).point("huge"))) {
      DriverException refusal = assertThrows(DriverException.class, () -> device.poll(sink));
      assertEquals(DriverException.Kind.UNSUPPORTED, refusal.kind());
      assertTrue(refusal.toString().contains("65536"), refusal.toString());
    }
  }

  // Without it the operator is told that something failed, not what to change.
  @Test
  void refusalsSayCodeUriAndNextStep() throws Exception {
    record Case(CoAP.ResponseCode code, DriverException.Kind kind, String says) {}
    List<Case> cases =
        List.of(
            new Case(CoAP.ResponseCode.NOT_FOUND, DriverException.Kind.MISCONFIGURED, "resource"),
            new Case(
                CoAP.ResponseCode.METHOD_NOT_ALLOWED,
                DriverException.Kind.MISCONFIGURED,
                "cannot be read"),
            new Case(CoAP.ResponseCode.FORBIDDEN, DriverException.Kind.MISCONFIGURED, "access"),
            new Case(
                CoAP.ResponseCode.INTERNAL_SERVER_ERROR, DriverException.Kind.TRANSIENT, "again"),
            new Case(
                CoAP.ResponseCode.SERVICE_UNAVAILABLE, DriverException.Kind.TRANSIENT, "again"),
            new Case(CoAP.ResponseCode.CHANGED, DriverException.Kind.UNSUPPORTED, "2.05"));
    LoopServer.Thing thing = LoopServer.Thing.text("t", "1");
    try (LoopServer server = new LoopServer(0, thing);
        Pollable device = open(sketch(server.uri()).point("t"))) {
      for (Case each : cases) {
        thing.answering(each.code);
        DriverException refusal = assertThrows(DriverException.class, () -> device.poll(sink));
        String said = refusal.toString();
        assertEquals(each.kind, refusal.kind(), said);
        assertTrue(said.contains(server.uri() + "/t"), said);
        assertTrue(said.contains(each.code.text), said);
        assertTrue(said.contains(each.says), said);
      }
      thing.answering(CoAP.ResponseCode.CONTENT);
      device.poll(sink);
      assertEquals(Map.of("t", Value.of(1L)), values());
    }
  }

  // Without it a wrong path looks like a dead device.
  @Test
  void wrongResourceIsMisconfigured() throws Exception {
    try (LoopServer server = new LoopServer(0, LoopServer.Thing.text("t", "1"));
        Pollable device = open(sketch(server.uri()).point("t", "resource", "/no/such"))) {
      DriverException refusal = assertThrows(DriverException.class, () -> device.poll(sink));
      assertEquals(DriverException.Kind.MISCONFIGURED, refusal.kind());
      assertTrue(refusal.toString().contains("4.04"), refusal.toString());
    }
  }

  // Without it one bad path takes a whole device down, or hides.
  @Test
  void oneFailingResourceLeavesTheOtherFlowing() throws Exception {
    LoopServer.Thing good = LoopServer.Thing.text("good", "1");
    LoopServer.Thing bad = LoopServer.Thing.text("bad", "2");
    bad.answering(CoAP.ResponseCode.SERVICE_UNAVAILABLE);
    try (LoopServer server = new LoopServer(0, bad, good);
        Pollable device = open(sketch(server.uri()).point("bad").point("good"))) {
      for (int i = 0; i < 3; i++) {
        sink.clear();
        device.poll(sink);
        Map<String, Quality> qualities =
            sink.samples().stream()
                .collect(Collectors.toMap(s -> s.point().point(), Sample::quality));
        assertEquals(Map.of("bad", Quality.BAD_COMMUNICATION, "good", Quality.GOOD), qualities);
        assertEquals(1, sink.troubles().size());
      }
      assertEquals(3, good.gets.get());
      assertEquals(1, bad.gets.get(), "the failing one is left out during its pause");

      bad.answering(CoAP.ResponseCode.CONTENT);
      clock.advance(60_000_000_000L);
      sink.clear();
      device.poll(sink);
      assertEquals(Map.of("bad", Value.of(2L), "good", Value.of(1L)), values());
      assertEquals(List.of(), sink.troubles());
    }
  }

  // Without it a silent device would hold its bus thread for CoAP's own 93 s.
  @Test
  void silentDeviceIsTransientWithinTheTimeout() throws Exception {
    try (DatagramSocket silent = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        Pollable device =
            open(
                sketch("coap://127.0.0.1:" + silent.getLocalPort())
                    .set("timeout", "300ms")
                    .point("a")
                    .point("b")
                    .point("c")
                    .point("d")
                    .point("e")
                    .point("f"))) {
      DriverException silence =
          assertTimeout(
              Duration.ofSeconds(2),
              () -> assertThrows(DriverException.class, () -> device.poll(sink)));
      assertEquals(DriverException.Kind.TRANSIENT, silence.kind());
      assertTrue(silence.toString().contains("300 ms"), silence.toString());
      assertEquals(List.of(), sink.samples());
    }
  }

  // Without it a host that cannot be looked up ends in a stack trace, or at the wrong kind.
  @Test
  void unknownHostIsUnplugged() {
    DriverException refusal =
        assertThrows(
            DriverException.class,
            () -> open(sketch("coap://no-such-host.invalid").point("t")).close());
    assertEquals(DriverException.Kind.UNPLUGGED, refusal.kind());
    assertTrue(refusal.toString().contains("no-such-host.invalid"), refusal.toString());
  }

  // Without it the memory and thread budget of the gateway grows unseen with every device.
  @Test
  void oneDeviceCostsThreeThreadsAndNoFile() throws Exception {
    try (LoopServer server = new LoopServer(0, LoopServer.Thing.text("t", "1"))) {
      int before = Thread.getAllStackTraces().size();
      try (Pollable device = open(sketch(server.uri()).point("t"))) {
        device.poll(sink);
        assertEquals(before + 3, Thread.getAllStackTraces().size());
      }
    }
    for (String name : List.of("Californium3.properties", "Californium.properties")) {
      assertFalse(Files.exists(Path.of(name)), name);
    }
  }

  // Without it what a device says of itself could name another file or break the log's line.
  @Test
  void diagnosticsAreCutAndCleaned() throws IOException, DriverException {
    try (LoopServer server =
            new LoopServer(
                0,
                new LoopServer.Thing("t", 0, new byte[0]) {
                  @Override
                  public void handleGET(CoapExchange exchange) {
                    exchange.respond(
                        CoAP.ResponseCode.SERVICE_UNAVAILABLE, "line\nfeed " + "y".repeat(500));
                  }
                });
        Pollable device = open(sketch(server.uri()).point("t"))) {
      DriverException refusal = assertThrows(DriverException.class, () -> device.poll(sink));
      assertTrue(refusal.toString().contains("line?feed"), refusal.toString());
      assertTrue(refusal.toString().length() < 300, refusal.toString());
    }
  }
}
