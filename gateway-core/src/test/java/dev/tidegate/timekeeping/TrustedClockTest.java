package dev.tidegate.timekeeping;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.time.TimeQuality;
import dev.tidegate.timekeeping.TrustedClock.Correction;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which wall time is believed, and what is set right afterwards. */
class TrustedClockTest {
  private static final long SECOND = 1_000_000_000L;
  private static final long HOUR = 3_600 * SECOND;
  private static final long YEAR = 8_766 * HOUR;
  private static final long NOW = TrustedClock.BUILT_NANOS + 100 * 24 * HOUR;

  @TempDir Path folder;
  private final Fake machine = new Fake();
  private Path file = Path.of("");

  /** A machine whose clocks the test sets. */
  private static final class Fake implements WallSource {
    long kernel = 12 * SECOND;
    long ahead = NOW - 12 * SECOND;
    boolean synchronised;
    String boot = "k1";

    @Override
    public long wallNanos() {
      return kernel + ahead;
    }

    @Override
    public long kernelNanos() {
      return kernel;
    }

    @Override
    public KernelClock.State state() {
      return new KernelClock.State(synchronised, 500);
    }

    @Override
    public String kernelBootId() {
      return boot;
    }
  }

  @BeforeEach
  void name() {
    file = folder.resolve("clock.state");
  }

  private TrustedClock start(String bootId) {
    return new TrustedClock(machine, bootId, file);
  }

  private List<Correction> run(TrustedClock clock, int seconds) {
    List<Correction> all = new ArrayList<>();
    for (int i = 0; i < seconds; i++) {
      machine.kernel += SECOND;
      all.addAll(clock.observe());
    }
    return all;
  }

  // Without it a gateway without a battery would stamp a week of records with 1970, for ever.
  @Test
  void aBootIn1970IsSetRightOnceTheClockIsSynchronised() {
    machine.ahead = -12 * SECOND; // 1970-01-01T00:00
    TrustedClock clock = start("b1");
    assertEquals(TimeQuality.IMPLAUSIBLE, clock.quality());
    assertTrue(clock.wallNanos() >= TrustedClock.BUILT_NANOS, "the floor is the better guess");
    long timeline = clock.monotonicNanos();
    assertEquals(List.of(), run(clock, 100));
    assertEquals(timeline + 100 * SECOND, clock.monotonicNanos());
    machine.ahead = NOW;
    machine.synchronised = true;
    List<Correction> corrections = run(clock, 1);
    assertEquals(
        List.of(
            new Correction(
                "b1", machine.wallNanos() - clock.monotonicNanos(), TimeQuality.SYNCHRONISED)),
        corrections);
    assertEquals(machine.wallNanos(), clock.wallNanos());
    assertEquals(timeline + 101 * SECOND, clock.monotonicNanos(), "no timer has moved");
  }

  // Without it what was recorded before a restart would keep its wrong times.
  @Test
  void earlierRunsOfTheSameKernelBootAreSetRightToo() {
    machine.ahead = 0;
    TrustedClock first = start("b1");
    run(first, 10);
    long firstAhead = first.monotonicNanos() - machine.kernel;
    machine.kernel += 50 * SECOND;
    machine.ahead += 7 * SECOND; // somebody has set it, still wrong
    TrustedClock second = start("b2");
    run(second, 10);
    machine.ahead = NOW;
    machine.synchronised = true;
    List<Correction> corrections = run(second, 1);
    assertEquals(2, corrections.size());
    assertEquals("b2", corrections.get(0).bootId());
    assertEquals("b1", corrections.get(1).bootId());
    assertEquals(
        machine.wallNanos(),
        machine.kernel + firstAhead + corrections.get(1).wallOffsetNanos(),
        "the first run's timeline, set right, shows the same time");
    assertEquals(List.of(), run(second, 10), "said once");

    machine.boot = "k2"; // after a power cut nothing is known of the timelines before
    machine.kernel = SECOND;
    machine.ahead = 0;
    machine.synchronised = false;
    TrustedClock third = start("b3");
    assertEquals(TimeQuality.IMPLAUSIBLE, third.quality());
    run(third, 2);
    machine.ahead = NOW + HOUR;
    machine.synchronised = true;
    assertEquals(List.of("b3"), run(third, 1).stream().map(Correction::bootId).toList());
  }

  // Without it a clock that starts before the last trusted time would be believed.
  @Test
  void theLastTrustedTimeIsAFloorAcrossStarts() {
    machine.synchronised = true;
    run(start("b1"), 5);
    machine.ahead -= 30 * 24 * HOUR; // later than the build, earlier than what was seen
    machine.synchronised = false;
    TrustedClock clock = start("b2");
    assertEquals(TimeQuality.IMPLAUSIBLE, clock.quality());
    assertTrue(clock.wallNanos() >= NOW);
    assertEquals(List.of(), run(clock, 200));
  }

  // Without it whoever sets the clock wrong would make order and ages wrong with it.
  @ParameterizedTest
  @ValueSource(longs = {10 * YEAR, -10 * YEAR, HOUR, -HOUR})
  void aJumpThatNothingVouchesForIsNotFollowedOnceTheClockWasSynchronised(long jump) {
    machine.synchronised = true;
    TrustedClock clock = start("b1");
    run(clock, 5);
    machine.synchronised = false;
    machine.ahead += jump;
    long before = clock.wallNanos();
    assertEquals(List.of(), run(clock, 500));
    assertEquals(before + 500 * SECOND, clock.wallNanos());
    assertEquals(jump, clock.status().heldNanos());
    machine.ahead -= jump;
    machine.synchronised = true;
    assertEquals(List.of(), run(clock, 5));
    assertEquals(0, clock.status().heldNanos());
    assertEquals(TimeQuality.SYNCHRONISED, clock.quality());
  }

  // Without it a true correction by the time server would be refused like a wrong one.
  @Test
  void aSynchronisedStepIsFollowedAtOnceAndAWildOneOnceItHasStood() {
    machine.synchronised = true;
    TrustedClock clock = start("b1");
    run(clock, 5);
    machine.ahead += HOUR;
    assertEquals(1, run(clock, 1).size());
    assertEquals(machine.wallNanos(), clock.wallNanos());
    machine.ahead -= HOUR / 2; // back, but not below the last trusted time that was written
    run(clock, 1);
    machine.ahead += 10 * YEAR;
    assertEquals(List.of(), run(clock, 29));
    assertEquals(1, run(clock, 3).size());
    assertEquals(machine.wallNanos(), clock.wallNanos());
  }

  // Without it every small correction of the kernel would be an event.
  @Test
  void aSlowDriftIsFollowedAndToldInStepsOf10Ms() {
    machine.synchronised = true;
    TrustedClock clock = start("b1");
    run(clock, 1);
    List<Correction> told = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      machine.ahead += 100_000; // 100 ppm
      told.addAll(run(clock, 1));
    }
    assertEquals(machine.wallNanos(), clock.wallNanos());
    assertTrue(told.size() >= 8 && told.size() <= 10, told.size() + " corrections for 100 ms");
  }

  // Without it a torn or foreign file would set the floor to anything.
  @Test
  void aStateThatDoesNotMatchItsSumCountsAsNone() throws Exception {
    machine.synchronised = true;
    TrustedClock clock = start("b1");
    run(clock, 5);
    assertEquals("", clock.problem());
    long trusted = ClockState.read(file).trustedNanos();
    assertTrue(Math.abs(machine.wallNanos() - trusted) <= 5 * SECOND, trusted + " ns");
    Files.writeString(file, Files.readString(file).replace("trusted 1", "trusted 2"));
    assertEquals(ClockState.NONE, ClockState.read(file));
    Files.writeString(file, "run\nsum 1\n");
    assertEquals(ClockState.NONE, ClockState.read(file));
  }

  // Without it a machine whose kernel says something else would never be noticed.
  @Test
  void theKernelAnswers() {
    KernelClock.State state = KernelClock.state();
    System.out.println("adjtimex: " + state);
    boolean isLinux = "Linux".equals(System.getProperty("os.name"));
    assertTrue(!isLinux || state.maxErrorNanos() >= 0, state.toString());
  }
}
