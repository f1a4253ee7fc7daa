package dev.tidegate.drivers.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Faults come when the schedule says, and noise is what it claims to be. */
class ScheduleTest {
  // Without it the demo could show one kind of fault only, or one from the first second.
  @Test
  void everyKindComesInTurnAfterAPeriodWithoutFaults() {
    Schedule schedule = Schedule.every(60, 15);
    assertEquals(List.of(), schedule.activeAt(0));
    assertEquals(List.of(), schedule.activeAt(59));
    List<Fault.Kind> seen = new ArrayList<>();
    for (int turn = 1; turn <= 7; turn++) {
      Fault fault = schedule.activeAt(turn * 60L).getFirst();
      seen.add(fault.kind());
      assertEquals(List.of(fault), schedule.activeAt(turn * 60L + 14));
      assertEquals(List.of(), schedule.activeAt(turn * 60L + 15));
      assertTrue(fault.severity() >= 0.5 && fault.severity() <= 1);
    }
    List<Fault.Kind> expected = new ArrayList<>(List.of(Fault.Kind.values()));
    expected.add(Fault.Kind.BEARING_WEAR);
    assertEquals(expected, seen);
    assertNotEquals(
        schedule.activeAt(60).getFirst().severity(), schedule.activeAt(420).getFirst().severity());
  }

  // Without it faults of a hand-made schedule could be lost where they overlap.
  @Test
  void handMadeFaultsMayOverlap() {
    Fault leak = new Fault(Fault.Kind.LEAK, 10, 20, 1);
    Fault wear = new Fault(Fault.Kind.BEARING_WEAR, 20, 20, 0.5);
    Schedule schedule = Schedule.of(List.of(leak, wear));
    assertEquals(List.of(leak), schedule.activeAt(19));
    assertEquals(List.of(leak, wear), schedule.activeAt(20));
    assertEquals(List.of(wear), schedule.activeAt(30));
    assertEquals(List.of(), schedule.activeAt(40));
    assertEquals(0.25, wear.strengthAt(30)); // bearing wear grows over all of its time
    assertEquals(1, leak.strengthAt(14)); // the others within a fifth
    assertEquals(0, leak.strengthAt(30));
  }

  // Without it a fault that never ends or has no strength would be taken.
  @Test
  void impossibleFaultsAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> Schedule.every(10, 11));
    assertThrows(IllegalArgumentException.class, () -> Schedule.every(10, 0));
    assertThrows(IllegalArgumentException.class, () -> new Fault(Fault.Kind.LEAK, -1, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> new Fault(Fault.Kind.LEAK, 0, 0, 1));
    for (double wrong : new double[] {0, 1.1, Double.NaN}) {
      assertThrows(IllegalArgumentException.class, () -> new Fault(Fault.Kind.LEAK, 0, 1, wrong));
    }
  }

  // Without it a slip in the generator would skew every sensor.
  @Test
  void noiseIsSplitMix64WithUnitSpread() {
    // the published test vector of SplitMix64 for seed 1234567
    Noise noise = new Noise(1_234_567);
    assertEquals(6_457_827_717_110_365_317L, noise.bits());
    assertEquals(3_203_168_211_198_807_973L, noise.bits());
    double sum = 0;
    double squares = 0;
    double shares = 0;
    int n = 200_000;
    for (int i = 0; i < n; i++) {
      double bell = noise.bell();
      sum += bell;
      squares += bell * bell;
      shares += noise.share();
      assertTrue(Math.abs(bell) <= 3.5);
    }
    assertEquals(0, sum / n, 0.01);
    assertEquals(1, squares / n, 0.01);
    assertEquals(0.5, shares / n, 0.005);
  }
}
