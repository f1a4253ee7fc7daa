package dev.tidegate.sync.ditto;

import dev.tidegate.flow.Lane;
import dev.tidegate.flow.Outbound;
import dev.tidegate.sync.link.Outgoing;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The one frame of a lane that is on its way as merge commands: of each thing one command at a
 * time, since a later one that overtook an earlier one would make it look applied. Owned by the
 * sync thread.
 */
final class Chains {
  final Lane lane;
  final long first;
  final long last;
  private final Map<String, Queue<Part>> waiting = new HashMap<>();
  private final Set<String> created = new HashSet<>();
  private final Map<String, Part> open = new LinkedHashMap<>();
  private Result result = new Result(204, "");

  /**
   * One merge command.
   *
   * @param id its correlation id
   * @param thing the name of the thing
   */
  record Part(String id, String thing, Outgoing message) {}

  Chains(Outbound frame) {
    lane = frame.lane();
    first = frame.firstSequence();
    last = frame.lastSequence();
  }

  void add(Part part) {
    waiting.computeIfAbsent(part.thing, t -> new ArrayDeque<>()).add(part);
  }

  /** The first command of each thing. */
  List<Outgoing> begin() {
    List<Outgoing> messages = new ArrayList<>();
    for (String thing : List.copyOf(waiting.keySet())) {
      messages.addAll(next(thing));
    }
    return messages;
  }

  /** Whether the thing is to be made, since it is missing: once for each try. */
  boolean mayCreate(String thing) {
    return created.add(thing);
  }

  /** The commands that are not answered, once more. */
  List<Outgoing> again() {
    created.clear();
    return open.values().stream().map(Part::message).toList();
  }

  /** The command of that id that is under way; null for none. */
  @Nullable Part open(String id) {
    return open.get(id);
  }

  /** The command is applied: what goes next of the same thing. */
  List<Outgoing> applied(Part part) {
    open.remove(part.id);
    return next(part.thing);
  }

  /**
   * The command is refused for good, and nothing follows it of the same thing: a later command
   * would make it look applied where the frame is sent again after a break. What the frame says of
   * other things still takes effect, and the frame counts as refused in the end.
   */
  void refused(Part part, Result why) {
    result = why;
    open.remove(part.id);
    waiting.remove(part.thing);
  }

  /** What became of the frame, once all of it is done. */
  Result result() {
    return result;
  }

  private List<Outgoing> next(String thing) {
    Queue<Part> queue = waiting.get(thing);
    Part part = queue == null ? null : queue.poll();
    if (part == null) {
      waiting.remove(thing);
      return List.of();
    }
    open.put(part.id, part);
    return List.of(part.message);
  }

  /** Whether every command of the frame is answered for good. */
  boolean isDone() {
    return open.isEmpty() && waiting.isEmpty();
  }
}
