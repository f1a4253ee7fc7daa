package dev.tidegate.bench;

import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Lane;
import dev.tidegate.frame.FrameCodec;
import dev.tidegate.frame.FrameException;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Reading;
import dev.tidegate.time.TimeQuality;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a reading costs on its way into a frame and out of it: 600 rows of eight points, of which
 * five are noise in six digits, one is a slow drift, one takes few values and one is a state.
 *
 * <p>Run: {@code mvn -q -pl bench -am -Pjmh process-classes -Djmh=FrameBench}. The methods that end
 * with C1 use the compiler that the product is started with.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class FrameBench {
  private static final int ROWS = 600;
  private static final int READINGS = 8 * ROWS;

  /** 0: lossless. */
  @Param({"0", "0.01"})
  public double quantum;

  private final List<Entry> entries = new ArrayList<>();
  private final FrameCodec.Stamp stamp = new FrameCodec.Stamp(7, TimeQuality.SYNCHRONISED);
  private FrameCodec codec = codec(0);
  private byte[] frame = {};

  private static FrameCodec codec(double quantum) {
    return new FrameCodec(
        "bench",
        "00112233445566778899aabbccddeeff",
        "6f8f57ca-1f0b-4a5c-9f5e-5b3c8a3d9c10",
        point -> quantum);
  }

  /** Makes the rows. */
  @Setup
  public void fill() {
    codec = codec(quantum);
    PointId[] points = new PointId[8];
    for (int k = 0; k < points.length; k++) {
      points[k] = PointId.of("loop", "p" + k);
    }
    Random random = new Random(1);
    for (int i = 0; i < ROWS; i++) {
      for (int k = 0; k < 8; k++) {
        double value =
            switch (k) {
              case 5 -> Math.rint(1e3 * (20 + i / 100.0)) / 1e3;
              case 6 -> Math.rint(random.nextGaussian()) * 0.327927;
              case 7 -> i / 200 % 2;
              default -> Math.rint(1e5 * (k + random.nextGaussian() * 0.02)) / 1e5;
            };
        entries.add(new Entry.Measured(Reading.good(points[k], i * 1_000_000_000L, value)));
      }
    }
    frame = codec.encode(Lane.RAW, 1, stamp, entries, 0).bytes();
  }

  @Benchmark
  @OperationsPerInvocation(READINGS)
  public Object encode() {
    return codec.encode(Lane.RAW, 1, stamp, entries, 0);
  }

  @Benchmark
  @OperationsPerInvocation(READINGS)
  @Fork(
      value = 1,
      jvmArgsAppend = {"-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"})
  public Object encodeC1() {
    return codec.encode(Lane.RAW, 1, stamp, entries, 0);
  }

  @Benchmark
  @OperationsPerInvocation(READINGS)
  public Object decode() throws FrameException {
    return FrameCodec.decode(frame);
  }

  @Benchmark
  @OperationsPerInvocation(READINGS)
  @Fork(
      value = 1,
      jvmArgsAppend = {"-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"})
  public Object decodeC1() throws FrameException {
    return FrameCodec.decode(frame);
  }
}
