package dev.tidegate.drivers.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Recordings are read exactly, whatever they look like, in bounded memory. */
class RecordingTest {
  @TempDir private Path temp;

  private Path write(String text) throws IOException {
    return Files.writeString(temp.resolve("r.csv"), text);
  }

  private Recording open(String text) throws IOException {
    return Recording.open(write(text), Recording.Layout.AUTO);
  }

  private static long nanos(String instant) {
    Instant at = Instant.parse(instant);
    return at.getEpochSecond() * 1_000_000_000L + at.getNano();
  }

  // Without it a quote, a separator or a line end in a cell would shift all that follows.
  @Test
  void cellsComeOutAsTheyWereWritten() throws IOException {
    Random random = new Random(4180);
    String alphabet = "ab ,;\t\"\n\r1é€";
    for (String end : List.of("\n", "\r\n", "\r")) {
      for (char separator : new char[] {',', ';', '\t'}) {
        List<List<String>> rows = new ArrayList<>();
        StringBuilder csv = new StringBuilder("t" + separator + "a" + separator + "b" + end);
        for (int row = 0; row < 200; row++) {
          List<String> cells = new ArrayList<>();
          csv.append(row);
          for (int cell = 0; cell < 2; cell++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(12); i > 0; i--) {
              text.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            cells.add(text.toString().strip());
            csv.append(separator).append('"');
            csv.append(text.toString().replace("\"", "\"\"")).append('"');
          }
          rows.add(cells);
          csv.append(end);
        }
        try (Recording recording = open(csv.toString())) {
          assertEquals(List.of("a", "b"), recording.columns());
          for (int row = 0; row < rows.size(); row++) {
            assertTrue(recording.next());
            assertEquals(row * 1_000_000_000L, recording.timeNanos());
            assertEquals(rows.get(row), List.of(recording.text(1), recording.text(2)));
          }
          assertFalse(recording.next());
          assertEquals(200, recording.goodRows());
          assertEquals(0, recording.badRows());
        }
      }
    }
  }

  // Without it the 16 KiB at which the file is cut into pieces could fall on a quote or a CRLF.
  @ParameterizedTest
  @ValueSource(ints = {16_370, 16_376, 16_378, 16_380, 16_381, 16_382, 16_383, 16_384, 16_385})
  void rowsMayStraddleTheReadBuffer(int padding) throws IOException {
    String text = "t,a\r\n0,\"" + "x".repeat(padding) + "\"\"\"\r\n1,\"2\"\r\n";
    try (Recording recording = open(text)) {
      assertTrue(recording.next());
      assertEquals("x".repeat(padding) + '"', recording.text(1));
      assertTrue(recording.next());
      assertEquals(2, recording.value(1));
      assertEquals(3, recording.line());
      assertFalse(recording.next());
    }
  }

  // Without it one endless line, or one quote that is never closed, would take all memory or rows.
  @Test
  void endlessRowsAndQuotesCostOneRowEach() throws IOException {
    String good = "7,8\n";
    String text =
        "t,v\n" + good + "1,".repeat(60_000) + "\n" + good + "2,\"" + "9\n".repeat(40_000) + good;
    try (Recording recording = open(text)) {
      List<Long> lines = new ArrayList<>();
      int values = 0;
      while (recording.next()) {
        lines.add(recording.line());
        values += recording.value(1) == 8 ? 1 : 0;
      }
      assertEquals(3, values);
      assertEquals(List.of(2L, 4L, 40_005L), lines);
      assertEquals("line 3 of " + temp.resolve("r.csv"), first(recording, ":"));
    }
  }

  private static String first(Recording recording, String until) {
    String bad = String.valueOf(recording.firstBad());
    return bad.substring(0, bad.indexOf(until));
  }

  // Without it a recording would be taken apart at the wrong sign, or a time column be assumed.
  @Test
  void separatorIsToldByTheHeaderAndTimesMayStandAnywhere() throws IOException {
    try (Recording recording = open("\"a;b;c;d\",t,e\n1,2,3\n")) {
      assertEquals(List.of("t", "e"), recording.columns());
    }
    Path file = write("a\tb;c\twhen\n1\t2\t5\n");
    Recording.Layout layout = new Recording.Layout('\t', "when", TimeFormat.EPOCH_NANOS);
    try (Recording recording = Recording.open(file, layout)) {
      assertEquals(List.of("a", "b;c"), recording.columns());
      assertTrue(recording.next());
      assertEquals(5, recording.timeNanos());
      assertEquals(2, recording.value(recording.column("b;c")));
      assertThrows(BadRecordingException.class, () -> recording.column("zzz"));
    }
  }

  // Without it a byte that is no UTF-8 would end the recording.
  @Test
  void bytesThatAreNoUtf8OnlySpoilTheirCell() throws IOException {
    byte[] text = "t,v\n0,X\n1,2\n".getBytes(StandardCharsets.US_ASCII);
    text[6] = (byte) 0xFF;
    Path file = Files.write(temp.resolve("r.csv"), text);
    try (Recording recording = Recording.open(file, Recording.Layout.AUTO)) {
      assertTrue(recording.next());
      assertTrue(Double.isNaN(recording.value(1)));
      assertTrue(recording.next());
      assertEquals(2, recording.value(1));
    }
  }

  @ParameterizedTest
  // Without it an hour, a zone or a fraction could be misread and nothing would show it.
  @CsvSource({
    "iso, 2026-11-23T10:15:30Z, 2026-11-23T10:15:30Z",
    "iso, 2026-11-23 10:15:30, 2026-11-23T10:15:30Z",
    "iso, 2026-11-23T10:15, 2026-11-23T10:15:00Z",
    "iso, 2026-11-23, 2026-11-23T00:00:00Z",
    "iso, 2026-11-23T10:15:30.5, 2026-11-23T10:15:30.500Z",
    "iso, 2026-11-23T10:15:30.123456789999, 2026-11-23T10:15:30.123456789Z",
    "iso, '2026-11-23T10:15:30,25Z', 2026-11-23T10:15:30.250Z",
    "iso, 2026-11-23T10:15:30+01:00, 2026-11-23T09:15:30Z",
    "iso, 2026-11-23T10:15:30-0530, 2026-11-23T15:45:30Z",
    "iso, 2026-11-23T00:15+01, 2026-11-22T23:15:00Z",
    "iso, 2024-02-29T00:00:00Z, 2024-02-29T00:00:00Z",
    "iso, 1969-12-31T23:59:59.9Z, 1969-12-31T23:59:59.900Z",
    "epoch-s, 0, 1970-01-01T00:00:00Z",
    "epoch-s, -1.5, 1969-12-31T23:59:58.500Z",
    "epoch-s, 1700000000.123456789, 2023-11-14T22:13:20.123456789Z",
    "epoch-ms, 1700000000123, 2023-11-14T22:13:20.123Z",
    "epoch-us, 1700000000123456, 2023-11-14T22:13:20.123456Z",
    "epoch-ns, 1700000000123456789, 2023-11-14T22:13:20.123456789Z",
    "auto, 1700000000, 2023-11-14T22:13:20Z",
    "auto, 1700000000123, 2023-11-14T22:13:20.123Z",
    "auto, 1700000000123456, 2023-11-14T22:13:20.123456Z",
    "auto, 1700000000123456789, 2023-11-14T22:13:20.123456789Z",
    "auto, 2014-04-01 00:05:00, 2014-04-01T00:05:00Z",
  })
  void timesAreReadToTheNanosecond(String format, String text, String instant) {
    TimeFormat read = TimeFormat.ofId(format);
    Assertions.assertNotNull(read);
    assertEquals(nanos(instant), read.parse(text));
  }

  // Without it a wrong time would move a row by years instead of being left out.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "x",
        "-",
        ".",
        "1.2.3",
        "2026-13-01",
        "2026-02-29",
        "2026-11-31",
        "2026-11-23T24:00",
        "2026-11-23T10:60",
        "2026-11-23T10:15:60",
        "2026-11-23T10:15:30.",
        "2026-11-23T",
        "2026-11-23T1",
        "2026-11-23T10:15:30+",
        "2026-11-23T10:15:30+1",
        "2026-11-23T10:15:30+19:00",
        "2026-11-23T10:15:30+01:60",
        "2026-11-23T10:15:30 UTC",
        "2026-11-23X10:15",
        "26-11-23",
        "1823-01-01",
        "2117-01-01",
        "9999-12-31",
        "99999999999",
        "-99999999999",
        "1e9",
        "0x10",
        "１７",
        "11/23/2026",
        "1-2",
        "--1",
        "999999999999999999999999999999999999999999"
      })
  void whatIsNoTimeIsToldSo(String text) {
    for (TimeFormat format : TimeFormat.values()) {
      if (format != TimeFormat.EPOCH_MILLIS
          && format != TimeFormat.EPOCH_MICROS
          && format != TimeFormat.EPOCH_NANOS) {
        assertEquals(TimeFormat.NO_TIME, format.parse(text), format.id());
      }
    }
  }

  // Without it the fast way to read numbers could round otherwise than Java does.
  @Test
  void numbersAreReadAsJavaReadsThem() {
    Random random = new Random(2026);
    for (int i = 0; i < 200_000; i++) {
      StringBuilder text = new StringBuilder(random.nextBoolean() ? "-" : "");
      digits(random, text, 20);
      if (random.nextInt(4) > 0) {
        text.append('.');
        digits(random, text, 24);
      }
      if (random.nextInt(4) == 0) {
        text.append(random.nextBoolean() ? 'e' : 'E').append(random.nextInt(600) - 300);
      }
      double expected = Double.parseDouble(text.toString());
      double found = parse(" " + text + "\t");
      assertEquals(Double.isFinite(expected) ? expected : Double.NaN, found, text::toString);
    }
    for (double exact :
        new double[] {0, -0.0, 1L << 53, (1L << 53) - 1, Double.MIN_VALUE, Double.MAX_VALUE}) {
      assertEquals(exact, parse(Double.toString(exact)));
    }
  }

  private static void digits(Random random, StringBuilder text, int most) {
    for (int i = 1 + random.nextInt(most); i > 0; i--) {
      text.append((char) ('0' + random.nextInt(10)));
    }
  }

  private static double parse(String text) {
    return Decimal.parse(text.toCharArray(), 0, text.length());
  }

  // Without it words and hexadecimal numbers would count as measurements.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "+",
        "-",
        ".",
        "-.",
        "e5",
        "1e",
        "1e+",
        "1e5x",
        "1d",
        "1f",
        "0x1p3",
        "NaN",
        "Infinity",
        "-Infinity",
        "1,5",
        "1 2",
        "--1",
        "1.2.3",
        "five",
        "1e999",
        "٣",
        "true"
      })
  void whatIsNoNumberIsNaN(String text) {
    assertTrue(Double.isNaN(parse(text)));
  }

  // Without it only recordings that we wrote ourselves would be known to play.
  @Test
  void realRecordingsAreReadWhole() throws IOException {
    Path data = Path.of(System.getProperty("tidegate.root"), "../shared/data").normalize();
    assumeTrue(Files.isDirectory(data), "no recordings in ../shared/data beside the repository");
    List<Path> files;
    try (Stream<Path> all = Files.walk(data)) {
      files = all.filter(file -> file.toString().endsWith(".csv")).sorted().toList();
    }
    assertTrue(files.size() > 10, files::toString);
    for (Path file : files) {
      long lines;
      try (Stream<String> text = Files.lines(file)) {
        lines = text.filter(line -> !line.isBlank()).count();
      }
      try (Recording recording = Recording.open(file, Recording.Layout.AUTO)) {
        int last = recording.columns().size();
        long before = Long.MIN_VALUE;
        while (recording.next()) {
          assertFalse(Double.isNaN(recording.value(last)), () -> file + ":" + recording.line());
          assertTrue(recording.timeNanos() > nanos("2010-01-01T00:00:00Z"), file::toString);
          assertTrue(
              recording.timeNanos() - before < Duration.ofDays(30).toNanos()
                  || before == Long.MIN_VALUE,
              file::toString);
          before = recording.timeNanos();
        }
        assertEquals(lines - 1, recording.goodRows(), file::toString);
        assertEquals(0, recording.badRows(), () -> file + " " + recording.firstBad());
      }
    }
  }
}
