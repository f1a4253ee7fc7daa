package dev.tidegate.frame;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.Summary;
import dev.tidegate.frame.FrameCodec.Stamp;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Reading;
import dev.tidegate.time.TimeQuality;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How many bytes a reading takes, in whole frames, header and names included. */
class FrameSizeTest {
  private static final Stamp STAMP =
      new Stamp(1_795_000_000_123_456_789L, TimeQuality.SYNCHRONISED);
  private static final long SECOND = 1_000_000_000L;
  private static final long MINUTE = 60 * SECOND;

  /** One experiment: a row a second, a value a channel. */
  @SuppressWarnings("ArrayRecordComponent") // a table of numbers, never compared
  private record Recording(List<PointId> points, double[][] rows) {}

  private record Sizes(long bytes, long readings, double worstOfHalfQuantum) {
    double each() {
      return (double) bytes / readings;
    }
  }

  /** SKAB, where it lies beside the checkout; it is no part of it. */
  private static List<Recording> skab() throws IOException {
    Path folder =
        Path.of(System.getProperty("tidegate.root", ".."), "../shared/data/skab").normalize();
    Assumptions.assumeTrue(
        Files.isDirectory(folder), "skipped: no recordings at " + folder + " (SKAB, GPL-3.0)");
    List<Recording> recordings = new ArrayList<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".csv")).sorted().toList()) {
        recordings.add(recording(Files.readAllLines(file)));
      }
    }
    return recordings;
  }

  private static Recording recording(List<String> lines) {
    List<String> names = List.of(lines.getFirst().split(";", -1)).subList(1, 9);
    List<PointId> points = new ArrayList<>();
    for (String name : names) {
      points.add(PointId.of("loop", name.toLowerCase(java.util.Locale.ROOT).replace(' ', '-')));
    }
    double[][] rows = new double[lines.size() - 1][8];
    for (int i = 0; i < rows.length; i++) {
      String[] cells = lines.get(i + 1).split(";", -1);
      for (int k = 0; k < 8; k++) {
        rows[i][k] = Double.parseDouble(cells[k + 1]);
      }
    }
    return new Recording(points, rows);
  }

  /** 0.1 % of each channel's span over all recordings, in three digits and no larger. */
  private static ToDoubleFunction<PointId> quantum(List<Recording> recordings) {
    return point -> {
      double low = Double.POSITIVE_INFINITY;
      double high = Double.NEGATIVE_INFINITY;
      for (Recording recording : recordings) {
        int k = recording.points.indexOf(point);
        for (double[] row : recording.rows) {
          low = Math.min(low, row[k]);
          high = Math.max(high, row[k]);
        }
      }
      double span = (high - low) / 1_000;
      double unit = Math.pow(10, Math.floor(Math.log10(span)) - 2);
      return Math.floor(span / unit) * unit;
    };
  }

  private static Sizes measure(
      List<Recording> recordings, int rowsPerFrame, ToDoubleFunction<PointId> quantum)
      throws FrameException {
    FrameCodec codec = new FrameCodec("pump-7", FrameCodecTest.EPOCH, FrameCodecTest.BOOT, quantum);
    long bytes = 0;
    long readings = 0;
    double worst = 0;
    for (Recording recording : recordings) {
      for (int from = 0; from + rowsPerFrame <= recording.rows.length; from += rowsPerFrame) {
        List<Entry> entries = new ArrayList<>();
        for (int i = from; i < from + rowsPerFrame; i++) {
          for (int k = 0; k < 8; k++) {
            entries.add(
                new Entry.Measured(
                    Reading.good(recording.points.get(k), i * SECOND, recording.rows[i][k])));
          }
        }
        FrameCodec.Encoded frame = codec.encode(Lane.RAW, 1 + readings, STAMP, entries, 0);
        assertEquals(entries.size(), frame.count());
        List<Entry> back = FrameCodec.decode(frame.bytes()).entries();
        worst = Math.max(worst, compare(entries, back, quantum));
        assertEquals( // rounding what is rounded changes nothing: a merged frame is no worse
            back, FrameCodec.decode(codec.encode(Lane.RAW, 1, STAMP, back, 0).bytes()).entries());
        bytes += frame.bytes().length;
        readings += entries.size();
      }
    }
    return new Sizes(bytes, readings, worst);
  }

  /** The largest error, in half quanta; without a quantum there is none. */
  private static double compare(
      List<Entry> entries, List<Entry> back, ToDoubleFunction<PointId> quantum) {
    double worst = 0;
    for (int i = 0; i < entries.size(); i++) {
      Reading was = (Reading) ((Entry.Measured) entries.get(i)).sample();
      Reading is = (Reading) ((Entry.Measured) back.get(i)).sample();
      assertEquals(was.point(), is.point());
      assertEquals(was.sourceNanos(), is.sourceNanos());
      double step = quantum.applyAsDouble(was.point());
      double error = Math.abs(was.value().asDouble() - is.value().asDouble());
      if (step == 0) {
        assertEquals(
            Double.doubleToRawLongBits(was.value().asDouble()),
            Double.doubleToRawLongBits(is.value().asDouble()));
      } else {
        worst = Math.max(worst, error / (step / 2));
      }
    }
    return worst;
  }

  // Without it the card would fill, and the link be paid, for bytes that say nothing.
  @ParameterizedTest
  @CsvSource({"600, 1.9", "60, 2.1"})
  void losslessOnRecordings(int rows, double most) throws Exception {
    Sizes sizes = measure(skab(), rows, point -> 0);
    System.out.printf("lossless, %d rows: %.3f B a reading%n", rows, sizes.each());
    assertTrue(sizes.each() <= most, sizes.toString());
  }

  /** What header and names of a frame take: a frame of a single row, all 0. */
  private static int overheadBytes(Recording recording) {
    List<Entry> row = new ArrayList<>();
    for (PointId point : recording.points) {
      row.add(new Entry.Measured(Reading.good(point, 0, 0)));
    }
    return new FrameCodec("pump-7", FrameCodecTest.EPOCH, FrameCodecTest.BOOT)
        .encode(Lane.RAW, 1, STAMP, row, 0)
        .bytes()
        .length;
  }

  // Without it the sensor's noise would be kept as if it were a measurement.
  @ParameterizedTest
  @CsvSource({"600, 0.62, 0.62", "60, 1.06, 0.80"})
  void roundedOnRecordings(int rows, double mostOfFrame, double mostOfColumns) throws Exception {
    List<Recording> recordings = skab();
    ToDoubleFunction<PointId> quantum = quantum(recordings);
    java.util.Map<PointId, Double> cached = new java.util.HashMap<>();
    Sizes sizes = measure(recordings, rows, p -> cached.computeIfAbsent(p, quantum::applyAsDouble));
    double columns = sizes.each() - overheadBytes(recordings.getFirst()) / (8.0 * rows);
    System.out.printf(
        "quantum 0.1 %% of span, %d rows: %.3f B a reading, %.3f of it columns, off by at most %.6f"
            + " half quanta%n",
        rows, sizes.each(), columns, sizes.worstOfHalfQuantum);
    assertTrue(sizes.each() <= mostOfFrame, sizes.toString());
    assertTrue(columns <= mostOfColumns, columns + " B");
    assertTrue(sizes.worstOfHalfQuantum <= 1 + 1e-9, sizes.toString());
  }

  // Without it summaries would cost more than what they summarise.
  @ParameterizedTest
  @CsvSource({"false", "true"})
  void oneMinuteSummariesOfRecordings(boolean rounded) throws Exception {
    List<Recording> recordings = skab();
    ToDoubleFunction<PointId> quantum = rounded ? quantum(recordings) : point -> 0;
    FrameCodec codec = new FrameCodec("pump-7", FrameCodecTest.EPOCH, FrameCodecTest.BOOT, quantum);
    List<Entry> summaries = new ArrayList<>();
    long minute = 0;
    for (Recording recording : recordings) {
      for (int from = 0; from + 60 <= recording.rows.length; from += 60) {
        for (int k = 0; k < 8; k++) {
          summaries.add(summary(recording, k, from, minute * MINUTE));
        }
        minute++;
      }
    }
    FrameCodec.Encoded frame = codec.encode(Lane.SUMMARIES, 1, STAMP, summaries, 0);
    double each = (double) frame.bytes().length / frame.count() / 60;
    System.out.printf(
        "one-minute summaries%s: %.3f B a raw reading, %d summaries a frame%n",
        rounded ? ", quantum 0.1 % of span" : ", lossless", each, frame.count());
    if (rounded) {
      assertTrue(each <= 0.10, each + " B");
    } else {
      assertEquals(summaries.subList(0, frame.count()), FrameCodec.decode(frame.bytes()).entries());
    }
  }

  private static Summary summary(Recording recording, int k, int from, long startNanos) {
    double sum = 0;
    double squares = 0;
    double min = Double.POSITIVE_INFINITY;
    double max = Double.NEGATIVE_INFINITY;
    for (int i = from; i < from + 60; i++) {
      double value = recording.rows[i][k];
      sum += value;
      squares += value * value;
      min = Math.min(min, value);
      max = Math.max(max, value);
    }
    double mean = sum / 60;
    double stddev = Math.sqrt(Math.max(0, squares / 60 - mean * mean));
    return new Summary(
        "1m",
        recording.points.get(k),
        startNanos,
        startNanos + MINUTE,
        60,
        0,
        0,
        min,
        mean,
        max,
        stddev,
        recording.rows[from][k],
        recording.rows[from + 59][k],
        mean,
        MINUTE);
  }

  // Without it the bars would be checked only where the recordings lie.
  @Test
  void aSyntheticRecordingStaysSmall() throws Exception {
    Random random = new Random(11);
    List<PointId> points = new ArrayList<>();
    for (int k = 0; k < 8; k++) {
      points.add(PointId.of("loop", "p" + k));
    }
    double[][] rows = new double[1_200][8];
    for (int i = 0; i < rows.length; i++) {
      for (int k = 0; k < 8; k++) {
        double value = 50 + 10 * Math.sin(i / 200.0 + k) + random.nextGaussian() * 0.05;
        rows[i][k] = Math.rint(value * 1_000) / 1_000;
      }
    }
    List<Recording> recordings = List.of(new Recording(points, rows));
    Sizes exact = measure(recordings, 600, p -> 0);
    assertTrue(exact.each() < 1.2, exact.toString());
    Sizes rounded = measure(recordings, 600, p -> 0.02);
    assertTrue(rounded.each() < 0.6 && rounded.worstOfHalfQuantum <= 1 + 1e-9, "" + rounded);
  }

  // Without it a slow gateway, whose frames hold a few readings, would pay for the columns.
  @Test
  void smallFramesAreNotLargerThanThoseOfVersion1() {
    FrameCodec codec = new FrameCodec("pump-7", FrameCodecTest.EPOCH, FrameCodecTest.BOOT);
    int[] version1 = {107, 123, 0, 0, 171}; // 1, 2, 5 readings, measured with the former encoder
    for (int count : new int[] {1, 2, 5}) {
      List<Entry> entries = new ArrayList<>();
      for (int k = 0; k < count; k++) {
        entries.add(new Entry.Measured(Reading.good(PointId.of("pump", "p" + k), 5, 20.5 + k)));
      }
      int size = codec.encode(Lane.RAW, 1, STAMP, entries, 0).bytes().length;
      System.out.println(count + " readings: " + size);
      assertTrue(size <= version1[count - 1], count + " readings: " + size);
    }
  }
}
