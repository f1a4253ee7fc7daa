package dev.tidegate.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.config.PointConfig;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.Summary;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A wall clock that jumps while windows are open: nothing lost, reordered or cut short. */
class ClockJumpTest {
  private static final long HOUR = 3_600 * Line.SECOND;

  private static Line day(long jumpNanos) throws InterruptedException {
    Line line = new Line(List.of(PointConfig.plain(Line.POINT)), Line.window(60 * Line.SECOND, 0));
    for (int second = 0; second < 300; second++) {
      if (second == 90) { // half a window is over
        line.clock.jumpWall(jumpNanos);
      }
      line.measureAll(second);
    }
    return line;
  }

  // Without it a clock that is set would lose windows, count twice, or close them early.
  @ParameterizedTest
  @ValueSource(longs = {-HOUR, HOUR, 10 * 8_766 * HOUR, -10 * 8_766 * HOUR})
  void windowsAndOrderAreThoseOfADayWithoutTheJump(long jumpNanos) throws Exception {
    Line calm = day(0);
    Line jumped = day(jumpNanos);
    assertEquals(calm.lane(Lane.SUMMARIES), jumped.lane(Lane.SUMMARIES));
    assertEquals(calm.lane(Lane.RAW), jumped.lane(Lane.RAW));
    assertEquals(4, calm.lane(Lane.SUMMARIES).size());
  }

  // Without it the test above could pass for windows that nobody ever jumped under.
  @Test
  void controlWindowsOfTheWallClockWouldDiffer() throws Exception {
    Line jumped = day(-HOUR);
    List<Long> byWall = new ArrayList<>();
    long wallAhead = 0;
    for (Entry entry : jumped.lane(Lane.RAW)) {
      wallAhead = byWall.size() < 90 ? 0 : -HOUR;
      byWall.add(entry.atNanos() + wallAhead);
    }
    List<Long> sorted = new ArrayList<>(byWall);
    sorted.sort(Long::compare);
    assertNotEquals(sorted, byWall, "by the wall clock, order is lost");
    Summary second = (Summary) jumped.lane(Lane.SUMMARIES).get(1);
    assertTrue(second.count() == 60, second.toString());
  }
}
