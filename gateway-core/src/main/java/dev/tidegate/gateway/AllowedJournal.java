package dev.tidegate.gateway;

import dev.tidegate.config.ActuatorConfig;
import dev.tidegate.config.ActuatorConfig.ReadBack;
import dev.tidegate.driver.Sink.Receipt;
import dev.tidegate.flow.CommandResult;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Event;
import dev.tidegate.flow.Journal;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.Summary;
import dev.tidegate.reading.PointId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the values of points that must not leave the gateway out of what is stored to be sent:
 * their readings, their summaries, the events about them, and what results of commands say of them.
 * They are conditioned, summarised and scored as any other; what is left out got no number, and is
 * counted. Owned by the pipeline's thread.
 *
 * <p>A device that waits for a receipt of such a reading gets it at once: the gateway has used it,
 * and keeps nothing of it.
 */
final class AllowedJournal implements Journal {
  private final Journal journal;
  private final Set<String> points;
  private final Set<String> allowed;
  private final Map<String, ActuatorConfig> actuators;
  private final LongAdder kept;

  /**
   * @param points all points
   * @param allowed those whose values may leave
   * @param actuators what may be written, by the point's name
   * @param kept counts what was left out
   */
  AllowedJournal(
      Journal journal,
      Set<String> points,
      Set<String> allowed,
      Map<String, ActuatorConfig> actuators,
      LongAdder kept) {
    this.actuators = Map.copyOf(actuators);
    this.journal = journal;
    this.points = points;
    this.allowed = allowed;
    this.kept = kept;
  }

  @Override
  public void append(Lane lane, Entry entry, @Nullable Receipt receipt) {
    String point =
        switch (entry) {
          case Entry.Measured measured -> measured.sample().point().name();
          case Summary summary -> summary.point().name();
          case Event event -> points.contains(event.subject()) ? event.subject() : null;
          default -> null;
        };
    if (point == null || allowed.contains(point)) {
      journal.append(lane, entry instanceof CommandResult result ? bare(result) : entry, receipt);
      return;
    }
    kept.increment();
    if (receipt != null) {
      receipt.durable();
    }
  }

  /** A command is always answered; with the values of points that may leave alone. */
  private CommandResult bare(CommandResult result) {
    ActuatorConfig actuator = actuators.get(result.subject());
    if (actuator == null || watched(actuator).stream().allMatch(this::mayLeave)) {
      return result;
    }
    ReadBack readBack = actuator.readBack();
    boolean isReadBackOpen = readBack != null && mayLeave(readBack.point());
    return new CommandResult(
        result.atNanos(),
        result.id(),
        result.subject(),
        result.outcome(),
        result.reason(),
        mayLeave(actuator.point()) ? result.value() : Double.NaN,
        isReadBackOpen ? result.readBack() : Double.NaN,
        result.reason().word()); // the sentence may name values
  }

  private boolean mayLeave(PointId point) {
    return allowed.contains(point.name());
  }

  private static List<PointId> watched(ActuatorConfig actuator) {
    List<PointId> watched = new ArrayList<>(List.of(actuator.point()));
    actuator.interlocks().forEach(interlock -> watched.add(interlock.point()));
    if (actuator.readBack() != null) {
      watched.add(actuator.readBack().point());
    }
    if (actuator.deadMan() != null && actuator.deadMan().point() != null) {
      watched.add(actuator.deadMan().point());
    }
    return watched;
  }
}
