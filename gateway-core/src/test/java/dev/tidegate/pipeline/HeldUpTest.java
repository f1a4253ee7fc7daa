package dev.tidegate.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.acquisition.Arrival;
import dev.tidegate.acquisition.Intake;
import dev.tidegate.command.Commander.Answer;
import dev.tidegate.config.ActuatorConfig;
import dev.tidegate.config.BudgetConfig;
import dev.tidegate.config.BufferConfig;
import dev.tidegate.config.DeviceEntry;
import dev.tidegate.config.GatewayConfig;
import dev.tidegate.config.PointConfig;
import dev.tidegate.driver.DeviceConfig;
import dev.tidegate.driver.Settings;
import dev.tidegate.flow.Actuators.Written;
import dev.tidegate.flow.CommandResult;
import dev.tidegate.flow.Entry;
import dev.tidegate.health.Counters;
import dev.tidegate.health.Faults;
import dev.tidegate.reading.Reading;
import dev.tidegate.testkit.ManualClock;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What goes on while the journal takes nothing. */
class HeldUpTest {
  private static final long SECOND = 1_000_000_000L;

  private final ManualClock clock = new ManualClock();
  private final Counters counters = new Counters();
  private final Intake intake = new Intake(100, counters);
  private final List<Double> written = new ArrayList<>();
  private final List<Entry> kept = new ArrayList<>();
  private long linkSilentNanos;
  private boolean isDiskFull;

  /** A pipeline whose journal waits as the buffer does: it calls {@link Pipeline#heldUp} then. */
  private Pipeline pipeline() {
    double inf = Double.POSITIVE_INFINITY;
    ActuatorConfig.DeadMan deadMan = new ActuatorConfig.DeadMan(0, 60 * SECOND, null, 0);
    ActuatorConfig actuator =
        new ActuatorConfig(
            Line.POINT,
            0,
            100,
            inf,
            inf,
            0,
            0,
            List.of(),
            ActuatorConfig.Mode.REMOTE,
            30 * SECOND,
            null,
            List.of(),
            deadMan);
    PointConfig point = PointConfig.plain(Line.POINT);
    DeviceConfig device =
        new DeviceConfig(
            "d",
            Settings.NONE,
            List.of(new DeviceConfig.Point(point.id(), null, Settings.NONE)),
            SECOND);
    GatewayConfig config =
        new GatewayConfig(
            "test",
            Path.of("nowhere"),
            List.of(new DeviceEntry("lab", device, DeviceEntry.OnError.RETRY, List.of(point))),
            List.of(),
            List.of(),
            List.of(actuator),
            BufferConfig.defaults(),
            null,
            BudgetConfig.UNBOUNDED);
    Pipeline[] made = new Pipeline[1];
    made[0] =
        new Pipeline(
            config,
            intake,
            summary -> {},
            (lane, entry, receipt) -> {
              if (isDiskFull) {
                made[0].heldUp();
              }
              kept.add(entry);
            },
            new Pipeline.Reach(
                (at, value, deadline, begins, told) -> {
                  written.add(value.asDouble());
                  told.accept(new Written(Written.Kind.TAKEN, ""));
                },
                command -> Answer.done(""),
                () -> linkSilentNanos,
                new Faults(clock)),
            clock,
            counters);
    return made[0];
  }

  private void sample(Pipeline pipeline, double value) throws InterruptedException {
    long now = clock.monotonicNanos();
    intake.offer(new Arrival.Sampled(Reading.good(Line.POINT, now, value), now, null));
    pipeline.step(0);
  }

  // Without it a pump would run on where the cloud is away and the disk is full.
  @Test
  void theSafeValueIsWrittenWhileTheJournalTakesNothing() throws Exception {
    Pipeline pipeline = pipeline();
    sample(pipeline, 50);
    assertEquals(List.of(), written);
    isDiskFull = true;
    linkSilentNanos = 30 * SECOND;
    sample(pipeline, 51);
    assertEquals(List.of(), written, "the cloud is not away for long enough");
    clock.advance(31 * SECOND);
    Thread other = Thread.ofPlatform().start(pipeline::heldUp);
    other.join();
    linkSilentNanos = 61 * SECOND;
    Thread another = Thread.ofPlatform().start(pipeline::heldUp);
    another.join();
    assertEquals(List.of(), written, "another thread's wait is none of the pipeline's");
    sample(pipeline, 52);
    assertEquals(List.of(0.0), written);
    isDiskFull = false;
    pipeline.advance();
    long told = kept.stream().filter(CommandResult.class::isInstance).count();
    assertTrue(told >= 1, "and it is told afterwards: " + kept);
    assertEquals(0, counters.value("pipeline.results-lost"));
  }
}
