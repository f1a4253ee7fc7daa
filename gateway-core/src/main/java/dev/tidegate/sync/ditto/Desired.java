package dev.tidegate.sync.ditto;

import dev.tidegate.flow.Command;
import dev.tidegate.reading.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the twin wants the actuators to be. An event is a wish, also for what was wished before: its
 * revision makes one command, and an older one than was seen makes none. What a thing says when it
 * is asked is a level: only a value that differs from the one that was wanted last makes a command,
 * so that nothing is written again because a connection came back; the first answer of a run makes
 * one for each, unless the safe value was written since ({@link Command.Origin#KEPT}). Owned by the
 * sync thread.
 */
final class Desired {
  static final String ORIGINATOR = "ditto-originator";

  private final Set<String> points;
  private final Set<String> devices;
  private final String run;
  private final Map<String, Seen> seen = new HashMap<>();

  /** The highest revision of each device's thing that was heard of. */
  private final Map<String, Long> known = new HashMap<>();

  private final Map<String, Asked> asked = new HashMap<>();
  private long asks;

  /** How often revisions of a thing began anew: with it, ids of commands are not used twice. */
  private int restarts;

  /** The points of the commands that were read last. */
  private final Set<String> last = new HashSet<>();

  /** What was wanted last, and the revision that said so first. */
  private record Seen(long revision, Value value) {}

  /**
   * A question, which revision its answer has at least, unless revisions began anew, and whether
   * something was heard of the thing since.
   */
  private record Asked(String id, long known, boolean isPassed) {}

  /**
   * @param points names of the points that may be desired
   * @param run random id of this run of the gateway
   */
  Desired(Set<String> points, String run) {
    this.points = points;
    this.devices = devices(points);
    this.run = run.substring(0, Math.min(8, run.length()));
  }

  /** The devices whose things hold desired values. */
  Set<String> devices() {
    return devices;
  }

  private static Set<String> devices(Set<String> points) {
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

  /** The commands that were read last found no room: whose things are to be asked again. */
  Set<String> forget() {
    last.forEach(seen::remove);
    return devices(last);
  }

  /**
   * Asks a device's thing; returns the id that its answer has. A question that is open is asked
   * once more under its own, so that a slow answer to the first counts, unless something came
   * since.
   */
  String ask(String device) {
    Asked open = asked.get(device);
    if (open != null && !open.isPassed) {
      return open.id;
    }
    String id = "desired:" + ++asks + ":" + device;
    asked.put(device, new Asked(id, known.getOrDefault(device, 0L), false));
    return id;
  }

  /** A new connection: what was asked before it gets no answer. */
  void askNothing() {
    asked.clear();
  }

  private void passed(String device) {
    asked.computeIfPresent(device, (d, open) -> new Asked(open.id, open.known, true));
  }

  /** Whether that is the answer to what was asked last: an earlier one may be outdated. */
  boolean isAsked(String device, String id) {
    Asked question = asked.get(device);
    return question != null && question.id.equals(id);
  }

  /** A device's thing was made just now: its revisions begin anew. */
  void created(String device) {
    passed(device);
    if (known.containsKey(device)) {
      anew(device);
    }
  }

  /** What was wanted last is remembered, so that only what differs is written. */
  private void anew(String device) {
    restarts++;
    known.remove(device);
    seen.replaceAll((p, was) -> p.startsWith(device + "/") ? new Seen(0, was.value) : was);
  }

  /** Whether more is known of the device's thing than that. */
  boolean isOlder(String device, long revision) {
    return revision < known.getOrDefault(device, 0L);
  }

  /** What is read next asks for nothing yet. */
  void begin() {
    last.clear();
  }

  /** What a change of a thing asks for. */
  List<Command> event(String device, Envelope event, long revision) {
    passed(device);
    JsonNode value = event.value();
    String[] path = event.path().split("/", -1);
    for (int i = path.length - 1; i > 0; i--) {
      if (!path[i].isEmpty()) {
        ObjectNode outer = JsonNodeFactory.instance.objectNode();
        outer.set(path[i], value);
        value = outer;
      }
    }
    return commands(device, value, revision, issuer(event), true);
  }

  /**
   * What a thing that was asked says; a revision below what was known when it was asked means that
   * the thing was made anew, or brought back from a backup.
   */
  List<Command> state(String device, JsonNode thing) {
    Asked question = asked.remove(device);
    long revision = thing.path("_revision").asLong(0);
    if (question != null && revision > 0 && revision < question.known) {
      anew(device);
    }
    return commands(device, thing, revision, "", false);
  }

  private List<Command> commands(
      String device, JsonNode thing, long revision, String issuer, boolean isWish) {
    List<Command> commands = new ArrayList<>();
    known.merge(device, revision, Math::max);
    JsonNode features = thing.path("features");
    for (String feature : features.propertyNames()) {
      String point = device + "/" + feature;
      Value value = value(features.path(feature).path("desiredProperties").path("value"));
      Seen before = seen.get(point);
      if (value == null
          || !points.contains(point)
          || (before != null && revision <= before.revision)
          || (before != null && !isWish && value.equals(before.value))) {
        continue; // a wish that is still on its way keeps a revision above the one seen
      }
      last.add(point);
      seen.put(point, new Seen(revision, value));
      commands.add(
          new Command(
              Command.DESIRED_PREFIX + point + "/" + revision + mark(isWish),
              Command.Action.WRITE,
              point,
              value,
              issuer,
              isWish ? Command.Origin.DESIRED : Command.Origin.KEPT,
              Command.NOT_SAID,
              Command.NOT_SAID));
    }
    return commands;
  }

  /** How things should be is asked for once in each run, also where no revision followed. */
  private String mark(boolean isWish) {
    return isWish ? restarts == 0 ? "" : "." + run + restarts : ":" + run + restarts;
  }

  /**
   * The subject that Ditto authenticated; "" where it does not say, and for a name that no issuer
   * can have: made to fit, it could be somebody else's.
   */
  static String issuer(Envelope message) {
    String said = message.header(ORIGINATOR);
    return Command.ISSUER.matcher(said).matches() ? said : "";
  }

  private static @Nullable Value value(JsonNode node) {
    if (node.isNumber()) {
      return Value.of(node.doubleValue());
    }
    return node.isBoolean() ? Value.of(node.booleanValue()) : null;
  }
}
