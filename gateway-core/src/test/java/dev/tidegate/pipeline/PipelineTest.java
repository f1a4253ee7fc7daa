package dev.tidegate.pipeline;

import static dev.tidegate.pipeline.Line.POINT;
import static dev.tidegate.pipeline.Line.SECOND;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.config.PointConfig;
import dev.tidegate.config.PointConfig.Report;
import dev.tidegate.driver.Sink.Receipt;
import dev.tidegate.flow.Decision;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Event;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.LossRecord;
import dev.tidegate.flow.Summary;
import dev.tidegate.testkit.ManualClock;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which record goes to which lane, when, and with what receipt. */
class PipelineTest {
  private static final long START = ManualClock.START_NANOS;

  /** {@code report: none} saves the flash; it must not blind windows and models. */
  @Test
  void whatIsNotReportedIsStillSummarised() throws Exception {
    Line line = new Line(List.of(Line.reporting(Report.NONE, 0)), Line.window(5 * SECOND, 0));
    line.measureAll(1, 2, 3, 4, 5, 6);
    assertEquals(List.of(), line.raw());
    Summary summary = (Summary) line.lane(Lane.SUMMARIES).getFirst();
    assertEquals(5, summary.count());
    assertEquals(3.0, summary.mean());
    assertEquals(6, line.counters.value("pipeline.readings"));
    assertEquals(1, line.counters.value("pipeline.summaries"));
  }

  /** Report by exception keeps the changes; the window's mean is that of all readings. */
  @Test
  void onlyChangesAreReportedAndAllReadingsSummarised() throws Exception {
    Line line = new Line(List.of(Line.reporting(Report.CHANGES, 1.0)), Line.window(5 * SECOND, 0));
    line.measureAll(10, 10.5, 11, 11.5, 12, 12);
    assertEquals(List.of(10.0, 11.5), line.raw());
    Summary summary = (Summary) line.lane(Lane.SUMMARIES).getFirst();
    assertEquals(5, summary.count());
    assertEquals(11.0, summary.mean());
  }

  /** Acknowledged means stored: promise 1 holds also for a value that nobody wants reported. */
  @Test
  void aReadingWithAReceiptIsAlwaysKeptWithItsReceipt() throws Exception {
    for (Report report : Report.values()) {
      Line line = new Line(List.of(Line.reporting(report, 100)));
      Receipt first = () -> {};
      Receipt second = () -> {};
      line.measure(1, first);
      line.measure(1, second);
      line.pipeline.step(0);
      assertEquals(List.of(1.0, 1.0), line.raw(), report + " lost what it will acknowledge");
      assertSame(first, line.kept.get(0).receipt());
      assertSame(second, line.kept.get(1).receipt());
    }
  }

  /** A window that waits for the next sample never tells of a sensor that has died. */
  @Test
  void windowsCloseByTheClockAlone() throws Exception {
    Line line = new Line(List.of(PointConfig.plain(POINT)), Line.window(10 * SECOND, 2 * SECOND));
    line.measure(4, null);
    line.pipeline.step(0);
    line.clock.advanceTo(START + 12 * SECOND - 1);
    assertEquals(0, line.pipeline.step(0));
    assertEquals(List.of(), line.lane(Lane.SUMMARIES));
    line.clock.advance(1);
    assertEquals(0, line.pipeline.step(0));
    Summary summary = (Summary) line.lane(Lane.SUMMARIES).getFirst();
    assertEquals(START + 10 * SECOND, summary.endNanos());
    assertEquals(1, summary.count());
    line.clock.advance(10 * SECOND);
    line.pipeline.step(0);
    Summary empty = (Summary) line.lane(Lane.SUMMARIES).getLast();
    assertEquals(0, empty.count(), "silence must be visible");
  }

  /** What was measured in the last, unfinished window must not vanish with a stop. */
  @Test
  void closingHandsOutTheOpenWindows() throws Exception {
    Line line = new Line(List.of(PointConfig.plain(POINT)), Line.window(60 * SECOND, 0));
    line.measureAll(1, 2, 3);
    assertEquals(List.of(), line.lane(Lane.SUMMARIES));
    line.pipeline.close();
    Summary summary = (Summary) line.lane(Lane.SUMMARIES).getFirst();
    assertEquals(3, summary.count());
    assertEquals(START, summary.startNanos());
    assertEquals(3 * SECOND, summary.coveredNanos());
  }

  /** Alarms commit at once and go first on the link: what is one must get there, and only that. */
  @Test
  void eachKindOfRecordGoesToItsLane() throws Exception {
    Line line = new Line(List.of(PointConfig.plain(POINT)));
    Entry calm = new Decision.Decided("m", "1", START, 0.1, 0.5, false, 1);
    Entry alarm = new Decision.Decided("m", "1", START, 0.9, 0.5, true, 1);
    Entry info = new Event(START, Event.Severity.INFO, "device-back", "d", "m");
    Entry warning = new Event(START, Event.Severity.WARNING, "device-lost", "d", "m");
    Entry shout = new Event(START, Event.Severity.ALARM, "interlock", "d", "m");
    Entry loss = new LossRecord(Lane.RAW, 1, 9, 0, 1, LossRecord.Reason.QUOTA, START);
    for (Entry entry : List.of(calm, alarm, info, warning, shout, loss)) {
      line.intake.offer(entry);
    }
    assertEquals(6, line.pipeline.step(0));
    assertEquals(List.of(calm, info, warning), line.lane(Lane.EVENTS));
    assertEquals(List.of(alarm, shout, loss), line.lane(Lane.ALARMS));
    assertEquals(6, line.kept.size());
    assertEquals(2, line.counters.value("pipeline.decisions"));
    assertEquals(1, line.counters.value("pipeline.alarms"));
  }

  /** A decision that was under way at the stop must still be kept. */
  @Test
  void theRestIsTakenAfterTheLastStep() throws Exception {
    Line line = new Line(List.of(PointConfig.plain(POINT)), Line.window(60 * SECOND, 0));
    line.measureAll(1);
    line.pipeline.close();
    line.intake.offer(new Decision.Decided("m", "1", START, 0.9, 0.5, true, 1));
    line.pipeline.takeTheRest();
    assertEquals(1, line.lane(Lane.ALARMS).size());
  }

  /** An arrival in an idle pipeline must be taken on at once, not at the end of the wait. */
  @Test
  void aStepTakesOnWhatWaitsWithoutWaiting() throws Exception {
    Line line = new Line(List.of(PointConfig.plain(POINT)));
    assertEquals(0, line.pipeline.step(0));
    for (int i = 0; i < 3000; i++) {
      line.measure(i, null);
    }
    int taken = line.pipeline.step(60 * SECOND);
    assertTrue(taken > 0 && taken < 3000, "no bound: " + taken);
    while (line.pipeline.step(0) > 0) {
      // the rest
    }
    assertEquals(3000, line.raw().size());
  }
}
