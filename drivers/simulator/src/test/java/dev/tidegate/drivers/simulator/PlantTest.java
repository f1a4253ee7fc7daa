package dev.tidegate.drivers.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.reading.Quality;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The plant is deterministic, and its physics and faults show as they should. */
class PlantTest {
  private static final long SECOND = 1_000_000_000L;

  private static List<Double> values(Plant plant) {
    List<Double> values = new ArrayList<>();
    for (Channel channel : Channel.values()) {
      values.add(plant.value(channel));
    }
    return values;
  }

  /** The mean of a channel over so many seconds from now, ten values a second. */
  private static double mean(Plant plant, Channel channel, int seconds) {
    double sum = 0;
    for (int i = 0; i < seconds * 10; i++) {
      plant.advanceTo(plant.simNanos() + Plant.STEP_NANOS);
      sum += plant.value(channel);
    }
    return sum / (seconds * 10);
  }

  private static Plant with(Fault.Kind kind) {
    return new Plant(5, List.of(new Fault(kind, 30 * SECOND, 40 * SECOND, 1)));
  }

  // Without it the models, the golden files and two machines would disagree.
  @Test
  void sameSeedGivesTheSameBitsHoweverTimeIsCut() {
    Schedule schedule = Schedule.every(60 * SECOND, 15 * SECOND);
    Plant once = new Plant(3, schedule);
    Plant often = new Plant(3, schedule);
    once.advanceTo(1_000 * SECOND);
    for (long nanos = 0; nanos <= 1_000 * SECOND; nanos += 37_000_001) {
      often.advanceTo(nanos);
    }
    often.advanceTo(1_000 * SECOND);
    often.advanceTo(5); // the past changes nothing
    assertEquals(values(once), values(often));
    assertNotEquals(values(once), values(at(4, schedule, 1_000)));
  }

  private static Plant at(long seed, Schedule schedule, long seconds) {
    Plant plant = new Plant(seed, schedule);
    plant.advanceTo(seconds * SECOND);
    return plant;
  }

  // Without it a change in arithmetic passes as long as it is the same twice on this machine.
  @Test
  void bitsAfterAnHourAreThoseOfEveryMachine() {
    Plant plant = at(2026, Schedule.every(60 * SECOND, 15 * SECOND), 3_620);
    assertEquals(
        List.of(2779.0, 326.5, 1.706, 0.571, 3.21, 46.0, 1.65, 90.1, 2777.0, 90.0), values(plant));
  }

  // Without it a fault could change what came before it.
  @Test
  void plantsAgreeUntilTheFirstFault() {
    Plant well = new Plant(9, Schedule.NONE);
    Plant worn = new Plant(9, List.of(new Fault(Fault.Kind.BEARING_WEAR, 50 * SECOND, SECOND, 1)));
    for (int step = 0; step < 500; step++) {
      assertEquals(values(well), values(worn));
      well.advanceTo(well.simNanos() + Plant.STEP_NANOS);
      worn.advanceTo(worn.simNanos() + Plant.STEP_NANOS);
    }
    assertTrue(worn.faultActive());
    assertFalse(well.faultActive());
  }

  // Without it a day of running could drift into values no plant has.
  @ParameterizedTest
  @CsvSource({"1,24", "0,2", "-1,2", "-9223372036854775808,2", "9223372036854775807,2"})
  void wellPlantStaysWithinItsOrdinaryRange(long seed, int hours) {
    Plant plant = new Plant(seed, Schedule.NONE);
    for (int minute = 0; minute < hours * 60; minute++) {
      plant.advanceTo(minute * 60L * SECOND);
      within(plant, Channel.SPEED, 1_850, 2_900);
      within(plant, Channel.FLOW, 60, 420);
      within(plant, Channel.PRESSURE, 0.4, 3.1);
      within(plant, Channel.LEVEL, 0.02, 2.5);
      within(plant, Channel.CURRENT, 1.3, 5);
      within(plant, Channel.MOTOR_TEMP, 20, 90);
      within(plant, Channel.VIBRATION, 0.5, 2.6);
      within(plant, Channel.VALVE, 48, 97);
    }
  }

  private static void within(Plant plant, Channel channel, double low, double high) {
    double value = plant.value(channel);
    assertTrue(
        value >= low && value <= high,
        () -> channel + " is " + value + " after " + plant.simNanos() / SECOND + " s");
  }

  // Without it the tank would make or lose water.
  @Test
  void tankHoldsWhatFlowsInLessWhatFlowsOut() {
    Plant plant = new Plant(1, Schedule.NONE);
    plant.write(Channel.SPEED_SETPOINT, 0); // nothing is pumped: it empties by Torricelli's law
    plant.write(Channel.VALVE_SETPOINT, 50);
    plant.advanceTo(60 * SECOND);
    double start = plant.value(Channel.LEVEL);
    plant.advanceTo(80 * SECOND);
    // level falls as (sqrt(h) - k·t/2A)²; the consumers' demand wanders by some per cent
    double expected = Math.pow(Math.sqrt(start) - 0.005 * 20 / (2 * 0.4), 2);
    assertEquals(expected, plant.value(Channel.LEVEL), 0.03);
    assertEquals(0, plant.value(Channel.FLOW), 3);
  }

  // Without it 'valve' would be a number that nothing depends on.
  @Test
  void closingTheValveRaisesPressureAndLowersFlow() {
    Plant plant = new Plant(1, Schedule.NONE);
    plant.write(Channel.SPEED_SETPOINT, 2_400);
    plant.write(Channel.VALVE_SETPOINT, 90);
    plant.advanceTo(20 * SECOND);
    double openFlow = mean(plant, Channel.FLOW, 5);
    double openPressure = mean(plant, Channel.PRESSURE, 5);
    plant.write(Channel.VALVE_SETPOINT, 40);
    plant.advanceTo(plant.simNanos() + 20 * SECOND);
    assertTrue(mean(plant, Channel.FLOW, 5) < 0.5 * openFlow);
    assertTrue(mean(plant, Channel.PRESSURE, 5) > 1.3 * openPressure);
    plant.write(Channel.VALVE_SETPOINT, 0);
    plant.advanceTo(plant.simNanos() + 20 * SECOND);
    assertEquals(0, mean(plant, Channel.FLOW, 5), 1.5);
  }

  // Without it a model would learn a label that the sensors do not show.
  @Test
  void eachProcessFaultShowsInItsChannels() {
    Plant well = new Plant(5, Schedule.NONE);
    well.advanceTo(45 * SECOND);
    double flow = mean(well, Channel.FLOW, 10);
    double pressure = mean(well, Channel.PRESSURE, 5);
    double vibration = mean(well, Channel.VIBRATION, 5);

    Plant worn = with(Fault.Kind.BEARING_WEAR);
    worn.advanceTo(60 * SECOND);
    assertTrue(mean(worn, Channel.VIBRATION, 5) > vibration + 2);

    Plant blocked = with(Fault.Kind.BLOCKED_FILTER);
    blocked.advanceTo(45 * SECOND);
    assertTrue(mean(blocked, Channel.FLOW, 10) < 0.85 * flow);
    assertTrue(mean(blocked, Channel.PRESSURE, 5) < 0.85 * pressure);

    Plant leaking = with(Fault.Kind.LEAK);
    leaking.advanceTo(45 * SECOND);
    assertTrue(mean(leaking, Channel.FLOW, 10) > 1.1 * flow);
    assertTrue(mean(leaking, Channel.PRESSURE, 5) < 0.95 * pressure);

    Plant cavitating = with(Fault.Kind.CAVITATION);
    cavitating.advanceTo(45 * SECOND);
    assertTrue(mean(cavitating, Channel.FLOW, 10) < 0.95 * flow);
    assertTrue(mean(cavitating, Channel.VIBRATION, 5) > vibration + 1.5);
  }

  // Without it a repaired plant would stay ill for ever.
  @ParameterizedTest
  @ValueSource(strings = {"BEARING_WEAR", "BLOCKED_FILTER", "LEAK", "CAVITATION"})
  void plantRecoversAfterTheFault(String kind) {
    Plant plant = with(Fault.Kind.valueOf(kind));
    Plant well = new Plant(5, Schedule.NONE);
    plant.advanceTo(85 * SECOND);
    well.advanceTo(85 * SECOND);
    assertFalse(plant.faultActive());
    assertEquals(well.value(Channel.FLOW), plant.value(Channel.FLOW), 0.2);
    assertEquals(well.value(Channel.VIBRATION), plant.value(Channel.VIBRATION), 0.02);
  }

  // Without it a stuck or dead sensor could not be told from a live one.
  @Test
  void sensorFaultsHoldOrLoseTheValue() {
    Plant stuck = with(Fault.Kind.STUCK_SENSOR);
    stuck.advanceTo(30 * SECOND);
    Set<Double> seen = new TreeSet<>();
    Set<Double> others = new TreeSet<>();
    while (stuck.simNanos() < 69 * SECOND) {
      seen.add(stuck.value(Channel.PRESSURE));
      others.add(stuck.value(Channel.FLOW));
      stuck.advanceTo(stuck.simNanos() + Plant.STEP_NANOS);
    }
    assertEquals(1, seen.size());
    assertTrue(others.size() > 10);
    assertEquals(Quality.GOOD, stuck.quality(Channel.PRESSURE));

    Plant dead = with(Fault.Kind.SENSOR_DROPOUT);
    dead.advanceTo(40 * SECOND);
    assertTrue(Double.isNaN(dead.value(Channel.FLOW)));
    assertEquals(Quality.BAD_SENSOR, dead.quality(Channel.FLOW));
    assertEquals(Quality.GOOD, dead.quality(Channel.PRESSURE));
    dead.advanceTo(71 * SECOND);
    assertEquals(Quality.GOOD, dead.quality(Channel.FLOW));
  }

  // Without it a command with a wrong value would be taken, or a sensor be written.
  @Test
  void writesOutsideTheRangeOrToSensorsAreRefused() {
    Plant plant = new Plant(1, Schedule.NONE);
    for (double wrong : new double[] {-1, 100.5, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThrows(
          IllegalArgumentException.class, () -> plant.write(Channel.VALVE_SETPOINT, wrong));
    }
    assertThrows(IllegalArgumentException.class, () -> plant.write(Channel.FLOW, 1));
    plant.write(Channel.VALVE_SETPOINT, 100);
    plant.advanceTo(600 * SECOND); // the programme leaves a written set-point alone
    assertEquals(100, plant.value(Channel.VALVE_SETPOINT));
    assertEquals(100, plant.value(Channel.VALVE), 0.5);
  }

  // Without it a sensor could show digits that it does not have.
  @Test
  void valuesAreRoundedToTheResolution() {
    Plant plant = new Plant(8, Schedule.NONE);
    for (int i = 0; i < 1_000; i++) {
      plant.advanceTo(i * Plant.STEP_NANOS);
      double hundredths = plant.value(Channel.VIBRATION) * 100;
      assertEquals(Math.rint(hundredths), hundredths, 1e-9);
      assertEquals(Math.rint(plant.value(Channel.SPEED)), plant.value(Channel.SPEED));
    }
  }
}
