package dev.tidegate.acquisition;

import static dev.tidegate.acquisition.Lab.MILLI;
import static dev.tidegate.acquisition.Lab.SECOND;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tidegate.config.DeviceEntry.OnError;
import dev.tidegate.flow.Actuators;
import dev.tidegate.flow.Actuators.Written;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Value;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The order in which writes reach their devices, and those that do not. */
final class BusTest {
  private final Lab lab = new Lab();
  private final DeviceRunner runner = lab.runner(Lab.device("d", 100 * MILLI, OnError.RETRY));
  private final Bus bus = new Bus("b", List.of(runner), lab.clock);
  private final List<String> told = new ArrayList<>();

  private void write(String name, long deadlineNanos, boolean begins) {
    bus.write(
        runner,
        PointId.of("d", "value"),
        Value.of(1.0),
        deadlineNanos,
        () -> {
          told.add(name + " is asked");
          return begins;
        },
        (Written written) -> told.add(name + " " + written.kind()));
  }

  /**
   * Without it, a safe value would wait behind whatever else is to be written, or be turned away.
   */
  @Test
  void whatIsUrgentGoesFirstAndAlwaysHasRoom() throws Exception {
    for (int i = 0; i < Bus.MAX_WRITES; i++) {
      write("w" + i, SECOND, true);
    }
    write("safe", Actuators.URGENT, true);
    write("more", SECOND, true);
    assertEquals(List.of("more is asked", "more NOT_REACHED"), told);
    told.clear();
    lab.clock.advance(100 * SECOND);
    bus.step(0);
    assertEquals(List.of("safe is asked", "safe NOT_REACHED", "w0 is asked"), told.subList(0, 3));
    assertEquals(2 + 2 * Bus.MAX_WRITES, told.size());
  }

  /** Without it, what was taken back would be answered, and perhaps for another one. */
  @Test
  void whatWasTakenBackIsNeitherWrittenNorAnswered() throws Exception {
    write("a", SECOND, false);
    write("b", SECOND, true);
    bus.step(0);
    assertEquals(List.of("a is asked", "b is asked", "b NOT_REACHED"), told);
    told.clear();
    write("late", lab.clock.monotonicNanos(), false);
    lab.clock.advance(SECOND);
    bus.step(0);
    write("closing", Actuators.URGENT, false);
    bus.close();
    assertEquals(List.of("late is asked", "closing is asked"), told);
  }
}
