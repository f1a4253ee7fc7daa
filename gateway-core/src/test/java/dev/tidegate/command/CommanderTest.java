package dev.tidegate.command;

import static dev.tidegate.command.Booth.LEVEL;
import static dev.tidegate.command.Booth.SECOND;
import static dev.tidegate.command.Booth.SPEED;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.config.ActuatorConfig;
import dev.tidegate.config.ActuatorConfig.DeadMan;
import dev.tidegate.config.ActuatorConfig.Interlock;
import dev.tidegate.config.ActuatorConfig.Mode;
import dev.tidegate.config.ActuatorConfig.ReadBack;
import dev.tidegate.config.PointConfig;
import dev.tidegate.flow.Actuators.Written;
import dev.tidegate.flow.Command;
import dev.tidegate.flow.CommandResult;
import dev.tidegate.reading.Quality;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What becomes of a command that passed: device, read-back, deadlines, dead man. */
final class CommanderTest {
  private static ActuatorConfig actuator(
      @Nullable ReadBack readBack, @Nullable DeadMan deadMan, Interlock... interlocks) {
    double inf = Double.POSITIVE_INFINITY;
    return new ActuatorConfig(
        SPEED,
        0,
        3_000,
        inf,
        inf,
        0,
        0,
        List.of(),
        Mode.REMOTE,
        30 * SECOND,
        readBack,
        List.of(interlocks),
        deadMan);
  }

  private static final ReadBack BACK = new ReadBack(SPEED, 10, 5 * SECOND);

  private static String last(Booth booth) {
    CommandResult r = booth.results.getLast();
    return r.id() + " " + r.outcome().word() + " " + r.reason().word();
  }

  /** Without it a device could act on a command that a power cut makes the gateway forget. */
  @Test
  void theDeviceIsTouchedOnlyAfterTheStartIsStored() {
    Booth booth = new Booth(actuator(null, null));
    booth.disk = false;
    booth.send(booth.write("c", 100));
    assertEquals("c started none", last(booth));
    assertEquals(List.of(), booth.written);
    booth.pass(Commander.WRITE_WITHIN_NANOS);
    assertEquals("c failed not-in-time", last(booth));
    assertEquals(List.of(), booth.written);
  }

  @Test
  void aReadBackWithinTheToleranceConfirms() {
    Booth booth = new Booth(actuator(BACK, null));
    booth.send(booth.write("c", 100));
    assertEquals("c started none", last(booth));
    booth.show(SPEED, 50);
    booth.show(SPEED, 95, Quality.BAD_SENSOR);
    assertEquals("c started none", last(booth));
    booth.show(SPEED, 91);
    assertEquals("c done none", last(booth));
    assertEquals(91, booth.results.getLast().readBack());
  }

  @Test
  void aPlantThatDoesNotFollowIsReported() {
    Booth booth = new Booth(actuator(BACK, null));
    booth.send(booth.write("c", 100));
    booth.show(SPEED, 50);
    booth.pass(5 * SECOND);
    assertEquals("c failed read-back", last(booth));
    assertEquals(50, booth.results.getLast().readBack());
  }

  @Test
  void aDeviceThatSaysNoIsAFailureAndAnUnsureOneIsUnknown() {
    Booth booth = new Booth(actuator(null, null));
    booth.answer = new Written(Written.Kind.NOT_TAKEN, "no such register");
    booth.send(booth.write("a", 100));
    assertEquals("a failed device", last(booth));
    booth.answer = new Written(Written.Kind.UNSURE, "time-out");
    booth.send(booth.write("b", 100));
    assertEquals("b unknown device", last(booth));
  }

  /** A device that timed out may have acted: what the plant shows decides. */
  @Test
  void anUnsureWriteIsDecidedByTheReadBack() {
    Booth booth = new Booth(actuator(BACK, null));
    booth.answer = new Written(Written.Kind.UNSURE, "time-out");
    booth.send(booth.write("a", 100));
    booth.show(SPEED, 100);
    assertEquals("a done none", last(booth));
    booth.send(booth.write("b", 500));
    booth.pass(5 * SECOND);
    assertEquals("b unknown read-back", last(booth));
  }

  @Test
  void aDriverThatNeverAnswersLeavesItUnknownAndLetsTheNextOnePass() {
    Booth booth = new Booth(actuator(null, null));
    booth.answer = null;
    booth.send(booth.write("a", 100));
    booth.pass(Commander.WRITE_WITHIN_NANOS + Commander.ANSWER_WITHIN_NANOS);
    assertEquals("a unknown not-in-time", last(booth));
    booth.unanswered.remove().accept(new Written(Written.Kind.TAKEN, "")); // too late to count
    booth.work();
    assertEquals("a unknown not-in-time", last(booth));
    booth.answer = new Written(Written.Kind.TAKEN, "");
    booth.send(booth.write("b", 100));
    assertEquals("b done none", last(booth));
  }

  @Test
  void aNewerWriteNeedNotWaitForTheReadBackOfTheOlder() {
    Booth booth = new Booth(actuator(BACK, null));
    booth.send(booth.write("a", 100));
    booth.send(booth.write("b", 200));
    assertEquals(
        List.of("a started", "a unknown", "b started"),
        booth.results.stream().map(r -> r.id() + " " + r.outcome().word()).toList());
    booth.show(SPEED, 200);
    assertEquals("b done none", last(booth));
  }

  /** Without it a pump would run on for ever when the cloud that steers it is gone. */
  @Test
  void silenceOfTheLinkBringsTheSafeValueOnce() {
    Booth booth = new Booth(actuator(null, new DeadMan(0, 60 * SECOND, null, 0)));
    booth.show(SPEED, 0);
    booth.send(booth.write("a", 100));
    booth.show(SPEED, 100);
    booth.linkSilentNanos = 60 * SECOND;
    booth.pass(SECOND);
    assertEquals(List.of(100.0), booth.written); // not yet: exactly the time is not more
    booth.linkSilentNanos = 61 * SECOND;
    booth.pass(SECOND);
    assertEquals(List.of(100.0, 0.0), booth.written);
    assertTrue(last(booth).startsWith("safety/"), last(booth));
    assertTrue(booth.faults.open().stream().anyMatch(f -> f.what().startsWith("safe-value")));
    booth.show(SPEED, 0);
    booth.pass(60 * SECOND);
    assertEquals(2, booth.written.size());
    booth.linkSilentNanos = 0;
    booth.send(booth.write("b", 50));
    assertEquals("b done none", last(booth));
    assertEquals(List.of(), booth.faults.open());
  }

  @Test
  void aBadOrSilentSensorBringsTheSafeValueAndBlocksWhatIsNotSafe() {
    Booth booth = new Booth(actuator(null, new DeadMan(0, PointConfig.NEVER, LEVEL, 10 * SECOND)));
    booth.show(LEVEL, 1);
    booth.send(booth.write("a", 100));
    booth.pass(6 * SECOND);
    booth.show(LEVEL, 1, Quality.BAD_SENSOR);
    booth.pass(5 * SECOND);
    assertEquals(List.of(100.0, 0.0), booth.written);
    booth.send(booth.write("b", 100));
    assertEquals("b refused interlock", last(booth));
    booth.show(LEVEL, 1);
    booth.send(booth.write("c", 100));
    assertEquals("c done none", last(booth));
  }

  @Test
  void anInterlockThatTripsTakesThePlantBack() {
    Interlock full = new Interlock(LEVEL, 2.2, -9, 0.1, SECOND, 10 * SECOND, true);
    Booth booth = new Booth(actuator(BACK, new DeadMan(0, PointConfig.NEVER, null, 0), full));
    for (int second = 0; second < 12; second++) { // a gateway that has just started is patient
      booth.show(LEVEL, 1);
      booth.pass(SECOND);
    }
    assertEquals(List.of(), booth.written);
    booth.show(LEVEL, 1);
    booth.send(booth.write("a", 100));
    booth.show(LEVEL, 2.3);
    booth.pass(SECOND);
    assertEquals(List.of(100.0, 0.0), booth.written);
    assertEquals(
        List.of("started", "unknown", "started"), // a was taken, and gives way to the safe value
        booth.results.stream().map(r -> r.outcome().word()).toList());
  }

  /** Without it a valve that someone opened by hand would stay open when the cloud is gone. */
  @Test
  void whatWasReadBeforeAWriteOrAgainstItIsNotTakenForSafe() {
    DeadMan deadMan = new DeadMan(0, 60 * SECOND, null, 0);
    Booth moved = new Booth(actuator(null, deadMan));
    moved.send(moved.write("a", 0));
    moved.show(SPEED, 1_800); // by hand
    moved.linkSilentNanos = 61 * SECOND;
    moved.pass(SECOND);
    assertEquals(List.of(0.0, 0.0), moved.written);

    Booth blind = new Booth(actuator(null, deadMan));
    blind.show(SPEED, 0);
    blind.send(blind.write("a", 1_800)); // and no reading follows
    blind.linkSilentNanos = 61 * SECOND;
    blind.pass(SECOND);
    assertEquals(List.of(1_800.0, 0.0), blind.written);

    Booth late = new Booth(actuator(null, deadMan));
    late.send(late.write("a", 0));
    late.answer = null;
    late.send(late.write("b", 1_800));
    late.pass(Commander.WRITE_WITHIN_NANOS + Commander.ANSWER_WITHIN_NANOS);
    late.linkSilentNanos = 61 * SECOND;
    late.pass(SECOND);
    assertEquals(List.of(0.0, 1_800.0, 0.0), late.written);

    Booth noisy = new Booth(actuator(null, deadMan));
    noisy.send(noisy.write("a", 0));
    noisy.show(SPEED, 0.4); // the control: noise is no movement
    noisy.linkSilentNanos = 61 * SECOND;
    noisy.pass(SECOND);
    assertEquals(List.of(0.0), noisy.written);

    Booth started = new Booth(actuator(null, deadMan));
    started.show(SPEED, 0.4); // but nobody knows whether it is noise that was never written
    started.linkSilentNanos = 61 * SECOND;
    started.pass(SECOND);
    assertEquals(List.of(0.0), started.written);
  }

  private static Command desired(Booth booth, String id, double value) {
    Command c = booth.write(id, value);
    return new Command(
        id,
        c.action(),
        c.subject(),
        c.value(),
        "",
        Command.Origin.DESIRED,
        Command.NOT_SAID,
        Command.NOT_SAID);
  }

  /** Without it a slider that is moved quickly would end where it began. */
  @Test
  void theNewestDesiredValueIsWrittenOnceTheOneBeforeIs() {
    Booth booth = new Booth(actuator(null, null));
    booth.answer = null;
    booth.send(desired(booth, "a", 10));
    booth.send(desired(booth, "b", 20));
    booth.send(desired(booth, "c", 30));
    assertEquals("b refused outdated", last(booth));
    booth.send(booth.write("d", 40));
    assertEquals("d refused busy", last(booth)); // a command is not a level
    booth.answer = new Written(Written.Kind.TAKEN, "");
    booth.unanswered.remove().accept(new Written(Written.Kind.TAKEN, ""));
    booth.work();
    assertEquals(List.of(10.0, 30.0), booth.written);
    assertEquals("c done none", last(booth));
  }

  /** Without it a desired value would be taken for what a reading showed before the last write. */
  @Test
  void whatIsInForceIsWhatWasWrittenLast() {
    Booth booth = new Booth(actuator(null, null));
    booth.show(SPEED, 50);
    booth.send(booth.write("a", 40));
    booth.send(desired(booth, "b", 50));
    assertEquals(List.of(40.0, 50.0), booth.written);
    assertEquals("b done none", last(booth));
    booth.send(desired(booth, "c", 50));
    assertEquals(List.of(40.0, 50.0), booth.written);
  }

  /** Without it a plant would be shut down by what was over before it held. */
  @Test
  void anInterlockTripsWhereItHoldsAndFromTheFirstValueOn() {
    DeadMan deadMan = new DeadMan(0, PointConfig.NEVER, null, 0);
    Interlock brief = new Interlock(LEVEL, 90, -9, 5, 10 * SECOND, 60 * SECOND, true);
    Booth booth = new Booth(actuator(null, deadMan, brief));
    booth.show(SPEED, 100);
    booth.show(LEVEL, 91);
    booth.pass(SECOND);
    booth.show(LEVEL, 87); // back within, though not by the hysteresis
    booth.pass(20 * SECOND);
    assertEquals(List.of(), booth.written);
    booth.show(LEVEL, 91);
    booth.pass(10 * SECOND);
    assertEquals(List.of(0.0), booth.written);

    Interlock slow = new Interlock(LEVEL, 90, -9, 0, 0, 3_600 * SECOND, true);
    Booth started = new Booth(actuator(null, deadMan, slow));
    started.show(SPEED, 100);
    started.pass(SECOND);
    assertEquals(List.of(), started.written); // no value yet: a start is patient
    started.show(LEVEL, 99);
    started.pass(SECOND);
    assertEquals(List.of(0.0), started.written);
  }

  /** A safe value that does not reach the device is tried again, not once and forgotten. */
  @Test
  void aSafeValueThatFailsIsTriedAgain() {
    Booth booth = new Booth(actuator(null, new DeadMan(0, 60 * SECOND, null, 0)));
    booth.show(SPEED, 100);
    booth.answer = new Written(Written.Kind.NOT_TAKEN, "bus down");
    booth.linkSilentNanos = 61 * SECOND;
    booth.pass(SECOND);
    booth.pass(SECOND);
    assertEquals(1, booth.written.size());
    booth.pass(Commander.SAFETY_PAUSE_NANOS);
    assertEquals(2, booth.written.size());
  }
}
