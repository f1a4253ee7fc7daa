package dev.tidegate.command;

import static dev.tidegate.command.Booth.LEVEL;
import static dev.tidegate.command.Booth.SECOND;
import static dev.tidegate.command.Booth.SPEED;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.config.ActuatorConfig;
import dev.tidegate.config.ActuatorConfig.DeadMan;
import dev.tidegate.config.ActuatorConfig.Interlock;
import dev.tidegate.config.ActuatorConfig.Mode;
import dev.tidegate.flow.Actuators.Written;
import dev.tidegate.flow.Inbox.Received;
import dev.tidegate.reading.Quality;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A desired value is a level: what passes by itself makes it wait, and does not refuse it. */
final class DesiredTest {
  private static final Written NOT_OPEN = new Written(Written.Kind.NOT_REACHED, "not open");

  private static Booth booth(double maxStep, Interlock... interlocks) {
    return new Booth(
        new ActuatorConfig(
            SPEED,
            0,
            3_000,
            maxStep,
            Double.POSITIVE_INFINITY,
            0,
            0,
            List.of(),
            Mode.REMOTE,
            30 * SECOND,
            null,
            List.of(interlocks),
            new DeadMan(0, 60 * SECOND, null, 0)));
  }

  private static Booth guarded() {
    Interlock full = new Interlock(LEVEL, 2.2, -9, 0.1, 0, 10 * SECOND, false);
    return booth(Double.POSITIVE_INFINITY, full);
  }

  /** Without it, what is desired when the power comes back would be refused for ever. */
  @Test
  void itWaitsForASensorThatHasNotSpokenYet() {
    Booth booth = guarded();
    booth.commander.take(new Received(booth.desired("d", 100), 0, false));
    for (int second = 0; second < 100; second++) {
      booth.show(SPEED, 0);
      booth.pass(SECOND);
    }
    assertEquals(List.of(), booth.said());
    assertTrue(booth.hasFault("desired-waits-pump/speed"), "nobody would know why");
    assertEquals(1, booth.faults.open().getFirst().count(), "said once, and not each second");
    booth.show(LEVEL, 1, Quality.GOOD, 3_600 * SECOND);
    assertEquals(List.of(), booth.said(), "what was an hour ago is no word of now");
    booth.show(LEVEL, 1);
    assertEquals(List.of("d started none", "d done none"), booth.said());
    assertFalse(booth.hasFault("desired-waits"), "it is over");
  }

  /** A real interlock refuses it: nothing moves by itself when that lets go. */
  @Test
  void anInterlockThatIsClosedRefusesIt() {
    Booth booth = guarded();
    booth.show(LEVEL, 3);
    booth.send(booth.desired("d", 100));
    booth.show(LEVEL, 1);
    booth.pass(100 * SECOND);
    assertEquals(List.of("d refused interlock"), booth.said());
  }

  /** And so does one whose sensor's first word is that it is closed. */
  @Test
  void aFirstValueThatIsBeyondRefusesIt() {
    Booth booth = guarded();
    booth.commander.take(new Received(booth.desired("d", 100), 0, false));
    booth.show(LEVEL, 3);
    booth.show(LEVEL, 1);
    assertEquals(List.of("d refused interlock"), booth.said());
  }

  @Test
  void itWaitsForAFirstValueFromWhichAStepIsMeasured() {
    Booth booth = booth(150);
    booth.commander.take(new Received(booth.desired("d", 100), 0, false));
    assertEquals(List.of(), booth.said());
    booth.show(SPEED, 20);
    assertEquals("d done none", booth.said().getLast());
  }

  /** Without it, a controller that starts more slowly than the gateway would not get its value. */
  @Test
  void itIsTriedAgainWhileItsDeviceIsNotReached() {
    Booth booth = guarded();
    booth.show(LEVEL, 1);
    booth.answer = NOT_OPEN;
    booth.send(booth.desired("d", 100));
    assertTrue(booth.hasFault("desired-waits"), "nobody would know why");
    booth.written.clear();
    for (int second = 0; second < 100; second++) {
      booth.show(LEVEL, 1);
      booth.pass(SECOND);
    }
    assertEquals(3, booth.written.size(), "after 10, 30 and 70 s");
    booth.answer = new Written(Written.Kind.TAKEN, "");
    for (int second = 0; second < 60; second++) {
      booth.show(LEVEL, 1);
      booth.pass(SECOND);
    }
    assertEquals("d done none", booth.said().getLast());
    assertEquals(1, booth.said().stream().filter(r -> !r.contains("started")).count());
    assertFalse(booth.hasFault("desired-waits"), "it is over");
  }

  /** What is no level is told at once that its device was not reached. */
  @Test
  void aCommandDoesNotWait() {
    Booth booth = guarded();
    booth.send(booth.write("a", 100));
    booth.show(LEVEL, 1);
    booth.answer = NOT_OPEN;
    booth.send(booth.write("b", 100));
    booth.pass(60 * SECOND);
    assertEquals(List.of("a refused interlock", "b started none", "b failed device"), booth.said());
  }

  @Test
  void theNextDesiredValueTakesItsPlace() {
    Booth booth = guarded();
    booth.commander.take(new Received(booth.desired("d", 100), 0, false));
    booth.send(booth.desired("e", 200));
    assertEquals(List.of("d refused outdated"), booth.said());
    booth.show(LEVEL, 1);
    assertEquals("e done none", booth.said().getLast());
    assertEquals(List.of(200.0), booth.written);
  }

  /** Without it, an old wish would undo what was commanded since. */
  @Test
  void aCommandThatIsCarriedOutEndsItsWaiting() {
    Booth booth = guarded();
    booth.commander.take(new Received(booth.desired("d", 100), 0, false));
    booth.send(booth.write("a", 0)); // safe, and so let through
    booth.show(LEVEL, 1);
    booth.pass(10 * SECOND);
    assertEquals(List.of(0.0), booth.written);
    assertTrue(booth.said().contains("d refused outdated"), () -> "said: " + booth.said());
  }

  /** Without it, a wish that waits would start a pump that the dead man had stopped. */
  @Test
  void theDeadManEndsItsWaiting() {
    Booth booth = guarded();
    booth.show(SPEED, 0);
    booth.commander.take(new Received(booth.desired("d", 100), 0, false));
    booth.linkSilentNanos = 61 * SECOND;
    booth.pass(SECOND);
    booth.linkSilentNanos = 0;
    booth.show(LEVEL, 1);
    assertEquals(List.of(), booth.written);
    assertEquals(List.of("d refused interlock"), booth.said());
  }

  /** And so does its writing: what waits for its device must not follow the safe value. */
  @Test
  void theSafeValueTakesItsPlace() {
    Booth booth = guarded();
    booth.show(LEVEL, 1);
    booth.send(booth.write("a", 100));
    booth.answer = NOT_OPEN;
    booth.send(booth.desired("d", 200));
    booth.written.clear();
    booth.answer = new Written(Written.Kind.TAKEN, "");
    booth.linkSilentNanos = 61 * SECOND;
    booth.pass(SECOND);
    booth.linkSilentNanos = 0;
    booth.show(LEVEL, 1);
    booth.pass(9 * SECOND);
    assertEquals(List.of(0.0), booth.written);
    assertEquals(1, booth.said().stream().filter("d refused interlock"::equals).count());
  }

  /** Without it, the next start would call unknown what did not happen. */
  @Test
  void whatWaitsForItsDeviceWhenTheGatewayStopsHasFailed() {
    Booth booth = guarded();
    booth.show(LEVEL, 1);
    booth.answer = NOT_OPEN;
    booth.send(booth.desired("d", 100));
    booth.commander.close();
    assertEquals("d failed device", booth.said().getLast());
  }

  /** What has not been begun stays in the inbox, and is judged at the next start. */
  @Test
  void whatWasNotBegunIsLeftToTheNextStart() {
    Booth booth = guarded();
    booth.commander.take(new Received(booth.desired("d", 100), 0, false));
    booth.commander.close();
    assertEquals(List.of(), booth.said());
  }

  /** Without it, a command that came to nothing would have taken its place. */
  @Test
  void aCommandThatDoesNotReachItsDeviceLeavesItWaiting() {
    Booth booth = guarded();
    booth.show(LEVEL, 1);
    booth.answer = NOT_OPEN;
    booth.send(booth.desired("d", 100));
    booth.send(booth.write("c", 50));
    assertEquals("c failed device", booth.said().getLast());
    booth.answer = new Written(Written.Kind.TAKEN, "");
    booth.pass(10 * SECOND);
    assertEquals("d done none", booth.said().getLast());
  }

  /** Without it, one that comes while another is written would be lost with its end. */
  @Test
  void oneThatCameAfterACommandFollowsIt() {
    Booth booth = guarded();
    booth.show(LEVEL, 1);
    booth.isBusy = true;
    booth.send(booth.write("c", 50));
    booth.send(booth.desired("d", 100));
    booth.serve();
    assertEquals(List.of(50.0, 100.0), booth.written);
    assertEquals("d done none", booth.said().getLast());
  }

  /** Without it, a compressor would not come back after a start of the gateway. */
  @Test
  void itWaitsOutTheTimesThatCountFromTheStart() {
    Booth booth =
        new Booth(
            new ActuatorConfig(
                SPEED,
                0,
                3_000,
                Double.POSITIVE_INFINITY,
                10,
                0,
                60 * SECOND,
                List.of(),
                Mode.REMOTE,
                30 * SECOND,
                null,
                List.of(),
                null));
    booth.show(SPEED, 0);
    booth.commander.take(new Received(booth.desired("d", 100), 0, false));
    booth.send(booth.write("c", 100));
    assertTrue(booth.said().getLast().startsWith("c refused"), "a command does not wait");
    for (int second = 0; second < 59; second++) {
      booth.pass(SECOND);
    }
    assertEquals(List.of(), booth.written);
    assertEquals(2, booth.faults.open().getFirst().count(), "the rate, then min-off");
    booth.pass(SECOND);
    assertEquals(List.of(100.0), booth.written);
    booth.show(SPEED, 100);
    booth.pass(SECOND);
    booth.send(booth.desired("e", 500));
    assertEquals("e refused slew-rate", booth.said().getLast(), "too fast is too fast");
  }
}
