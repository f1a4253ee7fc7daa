package dev.tidegate.testkit;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidegate.driver.Device;
import dev.tidegate.driver.DeviceConfig;
import dev.tidegate.driver.Driver;
import dev.tidegate.driver.DriverException;
import dev.tidegate.driver.Option;
import dev.tidegate.driver.Pollable;
import dev.tidegate.driver.Subscribable;
import dev.tidegate.driver.Writable;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Sample;
import dev.tidegate.reading.Value;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What every driver keeps. A driver's test extends it and says how to configure a device:
 *
 * <pre>{@code
 * final class ThermometerContractTest extends DriverContract {
 *   @Override protected Driver driver() { return new ThermometerDriver(); }
 *   @Override protected DeviceConfig config(String id) {
 *     return DeviceSketch.of(driver(), id).set("address", "0x48").point("room").config();
 *   }
 * }
 * }</pre>
 *
 * <p>Where a device needs another side (a server, a chip, a file), make it in a
 * {@code @BeforeEach}. Devices are used by the test's thread alone, as a bus thread would. Nothing
 * sleeps: what a device does by itself is awaited with a deadline.
 */
public abstract class DriverContract {
  private static final Duration QUIET = Duration.ofMillis(200);
  private static final int ROUNDS = 50;

  /** The clock that devices are given. Move it in {@link #pass()}. */
  protected final ManualClock clock = new ManualClock();

  /** A new instance of the driver. */
  protected abstract Driver driver();

  /** A configuration that works, for a device of that id with at least one point that measures. */
  protected abstract DeviceConfig config(String deviceId);

  /** A configuration whose device is not there; null where there is no such thing. */
  protected @Nullable DeviceConfig missing(String deviceId) {
    return null;
  }

  /**
   * Makes every opened device fail from now on: pulls the chip, stops the server.
   *
   * @return false where that cannot be
   */
  protected boolean breakDevices() {
    return false;
  }

  /** Lets time pass in the device's world; by default the clock moves on by one second. */
  protected void pass() {
    clock.advance(1_000_000_000);
  }

  /** How long a device may take until it has said something, 10 s unless overridden. */
  protected Duration deadline() {
    return Duration.ofSeconds(10);
  }

  /** The driver's folder, with README.md, sample.yaml and testcases. */
  protected Path folder() {
    return Path.of(System.getProperty("tidegate.root", "."), "drivers", driver().type());
  }

  // Without it a driver compiles, ships, and is unknown to the gateway.
  @Test
  void isFoundOnceThroughTheServiceLoader() {
    List<Driver> found =
        ServiceLoader.load(Driver.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(driver -> driver.type().equals(driver().type()))
            .toList();
    assertEquals(1, found.size(), "entries in META-INF/services for " + driver().type());
    assertEquals(driver().getClass(), found.getFirst().getClass());
  }

  // Without it the word after 'driver:' could be one that no file can name.
  @Test
  void typeIsDashCase() {
    assertTrue(
        OptionRules.DASH_CASE.matcher(driver().type()).matches(),
        () -> "type '" + driver().type() + "' is not dash-case");
  }

  // Without it a key could shadow the gateway's own, or a fallback be refused at start.
  @Test
  void optionsAreWellFormed() {
    assertEquals(List.of(), OptionRules.broken(driver().options()));
    assertEquals(driver().options(), driver().options(), "options differ from call to call");
  }

  // Without it the offline check refuses what would work.
  @Test
  void goodConfigurationHasNoComplaints() {
    DeviceConfig good = config("contract");
    assertEquals(List.of(), driver().check(good));
    assertFalse(driver().bus(good).isBlank(), "the bus has no name");
    assertEquals(driver().bus(good), driver().bus(good), "the bus's name differs");
  }

  // Without it samples nobody asked for, or from another time, reach the windows.
  @Test
  void samplesAreOfConfiguredPointsAndNotOfTheFuture() throws Exception {
    DeviceConfig config = config("contract");
    CollectingSink sink = new CollectingSink();
    try (Device device = open(config)) {
      collect(device, sink);
    }
    long nowNanos = clock.monotonicNanos();
    for (Sample sample : sink.samples()) {
      assertTrue(ids(config).contains(sample.point()), () -> "not configured: " + sample);
      assertTrue(sample.sourceNanos() <= nowNanos, () -> "taken in the future: " + sample);
      assertTrue(
          nowNanos - sample.sourceNanos() < Duration.ofDays(1).toNanos(),
          () -> "not on the gateway's timeline: " + sample);
    }
  }

  // Without it a reload would hang, or feed a pipeline that has moved on.
  @Test
  void closeIsQuickFinalAndRepeatable() throws Exception {
    CollectingSink sink = new CollectingSink();
    Device device = open(config("contract"));
    try {
      collect(device, sink);
    } finally {
      assertTimeout(Duration.ofSeconds(2), device::close);
    }
    int before = sink.samples().size();
    pass();
    assertFalse(sink.awaitSamples(before + 1, QUIET), "a sample came after close");
    assertDoesNotThrow(device::close, "the second close");
  }

  // Without it a device could not be retried after an error.
  @Test
  void opensAgainAfterClose() throws Exception {
    openAndCloseThrice();
  }

  private void openAndCloseThrice() throws Exception {
    for (int i = 0; i < 3; i++) {
      CollectingSink sink = new CollectingSink();
      try (Device device = open(config("contract"))) {
        collect(device, sink);
      }
    }
  }

  // Without it state kept in the driver lets one device end or feed another.
  @Test
  void twoDevicesAreIndependent() throws Exception {
    DeviceConfig one = config("contract-a");
    DeviceConfig other = config("contract-b");
    CollectingSink ones = new CollectingSink();
    CollectingSink others = new CollectingSink();
    Driver driver = driver();
    Device first = open(driver, one);
    try (Device second = open(driver, other)) {
      try (first) {
        collect(first, ones);
      }
      collect(second, others);
    }
    assertTrue(ones.samples().stream().allMatch(s -> ids(one).contains(s.point())));
    assertTrue(others.samples().stream().allMatch(s -> ids(other).contains(s.point())));
  }

  // Without it an operator sees a device fail and not which, why, or what to do.
  @Test
  void missingDeviceIsRefusedByName() throws Exception {
    DeviceConfig missing = missing("contract-missing");
    assumeTrue(missing != null, "no device of this driver can be missing");
    CollectingSink sink = new CollectingSink();
    DriverException refusal;
    try (Device silent = open(missing)) {
      refusal = failure(silent, sink, true);
    } catch (DriverException e) {
      refusal = e;
    }
    assertSaysWhy(refusal, "contract-missing");
    assertTrue(sink.samples().stream().noneMatch(s -> s.quality().isGood()));
  }

  // Without it a pulled cable shows as good values, or ends the bus thread.
  @Test
  void failingDeviceSaysSoAndCloses() throws Exception {
    CollectingSink sink = new CollectingSink();
    try (Device device = open(config("contract"))) {
      collect(device, sink);
      assumeTrue(breakDevices(), "no device of this driver can fail");
      sink.clear();
      assertSaysWhy(failure(device, sink, false), "contract");
      assertTrue(sink.samples().stream().noneMatch(s -> s.quality().isGood()));
    }
  }

  // Without it every retry of a flapping device costs a thread until none is left.
  @Test
  void leavesNoThreadBehind() throws Exception {
    openAndCloseThrice(); // makes what the Java runtime makes once
    Set<Thread> before = Thread.getAllStackTraces().keySet();
    openAndCloseThrice();
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (!before.contains(thread)) {
        assertTrue(thread.join(Duration.ofSeconds(2)), () -> "still runs after close: " + thread);
      }
    }
  }

  // Without it a command to a point that is not there would count as carried out.
  @Test
  void writingToAnUnknownPointIsRefused() throws Exception {
    try (Device device = open(config("contract"))) {
      assumeTrue(device instanceof Writable, "the device does not act");
      if (device instanceof Writable writable) {
        PointId unknown = PointId.of("contract", "no-such-point");
        assertSaysWhy(
            assertThrows(DriverException.class, () -> writable.write(unknown, Value.of(1.0))),
            "contract");
      }
    }
  }

  // Without it a driver is shipped that nobody can configure without reading its source.
  @Test
  void folderHasReadmeSampleAndTestcases() throws IOException {
    String readme = Files.readString(folder().resolve("README.md"));
    for (Option option : driver().options()) {
      assertTrue(
          readme.contains("`" + option.name() + "`"),
          () -> "README.md does not explain `" + option.name() + "`");
    }
    String sample = Files.readString(folder().resolve("sample.yaml"));
    assertTrue(
        sample.contains("driver: " + driver().type()),
        () -> "sample.yaml has no device with driver: " + driver().type());
    try (Stream<Path> cases = Files.walk(folder().resolve("testcases"), 2)) {
      assertTrue(cases.anyMatch(Files::isRegularFile), "testcases is empty");
    }
  }

  /** Opens a device with the contract's clock. */
  protected final Device open(DeviceConfig config) throws DriverException {
    return open(driver(), config);
  }

  private Device open(Driver driver, DeviceConfig config) throws DriverException {
    try {
      return driver.open(config, () -> clock);
    } catch (RuntimeException e) {
      throw new AssertionError("a driver throws DriverException alone, not " + e, e);
    }
  }

  /** Subscribes, polls and lets time pass until a first sample is there. */
  private void collect(Device device, CollectingSink sink)
      throws DriverException, InterruptedException {
    ask(device, sink, true);
    for (int i = 1; i < ROUNDS && sink.samples().isEmpty(); i++) {
      sink.awaitSamples(1, deadline().dividedBy(ROUNDS));
      pass();
      ask(device, sink, false);
    }
    assertFalse(sink.samples().isEmpty(), () -> "no sample came; troubles: " + sink.troubles());
  }

  private static void ask(Device device, CollectingSink sink, boolean first)
      throws DriverException {
    try {
      if (first && device instanceof Subscribable subscribable) {
        subscribable.subscribe(sink);
      }
      if (device instanceof Pollable pollable) {
        pollable.poll(sink);
      }
    } catch (RuntimeException e) {
      throw new AssertionError("a device throws DriverException alone, not " + e, e);
    }
  }

  /** What the device throws or reports when it is used, within the deadline. */
  private DriverException failure(Device device, CollectingSink sink, boolean first)
      throws InterruptedException {
    try {
      ask(device, sink, first);
      for (int i = 1; i < ROUNDS && sink.troubles().isEmpty(); i++) {
        sink.awaitTrouble(deadline().dividedBy(ROUNDS));
        pass();
        ask(device, sink, false);
      }
    } catch (DriverException e) {
      return e;
    }
    List<DriverException> troubles = sink.troubles();
    return troubles.isEmpty() ? fail("the device failed and nobody was told") : troubles.getFirst();
  }

  private static void assertSaysWhy(DriverException refusal, String deviceId) {
    assertTrue(
        refusal.getMessage() != null && refusal.getMessage().contains(deviceId),
        () -> "the message does not name the device '" + deviceId + "': " + refusal.getMessage());
  }

  private static Set<PointId> ids(DeviceConfig config) {
    return config.points().stream().map(DeviceConfig.Point::id).collect(Collectors.toSet());
  }
}
