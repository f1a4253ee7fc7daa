package dev.tidegate.drivers.coap.payload;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Quality;
import dev.tidegate.reading.Reading;
import dev.tidegate.reading.Unit;
import dev.tidegate.reading.Value;
import dev.tidegate.testkit.ManualClock;
import dev.tidegate.time.TimeQuality;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What payloads say, and what hostile ones cannot do. */
class PayloadTest {
  private static final PointId POINT = new PointId("plant/p");
  private final ManualClock clock = new ManualClock();

  private Decoded decode(Format format, byte[] payload, String pointer, @Nullable String name) {
    Extract extract = new Extract(POINT, null, format, pointer, name);
    return Payload.decode(payload, -1, List.of(extract), clock.monotonicNanos(), clock);
  }

  private Reading one(Format format, String payload) {
    return decode(format, payload.getBytes(UTF_8), "", null).readings().getFirst();
  }

  // Without it a counter loses its last digits, or a word that looks like a number becomes one.
  @Test
  void textBecomesTheNarrowestValue() {
    assertEquals(Value.of(0L), one(Format.TEXT, "0").value());
    assertEquals(Value.of(-17L), one(Format.TEXT, " -17\r\n").value());
    assertEquals(Value.of(999_999_999_999_999_999L), one(Format.TEXT, "9".repeat(18)).value());
    assertEquals(Value.of(1e19), one(Format.TEXT, "1" + "0".repeat(19)).value());
    assertEquals(Value.of(-0.5), one(Format.TEXT, "-.5").value());
    assertEquals(Value.of(1.5e-3), one(Format.TEXT, "1.5e-3").value());
    assertEquals(Value.of(true), one(Format.TEXT, "true").value());
    for (String word : List.of("NaN", "Infinity", "0x10", "1d", "21,5", "21.5 °C", "--1", "e5")) {
      assertEquals(Value.of(word), one(Format.TEXT, word).value());
    }
  }

  /** RFC 8949 section 3.4.4: a decimal fraction beyond a double's range is no good zero. */
  @Test
  void aDecimalFractionOutOfRangeIsNotZero() {
    byte[] tenToThe400 = HexFormat.of().parseHex("c482190190" + "01");
    double value =
        decode(Format.CBOR, tenToThe400, "", null).readings().getFirst().value().asDouble();
    assertEquals(Double.POSITIVE_INFINITY, value);
  }

  // Without it an overflow reads as a huge good value.
  @Test
  void numbersBeyondADoubleAreBad() {
    assertEquals(Quality.BAD_NOT_A_NUMBER, one(Format.TEXT, "1e999").quality());
    assertEquals(Quality.BAD_NOT_A_NUMBER, one(Format.JSON, "1e999").quality());
    assertEquals(Quality.BAD_NOT_A_NUMBER, one(Format.JSON, "9".repeat(390)).quality());
    byte[] notANumber = HexFormat.of().parseHex("f97e00");
    assertEquals(
        Quality.BAD_NOT_A_NUMBER,
        decode(Format.CBOR, notANumber, "", null).readings().getFirst().quality());
    assertEquals(Value.of(Long.MAX_VALUE), one(Format.JSON, "9223372036854775807").value());
    assertEquals(Value.of(0x1p63), one(Format.JSON, "9223372036854775808").value());
  }

  // Without it one of these stops the client, or is taken for a value.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          JSON       | {
          JSON       | {"a":1}}
          JSON       | {"a":1,"a":2}
          JSON       | 1 2
          JSON       | [1]
          JSON       | tru
          JSON       | NaN
          SENML_JSON | {}
          SENML_JSON | []
          SENML_JSON | [1]
          SENML_JSON | [[]]
          SENML_JSON | [{"n":"a"}]
          SENML_JSON | [{"n":"a","v":"1"}]
          SENML_JSON | [{"n":1,"v":1}]
          SENML_JSON | [{"n":"a","vb":1}]
          SENML_JSON | [{"n":"a","vd":"aGk"}]
          SENML_JSON | [{"n":"a","v":1,"t":"now"}]
          SENML_JSON | [{"n":"a","v":1,"secret_":1}]
          SENML_JSON | [{"bver":11,"n":"a","v":1}]
          SENML_JSON | [{"-2":"a","2":1}]
          """)
  void malformedPayloadsAreBadSensor(Format format, String payload) {
    Decoded decoded = decode(format, payload.getBytes(UTF_8), "", null);
    assertEquals(1, decoded.readings().size());
    assertEquals(Quality.BAD_SENSOR, decoded.readings().getFirst().quality());
    assertEquals(1, decoded.complaints().size(), decoded.toString());
  }

  // Without it deep nesting overflows the stack, and a large payload fills the heap.
  @Test
  void limitsHoldAtTheirEdge() {
    int deepest = Payload.MAX_DEPTH;
    String pointer = "/0".repeat(deepest);
    String deep = "[".repeat(deepest) + "7" + "]".repeat(deepest);
    assertEquals(
        Value.of(7L),
        decode(Format.JSON, deep.getBytes(UTF_8), pointer, null).readings().getFirst().value());
    assertEquals(Quality.BAD_SENSOR, one(Format.JSON, "[" + deep + "]").quality());
    assertEquals(Quality.BAD_SENSOR, one(Format.JSON, "[".repeat(60_000)).quality());
    byte[] nested = new byte[60_000];
    Arrays.fill(nested, (byte) 0x81);
    assertTrue(decode(Format.CBOR, nested, "", null).readings().getFirst().quality().isBad());
    byte[] claimsFourGigabytes = HexFormat.of().parseHex("5affffffff00");
    assertTrue(
        decode(Format.CBOR, claimsFourGigabytes, "", null).readings().getFirst().quality().isBad());

    String full = "\"" + "x".repeat(Payload.MAX_BYTES - 6) + "\",1";
    assertEquals(Quality.BAD_SENSOR, one(Format.JSON, "[" + full + "]").quality());
    Decoded second = decode(Format.JSON, ("[" + full + "]").getBytes(UTF_8), "/1", null);
    assertEquals(Value.of(1L), second.readings().getFirst().value());
    Decoded tooLong = decode(Format.JSON, ("[ " + full + "]").getBytes(UTF_8), "/1", null);
    assertEquals(Quality.BAD_SENSOR, tooLong.readings().getFirst().quality());
  }

  // Without it the one input in ten thousand that throws ends an observation.
  @ParameterizedTest
  @EnumSource(Format.class)
  void randomBytesNeverThrow(Format format) {
    Random random = new Random(20261123);
    for (int i = 0; i < 10_000; i++) {
      byte[] bytes = new byte[random.nextInt(40)];
      random.nextBytes(bytes);
      if (bytes.length > 0 && random.nextBoolean()) {
        bytes[0] = (byte) (format == Format.SENML_CBOR ? 0x81 : '[');
      }
      assertTrue(decode(format, bytes, "", null).readings().size() >= 1);
    }
  }

  // Without it only noise is tried, which every parser refuses at its first byte.
  @Test
  void spoiltPacksNeverThrow() {
    Random random = new Random(20261123);
    byte[] cbor = HexFormat.of().parseHex("81a42162753a006174016343656c02fb405e066666666666");
    byte[] json =
        "[{\"bn\":\"u:\",\"bt\":-5,\"n\":\"t\",\"u\":\"Cel\",\"v\":2.5e1}]".getBytes(UTF_8);
    assertEquals(List.of(), decode(Format.SENML_CBOR, cbor, "", "t").complaints());
    assertEquals(List.of(), decode(Format.SENML_JSON, json, "", "t").complaints());
    for (int i = 0; i < 20_000; i++) {
      boolean binary = i % 2 == 0;
      byte[] bytes = (binary ? cbor : json).clone();
      for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      }
      Format format = binary ? Format.SENML_CBOR : Format.SENML_JSON;
      assertTrue(decode(format, bytes, "", null).readings().size() >= 1);
    }
  }

  // Without it a sensor's good clock is spoilt by the gateway's wall clock being corrected.
  @Test
  void absoluteTimesStandOnTheGatewaysTimeline() {
    String pack = "[{\"n\":\"v\",\"bt\":1795392010,\"v\":1}]"; // 10 s after the clock's start
    assertEquals(
        clock.monotonicNanos() + 10_000_000_000L, one(Format.SENML_JSON, pack).sourceNanos());
    clock.jumpWall(3_000_000_000L); // the wall is now 3 s ahead of the timeline
    assertEquals(
        clock.monotonicNanos() + 7_000_000_000L, one(Format.SENML_JSON, pack).sourceNanos());
  }

  // Without it readings of a gateway that boots in 1970 are placed fifty years ahead.
  @Test
  void absoluteTimesCountForNothingWithoutAWallClock() {
    clock.quality(TimeQuality.IMPLAUSIBLE);
    Reading reading = one(Format.SENML_JSON, "[{\"n\":\"v\",\"t\":1795392010,\"v\":1}]");
    assertEquals(clock.monotonicNanos(), reading.sourceNanos());
    assertEquals(Quality.UNCERTAIN_TIME, reading.quality());
  }

  // Without it a time that no long holds wraps into another century.
  @Test
  void absurdTimesGiveWayToArrival() {
    for (String time : List.of("1e300", "-1e300", "7e9", "1e400")) {
      Reading reading = one(Format.SENML_JSON, "[{\"n\":\"v\",\"t\":" + time + ",\"v\":1}]");
      assertEquals(clock.monotonicNanos(), reading.sourceNanos(), time);
      assertEquals(Quality.UNCERTAIN_TIME, reading.quality(), time);
    }
    Reading edge = one(Format.SENML_JSON, "[{\"n\":\"v\",\"t\":268435455,\"v\":1}]");
    assertEquals(clock.monotonicNanos() + 268_435_455_000_000_000L, edge.sourceNanos());
    Reading past = one(Format.SENML_JSON, "[{\"n\":\"v\",\"t\":268435456,\"v\":1}]");
    assertEquals(268_435_456_000_000_000L, past.sourceNanos());
  }

  // Without it a unit of the registry is mistyped and found out in the field.
  @ParameterizedTest
  @CsvSource({
    "Cel,[degF],100,212", "%RH,%,55,55", "/,%,0.5,50", "count,1,3,3", "kWh,J,1,3600000",
    "lat,deg,52,52", "EL,min,120,2", "hPa,bar,1000,1", "m/s,km/h,10,36", "1/min,Hz,60,1",
    "ppm,%,10000,1"
  })
  void unitsOfTheRegistryConvert(String senml, String ucum, double given, double expected) {
    Extract extract = new Extract(POINT, Unit.of(ucum), Format.SENML_JSON, "", null);
    byte[] pack = "[{\"n\":\"a\",\"u\":\"%s\",\"v\":%s}]".formatted(senml, given).getBytes(UTF_8);
    Decoded decoded = Payload.decode(pack, -1, List.of(extract), 0, clock);
    assertEquals(List.of(), decoded.complaints());
    assertEquals(
        expected, decoded.readings().getFirst().value().asDouble(), Math.abs(expected) * 1e-9);
  }

  // Without it ten thousand points on one broken payload would parse it ten thousand times.
  @Test
  void aBrokenPayloadIsParsedOnce() {
    List<Extract> many =
        Collections.nCopies(1_024, new Extract(POINT, null, Format.JSON, "", null));
    byte[] broken = ("[" + "1,".repeat(30_000)).getBytes(UTF_8);
    Decoded decoded = Payload.decode(broken, -1, many, 0, clock);
    assertEquals(1_024, decoded.complaints().size());
    assertEquals(1, decoded.complaints().stream().distinct().count());
  }
}
