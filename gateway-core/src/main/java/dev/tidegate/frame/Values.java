package dev.tidegate.frame;

import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Quality;
import dev.tidegate.reading.Reading;
import dev.tidegate.reading.Sample;
import dev.tidegate.reading.Value;
import dev.tidegate.reading.Waveform;

/**
 * The value of one sample. The CBOR type tells the kinds apart, so nothing is rounded: a float is a
 * {@code Real}, an integer a {@code Whole}, a boolean a {@code Flag}, a text a {@code Text}, and
 * the array {@code [step ns, [floats]]} a waveform.
 */
final class Values {
  /** UTF-8 of a text value at its longest. */
  private static final int MAX_TEXT_BYTES = 3 * 1024;

  private static final int MAX_WAVEFORM = 65_536;

  private Values() {}

  static void write(CborWriter out, Sample sample) {
    switch (sample) {
      case Reading reading -> write(out, reading.value());
      case Waveform wave -> {
        out.array(2);
        out.integer(wave.stepNanos());
        out.array(wave.values().length);
        for (double value : wave.values()) {
          out.real(value);
        }
      }
    }
  }

  private static void write(CborWriter out, Value value) {
    switch (value) {
      case Value.Real real -> out.real(real.value());
      case Value.Whole whole -> out.integer(whole.value());
      case Value.Flag flag -> out.flag(flag.value());
      case Value.Text text -> out.text(text.value());
    }
  }

  static Sample read(CborReader in, PointId point, long atNanos, Quality quality)
      throws FrameException {
    if (in.major() != 4) {
      return new Reading(point, atNanos, readValue(in), quality);
    }
    in.arrayOf(2);
    long stepNanos = in.integer(1, Long.MAX_VALUE);
    double[] values = new double[in.array(MAX_WAVEFORM)];
    for (int i = 0; i < values.length; i++) {
      values[i] = in.real();
    }
    return new Waveform(point, atNanos, stepNanos, values, quality);
  }

  private static Value readValue(CborReader in) throws FrameException {
    return switch (in.major()) {
      case 0, 1 -> new Value.Whole(in.integer());
      case 3 -> new Value.Text(in.text(MAX_TEXT_BYTES));
      default -> in.isFlag() ? new Value.Flag(in.flag()) : new Value.Real(in.real());
    };
  }

  /** The most bytes that {@link #write} can take for the sample. */
  static int mostBytes(Sample sample) {
    return switch (sample) {
      case Waveform wave -> 16 + 9 * wave.values().length;
      case Reading reading ->
          reading.value() instanceof Value.Text text ? textBytes(text.value()) : 9;
    };
  }

  /** The most bytes that a text can take. */
  static int textBytes(String text) {
    return 5 + 3 * text.length();
  }
}
