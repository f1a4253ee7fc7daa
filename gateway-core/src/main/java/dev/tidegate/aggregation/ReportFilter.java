package dev.tidegate.aggregation;

import dev.tidegate.config.PointConfig;
import dev.tidegate.reading.Reading;
import dev.tidegate.reading.Sample;
import dev.tidegate.reading.Value;
import dev.tidegate.reading.Waveform;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Report by exception: decides which conditioned samples go to the raw lane. Whoever holds each
 * reported value until the next one is never further from the truth than the point's deadband.
 *
 * <p>With {@code changes}, a sample is reported when it is the point's first; when its quality
 * differs from the last reported one; when its value is further than the deadband from the last
 * <em>reported</em> value (so that a slow drift is not missed), for texts and flags when it differs
 * at all; when it became, or ceased to be, a number; or when {@code max-silence} has passed since
 * the last reported source time. A waveform is reported when one of its values is that far from its
 * counterpart, or its length or step differs. A point without a configuration is always reported.
 *
 * <p>Owned by the pipeline thread. Keeps the last reported sample of each configured point.
 */
public final class ReportFilter {
  /** By the name, since a string knows its hash and a record does not. */
  private final Map<String, Last> points = new HashMap<>();

  public ReportFilter(List<PointConfig> points) {
    for (PointConfig point : points) {
      this.points.put(point.id().name(), new Last(point));
    }
  }

  /** Whether this sample is to be reported; remembers it if so. */
  public boolean report(Sample sample) {
    Last last = points.get(sample.point().name());
    if (last == null) {
      return true;
    }
    return switch (last.config.report()) {
      case ALL -> true;
      case NONE -> false;
      case CHANGES -> last.differs(sample);
    };
  }

  /** The last reported sample of one point. */
  private static final class Last {
    final PointConfig config;
    private @Nullable Sample reported;
    private long reportedNanos;

    Last(PointConfig config) {
      this.config = config;
    }

    boolean differs(Sample sample) {
      Sample before = reported;
      if (before != null && !changed(before, sample) && !silent(sample.sourceNanos())) {
        return false;
      }
      // A sample out of order does not turn the clock of the silence back.
      reportedNanos =
          before == null ? sample.sourceNanos() : Math.max(reportedNanos, sample.sourceNanos());
      reported = sample;
      return true;
    }

    private boolean silent(long sourceNanos) {
      if (config.maxSilenceNanos() == PointConfig.NEVER || sourceNanos <= reportedNanos) {
        return false;
      }
      long elapsed = sourceNanos - reportedNanos;
      return elapsed < 0 || elapsed >= config.maxSilenceNanos(); // below 0: more than a long holds
    }

    private boolean changed(Sample before, Sample now) {
      if (before.quality() != now.quality()) {
        return true;
      }
      return switch (now) {
        case Reading b -> !(before instanceof Reading a) || changed(a.value(), b.value());
        case Waveform b -> !(before instanceof Waveform a) || changed(a, b);
      };
    }

    private boolean changed(Waveform a, Waveform b) {
      double[] x = a.values();
      double[] y = b.values();
      if (x.length != y.length || a.stepNanos() != b.stepNanos()) {
        return true;
      }
      for (int i = 0; i < x.length; i++) {
        if (moved(x[i], y[i])) {
          return true;
        }
      }
      return false;
    }

    private boolean changed(Value before, Value now) {
      return switch (now) {
        case Value.Real(double y) -> !(before instanceof Value.Real(double x)) || moved(x, y);
        case Value.Whole(long y) -> !(before instanceof Value.Whole(long x)) || moved(x, y);
        case Value.Flag(boolean y) -> !(before instanceof Value.Flag(boolean x)) || x != y;
        case Value.Text(String y) -> !(before instanceof Value.Text(String x)) || !x.equals(y);
      };
    }

    private boolean moved(double x, double y) {
      if (Double.isNaN(x) || Double.isNaN(y)) {
        return Double.isNaN(x) != Double.isNaN(y);
      }
      return x != y && !(Math.abs(y - x) <= config.deadband());
    }

    /** Exact where doubles would round. */
    private boolean moved(long x, long y) {
      long difference = y - x;
      boolean overflowed = ((x ^ y) & (y ^ difference)) < 0;
      double distance = Math.abs(overflowed ? (double) y - (double) x : (double) difference);
      return x != y && !(distance <= config.deadband());
    }
  }
}
