package dev.tidegate.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.driver.DeviceConfig;
import dev.tidegate.driver.DriverException;
import dev.tidegate.driver.Option;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Reading;
import dev.tidegate.time.TimeQuality;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What stands in for the gateway in a driver's test does what the gateway would. */
class StandInsTest {
  private static final Reading SAMPLE = Reading.good(PointId.of("d", "p"), 0, 1);

  // Without it a test of wall-clock jumps would move its timers too.
  @Test
  void clockMovesTheWallWithoutTheTimelineAndNeverBack() {
    ManualClock clock = new ManualClock(100);
    clock.advance(5);
    clock.jumpWall(-50);
    assertEquals(105, clock.monotonicNanos());
    assertEquals(55, clock.wallNanos());
    clock.advanceTo(200);
    assertEquals(200, clock.monotonicNanos());
    assertEquals(150, clock.wallNanos());
    assertThrows(IllegalArgumentException.class, () -> clock.advanceTo(199));
    clock.quality(TimeQuality.IMPLAUSIBLE);
    assertEquals(TimeQuality.IMPLAUSIBLE, clock.quality());
    assertEquals(ManualClock.START_NANOS, new ManualClock().wallNanos());
  }

  // Without it a driver that overruns the intake or counts receipts twice would pass its test.
  @Test
  void sinkCountsRoomDownAndGivesEachReceiptOnce() throws InterruptedException {
    CollectingSink sink = new CollectingSink();
    assertEquals(Integer.MAX_VALUE, sink.room());
    sink.room(1);
    AtomicInteger receipts = new AtomicInteger();
    sink.accept(SAMPLE, receipts::incrementAndGet);
    assertEquals(0, sink.room());
    sink.accept(SAMPLE);
    assertEquals(0, sink.room());
    assertEquals(1, sink.receiptsWaiting());
    assertEquals(0, receipts.get());
    sink.makeDurable();
    sink.makeDurable();
    assertEquals(1, receipts.get());
    assertEquals(List.of(SAMPLE, SAMPLE), sink.samples());
    assertTrue(sink.awaitSamples(2, Duration.ZERO));
    assertFalse(sink.awaitSamples(3, Duration.ofMillis(1)));
    assertFalse(sink.awaitTrouble(Duration.ofMillis(1)));
    sink.trouble(new DriverException(DriverException.Kind.TRANSIENT, "d is busy"));
    assertTrue(sink.awaitTrouble(Duration.ofMillis(1)));
    sink.clear();
    assertEquals(List.of(), sink.troubles());
  }

  // Without it a test would wait its whole deadline for a sample of another thread.
  @Test
  void sinkWakesTheWaiterWhenASampleComes() throws InterruptedException {
    CollectingSink sink = new CollectingSink();
    Thread bus = new Thread(() -> sink.accept(SAMPLE), "bus");
    bus.start();
    assertTrue(sink.awaitSamples(1, Duration.ofSeconds(10)));
    bus.join();
  }

  // Without it a driver's test could configure what no file can say.
  @Test
  void sketchTakesWhatTheOptionsAllowAndNothingElse() {
    FlawedDriver driver = new FlawedDriver();
    DeviceConfig config =
        DeviceSketch.of(driver, "d").set("port", "0x7").point("p", "unit", "l/min").config();
    assertEquals(7, config.settings().integer("port"));
    assertEquals("l/min", String.valueOf(config.points().getFirst().unit()));
    DeviceSketch sketch = DeviceSketch.of(driver, "d");
    assertThrows(IllegalArgumentException.class, () -> sketch.point("p", "prot", "1"));
    assertThrows(IllegalArgumentException.class, () -> sketch.set("port", "10").config());
    assertThrows(IllegalArgumentException.class, () -> sketch.set("port", "seven").config());
    DeviceSketch incomplete = DeviceSketch.of(new ThermometerDriver(), "d").point("p");
    assertThrows(IllegalArgumentException.class, incomplete::config);
  }

  // Without it each driver's test would get another type than the gateway hands out.
  @Test
  void optionsAreReadInTheTypeOfTheirKind() {
    assertEquals("x", read(Option.Kind.TEXT, "x"));
    assertEquals(Long.MAX_VALUE, read(Option.Kind.INTEGER, "9223372036854775807"));
    assertEquals(0.5, read(Option.Kind.NUMBER, "0.5"));
    assertEquals(true, read(Option.Kind.FLAG, "true"));
    assertEquals(250_000_000L, read(Option.Kind.DURATION, "250ms"));
    assertEquals(604_800_000_000_000L, read(Option.Kind.DURATION, "7d"));
    assertEquals(Path.of("a"), read(Option.Kind.PATH, "a"));
    for (String wrong : List.of("yes", "", "TRUE")) {
      assertThrows(IllegalArgumentException.class, () -> read(Option.Kind.FLAG, wrong));
    }
    for (String wrong : List.of("5", "s", "-1s", "1.5s", "5 s", "9999999999d")) {
      assertThrows(IllegalArgumentException.class, () -> read(Option.Kind.DURATION, wrong));
    }
    assertThrows(IllegalArgumentException.class, () -> read(Option.Kind.CHOICE, "c"));
  }

  private static Object read(Option.Kind kind, String text) {
    Option option = Option.device(kind, "o", "Some option.");
    return OptionText.parse(kind == Option.Kind.CHOICE ? option.oneOf("a", "b") : option, text);
  }

  // Without it wrap-around or a bad address on the bus would be the driver author's riddle.
  @Test
  void busCountsRegistersUpAndRefusesReservedAddresses() throws Exception {
    SimulatedBus bus = new SimulatedBus();
    bus.plug(0x20);
    bus.write(0x20, 254, (byte) 1, (byte) 2, (byte) 3);
    assertEquals(
        List.of((byte) 2, (byte) 3), List.of(bus.read(0x20, 255, 1)[0], bus.read(0x20, 0, 1)[0]));
    assertThrows(IllegalArgumentException.class, () -> bus.plug(0x07));
    assertThrows(IllegalArgumentException.class, () -> bus.plug(0x78));
    assertThrows(IOException.class, () -> bus.read(0x21, 0, 1));
    assertThrows(IllegalStateException.class, () -> bus.set(0x21, 0, (byte) 1));
  }
}
