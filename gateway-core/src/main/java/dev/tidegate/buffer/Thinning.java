package dev.tidegate.buffer;

import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Summary;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Reading;
import dev.tidegate.reading.Sample;
import dev.tidegate.reading.Waveform;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The coarser summaries that stand for records which a full lane gives up ({@code when-full:
 * thin}).
 *
 * <pre>
 *   samples ──▶ 1 min        summaries ──▶ the first of 10 min, 1 h, 6 h, 24 h that is at least
 *                                          four times as long ──▶ none: given up
 * </pre>
 *
 * The steps lie on the gateway's timeline. A summary says from when to when its own records were,
 * not where the step begins and ends: a part of the same step that is still stored, or was given up
 * at another time, has a summary of its own. Summaries of one point that overlap (sliding windows)
 * are not counted twice: of those, the ones that overlap the one before are left out.
 *
 * <p>Owned by the buffer's thread.
 */
final class Thinning {
  /** Id of the window that nobody configured; configured ones begin with a letter or digit. */
  static final String RAW_WINDOW = "_raw";

  /** Frames thinned in one commit. */
  static final int MAX_FRAMES = 256;

  private static final long MINUTE_NANOS = 60_000_000_000L;
  private static final long HOUR_NANOS = 60 * MINUTE_NANOS;
  private static final long[] STEPS_NANOS = {
    10 * MINUTE_NANOS, HOUR_NANOS, 6 * HOUR_NANOS, 24 * HOUR_NANOS
  };

  /** A step is worth taking only if it joins about so many. */
  private static final int LEAST_JOINED = 4;

  /** What is joined: the {@code index}-th stretch of {@code stepNanos} since time 0. */
  private record Key(String window, PointId point, long stepNanos, long index) {}

  private final Map<Key, Sum> sums = new LinkedHashMap<>();

  /**
   * Takes a frame's records in.
   *
   * @param entries samples or summaries, oldest first
   * @return whether that was possible; otherwise nothing was added: the frame is damaged, or holds
   *     summaries for which there is nothing coarser
   */
  boolean add(List<Entry> entries) {
    if (entries.isEmpty()) {
      return false;
    }
    for (Entry entry : entries) {
      if (entry instanceof Summary summary && stepNanos(summary) == 0) {
        return false;
      }
    }
    for (Entry entry : entries) {
      switch (entry) {
        case Entry.Measured(Sample sample) -> add(sample);
        case Summary summary -> add(summary);
        default -> throw new IllegalArgumentException("cannot be summarised: " + entry);
      }
    }
    return true;
  }

  /** How long a stretch the summary is joined into; 0: it is too long for any. */
  private static long stepNanos(Summary summary) {
    long lengthNanos = summary.endNanos() - summary.startNanos();
    for (long step : STEPS_NANOS) {
      if (lengthNanos <= step / LEAST_JOINED) {
        return step;
      }
    }
    return 0;
  }

  private void add(Sample sample) {
    switch (sample) {
      case Reading reading -> add(sample, reading.sourceNanos(), reading.value().asDouble());
      case Waveform waveform -> {
        for (int i = 0; i < waveform.values().length; i++) {
          add(sample, waveform.sourceNanos() + i * waveform.stepNanos(), waveform.values()[i]);
        }
      }
    }
  }

  private void add(Sample sample, long atNanos, double value) {
    Sum sum = minute(sample.point(), atNanos);
    if (sample.quality().isBad() || !Double.isFinite(value)) {
      sum.bad++;
      sum.covers(atNanos, atNanos + 1);
    } else {
      sum.add(atNanos, value);
    }
  }

  private Sum minute(PointId point, long atNanos) {
    return sum(RAW_WINDOW, point, MINUTE_NANOS, atNanos);
  }

  private void add(Summary summary) {
    sum(summary.window(), summary.point(), stepNanos(summary), summary.startNanos()).add(summary);
  }

  private Sum sum(String window, PointId point, long stepNanos, long atNanos) {
    Key key = new Key(window, point, stepNanos, Math.floorDiv(atNanos, stepNanos));
    return sums.computeIfAbsent(key, k -> new Sum());
  }

  /** The summaries, oldest first. */
  List<Summary> summaries() {
    List<Summary> summaries = new ArrayList<>();
    sums.forEach((key, sum) -> summaries.add(sum.summary(key)));
    summaries.sort((a, b) -> Long.compare(a.endNanos(), b.endNanos()));
    return summaries;
  }

  /** Statistics that are joined by weight (Chan, Golub, LeVeque 1979). */
  private static final class Sum {
    long count;
    long bad;
    long late;
    double mean;
    double squares;
    double min = Double.NaN;
    double max = Double.NaN;
    double first = Double.NaN;
    double last = Double.NaN;
    long firstNanos = Long.MAX_VALUE;
    long lastNanos = Long.MIN_VALUE;
    double timeMean;
    long coveredNanos;
    long startNanos = Long.MAX_VALUE;
    long endNanos = Long.MIN_VALUE;

    void covers(long fromNanos, long toNanos) {
      startNanos = Math.min(startNanos, fromNanos);
      endNanos = Math.max(endNanos, toNanos);
    }

    void add(long atNanos, double value) {
      join(1, value, 0, value, value);
      edges(atNanos, value, atNanos, value);
      covers(atNanos, atNanos + 1);
    }

    void add(Summary summary) {
      if (summary.startNanos() < endNanos) {
        return;
      }
      covers(summary.startNanos(), summary.endNanos());
      bad += summary.bad();
      late += summary.late();
      if (summary.coveredNanos() > 0 && !Double.isNaN(summary.timeMean())) {
        coveredNanos += summary.coveredNanos();
        timeMean += (summary.timeMean() - timeMean) * summary.coveredNanos() / coveredNanos;
      }
      if (summary.count() > 0) {
        double own = summary.stddev() * summary.stddev() * summary.count();
        join(summary.count(), summary.mean(), own, summary.min(), summary.max());
        edges(summary.startNanos(), summary.first(), summary.endNanos(), summary.last());
      }
    }

    private void join(long n, double otherMean, double otherSquares, double low, double high) {
      double delta = otherMean - mean;
      long all = count + n;
      mean += delta * n / all;
      squares += otherSquares + delta * delta * count * n / all;
      min = count == 0 ? low : Math.min(min, low);
      max = count == 0 ? high : Math.max(max, high);
      count = all;
    }

    private void edges(long fromNanos, double from, long toNanos, double to) {
      if (fromNanos < firstNanos) {
        firstNanos = fromNanos;
        first = from;
      }
      if (toNanos >= lastNanos) {
        lastNanos = toNanos;
        last = to;
      }
    }

    Summary summary(Key key) {
      boolean none = count == 0;
      boolean joined = coveredNanos > 0;
      return new Summary(
          key.window,
          key.point,
          startNanos,
          endNanos,
          count,
          bad,
          late,
          min,
          none ? Double.NaN : mean,
          max,
          none ? Double.NaN : Math.sqrt(squares / count),
          first,
          last,
          joined ? timeMean : Double.NaN,
          coveredNanos);
    }
  }
}
