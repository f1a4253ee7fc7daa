package dev.tidegate.frame;

import dev.tidegate.flow.Entry;
import dev.tidegate.frame.column.BitReader;
import dev.tidegate.frame.column.BitWriter;
import dev.tidegate.frame.column.LongColumn;
import dev.tidegate.frame.column.RealColumn;
import dev.tidegate.frame.column.RealColumn.Quantum;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Quality;
import dev.tidegate.reading.Reading;
import dev.tidegate.reading.Sample;
import dev.tidegate.reading.Value;
import dev.tidegate.reading.Waveform;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The body of a raw frame: samples of many points, one column of values a point, one time column
 * for all.
 *
 * <pre>
 *   {@link Names}  of the points
 *   {@link Series} order and times
 *   1 bit         0: all are good; 1: a column of quality codes, in the order of the records
 *   per point:    1 bit     1: all its values have one type
 *                 3 bits    the type, or a column of types
 *                 per type that occurs, in the order below: its values
 *   types:        0 real      {@link RealColumn}
 *                 1 whole     column
 *                 2 flag      column of 0 and 1
 *                 3 text      {@link Names}: the distinct texts; column of which each value is
 *                 4 waveform  column of steps in ns, column of lengths, {@link RealColumn} of all values
 * </pre>
 *
 * For one thread.
 */
final class Samples {
  private static final int TYPES = 5;
  private static final int MAX_WAVEFORM = 65_536;

  /** Values of all waveforms of a frame, so that few bytes cannot claim much memory. */
  private static final int MAX_WAVEFORM_VALUES = FrameCodec.MAX_BYTES / 8;

  private final int mostBytes;
  private final LongColumn longs = new LongColumn();
  private final RealColumn reals = new RealColumn(longs);
  private final Series series = new Series();
  private final Map<PointId, Integer> indices = new HashMap<>();
  private final List<PointId> points = new ArrayList<>();
  private final long[] column = new long[FrameCodec.MAX_RECORDS];
  private double[] numbers = new double[FrameCodec.MAX_RECORDS];
  private boolean allGood;

  /** Of at most so many bytes, unless it is a single sample. */
  Samples(int mostBytes) {
    this.mostBytes = mostBytes;
  }

  /** Writes as many samples as fit, at least one; says how many. */
  int write(
      BitWriter out,
      List<? extends Entry> entries,
      int from,
      Function<PointId, Quantum> quantumOf) {
    int count = index(entries, from);
    Names.write(out, points.stream().map(PointId::name).toList());
    series.group(count, points.size());
    series.write(out, longs, count, points.size());
    out.bits(allGood ? 0 : 1, 1);
    if (!allGood) {
      for (int i = 0; i < count; i++) {
        column[i] = sample(entries, from + i).quality().code();
      }
      longs.write(out, column, count);
    }
    for (int point = 0; point < points.size(); point++) {
      writePoint(out, entries, from, point, quantumOf.apply(points.get(point)));
    }
    return count;
  }

  /** Fills the series until the frame is full. */
  private int index(List<? extends Entry> entries, int from) {
    indices.clear();
    points.clear();
    allGood = true;
    int most = Math.min(FrameCodec.MAX_RECORDS, entries.size() - from);
    int bytes = 32;
    int index = -1;
    for (int i = 0; i < most; i++) {
      Sample sample = sample(entries, from + i);
      // Order, time, quality and the types: 16 bytes at the most.
      bytes += 16 + Values.mostBytes(sample);
      index = indexOf(sample.point(), index + 1);
      if (index == points.size()) {
        bytes += Values.textBytes(sample.point().name());
      }
      if (bytes > mostBytes && i > 0) {
        return i;
      }
      if (index == points.size()) {
        indices.put(sample.point(), index);
        points.add(sample.point());
      }
      allGood &= sample.quality().isGood();
      series.of[i] = index;
      series.atNanos[i] = sample.sourceNanos();
    }
    return most;
  }

  /** Devices are polled in the same order again and again: the next point is a good guess. */
  private int indexOf(PointId point, int guess) {
    int likely = guess < points.size() ? guess : 0;
    if (likely < points.size() && points.get(likely).equals(point)) {
      return likely;
    }
    Integer known = indices.get(point);
    return known == null ? points.size() : known;
  }

  private static Sample sample(List<? extends Entry> entries, int i) {
    if (entries.get(i) instanceof Entry.Measured measured) {
      return measured.sample();
    }
    throw new IllegalArgumentException("the raw lane takes samples alone: " + entries.get(i));
  }

  private void writePoint(
      BitWriter out, List<? extends Entry> entries, int from, int point, Quantum quantum) {
    int size = series.size(point);
    int first = type(sample(entries, from + series.record(point, 0)));
    boolean isUniform = true;
    for (int i = 0; i < size; i++) {
      column[i] = type(sample(entries, from + series.record(point, i)));
      isUniform &= column[i] == first;
    }
    out.bits(isUniform ? 1 : 0, 1);
    if (isUniform) {
      out.bits(first, 3);
    } else {
      longs.write(out, column, size);
    }
    for (int type = 0; type < TYPES; type++) {
      List<Sample> own = new ArrayList<>(isUniform && type == first ? size : 0);
      for (int i = 0; i < size; i++) {
        Sample sample = sample(entries, from + series.record(point, i));
        if (type(sample) == type) {
          own.add(sample);
        }
      }
      if (!own.isEmpty()) {
        writeValues(out, own, type, quantum);
      }
    }
  }

  private static int type(Sample sample) {
    return switch (sample) {
      case Waveform w -> 4;
      case Reading reading ->
          switch (reading.value()) {
            case Value.Real r -> 0;
            case Value.Whole w -> 1;
            case Value.Flag f -> 2;
            case Value.Text t -> 3;
          };
    };
  }

  private void writeValues(BitWriter out, List<Sample> own, int type, Quantum quantum) {
    int size = own.size();
    switch (type) {
      case 0 -> {
        for (int i = 0; i < size; i++) {
          numbers[i] = ((Reading) own.get(i)).value().asDouble();
        }
        reals.write(out, numbers, size, quantum);
      }
      case 1, 2 -> {
        for (int i = 0; i < size; i++) {
          Value value = ((Reading) own.get(i)).value();
          column[i] =
              value instanceof Value.Whole whole ? whole.value() : value.asDouble() == 0 ? 0 : 1;
        }
        longs.write(out, column, size);
      }
      case 3 -> writeTexts(out, own);
      default -> writeWaveforms(out, own, quantum);
    }
  }

  private void writeTexts(BitWriter out, List<Sample> own) {
    Map<String, Integer> distinct = new LinkedHashMap<>();
    for (int i = 0; i < own.size(); i++) {
      String text = ((Value.Text) ((Reading) own.get(i)).value()).value();
      Integer known = distinct.putIfAbsent(text, distinct.size());
      column[i] = known == null ? distinct.size() - 1 : known;
    }
    Names.write(out, distinct.keySet());
    longs.write(out, column, own.size());
  }

  private void writeWaveforms(BitWriter out, List<Sample> own, Quantum quantum) {
    int total = 0;
    for (int i = 0; i < own.size(); i++) {
      Waveform wave = (Waveform) own.get(i);
      column[i] = wave.stepNanos();
      int length = wave.values().length;
      if (numbers.length < total + length) {
        numbers = Arrays.copyOf(numbers, Math.max(total + length, 2 * numbers.length));
      }
      System.arraycopy(wave.values(), 0, numbers, total, length);
      total += length;
    }
    longs.write(out, column, own.size());
    for (int i = 0; i < own.size(); i++) {
      column[i] = ((Waveform) own.get(i)).values().length;
    }
    longs.write(out, column, own.size());
    reals.write(out, numbers, total, quantum);
  }

  /**
   * Reads a body.
   *
   * @throws IllegalArgumentException when the bits are none
   */
  static List<Entry> read(BitReader in, int count, long baseNanos) {
    PointId[] points =
        Arrays.stream(Names.read(in, count)).map(PointId::new).toArray(PointId[]::new);
    Series series = new Series();
    series.read(in, count, points.length, baseNanos);
    long[] qualities = in.bits(1) == 0 ? null : LongColumn.read(in, count);
    Entry[] entries = new Entry[count];
    int waveformValues = 0;
    for (int point = 0; point < points.length; point++) {
      int size = series.size(point);
      if (size == 0) {
        throw new IllegalArgumentException("a point without a sample");
      }
      waveformValues += readPoint(in, series, points, point, qualities, entries);
      if (waveformValues > MAX_WAVEFORM_VALUES) {
        throw new IllegalArgumentException("waveforms of too many values");
      }
    }
    return List.of(entries);
  }

  /** Reads the values of one point; returns how many values its waveforms have. */
  private static int readPoint(
      BitReader in,
      Series series,
      PointId[] points,
      int point,
      long @org.jspecify.annotations.Nullable [] qualities,
      Entry[] entries) {
    int size = series.size(point);
    long[] types = new long[size];
    if (in.bits(1) == 1) {
      Arrays.fill(types, in.bits(3));
    } else {
      types = LongColumn.read(in, size);
    }
    int values = 0;
    int done = 0;
    for (int type = 0; type < TYPES; type++) {
      int[] records = new int[size];
      int own = 0;
      for (int i = 0; i < size; i++) {
        if (types[i] == type) {
          records[own++] = series.record(point, i);
        }
      }
      if (own == 0) {
        continue;
      }
      done += own;
      Maker maker = maker(in, type, own);
      values += maker.waveformValues();
      for (int i = 0; i < own; i++) {
        int record = records[i];
        Quality quality =
            qualities == null ? Quality.GOOD : Quality.ofCode(within(64, qualities[record]));
        entries[record] =
            new Entry.Measured(maker.make(i, points[point], series.atNanos[record], quality));
      }
    }
    if (done != size) {
      throw new IllegalArgumentException("a value of no known type");
    }
    return values;
  }

  /** Makes samples of the values of one type that were read. */
  private interface Maker {
    Sample make(int i, PointId point, long atNanos, Quality quality);

    default int waveformValues() {
      return 0;
    }
  }

  private static Maker maker(BitReader in, int type, int own) {
    return switch (type) {
      case 0 -> {
        double[] values = RealColumn.read(in, own);
        yield (i, p, at, q) -> new Reading(p, at, new Value.Real(values[i]), q);
      }
      case 1 -> {
        long[] values = LongColumn.read(in, own);
        yield (i, p, at, q) -> new Reading(p, at, new Value.Whole(values[i]), q);
      }
      case 2 -> {
        long[] values = LongColumn.read(in, own);
        yield (i, p, at, q) -> new Reading(p, at, Value.of(flag(values[i])), q);
      }
      case 3 -> {
        String[] texts = Names.read(in, own);
        long[] which = LongColumn.read(in, own);
        yield (i, p, at, q) ->
            new Reading(p, at, new Value.Text(texts[within(texts.length, which[i])]), q);
      }
      default -> new Waves(in, own);
    };
  }

  private static int within(int size, long value) {
    if (value < 0 || value >= size) {
      throw new IllegalArgumentException("not one of " + size + ": " + value);
    }
    return (int) value;
  }

  private static boolean flag(long value) {
    if (value != 0 && value != 1) {
      throw new IllegalArgumentException("a flag that is " + value);
    }
    return value == 1;
  }

  private static final class Waves implements Maker {
    private final long[] stepNanos;
    private final int[] starts;
    private final double[] values;

    Waves(BitReader in, int own) {
      stepNanos = LongColumn.read(in, own);
      long[] lengths = LongColumn.read(in, own);
      starts = new int[own + 1];
      for (int i = 0; i < own; i++) {
        if (lengths[i] < 1
            || lengths[i] > MAX_WAVEFORM
            || starts[i] + lengths[i] > MAX_WAVEFORM_VALUES) {
          throw new IllegalArgumentException("a waveform of " + lengths[i] + " values");
        }
        starts[i + 1] = starts[i] + (int) lengths[i];
      }
      values = RealColumn.read(in, starts[own]);
    }

    @Override
    public Sample make(int i, PointId point, long atNanos, Quality quality) {
      double[] own = Arrays.copyOfRange(values, starts[i], starts[i + 1]);
      return new Waveform(point, atNanos, stepNanos[i], own, quality);
    }

    @Override
    public int waveformValues() {
      return values.length;
    }
  }
}
