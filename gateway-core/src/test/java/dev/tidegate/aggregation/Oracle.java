package dev.tidegate.aggregation;

import dev.tidegate.config.PointConfig;
import dev.tidegate.config.WindowConfig;
import dev.tidegate.flow.Summary;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Reading;
import dev.tidegate.reading.Sample;
import dev.tidegate.reading.Waveform;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Windows by brute force: keeps every sample for ever, sorts them for each window, and holds values
 * nanosecond by nanosecond. Shares no code and no idea with {@link Windows}; a {@link Defect} makes
 * it wrong in one respect, to show that the comparison notices.
 */
final class Oracle {
  enum Defect {
    NONE,
    /** A sample exactly at the end counts. */
    END_INCLUDED,
    /** A window takes nothing that is older than the youngest closed window's end. */
    LATE_FOR_ALL,
    /** First and last go by arrival. */
    ARRIVAL_ORDER,
    /** A bad sample leaves the value before it holding. */
    BAD_HOLDS_ON,
    /** The value from before the window's start is forgotten. */
    NOTHING_BEFORE,
    /** A late sample is unknown also to what holds. */
    LATE_NEVER_HOLDS,
    /** gap-after is one nanosecond longer. */
    GAP_LATER,
    /** Of two samples at one time, the first holds. */
    FIRST_OF_TIES,
    /** Windows close one nanosecond early. */
    CLOSES_EARLY
  }

  private record Seen(long time, double value, boolean usable, int arrival, boolean tooLate) {}

  private final Script script;
  private final Defect defect;
  private final Map<PointId, List<Seen>> seen = new HashMap<>();
  private final Map<String, Long> late = new HashMap<>();
  private final Map<String, Long> closedThrough = new HashMap<>();
  private final List<Summary> out = new ArrayList<>();
  private int arrivals;

  Oracle(Script script, Defect defect) {
    this.script = script;
    this.defect = defect;
    script.windows.forEach(w -> closedThrough.put(w.id(), Long.MIN_VALUE));
  }

  List<Summary> run() {
    for (Script.Step step : script.steps) {
      switch (step) {
        case Script.Step.Add(Sample sample) -> add(sample);
        case Script.Step.Advance(long now) -> close(now, false);
        case Script.Step.Flush(long now) -> {
          close(now, false);
          close(now, true);
        }
      }
    }
    return out;
  }

  private void add(Sample sample) {
    switch (sample) {
      case Reading r -> see(r.point(), r.sourceNanos(), r.value().asDouble(), r.quality().isBad());
      case Waveform w -> {
        for (int i = 0; i < w.values().length; i++) {
          see(w.point(), w.sourceNanos() + i * w.stepNanos(), w.values()[i], w.quality().isBad());
        }
      }
    }
  }

  private List<Seen> of(PointId point) {
    return seen.computeIfAbsent(point, p -> new ArrayList<>());
  }

  private void see(PointId point, long time, double value, boolean bad) {
    boolean tooLate = false;
    for (WindowConfig w : script.windows) {
      if (w.points().contains(point)) {
        long oldest = Math.floorDiv(time, w.slideNanos()) * w.slideNanos();
        while (oldest - w.slideNanos() + w.sizeNanos() > time) {
          oldest -= w.slideNanos();
        }
        if (oldest <= closed(w)) {
          late.merge(w.id() + point, 1L, Long::sum);
          tooLate = true;
        }
      }
    }
    of(point).add(new Seen(time, value, !bad && Double.isFinite(value), arrivals++, tooLate));
  }

  /** Start of the youngest closed window. */
  private long closed(WindowConfig w) {
    return closedThrough.getOrDefault(w.id(), Long.MIN_VALUE);
  }

  private record Due(WindowConfig window, PointId point, long start, int order) {}

  private void close(long now, boolean flush) {
    List<Due> due = new ArrayList<>();
    for (int w = 0; w < script.windows.size(); w++) {
      WindowConfig window = script.windows.get(w);
      for (int p = 0; p < window.points().size(); p++) {
        PointId point = window.points().get(p);
        for (long start : starts(window, point, now)) {
          boolean closes =
              flush ? start < now || reaches(point, start) : closes(window, start, now);
          if (start > closed(window) && closes) {
            due.add(new Due(window, point, start, w * 100 + p));
          }
        }
      }
    }
    due.sort(
        Comparator.comparingLong(
                (Due d) -> d.start + d.window.sizeNanos() + d.window.latenessNanos())
            .thenComparingInt(Due::order));
    for (Due d : due) {
      out.add(summary(d.window, d.point, d.start, flush ? now : Long.MAX_VALUE));
    }
    for (WindowConfig w : script.windows) {
      long start = Math.floorDiv(now, w.slideNanos()) * w.slideNanos();
      while (!closes(w, start, now)) {
        start -= w.slideNanos();
      }
      closedThrough.merge(w.id(), start, Math::max);
    }
  }

  private boolean closes(WindowConfig w, long start, long now) {
    long end = start + w.sizeNanos() + w.latenessNanos();
    return defect == Defect.CLOSES_EARLY ? end - 1 <= now : end <= now;
  }

  /** Starts of all windows from that of the point's oldest sample until well after now. */
  private Set<Long> starts(WindowConfig w, PointId point, long now) {
    Set<Long> starts = new TreeSet<>();
    long until = now;
    long from = Long.MAX_VALUE;
    for (Seen s : of(point)) {
      from = Math.min(from, s.time);
      until = Math.max(until, s.time);
    }
    if (from != Long.MAX_VALUE) {
      long start = Math.floorDiv(from, w.slideNanos()) * w.slideNanos();
      while (start + w.sizeNanos() > from) {
        start -= w.slideNanos();
      }
      for (start += w.slideNanos(); start <= until; start += w.slideNanos()) {
        starts.add(start);
      }
    }
    return starts;
  }

  /** A window is flushed before its start when it, or a later one, holds a sample. */
  private boolean reaches(PointId point, long start) {
    return of(point).stream().anyMatch(s -> s.time >= start);
  }

  private Summary summary(WindowConfig w, PointId point, long start, long knownUntil) {
    long end = start + w.sizeNanos();
    List<Seen> all = new ArrayList<>(of(point));
    if (defect != Defect.ARRIVAL_ORDER) {
      all.sort(Comparator.comparingLong(Seen::time).thenComparingInt(Seen::arrival));
    }
    List<Seen> in =
        all.stream()
            .filter(s -> s.time >= start)
            .filter(s -> defect == Defect.END_INCLUDED ? s.time <= end : s.time < end)
            .filter(s -> defect != Defect.LATE_FOR_ALL || !s.tooLate)
            .toList();
    long n = 0;
    long bad = 0;
    long sum = 0;
    long squares = 0;
    double min = Double.NaN;
    double max = Double.NaN;
    double first = Double.NaN;
    double last = Double.NaN;
    for (Seen s : in) {
      if (s.usable) {
        long quarters = quarters(s.value);
        min = n == 0 || s.value < min ? s.value : min;
        max = n == 0 || s.value > max ? s.value : max;
        first = n == 0 ? s.value : first;
        last = s.value;
        n++;
        sum += quarters;
        squares += quarters * quarters;
      } else {
        bad++;
      }
    }
    double mean = n == 0 ? Double.NaN : script.base + sum / 4.0 / n;
    double stddev = n == 0 ? Double.NaN : Math.sqrt((double) (n * squares - sum * sum)) / 4 / n;
    long youngest = all.stream().mapToLong(Seen::time).max().orElseThrow();
    long gap = gapAfter(point);
    long covered = 0;
    long held = 0;
    for (long t = start; t < Math.min(end, Math.max(knownUntil, youngest)); t++) {
      Seen s = holding(all, gap, t, start);
      if (s != null) {
        covered++;
        held += quarters(s.value);
      }
    }
    double timeMean = covered == 0 ? Double.NaN : script.base + held / 4.0 / covered;
    Long wasLate = late.remove(w.id() + point);
    return new Summary(
        w.id(),
        point,
        start,
        end,
        n,
        bad,
        wasLate == null ? 0 : wasLate,
        min,
        mean,
        max,
        stddev,
        first,
        last,
        timeMean,
        covered);
  }

  private long gapAfter(PointId point) {
    for (PointConfig p : script.points) {
      if (p.id().equals(point)) {
        return p.gapAfterNanos();
      }
    }
    throw new IllegalStateException("no such point: " + point);
  }

  private long quarters(double value) {
    return Math.round((value - script.base) * 4);
  }

  private @Nullable Seen holding(List<Seen> all, long gap, long t, long start) {
    Seen latest = null;
    for (Seen s : all) {
      if (s.time > t
          || (defect == Defect.BAD_HOLDS_ON && !s.usable)
          || (defect == Defect.LATE_NEVER_HOLDS && s.tooLate)
          || (defect == Defect.NOTHING_BEFORE && s.time < start)) {
        continue;
      }
      if (latest == null
          || s.time > latest.time
          || (s.time == latest.time && defect != Defect.FIRST_OF_TIES)) {
        latest = s;
      }
    }
    if (latest == null || !latest.usable) {
      return null;
    }
    long holds = t - latest.time;
    return holds < gap || (defect == Defect.GAP_LATER && holds == gap) ? latest : null;
  }
}
