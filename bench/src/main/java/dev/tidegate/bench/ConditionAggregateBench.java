package dev.tidegate.bench;

import dev.tidegate.aggregation.ReportFilter;
import dev.tidegate.aggregation.Windows;
import dev.tidegate.conditioning.Conditioner;
import dev.tidegate.config.Calibration;
import dev.tidegate.config.PointConfig;
import dev.tidegate.config.WindowConfig;
import dev.tidegate.flow.Summary;
import dev.tidegate.health.Counters;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Reading;
import dev.tidegate.reading.Sample;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * What one reading costs on the pipeline thread: conditioning (range, rate, stuck, gap; half of the
 * points calibrated), the report filter, and its windows, closing included. 64 points at 10 Hz, one
 * reading in ten out of order by up to two periods.
 *
 * <p>Run: {@code mvn -q -pl bench -am -Pjmh process-classes -Djmh=ConditionAggregateBench}.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 2,
    jvmArgsAppend = {"-XX:+UseSerialGC", "-Xmx256m"})
@State(Scope.Thread)
public class ConditionAggregateBench {
  private static final int POINTS = 64;
  private static final int BATCH = POINTS * 100;
  private static final long SECOND = 1_000_000_000L;
  private static final long PERIOD_NANOS = SECOND / 10;

  /** Tumbling 1 s; that and sliding 60 s by 5 s. */
  @Param({"tumbling", "tumbling+sliding"})
  public String windows = "tumbling";

  private final List<PointId> ids = new ArrayList<>();
  private final double[] values = new double[BATCH];
  private final long[] lags = new long[BATCH];
  private Conditioner conditioner = new Conditioner(List.of(), new Counters(), event -> {});
  private ReportFilter filter = new ReportFilter(List.of());
  private Windows aggregation = new Windows(List.of(), List.of(), new Counters());
  private long nowNanos = 1_795_000_000L * SECOND;

  /** Builds the stages and draws one batch of values. */
  @Setup
  public void build() {
    List<PointConfig> points = new ArrayList<>();
    for (int i = 0; i < POINTS; i++) {
      PointId id = PointId.of("plant", "p" + i);
      ids.add(id);
      Calibration calibration = i % 2 == 0 ? Calibration.NONE : new Calibration.Linear(0.1, -3);
      points.add(
          new PointConfig(
              id,
              null,
              null,
              calibration,
              -1e6,
              1e6,
              1e6,
              60 * SECOND,
              5 * SECOND,
              PointConfig.Report.CHANGES,
              0.5,
              60 * SECOND));
    }
    List<WindowConfig> configs = new ArrayList<>();
    configs.add(new WindowConfig("second", ids, SECOND, SECOND, SECOND / 2));
    if (windows.contains("sliding")) {
      configs.add(new WindowConfig("minute", ids, 60 * SECOND, 5 * SECOND, SECOND / 2));
    }
    Counters counters = new Counters();
    conditioner = new Conditioner(points, counters, event -> {});
    filter = new ReportFilter(points);
    aggregation = new Windows(configs, points, counters);
    Random random = new Random(1);
    for (int i = 0; i < BATCH; i++) {
      values[i] = 20 + random.nextGaussian();
      lags[i] = random.nextInt(10) == 0 ? random.nextInt(2 * (int) PERIOD_NANOS) : 0;
    }
  }

  /** The thread's own time: on a busy machine, wall time says little. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.EVENTS)
  public static class Cpu {
    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private long startNanos;
    private long readings;

    /** Starts over. */
    @Setup(Level.Iteration)
    public void start() {
      startNanos = threads.getCurrentThreadCpuTime();
      readings = 0;
    }

    /** CPU nanoseconds per reading of one iteration; the closing table adds the iterations up. */
    public double cpuNanos() {
      return (double) (threads.getCurrentThreadCpuTime() - startNanos) / readings;
    }
  }

  /** Readings of all points over ten seconds: made, conditioned, filtered and aggregated. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public void reading(Blackhole hole, Cpu cpu) {
    cpu.readings += BATCH;
    Consumer<Summary> out = hole::consume;
    for (int i = 0; i < BATCH; i++) {
      nowNanos += PERIOD_NANOS / POINTS;
      Reading raw = Reading.good(ids.get(i % POINTS), nowNanos - lags[i], values[i]);
      Sample sample = conditioner.condition(raw, nowNanos);
      hole.consume(filter.report(sample));
      aggregation.advance(nowNanos, out);
      aggregation.add(sample);
      conditioner.advance(nowNanos);
    }
  }
}
