package dev.tidegate.sync.sparkplug;

import java.util.LinkedHashMap;
import java.util.Map;

/** The templates, and the members of each in their order (docs/spec/sparkplug.md, "Templates"). */
enum Template {
  WINDOW("Window"),
  EVENT("Event"),
  COMMAND_RESULT("Command Result"),
  LOSS("Loss"),
  CLOCK("Clock Correction");

  private static final String VERSION = "1";

  private final String title;

  Template(String title) {
    this.title = title;
  }

  String title() {
    return title;
  }

  /** The members with their types. */
  private Map<String, Type> members() {
    Map<String, Type> members = new LinkedHashMap<>();
    switch (this) {
      case WINDOW -> {
        for (String name : new String[] {"from", "count", "bad", "late"}) {
          members.put(name, Type.INT64);
        }
        for (String name :
            new String[] {
              "min", "mean", "max", "stddev", "first", "last", "timeMean", "coveredSeconds"
            }) {
          members.put(name, Type.DOUBLE);
        }
      }
      case EVENT -> texts(members, "kind", "severity", "subject", "message");
      case COMMAND_RESULT -> {
        texts(members, "id", "subject", "outcome", "reason", "message");
        members.put("status", Type.INT64);
        members.put("value", Type.DOUBLE);
        members.put("readBack", Type.DOUBLE);
      }
      case LOSS -> {
        texts(members, "lane", "reason");
        for (String name : new String[] {"first", "last", "from", "to"}) {
          members.put(name, Type.INT64);
        }
      }
      case CLOCK -> {
        texts(members, "boot", "quality");
        members.put("wallOffsetNanos", Type.INT64);
      }
    }
    return members;
  }

  private static void texts(Map<String, Type> members, String... names) {
    for (String name : names) {
      members.put(name, Type.STRING);
    }
  }

  /** The definition, as the value of a metric in NBIRTH. */
  ProtoWriter definition() {
    ProtoWriter template = new ProtoWriter().text(1, VERSION);
    members()
        .forEach(
            (name, type) -> {
              ProtoWriter member = Fields.type(new ProtoWriter().text(1, name), type);
              template.message(2, Fields.nothing(member));
            });
    return template.flag(5, true);
  }

  /** An instance; what is not given of it is null. */
  ProtoWriter instance(Map<String, Object> values) {
    ProtoWriter template = new ProtoWriter().text(1, VERSION);
    members()
        .forEach(
            (name, type) -> {
              ProtoWriter member = Fields.type(new ProtoWriter().text(1, name), type);
              template.message(2, value(member, values.get(name)));
            });
    return template.text(4, title).flag(5, false);
  }

  private static ProtoWriter value(
      ProtoWriter member, @org.jspecify.annotations.Nullable Object value) {
    return switch (value) {
      case Long number -> Fields.whole(member, number);
      case Double number -> Fields.real(member, number);
      case String text -> Fields.text(member, text);
      case null, default -> Fields.nothing(member);
    };
  }
}
