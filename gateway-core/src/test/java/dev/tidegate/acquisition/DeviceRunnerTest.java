package dev.tidegate.acquisition;

import static dev.tidegate.acquisition.Lab.MILLI;
import static dev.tidegate.acquisition.Lab.SECOND;
import static dev.tidegate.acquisition.LabDriver.ANSWERS;
import static dev.tidegate.acquisition.LabDriver.SILENT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.config.DeviceEntry.OnError;
import dev.tidegate.driver.DriverException;
import dev.tidegate.driver.DriverException.Kind;
import dev.tidegate.health.Faults;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * One device on a clock that the test moves: when it is asked, and what follows from its errors.
 */
class DeviceRunnerTest {
  private final Lab lab = new Lab();

  /** A schedule that drifts by the time of each answer would make windows uneven. */
  @Test
  void theScheduleIsFixedHoweverLongAnAnswerTakes() {
    lab.driver.polled(
        "d",
        (sink, point, turn) -> {
          lab.clock.advance(300 * MILLI);
          ANSWERS.run(sink, point, turn);
        });
    follow(lab.runner(Lab.device("d", SECOND, OnError.RETRY)), 6);
    assertEquals(List.of(0L, 1000L, 2000L, 3000L, 4000L), lab.driver.times("poll", "d"));
    assertEquals(5, lab.counters.value("acquisition.polls"));
    assertEquals(0, lab.counters.value("acquisition.overruns"));
  }

  /** Polls that were overrun must not come in a burst, and must be known to be missing. */
  @Test
  void overrunPollsAreLeftOutAndCounted() {
    lab.driver.polled(
        "d",
        (sink, point, turn) -> {
          lab.clock.advance(turn == 1 ? 2500 * MILLI : turn == 3 ? SECOND : 0);
          ANSWERS.run(sink, point, turn);
        });
    follow(lab.runner(Lab.device("d", SECOND, OnError.RETRY)), 7);
    // the poll of second 2 is left out; that of 3 comes late, at once; 4 takes exactly until 5
    assertEquals(List.of(0L, 1000L, 3500L, 4000L, 5000L, 6000L), lab.driver.times("poll", "d"));
    assertEquals(1, lab.counters.value("acquisition.overruns"));
  }

  /** A device that is gone for a day must not be opened 86,400 times, nor wait for ever. */
  @Test
  void pausesDoubleFromOneSecondToOneMinute() {
    lab.driver.opening("d", SILENT);
    List<Long> pauses = pauses(lab.runner(Lab.device("d", SECOND, OnError.RETRY)), 9);
    long[] full = {1, 2, 4, 8, 16, 32, 60, 60, 60};
    boolean jittered = false;
    for (int i = 0; i < full.length; i++) {
      assertPause(full[i] * SECOND, pauses.get(i));
      jittered |= pauses.get(i) < full[i] * SECOND * 99 / 100;
    }
    assertTrue(jittered, "devices that failed together come back together: " + pauses);
    assertNotEquals(pauses.get(7), pauses.get(8), "the same jitter every time");
    assertEquals(9, lab.driver.times("open", "d").size());
  }

  /** A sensor that opens but never answers is as gone as one that does not open. */
  @Test
  void pausesDoubleAlsoWhenOnlyThePollFails() {
    lab.driver.polled("d", SILENT);
    DeviceRunner runner = lab.runner(Lab.device("d", SECOND, OnError.RETRY));
    List<Long> pauses = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      lab.clock.advanceTo(runner.dueNanos());
      runner.run(); // opens
      runner.run(); // polls at once, in vain
      pauses.add(runner.dueNanos() - lab.clock.monotonicNanos());
    }
    for (int i = 0; i < 4; i++) {
      assertPause(SECOND << i, pauses.get(i));
    }
    assertEquals(
        lab.driver.times("open", "d"),
        lab.driver.times("close", "d"),
        "each opened device is let go, or its port stays taken");
  }

  /** A device that came back and fails again weeks later must not start with a pause of 60 s. */
  @Test
  void aGoodAnswerShortensThePauseAgain() {
    lab.driver.opening(
        "d",
        (sink, point, turn) -> {
          if (turn < 4) {
            SILENT.run(sink, point, turn);
          }
        });
    lab.driver.polled(
        "d", (sink, point, turn) -> (turn == 0 ? ANSWERS : SILENT).run(sink, point, turn));
    DeviceRunner runner = lab.runner(Lab.device("d", SECOND, OnError.RETRY));
    follow(runner, 7); // four failed openings, a good one, a good poll, a failed poll
    assertEquals(2, lab.driver.times("poll", "d").size());
    assertPause(SECOND, runner.dueNanos() - lab.clock.monotonicNanos());
  }

  /** What can never work as configured is looked at once a minute, from the first time on. */
  @Test
  void aMisconfiguredDeviceWaitsLongest() {
    lab.driver.opening(
        "d",
        (sink, point, turn) -> {
          throw new DriverException(Kind.MISCONFIGURED, "no such register: correct the address");
        });
    for (long pause : pauses(lab.runner(Lab.device("d", SECOND, OnError.RETRY)), 3)) {
      assertPause(60 * SECOND, pause);
    }
  }

  /** {@code on-error: fail} promises that the device is left alone until the next start. */
  @Test
  void failGivesTheDeviceUp() throws Exception {
    lab.driver.polled(
        "d", (sink, point, turn) -> (turn < 2 ? ANSWERS : SILENT).run(sink, point, turn));
    DeviceRunner runner = lab.runner(Lab.device("d", SECOND, OnError.FAIL));
    follow(runner, 4);
    assertEquals(Long.MAX_VALUE, runner.dueNanos());
    lab.clock.advance(3600 * SECOND);
    runner.run();
    assertEquals(List.of(0L, 1000L, 2000L), lab.driver.times("poll", "d"));
    assertEquals(List.of(0L), lab.driver.times("open", "d"));
    assertEquals(List.of(2000L), lab.driver.times("close", "d"));
    assertEquals(List.of("no answer from d"), faults());
    assertEquals(List.of("device-found d", "device-lost d"), Lab.events(lab.arrived()));
  }

  /** {@code on-error: ignore} promises that the device stays open and is asked again in time. */
  @Test
  void ignoreGoesOnPollingOnTheSchedule() throws Exception {
    lab.driver.polled(
        "d", (sink, point, turn) -> (turn % 2 == 0 ? ANSWERS : SILENT).run(sink, point, turn));
    follow(lab.runner(Lab.device("d", SECOND, OnError.IGNORE)), 6);
    assertEquals(List.of(0L, 1000L, 2000L, 3000L, 4000L), lab.driver.times("poll", "d"));
    assertEquals(List.of(0L), lab.driver.times("open", "d"));
    assertEquals(List.of(), lab.driver.times("close", "d"));
    assertEquals(List.of("no answer from d"), faults(), "it failed a second ago");
    assertEquals(3, Lab.samples(lab.arrived(), "d"));
  }

  /** A device that fails every other time would write two events a second, for ever. */
  @Test
  void aDeviceThatComesAndGoesIsLostOnceAndBackOnce() throws Exception {
    lab.driver.polled(
        "d",
        (sink, point, turn) ->
            (turn > 5 || turn % 2 == 0 ? ANSWERS : SILENT).run(sink, point, turn));
    DeviceRunner runner = lab.runner(Lab.device("d", SECOND, OnError.IGNORE));
    follow(runner, 6);
    assertEquals(List.of("device-found d", "device-lost d"), Lab.events(lab.arrived()));
    follow(runner, 95);
    assertEquals(List.of(), faults(), "90 s without trouble");
    assertEquals(List.of("device-back d"), Lab.events(lab.arrived()));
  }

  /** An operator who reads "NullPointerException" looks for the mistake in the wrong place. */
  @Test
  void anUnexpectedExceptionIsNamedAsADefectOfTheDriver() {
    lab.driver.polled(
        "d",
        (sink, point, turn) -> {
          throw new IllegalStateException("index 3");
        });
    DeviceRunner runner = lab.runner(Lab.device("d", SECOND, OnError.RETRY));
    follow(runner, 2);
    String fault = faults().getFirst();
    assertTrue(fault.contains("poll threw") && fault.contains("index 3"), fault);
    assertTrue(fault.contains("a defect of the driver, please report it"), fault);
    assertPause(SECOND, runner.dueNanos() - lab.clock.monotonicNanos());
    lab.driver.opening(
        "d",
        (sink, point, turn) -> {
          throw new ArithmeticException("/ by zero");
        });
    follow(runner, 1);
    assertTrue(faults().getFirst().contains("open threw"), faults().getFirst());
  }

  /** A driver that cannot even close must not take the retry with it. */
  @Test
  void aDeviceThatThrowsWhenClosedIsOpenedAgainAllTheSame() {
    lab.driver
        .polled("d", SILENT)
        .closing(
            "d",
            (sink, point, turn) -> {
              throw new IllegalStateException("already closed");
            });
    DeviceRunner runner = lab.runner(Lab.device("d", SECOND, OnError.RETRY));
    follow(runner, 4);
    assertEquals(2, lab.driver.times("open", "d").size());
    assertTrue(faults().getFirst().contains("close threw"), faults().getFirst());
  }

  /** A subscription that was refused is trouble like any other, and its device is let go. */
  @Test
  void aRefusedSubscriptionIsTriedAgain() {
    lab.driver.subscribed(
        "d",
        (sink, point, turn) -> {
          if (turn == 0) {
            SILENT.run(sink, point, turn);
          }
        });
    DeviceRunner runner = lab.runner(Lab.device("d", SECOND, OnError.RETRY));
    follow(runner, 1);
    assertEquals(List.of(0L), lab.driver.times("close", "d"));
    assertPause(SECOND, runner.dueNanos() - lab.clock.monotonicNanos());
    follow(runner, 1);
    assertEquals(2, lab.driver.times("subscribe", "d").size());
    assertEquals(Long.MAX_VALUE, runner.dueNanos(), "a device that speaks by itself is not polled");
  }

  /** Runs what is due next, that many times, with the clock moved there first. */
  private void follow(DeviceRunner runner, int times) {
    for (int i = 0; i < times; i++) {
      lab.clock.advance(Math.max(0, runner.dueNanos() - lab.clock.monotonicNanos()));
      runner.run();
    }
  }

  private List<Long> pauses(DeviceRunner runner, int count) {
    List<Long> pauses = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      follow(runner, 1);
      pauses.add(runner.dueNanos() - lab.clock.monotonicNanos());
    }
    return pauses;
  }

  /** The pause, or up to a fifth less. */
  private static void assertPause(long full, long pause) {
    assertTrue(
        pause <= full && pause > full - full / 5, "not within a fifth of " + full + ": " + pause);
  }

  private List<String> faults() {
    return lab.faults.open().stream().map(Faults.Fault::message).toList();
  }
}
