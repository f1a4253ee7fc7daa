package dev.tidegate.models;

import dev.tidegate.drivers.simulator.Channel;
import dev.tidegate.drivers.simulator.Fault;
import dev.tidegate.drivers.simulator.Plant;
import dev.tidegate.drivers.simulator.Schedule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One simulated stretch of the plant's life, cut into windows as a gateway would cut it: each
 * channel sampled once a second, ten samples to a window, bad samples left out.
 *
 * @param seed of the plant and of its faults
 * @param hours how long
 * @param faults what went wrong when
 * @param windows in the order of time
 */
public record Run(long seed, int hours, List<Fault> faults, List<Window> windows) {
  public static final long WINDOW_NANOS = 10_000_000_000L;
  public static final long SAMPLE_NANOS = 1_000_000_000L;
  private static final long HOUR_NANOS = 3_600_000_000_000L;

  public Run {
    faults = List.copyOf(faults);
    windows = List.copyOf(windows);
  }

  /**
   * One window.
   *
   * @param endNanos first nanosecond after it, simulated time
   * @param features mean and standard deviation of each channel in turn; NaN where a channel had no
   *     usable sample
   * @param fault what was wrong at more than half of its samples; null: nothing
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody, and there are 50,000 of them
  public record Window(long endNanos, float[] features, @Nullable Fault fault) {
    /** Whether every feature is a number, so that a gateway would score it. */
    public boolean isComplete() {
      for (float feature : features) {
        if (!Float.isFinite(feature)) {
          return false;
        }
      }
      return true;
    }

    public boolean isFaulty() {
      return fault != null;
    }
  }

  /** Lives through it. */
  static Run of(long seed, int hours, List<Channel> channels) {
    List<Fault> faults = faults(seed, hours);
    Plant plant = new Plant(seed, schedule(faults));
    List<Window> windows = new ArrayList<>();
    long end = hours * HOUR_NANOS;
    for (long start = 0; start < end; start += WINDOW_NANOS) {
      windows.add(window(plant, start, channels));
    }
    return new Run(seed, hours, faults, windows);
  }

  private static Window window(Plant plant, long start, List<Channel> channels) {
    Moments[] moments = new Moments[channels.size()];
    Arrays.setAll(moments, i -> new Moments());
    int faulty = 0;
    Fault seen = null;
    int samples = 0;
    for (long at = start; at < start + WINDOW_NANOS; at += SAMPLE_NANOS) {
      plant.advanceTo(at);
      samples++;
      for (int i = 0; i < moments.length; i++) {
        if (!plant.quality(channels.get(i)).isBad()) {
          moments[i].add(plant.value(channels.get(i)));
        }
      }
      if (plant.faultActive()) {
        faulty++;
        seen = plant.activeFaults().getFirst();
      }
    }
    float[] features = new float[2 * moments.length];
    for (int i = 0; i < moments.length; i++) {
      features[2 * i] = (float) moments[i].mean();
      features[2 * i + 1] = (float) moments[i].stddev();
    }
    return new Window(start + WINDOW_NANOS, features, 2 * faulty > samples ? seen : null);
  }

  /**
   * Faults that do not overlap, found by halving: a day has some 150 of them and 864,000 steps, and
   * {@link Schedule#of} looks at each fault in each step.
   */
  public static Schedule schedule(List<Fault> faults) {
    NavigableMap<Long, List<Fault>> byStart = new TreeMap<>();
    for (Fault fault : faults) {
      byStart.put(fault.startNanos(), List.of(fault));
    }
    return simNanos -> {
      Map.Entry<Long, List<Fault>> last = byStart.floorEntry(simNanos);
      return last != null && last.getValue().getFirst().isActiveAt(simNanos)
          ? last.getValue()
          : List.of();
    };
  }

  /**
   * What goes wrong in the run of that seed: one fault of any kind after another, each 60 to 300 s
   * long and of severity 0.3 to 1, with 120 to 600 s of health between them.
   */
  public static List<Fault> faults(long seed, int hours) {
    SplitMix random = new SplitMix(~seed);
    List<Fault> faults = new ArrayList<>();
    Fault.Kind[] kinds = Fault.Kind.values();
    long at = 0;
    while (true) {
      at += (120 + random.nextInt(481)) * SAMPLE_NANOS;
      long duration = (60 + random.nextInt(241)) * SAMPLE_NANOS;
      Fault.Kind kind = kinds[random.nextInt(kinds.length)];
      double severity = 0.3 + 0.7 * random.nextDouble();
      if (at + duration > hours * HOUR_NANOS) {
        return faults;
      }
      faults.add(new Fault(kind, at, duration, severity));
      at += duration;
    }
  }
}
