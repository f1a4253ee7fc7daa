package dev.tidegate.reading;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names, values, qualities and samples hold what they promise. */
class ReadingTest {
  private static final PointId FLOW = PointId.of("pump", "flow");

  // Without it a code could be given away twice, and old buffer files would be misread.
  @Test
  void codesOfQualitiesAreFixed() {
    Map<Integer, String> codes =
        Arrays.stream(Quality.values())
            .collect(Collectors.toMap(Quality::code, Quality::name, (a, b) -> a, TreeMap::new));
    assertEquals(
        "{0=GOOD, 16=UNCERTAIN_RATE, 17=UNCERTAIN_STUCK, 18=UNCERTAIN_LATE, 19=UNCERTAIN_TIME,"
            + " 20=UNCERTAIN_SOURCE, 32=BAD_RANGE, 33=BAD_NOT_A_NUMBER, 34=BAD_SENSOR,"
            + " 35=BAD_COMMUNICATION}",
        codes.toString());
    for (Quality quality : Quality.values()) {
      assertEquals(quality, Quality.ofCode(quality.code()));
      assertEquals(quality.name().startsWith("BAD_"), quality.isBad());
      assertEquals(quality == Quality.GOOD, quality.isGood());
    }
    for (int code = -1; code <= 64; code++) {
      int wanted = code;
      if (!codes.containsKey(code)) {
        assertThrows(IllegalArgumentException.class, () -> Quality.ofCode(wanted));
      }
    }
  }

  // Without it a later, milder reason could hide that a value is bad.
  @Test
  void worstQualityWinsAndTheEarlierAmongEquals() {
    assertEquals(Quality.BAD_RANGE, Quality.GOOD.worst(Quality.BAD_RANGE));
    assertEquals(Quality.BAD_RANGE, Quality.BAD_RANGE.worst(Quality.UNCERTAIN_LATE));
    assertEquals(Quality.BAD_RANGE, Quality.BAD_RANGE.worst(Quality.BAD_SENSOR));
    assertEquals(Quality.UNCERTAIN_RATE, Quality.GOOD.worst(Quality.UNCERTAIN_RATE));
    assertEquals(Quality.UNCERTAIN_LATE, Quality.UNCERTAIN_LATE.worst(Quality.UNCERTAIN_RATE));
  }

  // Without it a name could break topics, files or the configuration.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "pump",
        "/",
        "pump/",
        "/flow",
        "pump/flow/x",
        "Pump/flow",
        "pump/Flow",
        "-pump/flow",
        "pump/.flow",
        "pump /flow",
        "pump/fl ow",
        "pump/flow\n",
        "pümp/flow",
        "pump/#",
        "pump/+"
      })
  void namesThatAreNoPointAreRefused(String name) {
    IllegalArgumentException refusal =
        assertThrows(IllegalArgumentException.class, () -> new PointId(name));
    assertTrue(String.valueOf(refusal.getMessage()).contains("'" + name + "'"));
  }

  // Without it the longest name that a file may hold would not be taken, or a longer one be.
  @Test
  void namesHaveTwoPartsOfOneTo64Characters() {
    String longest = "a".repeat(64);
    PointId id = PointId.of(longest, "0._-z");
    assertEquals(longest, id.device());
    assertEquals("0._-z", id.point());
    assertEquals(longest + "/0._-z", id.toString());
    assertThrows(IllegalArgumentException.class, () -> PointId.of(longest + "a", "z"));
    assertTrue(PointId.of("a", "b").compareTo(PointId.of("a", "c")) < 0);
  }

  // Without it counters would be rounded and texts be taken for numbers.
  @Test
  void valuesKeepTheirTypeAndReadAsNumbers() {
    assertEquals(1.5, Value.of(1.5).asDouble());
    assertEquals(new Value.Whole(Long.MAX_VALUE), Value.of(Long.MAX_VALUE));
    assertEquals(1, Value.of(true).asDouble());
    assertEquals(0, Value.of(false).asDouble());
    assertTrue(Double.isNaN(Value.of("running").asDouble()));
    assertNotEquals(Value.of(1L), Value.of(1.0));
    assertEquals(Value.of(Double.NaN), Value.of(Double.NaN));
    assertEquals(1024, ((Value.Text) Value.of("x".repeat(1024))).value().length());
    assertThrows(IllegalArgumentException.class, () -> Value.of("x".repeat(1025)));
  }

  // Without it an endless or empty record could enter the pipeline.
  @Test
  void waveformsHaveOneTo65536ValuesAtAStep() {
    Waveform one = new Waveform(FLOW, 5, 10, new double[] {1, 2}, Quality.GOOD);
    assertEquals(one, new Waveform(FLOW, 5, 10, new double[] {1, 2}, Quality.GOOD));
    assertEquals(
        one.hashCode(), new Waveform(FLOW, 5, 10, new double[] {1, 2}, Quality.GOOD).hashCode());
    assertNotEquals(one, new Waveform(FLOW, 5, 10, new double[] {1, 3}, Quality.GOOD));
    new Waveform(FLOW, 0, 1, new double[65_536], Quality.GOOD);
    for (int wrong : new int[] {0, 65_537}) {
      assertThrows(
          IllegalArgumentException.class,
          () -> new Waveform(FLOW, 0, 1, new double[wrong], Quality.GOOD));
    }
    assertThrows(
        IllegalArgumentException.class,
        () -> new Waveform(FLOW, 0, 0, new double[1], Quality.GOOD));
    Reading reading = Reading.good(FLOW, 7, 2.5);
    assertEquals(Value.of(2.5), reading.value());
    assertFalse(reading.quality().isBad());
  }
}
