package dev.tidegate.frame;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Event;
import dev.tidegate.flow.Lane;
import dev.tidegate.frame.FrameCodec.Encoded;
import dev.tidegate.frame.FrameCodec.Stamp;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Quality;
import dev.tidegate.reading.Reading;
import dev.tidegate.reading.Value;
import dev.tidegate.reading.Waveform;
import dev.tidegate.time.TimeQuality;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.cbor.CBORMapper;

/** Frames there and back, and what another CBOR reader makes of them. */
class FrameCodecTest {
  static final String EPOCH = "00112233445566778899aabbccddeeff";
  static final String BOOT = "6f8f57ca-1f0b-4a5c-9f5e-5b3c8a3d9c10";
  private static final Stamp STAMP = new Stamp(-7_000_000_123L, TimeQuality.UNVERIFIED);
  private static final long T = 1_795_000_000_000_000_000L;

  private final FrameCodec codec = new FrameCodec("gw-1", EPOCH, BOOT);

  private static Entry at(long nanos, double value) {
    return new Entry.Measured(Reading.good(PointId.of("pump", "flow"), nanos, value));
  }

  private byte[] encode(Lane lane, Entry... entries) {
    return codec.encode(lane, 1, STAMP, List.of(entries), 0).bytes();
  }

  // Without it a record would leave the gateway as another than it came.
  @ParameterizedTest
  @EnumSource(Lane.class)
  void everyKindOfRecordComesBackEqual(Lane lane) throws FrameException {
    for (int seed = 0; seed < 200; seed++) {
      List<Entry> entries = new RandomEntries(seed).of(lane, 1 + seed * 3);
      Encoded encoded = codec.encode(lane, 1L << seed % 62, STAMP, entries, 0);
      assertEquals(entries.size(), encoded.count());
      Frame frame = FrameCodec.decode(encoded.bytes());
      assertEquals(entries, frame.entries(), "seed " + seed);
      assertEquals(
          new FrameHeader(
              "gw-1",
              EPOCH,
              lane,
              1L << seed % 62,
              entries.size(),
              BOOT,
              STAMP.wallOffsetNanos(),
              STAMP.quality(),
              entries.getFirst().atNanos()),
          frame.header());
      assertEquals(frame.header(), FrameCodec.header(encoded.bytes()));
    }
  }

  // Without it rows would be checked by nobody but the codec itself.
  @Test
  void anotherCborReaderReadsTheSameRows() {
    Event event = new Event(T + 5, Event.Severity.WARNING, "device-lost", "pump", "Ausgefällen");
    JsonNode frame =
        new CBORMapper()
            .readTree(encode(Lane.EVENTS, new Event(T, event.severity(), "", "", ""), event));
    JsonNode row = frame.get(10).get(1);
    assertEquals("[2,5,1,\"device-lost\",\"pump\",\"Ausgefällen\"]", row.toString());
  }

  // Without it a step longer than a long could hold would come back wrong.
  @Test
  void timesAtBothEndsOfTheTimelineComeBack() throws FrameException {
    Entry[] entries = {at(Long.MIN_VALUE, 1), at(Long.MAX_VALUE, 2), at(0, 3), at(-1, 4)};
    for (Lane lane : List.of(Lane.RAW, Lane.EVENTS)) {
      assertEquals(List.of(entries), FrameCodec.decode(encode(lane, entries)).entries());
    }
  }

  // Without it a frame would outgrow the packet that carries it.
  @Test
  void framesAreSplitByCountAndBySize() throws FrameException {
    List<Entry> readings = new ArrayList<>();
    List<Entry> waves = new ArrayList<>();
    List<Entry> events = new ArrayList<>();
    RandomGenerator random = new Random(3);
    for (int i = 0; i < 10_000; i++) {
      readings.add(at(T + i, i / 3.0));
      events.add(new Event(T + i, Event.Severity.INFO, "k", "s", "ü".repeat(500)));
    }
    for (int i = 0; i < 40; i++) {
      double[] values = random.doubles(20_000).toArray();
      waves.add(
          new Entry.Measured(
              new Waveform(PointId.of("pump", "vib"), T + i, 1000, values, Quality.GOOD)));
    }
    assertSplit(Lane.RAW, readings, 2);
    assertSplit(Lane.RAW, waves, 40);
    assertSplit(Lane.EVENTS, events, 40);
  }

  private void assertSplit(Lane lane, List<Entry> entries, int framesAtLeast)
      throws FrameException {
    int from = 0;
    int frames = 0;
    while (from < entries.size()) {
      Encoded encoded = codec.encode(lane, from + 1, STAMP, entries, from);
      assertEquals(
          entries.subList(from, from + encoded.count()),
          FrameCodec.decode(encoded.bytes()).entries());
      assertTrue(encoded.count() <= FrameCodec.MAX_RECORDS);
      assertTrue(encoded.bytes().length < FrameCodec.SPLIT_BYTES + 1024);
      from += encoded.count();
      frames++;
    }
    assertEquals(entries.size(), from);
    assertTrue(frames >= framesAtLeast, frames + " frames");
  }

  // Without it the largest waveform that the contract allows could be stored and never be read.
  @Test
  void theLargestWaveformIsOneFrame() throws FrameException {
    double[] values = new Random(1).doubles(65_536).toArray();
    Entry wave = new Entry.Measured(new Waveform(PointId.of("p", "v"), T, 1, values, Quality.GOOD));
    byte[] frame = encode(Lane.RAW, wave);
    assertTrue(frame.length > 400 << 10 && frame.length < FrameCodec.MAX_BYTES);
    assertEquals(List.of(wave), FrameCodec.decode(frame).entries());
  }

  // Without it a bound would be off by one just where heads change their width.
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 23, 24, 64, 65, 127, 128, 255, 256, 257, 8191, 8192})
  void countsAroundEveryHeadWidthComeBack(int count) throws FrameException {
    for (Lane lane : List.of(Lane.RAW, Lane.SUMMARIES)) {
      if (lane == Lane.SUMMARIES && count > 4_096) {
        continue; // rows reach the bound on bytes first
      }
      List<Entry> entries = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        PointId point = PointId.of("d", "p" + i % 300);
        entries.add(new Entry.Measured(Reading.good(point, T + i, i)));
      }
      Encoded encoded = codec.encode(lane, 1, STAMP, entries, 0);
      assertEquals(count, encoded.count());
      assertEquals(entries, FrameCodec.decode(encoded.bytes()).entries());
    }
  }

  // Without it a bit that rotted on the card would be delivered as a measurement.
  @Test
  void everyFlippedBitIsFound() {
    byte[] frame =
        codec.encode(Lane.RAW, 1, STAMP, new RandomEntries(5).of(Lane.RAW, 50), 0).bytes();
    for (int bit = 0; bit < 8 * frame.length; bit++) {
      frame[bit / 8] ^= (byte) (1 << bit % 8);
      assertThrows(FrameException.class, () -> FrameCodec.header(frame), "bit " + bit);
      assertThrows(FrameException.class, () -> FrameCodec.decode(frame), "bit " + bit);
      frame[bit / 8] ^= (byte) (1 << bit % 8);
    }
  }

  // Without it a resend could differ from the first send.
  @Test
  void encodingIsAFunctionOfTheRecords() {
    List<Entry> entries = new RandomEntries(9).of(Lane.RAW, 300);
    byte[] once = codec.encode(Lane.RAW, 1, STAMP, entries, 0).bytes();
    encode(Lane.EVENTS, at(T, 1));
    assertArrayEquals(once, codec.encode(Lane.RAW, 1, STAMP, entries, 0).bytes());
  }

  // Without it ids that no reader accepts would get into stored frames.
  @Test
  void badIdsAndRecordsAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new FrameCodec("", EPOCH, BOOT));
    assertThrows(IllegalArgumentException.class, () -> new FrameCodec("x".repeat(86), EPOCH, BOOT));
    assertThrows(IllegalArgumentException.class, () -> new FrameCodec("g", "00", BOOT));
    assertThrows(IllegalArgumentException.class, () -> new FrameCodec("g", EPOCH, "1-1-1-1-1"));
    assertThrows(
        IllegalArgumentException.class,
        () -> encode(Lane.RAW, new Event(T, Event.Severity.INFO, "k", "s", "m")));
  }

  // Without it the specification would drift away from the code.
  @Test
  void theSpecificationDrawsTheseBytes() throws Exception {
    PointId flow = PointId.of("pump", "flow");
    PointId running = PointId.of("pump", "running");
    long later = T + 250_000_000L;
    List<Entry> entries =
        List.of(
            new Entry.Measured(Reading.good(flow, T, 12.5)),
            new Entry.Measured(new Reading(running, T, Value.of(true), Quality.GOOD)),
            new Entry.Measured(new Reading(flow, later, Value.of(0.1), Quality.UNCERTAIN_RATE)));
    Stamp stamp = new Stamp(-2_000_000_000L, TimeQuality.SYNCHRONISED);
    byte[] frame = codec.encode(Lane.RAW, 1001, stamp, entries, 0).bytes();

    Path spec = Path.of(System.getProperty("tidegate.root", ".."), "docs/spec/frame.md");
    String drawing = Files.readString(spec).split("```", -1)[1];
    StringBuilder drawn = new StringBuilder();
    for (String line : drawing.lines().toList()) {
      // Hexadecimal words from the line's start; two spaces end them.
      drawn.append(line.strip().split(" {2,}", 2)[0].replace(" ", ""));
    }
    assertEquals(HexFormat.of().formatHex(frame), drawn.toString());
  }
}
