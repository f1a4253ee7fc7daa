package dev.tidegate.sync.sparkplug;

import dev.tidegate.config.GatewayConfig;
import dev.tidegate.config.PointConfig;
import dev.tidegate.config.SyncConfig;
import dev.tidegate.config.SyncConfig.AssetTemplate;
import dev.tidegate.config.SyncConfig.FarSide;
import dev.tidegate.config.WindowConfig;
import dev.tidegate.flow.Lane;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Quality;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

  /** Before the names of points that cannot keep theirs. */
  private static final String FORMER = "points/";

  private final Map<Key, Metric> byKey = new LinkedHashMap<>();
  private final List<Metric> byAlias = new ArrayList<>();
  private final List<Template> templates = new ArrayList<>(Template.OF_RECORDS);

  /** A metric's owner, "" for the node, and its name. */
  record Key(String device, String name) {}

  /** A metric, or a member of one. */
  static final class Metric {
    final Key key;
    final long alias;
    final Type type;
    private final String unit;

    /** What its members are of, where it is an instance of a device's template. */
    private @Nullable Template template;

    private final Map<String, Metric> members = new LinkedHashMap<>();

    /** The instance of which it is a member; null for none. */
    private @Nullable Metric whole;

    /** Time and value of the latest that there is; null before the first. */
    private byte @Nullable [] latest;

    private Quality latestQuality = Quality.GOOD;

    private long latestMillis = Long.MIN_VALUE;

    private Metric(Key key, long alias, Type type, String unit) {
      this.key = key;
      this.alias = alias;
      this.type = type;
      this.unit = unit;
    }

    /** Notes a value: births show the latest, with its quality and the metric's unit. */
    void show(long millis, ProtoWriter fields, Quality quality) {
      if (millis >= latestMillis) {
        latestMillis = millis;
        latest = fields.toBytes();
        latestQuality = quality;
      }
    }

    @Nullable Metric whole() {
      return whole;
    }

    /** The member of that name; null where there is none. */
    @Nullable Metric member(String name) {
      return members.get(name);
    }

    /** An instance with some members of it. */
    ProtoWriter instance(List<ProtoWriter> told) {
      if (template == null) {
        throw new IllegalStateException(key + " is no instance");
      }
      return template.instance(told);
    }

    /** As it stands in a birth. */
    ProtoWriter birth(long millis) {
      ProtoWriter named = new ProtoWriter().text(1, key.name);
      if (whole == null && !key.name.equals(REBIRTH)) { // the standard wants it without an alias
        named.number(2, alias);
      }
      ProtoWriter metric = Fields.type(named, type);
      if (template != null) {
        List<ProtoWriter> all = members.values().stream().map(m -> m.birth(millis)).toList();
        return metric.raw(Fields.template(Fields.at(millis), template.instance(all)).toBytes());
      }
      Fields.properties(metric, unit, latestQuality);
      return latest == null
          ? metric.raw(Fields.nothing(Fields.at(millis)).toBytes())
          : metric.raw(latest);
    }

    /** As it stands in data: a member by its name. */
    ProtoWriter data(ProtoWriter fields) {
      ProtoWriter metric =
          whole == null ? new ProtoWriter().number(2, alias) : Template.member(key.name, type);
      return metric.raw(fields.toBytes());
    }
  }

  /**
   * What a configuration gives rise to; of points that must not leave, nothing.
   *
   * @param far who listens, and which devices are alike
   */
  Catalog(GatewayConfig config, FarSide.SparkplugB far) {
    of("", BDSEQ, Type.INT64);
    of("", REBIRTH, Type.BOOLEAN);
    of("", EPOCH, Type.STRING);
    of("", REQUEST, Type.STRING);
    Map<String, Template> templateOf = new HashMap<>();
    for (AssetTemplate kind : far.templates()) {
      List<String> members = points(config, kind.devices().getFirst());
      if (members.isEmpty()) {
        continue;
      }
      Template template = Template.ofPoints(kind.id(), members);
      templates.add(template);
      kind.devices().forEach(device -> templateOf.put(device, template));
    }
    for (Template template : templates) {
      of("", template.metric(), Type.TEMPLATE);
    }
    for (String name : new String[] {"Event", "Command Result", "Loss", "Clock Correction"}) {
      of("", "Tidegate/" + name, Type.TEMPLATE);
    }
    for (Lane lane : Lane.values()) {
      if (far.acknowledged()) {
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
      if (!mayLeave(config, point.id())) {
        continue;
      }
      String unit = point.unit() == null ? "" : point.unit().toString();
      String device = point.id().device();
      Metric metric = add(new Key(device, point.id().point()), Type.DOUBLE, unit);
      Template template = templateOf.get(device);
      if (template != null) {
        Metric whole = of(device, template.title(), Type.TEMPLATE);
        whole.template = template;
        whole.members.put(metric.key.name, metric);
        metric.whole = whole;
      }
    }
    for (WindowConfig window : config.windows()) {
      window.points().stream()
          .filter(point -> mayLeave(config, point))
          .forEach(point -> of(point.device(), window(window.id(), point), Type.TEMPLATE));
    }
  }

  private static List<String> points(GatewayConfig config, String device) {
    return config.points().stream()
        .map(PointConfig::id)
        .filter(point -> point.device().equals(device) && mayLeave(config, point))
        .map(PointId::point)
        .toList();
  }

  private static boolean mayLeave(GatewayConfig config, PointId point) {
    SyncConfig sync = config.sync();
    Set<String> points = sync == null ? null : sync.limits().points();
    return points == null || points.contains(point.name());
  }

  /** All templates, to be defined in NBIRTH. */
  List<Template> templates() {
    return templates;
  }

  static String window(String window, PointId point) {
    return "windows/" + window + "/" + point.point();
  }

  /**
   * The metric of that name; made where there is none, so that a birth has to be told anew. A point
   * of an earlier configuration that has the name of an instance goes by another one.
   */
  Metric of(String device, String name, Type type) {
    Metric known = byKey.get(new Key(device, name));
    boolean isTaken = known != null && known.template != null && type != Type.TEMPLATE;
    return add(new Key(device, isTaken ? FORMER + name : name), type, "");
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

  /** The metrics of a device, or with "" of the node, without the members of others. */
  List<Metric> of(String device) {
    return byAlias.stream().filter(m -> m.whole == null && m.key.device.equals(device)).toList();
  }

  /** The device's point, whether a metric or a member of one; null for none. */
  @Nullable Metric point(String device, String point) {
    Metric metric = byKey.get(new Key(device, point));
    return metric != null && metric.type == Type.DOUBLE ? metric : null;
  }

  /** The metric that a command means; null for none. */
  @Nullable Metric find(String device, String name, long alias) {
    Metric metric =
        name.isEmpty()
            ? alias >= 0 && alias < byAlias.size() ? byAlias.get((int) alias) : null
            : byKey.get(new Key(device, name));
    return metric != null && metric.whole == null && metric.key.device.equals(device)
        ? metric
        : null;
  }
}
