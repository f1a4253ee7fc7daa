package dev.tidegate.sync.binding;

import dev.tidegate.flow.ClockCorrection;
import dev.tidegate.flow.CommandResult;
import dev.tidegate.flow.Decision;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Event;
import dev.tidegate.flow.LossRecord;
import dev.tidegate.flow.Summary;
import dev.tidegate.frame.FrameHeader;
import dev.tidegate.reading.Reading;
import dev.tidegate.time.TimeQuality;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a record says, as names and values, for bindings that write JSON: {@link Double}, {@link
 * Long}, {@link Boolean}, {@link String}, and null for a number that does not exist. Times are wall
 * times in ISO 8601, as best known when the frame was committed; {@code clock} says so where that
 * clock was not synchronised. Immutable.
 */
public final class RecordFields {
  private static final long SECOND_NANOS = 1_000_000_000L;

  private final FrameHeader header;

  /** For the records of that frame. */
  public RecordFields(FrameHeader header) {
    this.header = header;
  }

  /** The record's fields, the time first. */
  public Map<String, @Nullable Object> of(Entry entry) {
    Map<String, @Nullable Object> fields = at(entry.atNanos());
    switch (entry) {
      case Summary s -> summary(fields, s);
      case Event e -> {
        fields.put("kind", e.kind());
        fields.put("severity", lower(e.severity()));
        fields.put("subject", e.subject());
        fields.put("message", e.message());
      }
      case Decision.Decided d -> {
        fields.put("version", d.version());
        fields.put("score", number(d.score()));
        fields.put("threshold", number(d.threshold()));
        fields.put("alarm", d.alarm());
      }
      case LossRecord l -> {
        fields.put("lane", l.lane().word());
        fields.put("first", l.firstSequence());
        fields.put("last", l.lastSequence());
        fields.put("from", instant(l.firstNanos()));
        fields.put("to", instant(l.lastNanos()));
        fields.put("reason", lower(l.reason()));
      }
      case ClockCorrection c -> {
        fields.put("boot", c.bootId());
        fields.put("wallOffsetNanos", Long.toString(c.wallOffsetNanos()));
        fields.put("quality", lower(c.quality()));
      }
      case CommandResult r -> result(fields, r);
      case Entry.Measured m -> {
        fields.put("quality", lower(m.sample().quality()));
        if (m.sample() instanceof Reading reading) {
          fields.put("value", number(reading.value().asDouble()));
        }
      }
    }
    return fields;
  }

  private Map<String, @Nullable Object> at(long timelineNanos) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("at", instant(timelineNanos));
    if (header.timeQuality() != TimeQuality.SYNCHRONISED) {
      fields.put("clock", lower(header.timeQuality()));
    }
    return fields;
  }

  private String instant(long timelineNanos) {
    long wall = timelineNanos + header.wallOffsetNanos();
    return Instant.ofEpochSecond(
            Math.floorDiv(wall, SECOND_NANOS), Math.floorMod(wall, SECOND_NANOS))
        .toString();
  }

  private void summary(Map<String, @Nullable Object> fields, Summary s) {
    fields.put("from", instant(s.startNanos()));
    fields.put("count", s.count());
    fields.put("bad", s.bad());
    fields.put("late", s.late());
    fields.put("min", number(s.min()));
    fields.put("mean", number(s.mean()));
    fields.put("max", number(s.max()));
    fields.put("stddev", number(s.stddev()));
    fields.put("first", number(s.first()));
    fields.put("last", number(s.last()));
    fields.put("timeMean", number(s.timeMean()));
    fields.put("coveredSeconds", s.coveredNanos() / (double) SECOND_NANOS);
  }

  private static void result(Map<String, @Nullable Object> fields, CommandResult r) {
    fields.put("id", r.id());
    fields.put("subject", r.subject());
    fields.put("outcome", r.outcome().word());
    fields.put("reason", r.reason().word());
    fields.put("status", (long) r.status());
    fields.put("value", number(r.value()));
    fields.put("readBack", number(r.readBack()));
    fields.put("message", r.message());
  }

  private static @Nullable Double number(double value) {
    return Double.isFinite(value) ? value : null;
  }

  private static String lower(Enum<?> word) {
    return word.name().toLowerCase(Locale.ROOT);
  }
}
