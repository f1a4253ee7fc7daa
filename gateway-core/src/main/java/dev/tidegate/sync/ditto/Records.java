package dev.tidegate.sync.ditto;

import dev.tidegate.flow.ClockCorrection;
import dev.tidegate.flow.CommandResult;
import dev.tidegate.flow.Decision;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Event;
import dev.tidegate.flow.LossRecord;
import dev.tidegate.flow.Summary;
import dev.tidegate.frame.Frame;
import dev.tidegate.frame.FrameHeader;
import dev.tidegate.reading.Reading;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the records of a frame say of which thing (docs/spec/ditto.md, "Records"). Immutable.
 *
 * <p>Of each thing, the patches are in the order of the records: a record opens a new one where the
 * one before has said something of the same property already, so that nothing is passed over.
 */
final class Records {
  /** The feature of a thing that is about the gateway, and not about the plant. */
  static final String OWN = "tidegate";

  private static final long SECOND_NANOS = 1_000_000_000L;
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final Things things;
  private final FrameHeader header;
  private final Map<String, List<Patch>> patches = new LinkedHashMap<>();

  private Records(Things things, FrameHeader header) {
    this.things = things;
    this.header = header;
  }

  /** The patches that the frame's records make, by the name of the thing. */
  static Map<String, List<Patch>> patches(Things things, Frame frame) {
    Records records = new Records(things, frame.header());
    long sequence = frame.header().firstSequence();
    for (Entry entry : frame.entries()) {
      records.take(entry, sequence++);
    }
    return records.patches;
  }

  private void take(Entry entry, long sequence) {
    switch (entry) {
      case Summary s -> {
        say(s.point().device(), s.point().point(), "windows/" + s.window(), of(s), sequence);
      }
      case Event e -> {
        String device = things.deviceOf(e.subject());
        String feature = device == null ? OWN : feature(e.subject());
        say(device, feature, "event", of(e), sequence);
      }
      case Decision.Decided d -> say(null, "model:" + d.model(), "decision", of(d), sequence);
      case LossRecord l -> say(null, OWN, "loss", of(l), sequence);
      case ClockCorrection c -> say(null, OWN, "clock", of(c), sequence);
      case CommandResult r -> {
        String device = things.deviceOf(r.subject());
        say(device, device == null ? OWN : feature(r.subject()), "command", of(r), sequence);
      }
      case Entry.Measured m -> {
        String name = m.sample().point().point();
        say(m.sample().point().device(), name, "reading", of(m), sequence);
      }
    }
  }

  /** The feature that a subject {@code device/point} or {@code device} is about. */
  private static String feature(String subject) {
    int slash = subject.indexOf('/');
    return slash < 0 ? OWN : subject.substring(slash + 1);
  }

  private void say(
      @Nullable String device, String feature, String property, ObjectNode value, long sequence) {
    String thing = things.name(device != null && things.devices().contains(device) ? device : null);
    List<Patch> all = patches.computeIfAbsent(thing, t -> new ArrayList<>());
    int size = value.toString().length() + feature.length() + property.length() + 32;
    if (all.isEmpty() || !all.getLast().takes(feature, property, size)) {
      all.add(new Patch());
    }
    all.getLast().say(feature, property, value, size, sequence);
  }

  private String instant(long timelineNanos) {
    long wall = timelineNanos + header.wallOffsetNanos();
    return Instant.ofEpochSecond(
            Math.floorDiv(wall, SECOND_NANOS), Math.floorMod(wall, SECOND_NANOS))
        .toString();
  }

  private ObjectNode at(long timelineNanos) {
    ObjectNode node = JSON.objectNode().put("at", instant(timelineNanos));
    if (header.timeQuality() != dev.tidegate.time.TimeQuality.SYNCHRONISED) {
      node.put("clock", header.timeQuality().name().toLowerCase(Locale.ROOT));
    }
    return node;
  }

  private ObjectNode of(Summary s) {
    ObjectNode node = at(s.endNanos());
    node.put("from", instant(s.startNanos()));
    node.put("count", s.count()).put("bad", s.bad()).put("late", s.late());
    number(node, "min", s.min());
    number(node, "mean", s.mean());
    number(node, "max", s.max());
    number(node, "stddev", s.stddev());
    number(node, "first", s.first());
    number(node, "last", s.last());
    number(node, "timeMean", s.timeMean());
    return node.put("coveredSeconds", s.coveredNanos() / (double) SECOND_NANOS);
  }

  private ObjectNode of(Event e) {
    return at(e.atNanos())
        .put("kind", e.kind())
        .put("severity", e.severity().name().toLowerCase(Locale.ROOT))
        .put("subject", e.subject())
        .put("message", e.message());
  }

  private ObjectNode of(Decision.Decided d) {
    ObjectNode node = at(d.atNanos()).put("version", d.version());
    number(node, "score", d.score());
    number(node, "threshold", d.threshold());
    return node.put("alarm", d.alarm());
  }

  private ObjectNode of(LossRecord l) {
    return at(l.atNanos())
        .put("lane", l.lane().word())
        .put("first", l.firstSequence())
        .put("last", l.lastSequence())
        .put("from", instant(l.firstNanos()))
        .put("to", instant(l.lastNanos()))
        .put("reason", l.reason().name().toLowerCase(Locale.ROOT));
  }

  private ObjectNode of(ClockCorrection c) {
    return at(c.atNanos())
        .put("boot", c.bootId())
        .put("wallOffsetNanos", Long.toString(c.wallOffsetNanos()))
        .put("quality", c.quality().name().toLowerCase(Locale.ROOT));
  }

  /** What became of a command; also the answer to the message that asked for it. */
  ObjectNode of(CommandResult r) {
    ObjectNode node =
        at(r.atNanos())
            .put("id", r.id())
            .put("subject", r.subject())
            .put("outcome", r.outcome().word())
            .put("reason", r.reason().word())
            .put("status", r.status());
    number(node, "value", r.value());
    number(node, "readBack", r.readBack());
    return node.put("message", r.message());
  }

  /** The answer to the message that asked for the command. */
  static ObjectNode answer(Things things, FrameHeader header, CommandResult result) {
    return new Records(things, header).of(result);
  }

  private ObjectNode of(Entry.Measured m) {
    ObjectNode node = at(m.atNanos());
    node.put("quality", m.sample().quality().name().toLowerCase(Locale.ROOT));
    if (m.sample() instanceof Reading reading) {
      number(node, "value", reading.value().asDouble());
    }
    return node;
  }

  /** A number; where there is none, null, which takes what stood there away (RFC 7396). */
  private static void number(ObjectNode node, String name, double value) {
    if (Double.isFinite(value)) {
      node.put(name, value);
    } else {
      node.putNull(name);
    }
  }
}
