package dev.tidegate.inference;

import static dev.tidegate.inference.Configs.A;
import static dev.tidegate.inference.Configs.B;
import static dev.tidegate.inference.Configs.summary;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.tidegate.flow.Summary;
import dev.tidegate.reading.PointId;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;

/** Which summaries make a feature vector, and what becomes of those that never do. */
class FeaturesTest {
  private final LongAdder incomplete = new LongAdder();
  private final LongAdder empty = new LongAdder();
  private final LongAdder stale = new LongAdder();

  private Features features(Features.Source... sources) {
    return new Features("w", List.of(sources), incomplete, empty, stale);
  }

  private static Features.Source source(PointId point, Stat stat) {
    return new Features.Source(point, stat, 1, 0);
  }

  /** A statistic in the wrong place is still a number: nothing further down would notice. */
  @Test
  void everyStatisticGoesToItsPlace() {
    Stat[] stats = Stat.values();
    Features.Source[] sources = new Features.Source[stats.length];
    for (int i = 0; i < stats.length; i++) {
      sources[i] = source(A, stats[stats.length - 1 - i]);
    }
    Summary all = new Summary("w", A, 0, 10, 5, 0, 0, 1, 2, 3, 4, 5, 6, 7, 10);
    assertArrayEquals(new float[] {7, 6, 5, 4, 3, 2, 1}, features(sources).take(all));
  }

  /** Summaries come point by point or window by window; both must find together. */
  @Test
  void orderOfArrivalDoesNotMatter() {
    Features features = features(source(A, Stat.MEAN), source(B, Stat.MEAN));
    assertNull(features.take(summary(A, 10, 1)));
    assertNull(features.take(summary(A, 20, 2)));
    assertNull(features.take(summary(A, 30, 3)));
    assertArrayEquals(new float[] {1, 4}, features.take(summary(B, 10, 4)));
    assertArrayEquals(new float[] {2, 5}, features.take(summary(B, 20, 5)));
    assertArrayEquals(new float[] {3, 6}, features.take(summary(B, 30, 6)));
    assertEquals(0, incomplete.sum());
  }

  /** Half a window must not be completed with the other half of the next one. */
  @Test
  void incompleteWindowIsGivenUpWhenALaterOneIsComplete() {
    Features features = features(source(A, Stat.MEAN), source(B, Stat.MEAN));
    features.take(summary(A, 10, 1));
    features.take(summary(A, 20, 2));
    assertArrayEquals(new float[] {2, 3}, features.take(summary(B, 20, 3)));
    assertEquals(1, incomplete.sum());
    assertNull(features.take(summary(B, 10, 9)));
    assertEquals(1, stale.sum());
  }

  /** One dead point must not let memory grow for as long as the gateway runs. */
  @Test
  void windowsThatWaitAreBounded() {
    Features features = features(source(A, Stat.MEAN), source(B, Stat.MEAN));
    for (int i = 1; i <= 1_000; i++) {
      assertNull(features.take(summary(A, 10L * i, i)));
    }
    assertEquals(1_000 - Features.MAX_PENDING, incomplete.sum());
    assertNotNull(features.take(summary(B, 10_000, 1)));
    assertEquals(999, incomplete.sum());
  }

  /** A summary that comes twice is no second point. */
  @Test
  void repeatedSummaryDoesNotCompleteAWindow() {
    Features features = features(source(A, Stat.MEAN), source(B, Stat.MEAN));
    assertNull(features.take(summary(A, 10, 1)));
    assertNull(features.take(summary(A, 10, 2)));
    assertArrayEquals(new float[] {2, 3}, features.take(summary(B, 10, 3)));
  }

  /** Other windows and other points pass by here too. */
  @Test
  void strangersAreLeftAlone() {
    Features features = features(source(A, Stat.MEAN));
    assertNull(features.take(summary("other", A, 10, 1)));
    assertNull(features.take(summary("w", B, 10, 1)));
    assertEquals(0, stale.sum() + incomplete.sum() + empty.sum());
    assertNotNull(features.take(summary(A, 10, 1)));
  }
}
