package dev.tidegate.pipeline;

import static dev.tidegate.pipeline.Line.MILLI;
import static dev.tidegate.pipeline.Line.SECOND;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.acquisition.Arrival;
import dev.tidegate.config.PointConfig;
import dev.tidegate.config.PointConfig.Report;
import dev.tidegate.config.WindowConfig;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Lane;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Reading;
import dev.tidegate.testkit.ManualClock;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The records are a function of the arrivals, whichever way those were cut into steps. */
class BatchingTest {
  private static final long START = ManualClock.START_NANOS;
  private static final List<PointId> POINTS =
      List.of(PointId.of("d", "a"), PointId.of("d", "b"), PointId.of("d", "c"));

  /** A loaded gateway takes bigger batches: its windows, gaps and reports must be the same. */
  @Test
  void recordsDoNotDependOnBatches() throws Exception {
    for (long seed = 1; seed <= 20; seed++) {
      List<Arrival.Sampled> arrivals = arrivals(seed);
      List<String> one = play(arrivals, 1);
      for (int batch : new int[] {2, 7, 100, 1000}) {
        assertEquals(one, play(arrivals, batch), "seed " + seed + ", batches of " + batch);
      }
    }
  }

  /** A replay steps with the recording, the daemon ten times a second: each lane stays the same. */
  @Test
  void eachLaneIsTheSameHoweverOftenTheClockIsLookedAt() throws Exception {
    for (long seed = 1; seed <= 20; seed++) {
      List<Arrival.Sampled> arrivals = arrivals(seed);
      Line busy = line();
      Line idle = line();
      busy.pipeline.step(0); // silence is counted from the first look at the clock
      idle.pipeline.step(0);
      for (Arrival.Sampled arrival : arrivals) {
        while (idle.clock.monotonicNanos() + 100 * MILLI < arrival.arrivalNanos()) {
          idle.clock.advance(100 * MILLI);
          idle.pipeline.step(0);
        }
        for (Line line : List.of(busy, idle)) {
          line.clock.advanceTo(arrival.arrivalNanos());
          line.intake.offer(arrival);
        }
        idle.pipeline.step(0);
      }
      while (busy.pipeline.step(0) > 0) {
        // all in one go
      }
      busy.pipeline.close();
      idle.pipeline.close();
      for (Lane lane : Lane.values()) {
        assertEquals(texts(idle, lane), texts(busy, lane), "seed " + seed + ", " + lane);
      }
    }
  }

  /** The two tests above compare something: gaps, windows and readings are all there. */
  @Test
  void theScriptHasEveryKindOfRecord() throws Exception {
    Line line = line();
    for (Arrival.Sampled arrival : arrivals(1)) {
      line.clock.advanceTo(arrival.arrivalNanos());
      line.intake.offer(arrival);
      line.pipeline.step(0);
    }
    assertTrue(line.lane(Lane.EVENTS).size() > 10);
    assertTrue(line.lane(Lane.SUMMARIES).size() > 50);
    assertTrue(line.lane(Lane.RAW).size() > 100);
  }

  private static List<String> play(List<Arrival.Sampled> arrivals, int batch) throws Exception {
    Line line = line();
    for (int i = 0; i < arrivals.size(); i++) {
      line.clock.advanceTo(arrivals.get(i).arrivalNanos());
      line.intake.offer(arrivals.get(i));
      if (i % batch == batch - 1) {
        line.pipeline.step(0);
      }
    }
    line.pipeline.step(0);
    line.pipeline.close();
    return line.kept.stream().map(k -> k.lane() + " " + k.entry()).toList();
  }

  private static List<String> texts(Line line, Lane lane) {
    return line.lane(lane).stream().map(Entry::toString).toList();
  }

  private static Line line() {
    double inf = Double.POSITIVE_INFINITY;
    List<PointConfig> rules = new ArrayList<>();
    for (PointId point : POINTS) {
      rules.add(
          new PointConfig(
              point,
              null,
              null,
              PointConfig.plain(point).calibration(),
              -inf,
              9,
              inf,
              PointConfig.NEVER,
              2 * SECOND,
              Report.CHANGES,
              1,
              10 * SECOND));
    }
    return new Line(
        rules,
        new WindowConfig("tumbling", POINTS, 5 * SECOND, 5 * SECOND, SECOND),
        new WindowConfig("sliding", POINTS, 4 * SECOND, SECOND, 0));
  }

  /** Three points, now dense, now silent for seconds, some of them late. */
  private static List<Arrival.Sampled> arrivals(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Arrival.Sampled> arrivals = new ArrayList<>();
    long now = START;
    for (int i = 0; i < 400; i++) {
      now += random.nextInt(20) == 0 ? random.nextLong(6 * SECOND) : random.nextLong(400 * MILLI);
      PointId point = POINTS.get(random.nextInt(random.nextInt(POINTS.size()) + 1));
      long source = now - (random.nextInt(5) == 0 ? random.nextLong(3 * SECOND) : 0);
      arrivals.add(new Arrival.Sampled(Reading.good(point, source, random.nextInt(11)), now, null));
    }
    return arrivals;
  }
}
