package dev.tidegate.command;

import static dev.tidegate.command.Booth.LEVEL;
import static dev.tidegate.command.Booth.SECOND;
import static dev.tidegate.command.Booth.SPEED;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tidegate.config.ActuatorConfig;
import dev.tidegate.config.ActuatorConfig.DeadMan;
import dev.tidegate.config.ActuatorConfig.Interlock;
import dev.tidegate.config.ActuatorConfig.Mode;
import dev.tidegate.config.ActuatorConfig.ReadBack;
import dev.tidegate.config.PointConfig;
import dev.tidegate.flow.Actuators.Written;
import dev.tidegate.flow.Inbox.Received;
import dev.tidegate.reading.Quality;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What happens to a write between its verdict and its device, when the plant changes meanwhile, and
 * which samples speak of the plant as it is.
 */
final class TakenBackTest {
  private static final DeadMan DEAD_MAN = new DeadMan(0, PointConfig.NEVER, null, 0);

  private static Booth booth(boolean trip, @Nullable ReadBack readBack) {
    double inf = Double.POSITIVE_INFINITY;
    Interlock full = new Interlock(LEVEL, 2.2, -9, 0.1, 0, 10 * SECOND, trip);
    Booth booth =
        new Booth(
            new ActuatorConfig(
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
                List.of(full),
                DEAD_MAN));
    booth.show(LEVEL, 1);
    booth.show(SPEED, 0);
    return booth;
  }

  /** Without it, a stalled disk or bus would carry out what is not safe any more. */
  @Test
  void whatHasNotReachedItsDeviceIsTakenBackWhenAnInterlockCloses() {
    Booth booth = booth(false, null);
    booth.isBusy = true;
    booth.send(booth.write("a", 100));
    booth.show(LEVEL, 2.3);
    booth.serve();
    assertEquals(List.of(), booth.written);
    assertEquals(List.of("a started none", "a refused interlock"), booth.said());
  }

  /** The control: nothing is taken back from a plant that is as it was. */
  @Test
  void whatIsStillAllowedIsWritten() {
    Booth booth = booth(false, null);
    booth.isBusy = true;
    booth.send(booth.write("a", 100));
    booth.show(LEVEL, 2.1);
    booth.serve();
    assertEquals(List.of(100.0), booth.written);
    assertEquals(List.of("a started none", "a done none"), booth.said());
  }

  /** Without it, a sensor that falls silent would let through what was judged while it spoke. */
  @Test
  void soIsWhatWaitsWhenTheSensorFallsSilent() {
    Booth booth = booth(false, null);
    booth.pass(8 * SECOND);
    booth.isBusy = true;
    booth.send(booth.write("a", 100));
    booth.pass(3 * SECOND);
    booth.serve();
    assertEquals(List.of(), booth.written);
  }

  /** The safe value passes whatever the plant does. */
  @Test
  void theSafeValueIsNotTakenBack() {
    Booth booth = booth(false, null);
    booth.send(booth.write("a", 100));
    booth.isBusy = true;
    booth.send(booth.write("b", 0));
    booth.show(LEVEL, 2.3);
    booth.serve();
    assertEquals(List.of(100.0, 0.0), booth.written);
  }

  /** Without it, a trip would see the safe value in force, and the device move a moment later. */
  @Test
  void aTripFollowsAWriteThatItsDeviceHasNotAnsweredYet() {
    Booth booth = booth(true, null);
    booth.answer = null;
    booth.send(booth.write("a", 100));
    booth.answer = new Written(Written.Kind.TAKEN, "");
    booth.show(LEVEL, 2.3);
    booth.pass(SECOND);
    assertEquals(List.of(100.0, 0.0), booth.written);
    assertEquals("a unknown not-in-time", booth.said().get(1));
  }

  /** Without it, a slow plant that still shows the safe value would run on. */
  @Test
  void aTripFollowsAWriteThatThePlantDoesNotShowYet() {
    Booth booth = booth(true, new ReadBack(SPEED, 10, 30 * SECOND));
    booth.send(booth.write("a", 100));
    booth.show(SPEED, 0);
    booth.show(LEVEL, 2.3);
    booth.pass(SECOND);
    assertEquals(List.of(100.0, 0.0), booth.written);
  }

  /** Without it, a frozen transmitter would count as a plant that is well. */
  @Test
  void aValueThatIsStuckOrLateBlocks() {
    for (Quality quality : List.of(Quality.UNCERTAIN_STUCK, Quality.UNCERTAIN_LATE)) {
      Booth booth = booth(false, null);
      booth.show(LEVEL, 1, quality);
      booth.send(booth.write("a", 100));
      assertEquals(List.of("a refused interlock"), booth.said(), quality.name());
      booth.show(LEVEL, 1);
      booth.send(booth.write("b", 100));
      assertEquals("b done none", booth.said().getLast());
    }
  }

  /**
   * Without it, an hour of stored values would refresh an interlock, and run it through history.
   */
  @Test
  void whatASourceSawLongAgoSaysNothingOfNow() {
    Booth booth = booth(false, null);
    booth.pass(9 * SECOND);
    booth.show(LEVEL, 1, Quality.GOOD, 3_600 * SECOND);
    booth.show(LEVEL, 9, Quality.GOOD, 9 * SECOND + 1); // before what is known
    booth.send(booth.write("a", 100));
    assertEquals("a done none", booth.said().getLast());
    booth.pass(2 * SECOND);
    booth.show(LEVEL, 1, Quality.GOOD, 11 * SECOND);
    booth.send(booth.write("b", 200));
    assertEquals("b refused interlock", booth.said().getLast());
    booth.show(LEVEL, 1, Quality.GOOD, 9 * SECOND);
    booth.send(booth.write("c", 200));
    assertEquals("c done none", booth.said().getLast());
    booth.pass(2 * SECOND);
    booth.send(booth.write("d", 300));
    assertEquals("d refused interlock", booth.said().getLast());
  }

  /** Without it, what was read before a write could pass for its effect. */
  @Test
  void whatWasReadBeforeAWriteDoesNotShowWhatIsInForce() {
    Booth booth = booth(true, null);
    booth.pass(5 * SECOND);
    booth.show(LEVEL, 1);
    booth.send(booth.write("a", 100));
    booth.show(SPEED, 0, Quality.GOOD, SECOND);
    booth.show(LEVEL, 2.3);
    booth.pass(SECOND);
    assertEquals(List.of(100.0, 0.0), booth.written, "the safe value was not in force");
  }

  /** Without it, a second emergency within ten seconds would find nobody. */
  @Test
  void aSecondTripIsFollowedAtOnce() {
    Booth booth = booth(true, null);
    booth.send(booth.write("a", 100));
    booth.show(LEVEL, 2.3);
    booth.pass(SECOND);
    booth.show(LEVEL, 1);
    booth.send(booth.write("b", 200));
    booth.show(LEVEL, 2.3);
    booth.pass(SECOND);
    assertEquals(List.of(100.0, 0.0, 200.0, 0.0), booth.written);
  }

  /** And so would a write that is on its way again. */
  @Test
  void aTripFollowsAWriteUnderWayAlsoSoonAfterAnother() {
    Booth booth = booth(true, null);
    booth.send(booth.write("a", 100));
    booth.show(LEVEL, 2.3);
    booth.pass(SECOND);
    booth.show(LEVEL, 1);
    booth.answer = null;
    booth.send(booth.write("b", 200));
    booth.answer = new Written(Written.Kind.TAKEN, "");
    booth.show(LEVEL, 2.3);
    booth.pass(SECOND);
    assertEquals(List.of(100.0, 0.0, 200.0, 0.0), booth.written);
  }

  /** The control: a safe value that does not hold is tried again, and not without a pause. */
  @Test
  void aSafeValueThatIsNotTakenIsTriedAgainAfterAPause() {
    Booth booth = booth(true, null);
    booth.send(booth.write("a", 100));
    booth.answer = new Written(Written.Kind.NOT_TAKEN, "no");
    booth.show(LEVEL, 2.3);
    for (int second = 0; second < 25; second++) {
      booth.show(LEVEL, 2.3);
      booth.pass(SECOND);
    }
    assertEquals(List.of(100.0, 0.0, 0.0, 0.0), booth.written);
  }

  /** Without it, what was seen an hour ago would pass for safe. */
  @Test
  void anActuatorThatIsNotSeenAnyMoreIsMadeSafe() {
    for (boolean isBad : List.of(true, false)) {
      Booth booth = booth(true, null);
      if (isBad) {
        booth.show(SPEED, 0, Quality.BAD_COMMUNICATION);
      } else {
        booth.pass(11 * SECOND);
      }
      booth.show(LEVEL, 2.3);
      booth.pass(SECOND);
      assertEquals(List.of(0.0), booth.written);
    }
    Booth booth = booth(true, null); // the control
    booth.show(LEVEL, 2.3);
    booth.pass(SECOND);
    assertEquals(List.of(), booth.written, "it was seen at its safe value just now");
  }

  /** Without it, a pipeline that is behind after a stall would make its safe values too late. */
  @Test
  void aSafeValueIsNeverTooLate() {
    Booth booth = booth(true, null);
    booth.send(booth.write("a", 100));
    booth.show(LEVEL, 2.3);
    long seen = booth.clock.monotonicNanos();
    booth.isBusy = true;
    booth.clock.advance(8 * SECOND);
    booth.commander.advance(seen); // it only comes to this now
    booth.pass(60 * SECOND);
    booth.show(LEVEL, 2.3);
    assertEquals(List.of(100.0), booth.written);
    booth.serve();
    assertEquals(List.of(100.0, 0.0), booth.written, "once");
  }

  /** Without it, a small value that was commanded would pass for noise of the safe one. */
  @Test
  void aSmallValueIsNotSafe() {
    Booth booth = booth(true, null);
    booth.send(booth.write("a", 30));
    booth.show(SPEED, 30);
    booth.show(LEVEL, 2.3);
    booth.pass(SECOND);
    assertEquals(List.of(30.0, 0.0), booth.written);
  }

  /** Without it, what was read before a write would confirm it. */
  @Test
  void aReadBackIsOfAfterTheWrite() {
    Booth booth = booth(false, new ReadBack(SPEED, 10, 5 * SECOND));
    booth.pass(5 * SECOND);
    booth.show(LEVEL, 1);
    booth.send(booth.write("a", 100));
    booth.show(SPEED, 100, Quality.GOOD, SECOND);
    assertEquals(List.of("a started none"), booth.said());
    booth.show(SPEED, 100);
    assertEquals("a done none", booth.said().getLast());
  }

  /** Without it, a device that boots more slowly than the gateway would trip its actuators. */
  @Test
  void aSensorThatIsNotReachedYetHasNotSpoken() {
    Interlock full = new Interlock(LEVEL, 2.2, -9, 0.1, 0, 10 * SECOND, true);
    double inf = Double.POSITIVE_INFINITY;
    Booth booth =
        new Booth(
            new ActuatorConfig(
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
                null,
                List.of(full),
                DEAD_MAN));
    booth.show(LEVEL, 1, Quality.BAD_COMMUNICATION);
    booth.send(booth.write("b", 100));
    assertEquals("b refused interlock", booth.said().getLast());
    booth.commander.take(new Received(booth.desired("d", 100), 0, false));
    booth.pass(5 * SECOND);
    assertEquals(List.of(), booth.written, "neither safe nor desired");
    booth.show(LEVEL, 1);
    assertEquals(List.of(100.0), booth.written);
  }
}
