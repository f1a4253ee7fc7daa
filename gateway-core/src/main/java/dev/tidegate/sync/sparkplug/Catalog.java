package dev.tidegate.sync.sparkplug;

import dev.tidegate.config.GatewayConfig;
import dev.tidegate.config.PointConfig;
import dev.tidegate.config.WindowConfig;
import dev.tidegate.flow.Lane;
import dev.tidegate.reading.PointId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Every metric of the edge node and its devices, with an alias that is its own across all of them,
 * and the last value of each for the next birth. Owned by the sync thread.
 */
final class Catalog {
  static final String BDSEQ = "bdSeq";
  static final String REBIRTH = "Node Control/Rebirth";
  static final String ACKED = "Tidegate/Acked Through/";
  static final String SENT = "Tidegate/Sent Through/";
  static final String REQUEST = "Tidegate/Request";
  static final String EPOCH = "Tidegate/Epoch";

  private final Map<Key, Metric> byKey = new LinkedHashMap<>();
  private final List<Metric> byAlias = new ArrayList<>();

  /** A metric's owner, "" for the node, and its name. */
  record Key(String device, String name) {}

  /** A metric. */
  static final class Metric {
    final Key key;
    final long alias;
    final Type type;
    private final String unit;

    /** Time, value and quality of the latest that there is; null before the first. */
    private byte @Nullable [] latest;

    private long latestMillis = Long.MIN_VALUE;

    private Metric(Key key, long alias, Type type, String unit) {
      this.key = key;
      this.alias = alias;
      this.type = type;
      this.unit = unit;
    }

    /** Notes a value: births show the latest. */
    void show(long millis, ProtoWriter fields) {
      if (millis >= latestMillis) {
        latestMillis = millis;
        latest = fields.toBytes();
      }
    }

    /** As it stands in a birth. */
    ProtoWriter birth(long millis) {
      ProtoWriter named = new ProtoWriter().text(1, key.name);
      if (!key.name.equals(REBIRTH)) { // the standard wants this one without an alias
        named.number(2, alias);
      }
      ProtoWriter metric = Fields.type(named, type);
      if (!unit.isEmpty() && latest == null) {
        Fields.unit(metric, unit);
      }
      return latest == null
          ? metric.raw(Fields.nothing(Fields.at(millis)).toBytes())
          : metric.raw(latest);
    }

    /** As it stands in data. */
    ProtoWriter data(ProtoWriter fields) {
      return new ProtoWriter().number(2, alias).raw(fields.toBytes());
    }
  }

  /**
   * What a configuration gives rise to.
   *
   * @param acknowledged whether the host tells what it has stored
   */
  Catalog(GatewayConfig config, boolean acknowledged) {
    of("", BDSEQ, Type.INT64);
    of("", REBIRTH, Type.BOOLEAN);
    of("", EPOCH, Type.STRING);
    of("", REQUEST, Type.STRING);
    for (Template template : Template.values()) {
      of("", "_types_/" + template.title(), Type.TEMPLATE);
    }
    for (String name : new String[] {"Event", "Command Result", "Loss", "Clock Correction"}) {
      of("", "Tidegate/" + name, Type.TEMPLATE);
    }
    for (Lane lane : Lane.values()) {
      if (acknowledged) {
        of("", SENT + lane.word(), Type.INT64);
        of("", ACKED + lane.word(), Type.INT64);
      }
    }
    config
        .models()
        .forEach(
            model -> {
              of("", "models/" + model.id() + "/score", Type.DOUBLE);
              of("", "models/" + model.id() + "/alarm", Type.BOOLEAN);
            });
    for (PointConfig point : config.points()) {
      String unit = point.unit() == null ? "" : point.unit().toString();
      add(new Key(point.id().device(), point.id().point()), Type.DOUBLE, unit);
    }
    for (WindowConfig window : config.windows()) {
      window
          .points()
          .forEach(point -> of(point.device(), window(window.id(), point), Type.TEMPLATE));
    }
  }

  static String window(String window, PointId point) {
    return "windows/" + window + "/" + point.point();
  }

  /** The metric of that name; made where there is none, so that a birth has to be told anew. */
  Metric of(String device, String name, Type type) {
    return add(new Key(device, name), type, "");
  }

  private Metric add(Key key, Type type, String unit) {
    Metric known = byKey.get(key);
    if (known != null) {
      return known;
    }
    Metric metric = new Metric(key, byAlias.size(), type, unit);
    byAlias.add(metric);
    byKey.put(key, metric);
    return metric;
  }

  /** How many metrics there are. */
  int size() {
    return byAlias.size();
  }

  /** The metrics of a device, or with "" of the node. */
  List<Metric> of(String device) {
    return byAlias.stream().filter(m -> m.key.device.equals(device)).toList();
  }

  /** The metric that a command means; null for none. */
  @Nullable Metric find(String device, String name, long alias) {
    Metric metric =
        name.isEmpty()
            ? alias >= 0 && alias < byAlias.size() ? byAlias.get((int) alias) : null
            : byKey.get(new Key(device, name));
    return metric != null && metric.key.device.equals(device) ? metric : null;
  }
}
