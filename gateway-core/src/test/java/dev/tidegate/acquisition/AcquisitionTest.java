package dev.tidegate.acquisition;

import static dev.tidegate.acquisition.Lab.MILLI;
import static dev.tidegate.acquisition.Lab.SECOND;
import static dev.tidegate.acquisition.LabDriver.ANSWERS;
import static dev.tidegate.acquisition.LabDriver.SILENT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.config.DeviceEntry.OnError;
import dev.tidegate.driver.DriverException;
import dev.tidegate.driver.DriverException.Kind;
import dev.tidegate.driver.Sink;
import dev.tidegate.health.Faults;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Reading;
import dev.tidegate.timekeeping.Agent;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Several devices on their buses: what one does to the others, and what reaches the intake. */
class AcquisitionTest {
  private static final PointId VALUE = PointId.of("d", "value");

  private final Lab lab = new Lab();

  /** Devices on one wire must share a thread, and those on different wires must not. */
  @Test
  void devicesAreSortedOntoTheirBuses() {
    lab.driver.bus(id -> id.startsWith("i2c") ? "i2c-1" : id);
    List<Agent> buses =
        lab.buses(
            Lab.device("i2c-a", SECOND, OnError.RETRY),
            Lab.device("alone", SECOND, OnError.RETRY),
            Lab.device("i2c-b", SECOND, OnError.RETRY));
    assertEquals(List.of("bus-i2c-1", "bus-alone"), buses.stream().map(Agent::name).toList());
    assertEquals(List.of(), lab.driver.log, "nothing is opened before the first step");
  }

  /** A configuration that was not checked must not start half a gateway. */
  @Test
  void anUnknownDriverIsRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () ->
            Acquisition.of(
                List.of(Lab.device("d", SECOND, OnError.RETRY)),
                java.util.Map.of(),
                lab.intake,
                lab.clock,
                new java.util.SplittableRandom(1),
                lab.counters,
                lab.faults));
  }

  /** One broken driver must cost its own device and nothing else: promise 8. */
  @Test
  void aDefectiveDriverStopsNeitherItsBusNorTheOthers() throws Exception {
    lab.driver.bus(id -> id.equals("far") ? "far" : "near");
    lab.driver
        .polled(
            "broken",
            (sink, point, turn) -> {
              throw new IllegalStateException("index 3");
            })
        .polled("well", ANSWERS)
        .polled("far", ANSWERS);
    lab.run(
        lab.buses(
            Lab.device("broken", 100 * MILLI, OnError.RETRY),
            Lab.device("well", 100 * MILLI, OnError.RETRY),
            Lab.device("far", 100 * MILLI, OnError.RETRY)),
        10 * SECOND);
    List<Arrival> arrived = lab.arrived();
    assertEquals(101, Lab.samples(arrived, "well"));
    assertEquals(101, Lab.samples(arrived, "far"));
    assertEquals(
        Set.of("device-lost broken", "device-found well", "device-found far"),
        Set.copyOf(Lab.events(arrived)));
    assertEquals(3, Lab.events(arrived).size());
    assertEquals(1, lab.faults.open().size());
    assertTrue(lab.faults.open().getFirst().message().contains("a defect of the driver"));
  }

  /** A greedy device that is always overdue must not keep the others of its bus waiting. */
  @Test
  void aBusRunsTheDeviceThatHasWaitedLongest() throws Exception {
    lab.driver.bus(id -> "shared");
    LabDriver.Act slow =
        (sink, point, turn) -> {
          lab.clock.advance(70 * MILLI);
          ANSWERS.run(sink, point, turn);
        };
    lab.driver.polled("greedy", slow).polled("b", slow).polled("c", slow);
    lab.run(
        lab.buses(
            Lab.device("greedy", 10 * MILLI, OnError.RETRY),
            Lab.device("b", 100 * MILLI, OnError.RETRY),
            Lab.device("c", 100 * MILLI, OnError.RETRY)),
        21 * SECOND);
    List<Arrival> arrived = lab.arrived();
    long most = Lab.samples(arrived, "greedy");
    assertTrue(most > 50, "starved: " + most);
    for (String device : List.of("b", "c")) {
      long got = Lab.samples(arrived, device);
      assertTrue(got > most * 0.7 && got < most * 1.3, device + " got " + got + " beside " + most);
    }
  }

  /** An outage of a night must be two events and one fault, not one of each for every try. */
  @Test
  void troubleIsOneFaultAndOnePairOfEvents() throws Exception {
    lab.driver.polled(
        "d",
        (sink, point, turn) -> (turn >= 2 && turn < 6 ? SILENT : ANSWERS).run(sink, point, turn));
    List<Agent> buses = lab.buses(Lab.device("d", SECOND, OnError.RETRY));
    lab.run(buses, 4 * SECOND);
    assertEquals(List.of("device-found d", "device-lost d"), Lab.events(lab.arrived()));
    Faults.Fault fault = lab.faults.open().getFirst();
    assertEquals("device d", fault.where());
    assertEquals("no answer from d", fault.message());
    lab.run(buses, 30 * SECOND);
    assertEquals(List.of("device-back d"), Lab.events(lab.arrived()));
    assertEquals(List.of(), lab.faults.open());
  }

  /** A point that nobody configured has no rules, no unit and no owner in the twin. */
  @Test
  void foreignPointsAreDroppedCountedAndShown() throws Exception {
    lab.driver.polled(
        "d",
        (sink, point, turn) -> {
          sink.accept(Reading.good(PointId.of("other", "value"), 1, 1));
          sink.accept(Reading.good(PointId.of("d", "typo"), 1, 1), () -> {});
          ANSWERS.run(sink, point, turn);
        });
    lab.run(lab.buses(Lab.device("d", SECOND, OnError.RETRY)), 0);
    List<Arrival> arrived = lab.arrived();
    assertEquals(List.of("device-found d"), Lab.events(arrived));
    assertEquals(2, arrived.size());
    assertEquals(1, Lab.samples(arrived, "d"));
    assertEquals(2, lab.counters.value("acquisition.foreign-points"));
    assertEquals(1, lab.counters.value("acquisition.readings"));
    Faults.Fault fault = lab.faults.open().getFirst();
    assertEquals("foreign-point", fault.what());
    assertTrue(fault.message().contains("d/typo"), fault.message());
  }

  /** A late callback after the stop would write into a pipeline that has ended. */
  @Test
  void nothingPassesAfterClose() throws Exception {
    lab.driver.subscribed("d", (sink, point, turn) -> {});
    List<Agent> buses = lab.buses(Lab.device("d", SECOND, OnError.RETRY));
    lab.run(buses, 0);
    Sink sink = lab.driver.sink("d");
    sink.accept(Reading.good(VALUE, 1, 1));
    assertEquals(1, Lab.samples(lab.arrived(), "d"));
    buses.getFirst().close();
    sink.accept(Reading.good(VALUE, 2, 2));
    sink.accept(Reading.good(VALUE, 3, 3), () -> {});
    sink.trouble(new DriverException(Kind.TRANSIENT, "connection lost"));
    assertEquals(List.of(), lab.arrived());
    assertEquals(List.of(), lab.faults.open());
    assertEquals(1, lab.driver.times("close", "d").size());
    assertEquals(0, buses.getFirst().step(0), "a closed device is opened again");
  }

  /**
   * Without its receipt a confirmed message is never acknowledged, and its device sends for ever.
   */
  @Test
  void receiptsAndArrivalTimesTravel() throws Exception {
    AtomicInteger durable = new AtomicInteger();
    lab.driver.subscribed("d", (sink, point, turn) -> {});
    lab.run(lab.buses(Lab.device("d", SECOND, OnError.RETRY)), 0);
    Sink sink = lab.driver.sink("d");
    lab.clock.advance(7);
    sink.accept(Reading.good(VALUE, 1, 1), durable::incrementAndGet);
    sink.accept(Reading.good(VALUE, 2, 2));
    List<Arrival> arrived = lab.arrived();
    assertEquals(List.of("device-found d"), Lab.events(arrived));
    Arrival.Sampled first = (Arrival.Sampled) arrived.get(1);
    assertEquals(lab.clock.monotonicNanos(), first.arrivalNanos());
    assertEquals(0, durable.get(), "acknowledged before it was stored");
    Sink.Receipt receipt = first.receipt();
    assertTrue(receipt != null);
    receipt.durable();
    assertEquals(1, durable.get());
    assertEquals(null, ((Arrival.Sampled) arrived.get(2)).receipt());
  }

  /** An idle bus that spins would cost a whole core; one that oversleeps would miss its polls. */
  @Test
  void anIdleBusWaitsNoLongerThanItMay() throws Exception {
    Agent bus = lab.buses(Lab.device("d", 3600 * SECOND, OnError.RETRY)).getFirst();
    assertEquals(1, bus.step(0)); // opens
    assertEquals(1, bus.step(0)); // polls
    assertEquals(0, bus.step(MILLI)); // the next poll is an hour away
    assertEquals(1, lab.driver.times("poll", "d").size());
  }

  /** A lost "back" would leave the twin showing a dead device that measures. */
  @Test
  void lostAndBackAlternateHoweverManyThreadsReport() throws Exception {
    DeviceSink sink = lab.sink(Lab.device("d", SECOND, OnError.RETRY));
    int threads = 4;
    CyclicBarrier start = new CyclicBarrier(threads);
    try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      List<Callable<Void>> work =
          java.util.stream.IntStream.range(0, threads)
              .<Callable<Void>>mapToObj(
                  thread ->
                      () -> {
                        start.await();
                        for (int i = 0; i < 120; i++) {
                          if ((i + thread) % 2 == 0) {
                            sink.trouble(new DriverException(Kind.TRANSIENT, "no answer"));
                          } else {
                            sink.accept(Reading.good(VALUE, i, i));
                          }
                        }
                        return null;
                      })
              .toList();
      for (Future<Void> done : pool.invokeAll(work)) {
        done.get();
      }
    }
    List<String> all = Lab.events(lab.arrived());
    long found = all.stream().filter(e -> e.equals("device-found d")).count();
    assertTrue(found <= 1, all::toString);
    List<String> events = all.stream().filter(e -> !e.equals("device-found d")).toList();
    for (int i = 0; i < events.size(); i++) {
      assertEquals(i % 2 == 0 ? "device-lost d" : "device-back d", events.get(i), events::toString);
    }
    assertEquals(events.size() % 2, lab.faults.open().size(), "a fault that says otherwise");
    assertEquals(threads * 60L, lab.counters.value("acquisition.readings"));
  }
}
