package dev.tidegate.conditioning;

import static dev.tidegate.conditioning.Rules.A;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tidegate.config.Calibration;
import dev.tidegate.config.Calibration.Linear;
import dev.tidegate.config.Calibration.Pair;
import dev.tidegate.config.Calibration.Table;
import dev.tidegate.health.Counters;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Quality;
import dev.tidegate.reading.Reading;
import dev.tidegate.reading.Sample;
import dev.tidegate.reading.Value;
import dev.tidegate.reading.Waveform;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each rule by itself, and the order between them. */
final class ConditionerTest {
  private static final long SECOND = 1_000_000_000L;
  private static final double NAN = Double.NaN;
  private static final double INF = Double.POSITIVE_INFINITY;

  private final Counters counters = new Counters();

  private Conditioner conditioner(Rules rules) {
    return new Conditioner(List.of(rules.build()), counters, event -> {});
  }

  private static Reading at(double seconds, double value) {
    return Reading.good(A, Math.round(seconds * 1e9), value);
  }

  private static Quality quality(Conditioner c, Sample sample) {
    return c.condition(sample, sample.sourceNanos()).quality();
  }

  private static Calibration table(double... inOut) {
    return new Table(
        IntStream.range(0, inOut.length / 2)
            .mapToObj(i -> new Pair(inOut[2 * i], inOut[2 * i + 1]))
            .toList());
  }

  static Stream<Arguments> values() {
    Calibration bent = table(0, 0, 10, 100, 20, 120);
    return Stream.of(
        // Nothing to do: the value, and its type, stay.
        Arguments.of(new Rules(), Value.of(1.5), Value.of(1.5), Quality.GOOD),
        Arguments.of(new Rules(), Value.of(7L), Value.of(7L), Quality.GOOD),
        Arguments.of(new Rules(), Value.of("open"), Value.of("open"), Quality.GOOD),
        Arguments.of(new Rules(), Value.of(true), Value.of(true), Quality.GOOD),
        // No number where one is due.
        Arguments.of(new Rules(), Value.of(NAN), Value.of(NAN), Quality.BAD_NOT_A_NUMBER),
        Arguments.of(new Rules(), Value.of(-INF), Value.of(-INF), Quality.BAD_NOT_A_NUMBER),
        Arguments.of(
            new Rules().range(0, 1), Value.of("1"), Value.of("1"), Quality.BAD_NOT_A_NUMBER),
        Arguments.of(
            new Rules().unit("Cel"), Value.of("err"), Value.of("err"), Quality.BAD_NOT_A_NUMBER),
        Arguments.of(
            new Rules().calibration(new Linear(1e300, 0)),
            Value.of(1e300),
            Value.of(INF),
            Quality.BAD_NOT_A_NUMBER),
        // Calibration and units.
        Arguments.of(
            new Rules().calibration(new Linear(2, -1)), Value.of(4L), Value.of(7.0), Quality.GOOD),
        Arguments.of(
            new Rules().calibration(new Linear(5, 0)), Value.of(true), Value.of(5.0), Quality.GOOD),
        Arguments.of(new Rules().calibration(bent), Value.of(0.0), Value.of(0.0), Quality.GOOD),
        Arguments.of(new Rules().calibration(bent), Value.of(5.0), Value.of(50.0), Quality.GOOD),
        Arguments.of(new Rules().calibration(bent), Value.of(10.0), Value.of(100.0), Quality.GOOD),
        Arguments.of(new Rules().calibration(bent), Value.of(15.0), Value.of(110.0), Quality.GOOD),
        Arguments.of(new Rules().calibration(bent), Value.of(20.0), Value.of(120.0), Quality.GOOD),
        Arguments.of(new Rules().calibration(bent), Value.of(30.0), Value.of(140.0), Quality.GOOD),
        Arguments.of(new Rules().calibration(bent), Value.of(-1.0), Value.of(-10.0), Quality.GOOD),
        Arguments.of(
            new Rules().unit("bar").sourceUnit("kPa"),
            Value.of(150.0),
            Value.of(1.5),
            Quality.GOOD),
        Arguments.of(
            new Rules().unit("bar").sourceUnit("bar"), Value.of(3L), Value.of(3L), Quality.GOOD),
        Arguments.of(
            new Rules().calibration(new Linear(10, 0)).sourceUnit("kPa").unit("bar").range(0, 1),
            Value.of(10L),
            Value.of(1.0),
            Quality.GOOD),
        // Range: both ends belong to it; it is in the unit of the point.
        Arguments.of(new Rules().range(0, 5), Value.of(0.0), Value.of(0.0), Quality.GOOD),
        Arguments.of(new Rules().range(0, 5), Value.of(5L), Value.of(5L), Quality.GOOD),
        Arguments.of(new Rules().range(0, 5), Value.of(5.1), Value.of(5.1), Quality.BAD_RANGE),
        Arguments.of(new Rules().range(0, 5), Value.of(-1L), Value.of(-1L), Quality.BAD_RANGE),
        Arguments.of(
            new Rules().range(0, 5).calibration(new Linear(2, 0)),
            Value.of(4.0),
            Value.of(8.0),
            Quality.BAD_RANGE));
  }

  // One row per rule: a wrong sign, order or boundary turns a plant's number into another one.
  @ParameterizedTest
  @MethodSource("values")
  void conditions(Rules rules, Value raw, Value expected, Quality quality) {
    Reading in = new Reading(A, 5 * SECOND, raw, Quality.GOOD);
    assertEquals(
        new Reading(A, 5 * SECOND, expected, quality),
        conditioner(rules).condition(in, 5 * SECOND));
  }

  // The hot path allocates nothing for a reading that needs nothing.
  @Test
  void handsBackTheSameObjectWhereNothingChanged() {
    Conditioner c = conditioner(new Rules().range(0, 10).maxRate(1).stuckAfter(SECOND));
    Reading in = at(1, 5);
    assertSame(in, c.condition(in, SECOND));
    Reading unknown = Reading.good(new PointId("d/unknown"), SECOND, 1);
    assertSame(unknown, c.condition(unknown, SECOND));
  }

  // What the device said about its own value must not be painted over, and bad stays bad.
  @Test
  void keepsTheWorseQuality() {
    Conditioner c = conditioner(new Rules().range(0, 5));
    assertEquals(
        Quality.BAD_SENSOR, quality(c, new Reading(A, 0, Value.of(9.0), Quality.BAD_SENSOR)));
    assertEquals(
        Quality.BAD_RANGE, quality(c, new Reading(A, 0, Value.of(9.0), Quality.UNCERTAIN_SOURCE)));
    assertEquals(
        Quality.UNCERTAIN_SOURCE,
        quality(c, new Reading(A, 0, Value.of(1.0), Quality.UNCERTAIN_SOURCE)));
  }

  // A source clock that runs ahead would put a reading into windows that do not exist yet.
  @Test
  void replacesASourceTimeFromTheFuture() {
    Conditioner c = conditioner(new Rules());
    long arrival = 10 * SECOND;
    Reading just = Reading.good(A, arrival + SECOND, 1);
    assertSame(just, c.condition(just, arrival));
    Sample late = c.condition(Reading.good(A, arrival + SECOND + 1, 1), arrival);
    assertEquals(new Reading(A, arrival, Value.of(1.0), Quality.UNCERTAIN_TIME), late);
    assertEquals(arrival, c.condition(Reading.good(A, Long.MAX_VALUE, 1), arrival).sourceNanos());
    Reading ancient = Reading.good(A, Long.MIN_VALUE, 1);
    assertSame(ancient, c.condition(ancient, arrival)); // a backlog may be old
    assertEquals(2, counters.value("conditioning.time"));
  }

  // Exactly the allowed rate is allowed; a jump is marked once, not for ever.
  @Test
  void marksAChangeThatIsTooFast() {
    Conditioner c = conditioner(new Rules().maxRate(10));
    assertEquals(Quality.GOOD, quality(c, at(0, 0)));
    assertEquals(Quality.GOOD, quality(c, at(1, 10)));
    assertEquals(Quality.UNCERTAIN_RATE, quality(c, at(1.5, 15.1)));
    assertEquals(Quality.GOOD, quality(c, at(2, 15.1)));
    assertEquals(Quality.UNCERTAIN_RATE, quality(c, at(2.1, 13)));
    assertEquals(2, counters.value("conditioning.rate"));
  }

  // Elapsed times of 0 or below must not divide, and old readings must not become the past.
  @Test
  void judgesNoRateOutOfOrder() {
    Conditioner c = conditioner(new Rules().maxRate(10));
    assertEquals(Quality.GOOD, quality(c, at(5, 0)));
    assertEquals(Quality.GOOD, quality(c, at(5, 1_000))); // same time: takes its place
    assertEquals(Quality.GOOD, quality(c, at(4, -1_000))); // older: neither judged nor kept
    assertEquals(Quality.GOOD, quality(c, at(6, 1_005)));
    assertEquals(Quality.GOOD, quality(c, Reading.good(A, Long.MIN_VALUE, 0)));
    Conditioner wide = conditioner(new Rules().maxRate(10));
    assertEquals(Quality.GOOD, quality(wide, Reading.good(A, Long.MIN_VALUE, 0)));
    assertEquals(Quality.GOOD, quality(wide, at(5, 1e6))); // more elapsed than a long holds
  }

  // Neither a value that was no value nor one from before a gap may be the reference.
  @Test
  void comparesWithTheLastBelievedValueOnly() {
    Conditioner c = conditioner(new Rules().maxRate(10).range(-50, 50).gapAfter(5 * SECOND));
    assertEquals(Quality.GOOD, quality(c, at(0, 0)));
    assertEquals(Quality.BAD_RANGE, quality(c, at(1, 99)));
    assertEquals(Quality.BAD_NOT_A_NUMBER, quality(c, at(2, NAN)));
    assertEquals(Quality.GOOD, quality(c, at(3, 30))); // 30 in 3 s
    assertEquals(Quality.UNCERTAIN_RATE, quality(c, at(8, -30))); // 60 in 5 s
    assertEquals(Quality.GOOD, quality(c, at(13.000000001, 50))); // after a gap
  }

  // Counters near 2^63: a difference in doubles would be off by hundreds.
  @Test
  void comparesCountersExactly() {
    Conditioner c = conditioner(new Rules().maxRate(2));
    long large = Long.MAX_VALUE - 10;
    assertEquals(Quality.GOOD, quality(c, whole(0, large)));
    assertEquals(Quality.GOOD, quality(c, whole(1, large + 2)));
    assertEquals(Quality.UNCERTAIN_RATE, quality(c, whole(2, large + 5)));
    assertEquals(Quality.UNCERTAIN_RATE, quality(c, whole(3, Long.MIN_VALUE)));
  }

  private static Reading whole(long second, long value) {
    return new Reading(A, second * SECOND, Value.of(value), Quality.GOOD);
  }

  // "Longer than": stuck begins one nanosecond after stuck-after, and ends with any change.
  @Test
  void marksAStuckValueUntilItChanges() {
    Conditioner c = conditioner(new Rules().stuckAfter(10 * SECOND));
    assertEquals(Quality.GOOD, quality(c, at(0, 1)));
    assertEquals(Quality.GOOD, quality(c, at(6, 1)));
    assertEquals(Quality.GOOD, quality(c, at(10, 1)));
    assertEquals(Quality.UNCERTAIN_STUCK, quality(c, at(10.000000001, 1)));
    assertEquals(Quality.GOOD, quality(c, at(5, 2))); // out of order: changes nothing
    assertEquals(Quality.BAD_NOT_A_NUMBER, quality(c, at(11, NAN))); // says nothing about it
    assertEquals(Quality.UNCERTAIN_STUCK, quality(c, at(12, 1)));
    assertEquals(Quality.GOOD, quality(c, at(13, 1.0000000000000002)));
    assertEquals(Quality.GOOD, quality(c, at(23, 1.0000000000000002)));
    assertEquals(Quality.UNCERTAIN_STUCK, quality(c, at(24, 1.0000000000000002)));
    assertEquals(3, counters.value("conditioning.stuck"));
  }

  // Nobody saw whether it changed during a gap, so nobody can say that it was stuck.
  @Test
  void startsTheStuckCheckAnewAfterAGap() {
    Conditioner c = conditioner(new Rules().stuckAfter(10 * SECOND).gapAfter(3 * SECOND));
    for (int s = 0; s <= 9; s += 3) {
      assertEquals(Quality.GOOD, quality(c, at(s, 1)));
    }
    assertEquals(Quality.GOOD, quality(c, at(13, 1)));
    assertEquals(Quality.GOOD, quality(c, at(16, 1)));
    assertEquals(Quality.GOOD, quality(c, at(19, 1)));
    assertEquals(Quality.GOOD, quality(c, at(22, 1)));
    assertEquals(Quality.UNCERTAIN_STUCK, quality(c, at(24, 1)));
  }

  // A door contact that never moves can be stuck as well.
  @Test
  void marksStuckStates() {
    Conditioner c = conditioner(new Rules().stuckAfter(SECOND));
    for (Value value : List.<Value>of(Value.of("open"), Value.of(true), Value.of(3L))) {
      c = conditioner(new Rules().stuckAfter(SECOND));
      assertEquals(Quality.GOOD, quality(c, new Reading(A, 0, value, Quality.GOOD)));
      assertEquals(
          Quality.UNCERTAIN_STUCK, quality(c, new Reading(A, 2 * SECOND, value, Quality.GOOD)));
    }
    assertEquals(Quality.GOOD, quality(c, at(5, 3))); // another type is another value
  }

  // One bad value spoils a record; the driver's array must not be written to.
  @Test
  void conditionsWaveformsValueByValue() {
    Conditioner c = conditioner(new Rules().calibration(new Linear(2, 1)).range(0, 10));
    double[] raw = {0, 1, 2};
    Waveform good = new Waveform(A, 0, 10, raw, Quality.GOOD);
    assertEquals(
        new Waveform(A, 0, 10, new double[] {1, 3, 5}, Quality.GOOD), c.condition(good, 100));
    assertArrayEquals(new double[] {0, 1, 2}, raw);
    Waveform high = new Waveform(A, 0, 10, new double[] {0, 5, 1}, Quality.UNCERTAIN_SOURCE);
    assertEquals(
        new Waveform(A, 0, 10, new double[] {1, 11, 3}, Quality.BAD_RANGE), c.condition(high, 100));
    Waveform nan = new Waveform(A, 0, 10, new double[] {0, NAN}, Quality.GOOD);
    assertEquals(Quality.BAD_NOT_A_NUMBER, c.condition(nan, 100).quality());
    Conditioner plain = conditioner(new Rules().range(0, 10));
    assertSame(good, plain.condition(good, 100));
    assertEquals(Quality.BAD_NOT_A_NUMBER, plain.condition(nan, 100).quality());
  }

  // The last value of a waveform is what cannot lie in the future.
  @Test
  void movesAWaveformFromTheFutureToEndAtItsArrival() {
    Conditioner c = conditioner(new Rules());
    Waveform w = new Waveform(A, 0, SECOND, new double[] {1, 2, 3}, Quality.GOOD);
    assertSame(w, c.condition(w, SECOND));
    assertEquals(
        new Waveform(A, -SECOND - 1, SECOND, w.values(), Quality.UNCERTAIN_TIME),
        c.condition(w, SECOND - 1));
    Waveform endless = new Waveform(A, 0, Long.MAX_VALUE, new double[3], Quality.GOOD);
    assertEquals(Quality.UNCERTAIN_TIME, c.condition(endless, SECOND).quality());
  }

  // A configuration that was built in code gets the same refusal as one from a file.
  @Test
  void refusesRulesThatMakeNoSense() {
    assertThrows(
        IllegalArgumentException.class,
        () -> conditioner(new Rules().unit("bar").sourceUnit("Cel")));
    assertThrows(
        IllegalArgumentException.class, () -> conditioner(new Rules().calibration(table(1, 1))));
    assertThrows(
        IllegalArgumentException.class,
        () -> conditioner(new Rules().calibration(table(1, 1, 1, 2))));
  }
}
