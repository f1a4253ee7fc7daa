package dev.tidegate.sync.ditto;

import dev.tidegate.flow.Command;
import dev.tidegate.reading.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the twin wants the actuators to be: a level, not an edge. Each revision of it makes at most
 * one command; an older revision than one that was seen makes none, and neither does one that says
 * what the one before said: so nothing is written again because a connection came back. Owned by
 * the sync thread.
 */
final class Desired {
  private final Set<String> points;
  private final Map<String, Seen> seen = new HashMap<>();

  private record Seen(long revision, JsonNode value) {}

  /**
   * @param points names of the points that may be desired
   */
  Desired(Set<String> points) {
    this.points = points;
  }

  /** The devices whose things hold desired values. */
  Set<String> devices() {
    return points.stream().map(p -> p.substring(0, p.indexOf('/'))).collect(Collectors.toSet());
  }

  /** What to ask of a device's thing: without being asked, Ditto does not say its revision. */
  String fields(String device) {
    String prefix = device + "/";
    return points.stream()
        .filter(point -> point.startsWith(prefix))
        .map(point -> "features/" + point.substring(prefix.length()) + "/desiredProperties")
        .sorted()
        .collect(Collectors.joining(",", "_revision,", ""));
  }

  /** Commands found no room: what the twin wants is to be asked for again. */
  void forget() {
    seen.clear();
  }

  /** What a change of a thing asks for. */
  List<Command> event(String device, Envelope event, long revision) {
    JsonNode value = event.value();
    String[] path = event.path().split("/", -1);
    for (int i = path.length - 1; i > 0; i--) {
      if (!path[i].isEmpty()) {
        ObjectNode outer = JsonNodeFactory.instance.objectNode();
        outer.set(path[i], value);
        value = outer;
      }
    }
    return commands(device, value, revision, event.header("ditto-originator"));
  }

  /** What a thing as a whole asks for. */
  List<Command> state(String device, JsonNode thing) {
    return commands(device, thing, thing.path("_revision").asLong(0), "");
  }

  private List<Command> commands(String device, JsonNode thing, long revision, String issuer) {
    List<Command> commands = new ArrayList<>();
    JsonNode features = thing.path("features");
    for (String feature : features.propertyNames()) {
      String point = device + "/" + feature;
      JsonNode wanted = features.path(feature).path("desiredProperties").path("value");
      Value value = value(wanted);
      Seen before = seen.get(point);
      if (value == null
          || !points.contains(point)
          || (before != null && (revision <= before.revision || wanted.equals(before.value)))) {
        continue;
      }
      seen.put(point, new Seen(revision, wanted));
      commands.add(
          new Command(
              "desired/" + point + "/" + revision,
              Command.Action.WRITE,
              point,
              value,
              issuer(issuer),
              Command.Origin.DESIRED,
              Command.NOT_SAID,
              Command.NOT_SAID));
    }
    return commands;
  }

  private static String issuer(String said) {
    String issuer = said.replaceAll("[^A-Za-z0-9._:@/-]", "_");
    return issuer.substring(0, Math.min(64, issuer.length()));
  }

  private static @Nullable Value value(JsonNode node) {
    if (node.isNumber()) {
      return Value.of(node.doubleValue());
    }
    return node.isBoolean() ? Value.of(node.booleanValue()) : null;
  }
}
