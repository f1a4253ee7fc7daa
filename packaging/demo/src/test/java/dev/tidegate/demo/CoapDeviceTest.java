package dev.tidegate.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.tidegate.driver.Device;
import dev.tidegate.driver.Pollable;
import dev.tidegate.driver.Subscribable;
import dev.tidegate.drivers.coap.CoapDriver;
import dev.tidegate.reading.Reading;
import dev.tidegate.testkit.CollectingSink;
import dev.tidegate.testkit.DeviceSketch;
import dev.tidegate.testkit.ManualClock;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The device as a real process, observed and polled by the driver. */
class CoapDeviceTest {
  private static final Duration SOON = Duration.ofSeconds(20);

  private final Process process;
  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
  private final String uri;
  private final CoapDriver driver = new CoapDriver();
  private final ManualClock clock = new ManualClock();
  private final CollectingSink sink = new CollectingSink();

  CoapDeviceTest() throws Exception {
    process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                CoapDevice.class.getName(),
                "--every",
                "50ms")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    Thread.ofVirtual().start(this::drain);
    String ready = line();
    assertTrue(ready.startsWith("ready coap://127.0.0.1:"), ready);
    uri = ready.substring("ready ".length());
  }

  @AfterEach
  void end() {
    process.destroyForcibly();
  }

  private void drain() {
    try (BufferedReader reader = process.inputReader(UTF_8)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        lines.add(line);
      }
    } catch (IOException _) {
      lines.add("the pipe broke");
    }
  }

  private String line() throws InterruptedException {
    String line = lines.poll(SOON.toSeconds(), TimeUnit.SECONDS);
    return line == null ? fail("the device says nothing") : line;
  }

  private Device open(String mode, String... points) throws Exception {
    DeviceSketch sketch = DeviceSketch.of(driver, "hall").set("uri", uri).set("mode", mode);
    for (String point : points) {
      sketch.point(point);
    }
    return driver.open(sketch.config(), () -> clock);
  }

  private long fewest(String... points) {
    return Stream.of(points)
        .mapToLong(p -> sink.samples().stream().filter(s -> s.point().point().equals(p)).count())
        .min()
        .orElse(0);
  }

  private double last() {
    return ((Reading) sink.samples().getLast()).value().asDouble();
  }

  // Without it the demo's device and the driver are only believed to understand each other.
  @Test
  void sensorsAreObservedAndPolled() throws Exception {
    DeviceSketch sketch =
        DeviceSketch.of(driver, "hall")
            .set("uri", uri)
            .set("acknowledge", "received")
            .point("temperature", "unit", "Cel")
            .point("warm", "resource", "/air", "name", "temperature", "unit", "K")
            .point("humidity", "resource", "/air", "name", "humidity", "unit", "%");
    try (Subscribable device = (Subscribable) driver.open(sketch.config(), () -> clock)) {
      device.subscribe(sink);
      // A notification that overtakes the answer to its registration is sent again after 2 s.
      for (int total = 60; fewest("temperature", "warm", "humidity") <= 10; total += 10) {
        assertTrue(sink.awaitSamples(total, SOON));
      }
    }
    for (String point : List.of("temperature", "warm", "humidity")) {
      List<Double> values =
          sink.samples().stream()
              .filter(s -> s.point().point().equals(point) && s.quality().isGood())
              .map(s -> ((Reading) s).value().asDouble())
              .toList();
      assertTrue(values.size() > 10, point + ": " + values.size());
      assertTrue(values.stream().distinct().count() > 5, point + " stands still: " + values);
      double low = point.equals("warm") ? 273.15 + 15 : point.equals("humidity") ? 40 : 15;
      double high = point.equals("warm") ? 273.15 + 27 : point.equals("humidity") ? 70 : 27;
      assertTrue(values.stream().allMatch(v -> v > low && v < high), point + ": " + values);
    }
    sink.clear();
    DeviceSketch status =
        DeviceSketch.of(driver, "hall")
            .set("uri", uri)
            .set("mode", "poll")
            .point("steps", "resource", "/status", "pointer", "/steps")
            .point("fan", "resource", "/status", "pointer", "/fan/rpm")
            .point("air", "resource", "/air", "name", "urn:dev:tidegate:demo:humidity");
    try (Pollable device = (Pollable) driver.open(status.config(), () -> clock)) {
      device.poll(sink);
      assertEquals(3, sink.samples().stream().filter(s -> s.quality().isGood()).count());
    }
  }

  // Without it the witness of the kill loop could call acknowledged what never was, or the reverse.
  @Test
  void counterNotesWhatIsAcknowledgedAndGoesOn() throws Exception {
    try (Subscribable device = (Subscribable) open("observe", "counter")) {
      device.subscribe(sink);
      assertTrue(sink.awaitSamples(1, SOON));
      for (int n = 1; n <= 3; n++) {
        assertTrue(sink.awaitSamples(n + 1, SOON));
        assertEquals(n, last());
        sink.makeDurable();
        assertEquals("acked " + n, line());
      }
      assertTrue(sink.awaitSamples(5, SOON));
      assertEquals(4, last());
      assertEquals(null, lines.poll(150, TimeUnit.MILLISECONDS), "4 is not durable yet");
    }
    sink.clear();
    assertEquals("gaveup 4", line());
    try (Subscribable device = (Subscribable) open("observe", "counter")) {
      device.subscribe(sink);
      assertTrue(sink.awaitSamples(2, SOON));
      sink.makeDurable();
      assertEquals("acked 5", line());
    }
  }

  // Without it a new observer waits 93 s until the device has given its killed forerunner up.
  @Test
  void newObserverTakesTheOldOnesPlace() throws Exception {
    CollectingSink killed = new CollectingSink();
    try (Subscribable old = (Subscribable) open("observe", "counter")) {
      old.subscribe(killed);
      assertTrue(killed.awaitSamples(2, SOON)); // 1 is never made durable: as if it had been killed
      try (Subscribable device = (Subscribable) open("observe", "counter")) {
        device.subscribe(sink);
        assertEquals("gaveup 1", line());
        assertTrue(sink.awaitSamples(2, SOON));
        assertEquals(2, last());
        sink.makeDurable();
        assertEquals("acked 2", line());
      }
    }
  }

  // Without it devices of a test that was killed stay behind for ever.
  @Test
  void endsWithItsParent() throws Exception {
    process.getOutputStream().close();
    assertTrue(process.waitFor(SOON.toSeconds(), TimeUnit.SECONDS), "outlives its parent");
    assertEquals(0, process.exitValue());
  }

  // Without it a wrong argument starts a device nobody asked for.
  @Test
  void refusesWrongArguments() throws Exception {
    for (List<String> args :
        List.of(
            List.of("--port", "70000"),
            List.of("--every", "soon"),
            List.of("--every"),
            List.of("--what", "1"))) {
      List<String> command =
          new ArrayList<>(
              List.of(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-cp",
                  System.getProperty("java.class.path"),
                  CoapDevice.class.getName()));
      command.addAll(args);
      Process wrong = new ProcessBuilder(command).start();
      try (BufferedReader errors = wrong.errorReader(UTF_8)) {
        String said = String.valueOf(errors.readLine());
        assertTrue(said.startsWith("CoapDevice: "), said);
      }
      assertTrue(wrong.waitFor(SOON.toSeconds(), TimeUnit.SECONDS));
      assertEquals(2, wrong.exitValue(), args.toString());
    }
  }
}
