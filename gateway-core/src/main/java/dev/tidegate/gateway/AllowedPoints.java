package dev.tidegate.gateway;

import dev.tidegate.config.ActuatorConfig;
import dev.tidegate.config.ActuatorConfig.ReadBack;
import dev.tidegate.flow.CommandResult;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Event;
import dev.tidegate.flow.Leaving;
import dev.tidegate.flow.Summary;
import dev.tidegate.reading.PointId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Lets through what is said of points whose values may leave: their readings, their summaries, the
 * events about them, and of results of commands what says nothing of others. Immutable.
 */
final class AllowedPoints implements Leaving {
  private final Set<String> allowed;
  private final Map<String, ActuatorConfig> actuators;

  /**
   * @param allowed the points whose values may leave
   * @param actuators what may be written, by the point's name
   */
  AllowedPoints(Set<String> allowed, Map<String, ActuatorConfig> actuators) {
    this.allowed = Set.copyOf(allowed);
    this.actuators = Map.copyOf(actuators);
  }

  @Override
  public @Nullable Entry of(Entry entry) {
    String point =
        switch (entry) {
          case Entry.Measured measured -> measured.sample().point().name();
          case Summary summary -> summary.point().name();
          case Event event -> isAboutPoint(event) ? event.subject() : null;
          default -> null;
        };
    if (point != null && !allowed.contains(point)) {
      return null;
    }
    return entry instanceof CommandResult result ? bare(result) : entry;
  }

  private static boolean isAboutPoint(Event event) {
    return isPoint(event.subject())
        && !event.kind().startsWith(Event.REPLAY); // whoever asked named it
  }

  /** Nothing else that records are about has a slash: also where it is not configured any more. */
  private static boolean isPoint(String subject) {
    return subject.indexOf('/') >= 0;
  }

  /** A command is always answered; with the values of points that may leave alone. */
  private CommandResult bare(CommandResult result) {
    ActuatorConfig actuator = actuators.get(result.subject());
    boolean isOpen =
        actuator == null
            ? !isPoint(result.subject()) || allowed.contains(result.subject())
            : watched(actuator).stream().allMatch(this::mayLeave);
    if (isOpen) {
      return result;
    }
    ReadBack readBack = actuator == null ? null : actuator.readBack();
    boolean isReadBackOpen = readBack != null && mayLeave(readBack.point());
    return new CommandResult(
        result.atNanos(),
        result.id(),
        result.subject(),
        result.outcome(),
        result.reason(),
        allowed.contains(result.subject()) ? result.value() : Double.NaN,
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
