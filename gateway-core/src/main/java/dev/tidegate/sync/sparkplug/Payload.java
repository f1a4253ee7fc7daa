package dev.tidegate.sync.sparkplug;

import dev.tidegate.flow.ClockCorrection;
import dev.tidegate.flow.CommandResult;
import dev.tidegate.flow.Decision;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Event;
import dev.tidegate.flow.LossRecord;
import dev.tidegate.flow.Summary;
import dev.tidegate.flow.Withheld;
import dev.tidegate.frame.Frame;
import dev.tidegate.reading.Quality;
import dev.tidegate.reading.Reading;
import dev.tidegate.sync.sparkplug.Catalog.Metric;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * The metrics that a frame's records make, by device ("" for the node), each list in the order of
 * time (tck-id-operational-behavior-data-publish-nbirth-order). Used once.
 */
final class Payload {
  private static final double SECOND_NANOS = 1e9;

  private final Catalog catalog;
  private final long wallOffsetNanos;
  private final boolean isLate;
  private final Map<String, List<Value>> values = new LinkedHashMap<>();

  /** A metric's value, and whether it is history. */
  record Value(Metric metric, long millis, ProtoWriter fields, boolean isLate) {
    ProtoWriter data() {
      return metric.data(isLate ? Fields.historical(fields) : fields);
    }
  }

  private Payload(Catalog catalog, long wallOffsetNanos, boolean isLate) {
    this.catalog = catalog;
    this.wallOffsetNanos = wallOffsetNanos;
    this.isLate = isLate;
  }

  /**
   * What the frame says.
   *
   * @param isLate whether it is history
   */
  static Map<String, List<Value>> of(Catalog catalog, Frame frame, boolean isLate) {
    Payload payload = new Payload(catalog, frame.header().wallOffsetNanos(), isLate);
    frame.entries().forEach(payload::take);
    payload.values.values().forEach(list -> list.sort(Comparator.comparingLong(Value::millis)));
    payload.values.replaceAll((device, list) -> whole(list));
    return payload.values;
  }

  /** The same, in their order, with members of one time in one instance, each of them once. */
  private static List<Value> whole(List<Value> values) {
    List<Value> whole = new ArrayList<>();
    List<Value> open = new ArrayList<>();
    for (Value value : values) {
      if (!open.isEmpty() && open.getFirst().millis < value.millis) {
        whole.add(instance(open));
        open.clear();
      }
      if (value.metric.whole() == null) {
        whole.add(value);
        continue;
      }
      if (open.stream().anyMatch(other -> other.metric.key.equals(value.metric.key))) {
        whole.add(instance(open));
        open.clear();
      }
      open.add(value);
    }
    if (!open.isEmpty()) {
      whole.add(instance(open));
    }
    return whole;
  }

  private static Value instance(List<Value> members) {
    Value first = members.getFirst();
    Metric whole = Objects.requireNonNull(first.metric.whole(), "members have an instance");
    ProtoWriter told = whole.instance(members.stream().map(Value::data).toList());
    ProtoWriter fields = Fields.template(Fields.at(first.millis), told);
    return new Value(whole, first.millis, fields, first.isLate);
  }

  private long millis(long timelineNanos) {
    return Math.floorDiv(timelineNanos + wallOffsetNanos, 1_000_000);
  }

  private void take(Entry entry) {
    if (Withheld.is(entry)) {
      return; // no metric has such a name
    }
    switch (entry) {
      case Entry.Measured m -> measured(m);
      case Summary s -> {
        String name = Catalog.window(s.window(), s.point());
        template(s.point().device(), name, Template.WINDOW, s.endNanos(), of(s));
      }
      case Event e -> own("Event", Template.EVENT, e.atNanos(), of(e));
      case CommandResult r -> commanded(r);
      case LossRecord l -> own("Loss", Template.LOSS, l.atNanos(), of(l));
      case ClockCorrection c -> own("Clock Correction", Template.CLOCK, c.atNanos(), of(c));
      case Decision.Decided d -> {
        String name = "models/" + d.model();
        ProtoWriter score = start(d.atNanos());
        add(
            catalog.of("", name + "/score", Type.DOUBLE),
            d.atNanos(),
            Fields.real(score, d.score()));
        ProtoWriter alarm = start(d.atNanos());
        add(
            catalog.of("", name + "/alarm", Type.BOOLEAN),
            d.atNanos(),
            Fields.flag(alarm, d.alarm()));
      }
    }
  }

  private void measured(Entry.Measured measured) {
    String device = measured.sample().point().device();
    Metric metric = catalog.of(device, measured.sample().point().point(), Type.DOUBLE);
    ProtoWriter fields = start(measured.atNanos());
    double value =
        measured.sample() instanceof Reading reading ? reading.value().asDouble() : Double.NaN;
    add(metric, measured.atNanos(), Fields.real(fields, value), measured.sample().quality());
  }

  /** An actuator's metric shows what it was told last, whether or not it can be read as well. */
  private void commanded(CommandResult result) {
    own("Command Result", Template.COMMAND_RESULT, result.atNanos(), of(result));
    int slash = result.subject().indexOf('/');
    Metric metric =
        slash < 0 || !result.isInForce()
            ? null
            : catalog.point(
                result.subject().substring(0, slash), result.subject().substring(slash + 1));
    if (metric != null) {
      ProtoWriter fields = Fields.real(start(result.atNanos()), result.value());
      add(metric, result.atNanos(), fields);
    }
  }

  private void own(String name, Template template, long atNanos, Map<String, Object> members) {
    template("", "Tidegate/" + name, template, atNanos, members);
  }

  private void template(
      String device, String name, Template template, long atNanos, Map<String, Object> members) {
    ProtoWriter fields = Fields.template(start(atNanos), template.instance(members));
    add(catalog.of(device, name, Type.TEMPLATE), atNanos, fields);
  }

  private ProtoWriter start(long atNanos) {
    return Fields.at(millis(atNanos));
  }

  private void add(Metric metric, long atNanos, ProtoWriter fields) {
    add(metric, atNanos, fields, Quality.GOOD);
  }

  private void add(Metric metric, long atNanos, ProtoWriter fields, Quality quality) {
    metric.show(millis(atNanos), fields, quality);
    Fields.properties(fields, "", quality);
    values
        .computeIfAbsent(metric.key.device(), d -> new ArrayList<>())
        .add(new Value(metric, millis(atNanos), fields, isLate));
  }

  private Map<String, Object> of(Summary s) {
    Map<String, Object> members = new HashMap<>();
    members.put("from", millis(s.startNanos()));
    members.put("count", s.count());
    members.put("bad", s.bad());
    members.put("late", s.late());
    members.put("min", s.min());
    members.put("mean", s.mean());
    members.put("max", s.max());
    members.put("stddev", s.stddev());
    members.put("first", s.first());
    members.put("last", s.last());
    members.put("timeMean", s.timeMean());
    members.put("coveredSeconds", s.coveredNanos() / SECOND_NANOS);
    return members;
  }

  private static Map<String, Object> of(Event e) {
    return Map.of(
        "kind", e.kind(),
        "severity", lower(e.severity().name()),
        "subject", e.subject(),
        "message", e.message());
  }

  private static Map<String, Object> of(CommandResult r) {
    Map<String, Object> members = new HashMap<>();
    members.put("id", r.id());
    members.put("subject", r.subject());
    members.put("outcome", r.outcome().word());
    members.put("reason", r.reason().word());
    members.put("message", r.message());
    members.put("status", (long) r.status());
    members.put("value", r.value());
    members.put("readBack", r.readBack());
    return members;
  }

  private Map<String, Object> of(LossRecord l) {
    return Map.of(
        "lane", l.lane().word(),
        "reason", lower(l.reason().name()),
        "first", l.firstSequence(),
        "last", l.lastSequence(),
        "from", millis(l.firstNanos()),
        "to", millis(l.lastNanos()));
  }

  private static Map<String, Object> of(ClockCorrection c) {
    return Map.of(
        "boot", c.bootId(),
        "quality", lower(c.quality().name()),
        "wallOffsetNanos", c.wallOffsetNanos());
  }

  private static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }
}
