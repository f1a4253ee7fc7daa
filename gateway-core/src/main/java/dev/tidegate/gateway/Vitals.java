package dev.tidegate.gateway;

import dev.tidegate.config.BudgetConfig;
import dev.tidegate.flow.Lane;
import dev.tidegate.health.Counters;
import dev.tidegate.health.Faults;
import dev.tidegate.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Map;

/**
 * What the gateway writes and sends, by the hour, and what the budget says of it.
 *
 * <h2>Budget</h2>
 *
 * Once a minute the rate of the last hour, or of the time since the start where that is less but at
 * least two minutes, is held against the budget. Beyond it, of twice as many raw readings one is
 * kept from then on, up to one of {@value #MOST}; below 70 % of it, of half as many again, at most
 * every ten minutes, so that it does not swing.
 *
 * <p>Threads: {@link #sample} is for one, the rest for any.
 */
final class Vitals {
  static final int MOST = 1_024;
  static final long SAMPLE_EVERY_NANOS = 10_000_000_000L;
  private static final int SAMPLES = 361;
  private static final long JUDGED_NANOS = 60_000_000_000L;
  private static final long LEAST_NANOS = 120_000_000_000L;
  private static final long RELAX_NANOS = 600_000_000_000L;
  private static final double DAY_NANOS = 86_400e9;
  private static final double RELAXED = 0.7;

  private final Counters counters;
  private final Faults faults;
  private final BudgetConfig budget;
  private final Clock clock;
  private final FlashMeter flash;
  private final Deque<Sample> samples = new ArrayDeque<>();
  private final long startNanos;
  private final Sample first;
  private long judgedNanos;
  private long changedNanos;
  private volatile int keepOneOf = 1;

  /** The counters at one moment. */
  private record Sample(
      long atNanos, long flashBytes, long deviceBytes, long linkBytes, Map<Lane, Long> laneBytes) {}

  Vitals(FlashMeter flash, BudgetConfig budget, Counters counters, Faults faults, Clock clock) {
    this.flash = flash;
    this.budget = budget;
    this.counters = counters;
    this.faults = faults;
    this.clock = clock;
    startNanos = clock.monotonicNanos();
    judgedNanos = startNanos;
    changedNanos = startNanos;
    first = take();
    samples.add(first);
  }

  private Sample take() {
    Map<Lane, Long> lanes = new EnumMap<>(Lane.class);
    for (Lane lane : Lane.values()) {
      lanes.put(lane, counters.value("buffer.stored-bytes." + lane.word()));
    }
    return new Sample(
        clock.monotonicNanos(),
        flash.processBytes(),
        flash.deviceBytes(),
        counters.value("sync.link-bytes-in") + counters.value("sync.link-bytes-out"),
        lanes);
  }

  /** Notes where the counters stand; every {@link #SAMPLE_EVERY_NANOS}. */
  synchronized void sample() {
    Sample now = take();
    samples.add(now);
    if (samples.size() > SAMPLES) {
      samples.removeFirst();
    }
    boolean isDue = now.atNanos - judgedNanos >= JUDGED_NANOS;
    if (isDue && now.atNanos - samples.getFirst().atNanos >= LEAST_NANOS) {
      judgedNanos = now.atNanos;
      judge(now.atNanos);
    }
  }

  private void judge(long nowNanos) {
    double part =
        Math.max(
            flashPerDay() / budget.flashBytesPerDay(), linkPerDay() / budget.linkBytesPerDay());
    if (part > 1 && keepOneOf < MOST) {
      keepOneOf *= 2;
      restart(nowNanos);
    } else if (part < RELAXED && keepOneOf > 1 && nowNanos - changedNanos >= RELAX_NANOS) {
      keepOneOf /= 2;
      restart(nowNanos);
    }
    if (keepOneOf > 1) {
      faults.raise(
          "budget",
          "thinned",
          "the budget would be exceeded: of "
              + keepOneOf
              + " raw readings of a point one is stored; alarms, events and summaries are not"
              + " touched: raise budget, or poll less often");
    } else {
      faults.clear("budget", "thinned");
    }
    if (part > 1 && keepOneOf == MOST) {
      faults.raise(
          "budget",
          "exceeded",
          "the budget is exceeded although hardly any raw reading is stored: raise it, or make"
              + " windows longer");
    } else {
      faults.clear("budget", "exceeded");
    }
  }

  /** Rates of before a change say nothing of after it. */
  private void restart(long nowNanos) {
    changedNanos = nowNanos;
    Sample last = samples.getLast();
    samples.clear();
    samples.add(last);
  }

  /** Of so many raw readings of a point one is to be stored. */
  int keepOneOf() {
    return keepOneOf;
  }

  long uptimeNanos() {
    return clock.monotonicNanos() - startNanos;
  }

  synchronized long flashBytes() {
    return samples.getLast().flashBytes - first.flashBytes;
  }

  synchronized long linkBytes() {
    return samples.getLast().linkBytes - first.linkBytes;
  }

  synchronized double flashPerDay() {
    return perDay(samples.getLast().flashBytes - samples.getFirst().flashBytes);
  }

  /** By the disk's own counters; -1 where it has none. */
  synchronized double devicePerDay() {
    return samples.getLast().deviceBytes < 0
        ? -1
        : perDay(samples.getLast().deviceBytes - samples.getFirst().deviceBytes);
  }

  synchronized double linkPerDay() {
    return perDay(samples.getLast().linkBytes - samples.getFirst().linkBytes);
  }

  /** Bytes of new frames of a lane in an hour; -1 where too little was measured. */
  synchronized double lanePerHour(Lane lane) {
    long before = samples.getFirst().laneBytes.getOrDefault(lane, 0L);
    double perDay = perDay(samples.getLast().laneBytes.getOrDefault(lane, 0L) - before);
    return perDay < 0 ? -1 : perDay / 24;
  }

  private double perDay(long bytes) {
    long nanos = samples.getLast().atNanos - samples.getFirst().atNanos;
    return nanos < SAMPLE_EVERY_NANOS ? -1 : bytes * DAY_NANOS / nanos;
  }
}
