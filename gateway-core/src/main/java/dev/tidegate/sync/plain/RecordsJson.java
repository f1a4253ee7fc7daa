package dev.tidegate.sync.plain;

import dev.tidegate.flow.ClockCorrection;
import dev.tidegate.flow.CommandResult;
import dev.tidegate.flow.Decision;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Event;
import dev.tidegate.flow.LossRecord;
import dev.tidegate.flow.Outbound;
import dev.tidegate.flow.Summary;
import dev.tidegate.frame.Frame;
import dev.tidegate.frame.FrameCodec;
import dev.tidegate.frame.FrameException;
import dev.tidegate.frame.FrameHeader;
import dev.tidegate.sync.binding.RecordFields;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** A frame as JSON, for far sides that would rather not decode one (docs/spec/wire.md, "JSON"). */
final class RecordsJson {
  private RecordsJson() {}

  static byte[] of(Outbound outbound) {
    Frame frame;
    try {
      frame = FrameCodec.decode(outbound.frame());
    } catch (FrameException e) {
      throw new IllegalStateException("a frame that was checked cannot be read: " + e, e);
    }
    FrameHeader header = frame.header();
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("gateway", header.gatewayId()).put("epoch", header.epoch());
    root.put("lane", header.lane().word());
    root.put("first", header.firstSequence()).put("last", header.lastSequence());
    RecordFields fields = new RecordFields(header);
    ArrayNode records = root.putArray("records");
    long sequence = header.firstSequence();
    for (Entry entry : frame.entries()) {
      ObjectNode record = records.addObject().put("number", sequence++);
      name(record, entry);
      ObjectNode said = JsonMapper.shared().valueToTree(fields.of(entry));
      record.setAll(said);
    }
    return root.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** What kind of record it is, and of what. */
  private static void name(ObjectNode record, Entry entry) {
    switch (entry) {
      case Entry.Measured m ->
          record.put("type", "reading").put("point", m.sample().point().name());
      case Summary s ->
          record.put("type", "summary").put("point", s.point().name()).put("window", s.window());
      case Decision d -> record.put("type", "decision").put("model", d.model());
      case Event e -> record.put("type", "event");
      case LossRecord l -> record.put("type", "loss");
      case ClockCorrection c -> record.put("type", "clock-correction");
      case CommandResult r -> record.put("type", "command-result");
    }
  }
}
