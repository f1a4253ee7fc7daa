package dev.tidegate.sync.ditto;

import dev.tidegate.flow.ClockCorrection;
import dev.tidegate.flow.CommandResult;
import dev.tidegate.flow.Decision;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Event;
import dev.tidegate.flow.LossRecord;
import dev.tidegate.flow.Summary;
import dev.tidegate.flow.Withheld;
import dev.tidegate.frame.Frame;
import dev.tidegate.frame.FrameHeader;
import dev.tidegate.sync.binding.RecordFields;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the records of a frame say of which thing (docs/spec/ditto.md, "Records"). Immutable.
 *
 * <p>Of each thing, the patches are in the order of the records: a record opens a new one where the
 * one before has said something of the same property already, so that nothing is passed over. What
 * was withheld says nothing.
 */
final class Records {
  /** The feature of a thing that is about the gateway, and not about the plant. */
  static final String OWN = "tidegate";

  private final Things things;
  private final RecordFields fields;
  private final Map<String, List<Patch>> patches = new LinkedHashMap<>();

  private Records(Things things, FrameHeader header) {
    this.things = things;
    this.fields = new RecordFields(header);
  }

  /** The patches that the frame's records make, by the name of the thing. */
  static Map<String, List<Patch>> patches(Things things, Frame frame) {
    Records records = new Records(things, frame.header());
    long sequence = frame.header().firstSequence();
    for (Entry entry : frame.entries()) {
      if (!Withheld.is(entry)) {
        records.take(entry, sequence);
      }
      sequence++;
    }
    if (records.patches.isEmpty()) { // a frame that says nothing has to be answered too
      Patch nothing = new Patch();
      nothing.reach(sequence - 1);
      records.patches.put(things.gateway(), List.of(nothing));
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
        Patch patch = say(device, feature, "event", of(e), sequence);
        Boolean answers = e.answers();
        if (device != null && answers != null) {
          patch.put(OWN, "online", JsonNodeFactory.instance.booleanNode(answers));
        }
      }
      case Decision.Decided d -> say(null, "model:" + d.model(), "decision", of(d), sequence);
      case LossRecord l -> say(null, OWN, "loss", of(l), sequence);
      case ClockCorrection c -> say(null, OWN, "clock", of(c), sequence);
      case CommandResult r -> {
        String device = things.deviceOf(r.subject());
        String feature = device == null ? OWN : feature(r.subject());
        Patch patch = say(device, feature, "command", of(r), sequence);
        if (device != null && r.isInForce()) {
          patch.put(feature, "value", JsonNodeFactory.instance.numberNode(r.value()));
        }
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

  private Patch say(
      @Nullable String device, String feature, String property, ObjectNode value, long sequence) {
    String thing = things.name(device != null && things.devices().contains(device) ? device : null);
    List<Patch> all = patches.computeIfAbsent(thing, t -> new ArrayList<>());
    int size = value.toString().length() + feature.length() + property.length() + 32;
    if (all.isEmpty() || !all.getLast().takes(feature, property, size)) {
      all.add(new Patch());
    }
    Patch patch = all.getLast();
    patch.say(feature, property, value, size, sequence);
    return patch;
  }

  private ObjectNode of(Entry entry) {
    ObjectNode value = JsonMapper.shared().valueToTree(fields.of(entry));
    if (!value.has("clock")) {
      value.putNull("clock"); // a merge would leave what an earlier record said
    }
    return value;
  }

  /** The answer to the message that asked for the command. */
  static ObjectNode answer(FrameHeader header, CommandResult result) {
    return JsonMapper.shared().valueToTree(new RecordFields(header).of(result));
  }
}
