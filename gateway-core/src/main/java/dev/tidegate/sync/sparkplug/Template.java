package dev.tidegate.sync.sparkplug;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A template: its name, and its members in their order with their types (docs/spec/sparkplug.md,
 * "Templates").
 */
record Template(String title, Map<String, Type> members) {
  static final Template WINDOW =
      new Template(
          "Window",
          join(
              all(Type.INT64, "from", "count", "bad", "late"),
              all(
                  Type.DOUBLE,
                  "min",
                  "mean",
                  "max",
                  "stddev",
                  "first",
                  "last",
                  "timeMean",
                  "coveredSeconds")));
  static final Template EVENT =
      new Template("Event", all(Type.STRING, "kind", "severity", "subject", "message"));
  static final Template COMMAND_RESULT =
      new Template(
          "Command Result",
          join(
              all(Type.STRING, "id", "subject", "outcome", "reason", "message"),
              all(Type.INT64, "status"),
              all(Type.DOUBLE, "value", "readBack")));
  static final Template LOSS =
      new Template(
          "Loss",
          join(all(Type.STRING, "lane", "reason"), all(Type.INT64, "first", "last", "from", "to")));
  static final Template CLOCK =
      new Template(
          "Clock Correction",
          join(all(Type.STRING, "boot", "quality"), all(Type.INT64, "wallOffsetNanos")));

  /** Those of the gateway's own records. */
  static final List<Template> OF_RECORDS = List.of(WINDOW, EVENT, COMMAND_RESULT, LOSS, CLOCK);

  private static final String VERSION = "1";
  private static final String FOLDER = "_types_/";

  /** Of devices with these points. */
  static Template ofPoints(String title, List<String> points) {
    return new Template(title, all(Type.DOUBLE, points.toArray(String[]::new)));
  }

  private static Map<String, Type> all(Type type, String... names) {
    Map<String, Type> members = new LinkedHashMap<>();
    for (String name : names) {
      members.put(name, type);
    }
    return members;
  }

  @SafeVarargs
  private static Map<String, Type> join(Map<String, Type>... parts) {
    Map<String, Type> members = new LinkedHashMap<>();
    for (Map<String, Type> part : parts) {
      members.putAll(part);
    }
    return members;
  }

  /** The metric in NBIRTH whose value is the definition. */
  String metric() {
    return FOLDER + title;
  }

  /** The definition (tck-id-payloads-template-definition-members). */
  ProtoWriter definition() {
    ProtoWriter template = new ProtoWriter().text(1, VERSION);
    members.forEach((name, type) -> template.message(2, Fields.nothing(member(name, type))));
    return template.flag(5, true);
  }

  /** A member before its fields. */
  static ProtoWriter member(String name, Type type) {
    return Fields.type(new ProtoWriter().text(1, name), type);
  }

  /** An instance of all members; what is not given of it is null. */
  ProtoWriter instance(Map<String, Object> values) {
    List<ProtoWriter> told = new ArrayList<>();
    members.forEach((name, type) -> told.add(value(member(name, type), values.get(name))));
    return instance(told);
  }

  /** An instance of these members: in a birth all of them, in data those that there are. */
  ProtoWriter instance(List<ProtoWriter> told) {
    ProtoWriter template = new ProtoWriter().text(1, VERSION);
    told.forEach(member -> template.message(2, member));
    return template.text(4, title).flag(5, false);
  }

  private static ProtoWriter value(ProtoWriter member, @Nullable Object value) {
    return switch (value) {
      case Long number -> Fields.whole(member, number);
      case Double number -> Fields.real(member, number);
      case String text -> Fields.text(member, text);
      case null, default -> Fields.nothing(member);
    };
  }
}
