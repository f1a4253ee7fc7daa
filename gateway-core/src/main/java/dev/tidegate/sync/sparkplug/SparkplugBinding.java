package dev.tidegate.sync.sparkplug;

import dev.tidegate.config.ActuatorConfig;
import dev.tidegate.config.GatewayConfig;
import dev.tidegate.config.SyncConfig.FarSide;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Event;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.Outbound;
import dev.tidegate.frame.Frame;
import dev.tidegate.frame.FrameCodec;
import dev.tidegate.frame.FrameException;
import dev.tidegate.reading.Quality;
import dev.tidegate.sync.binding.Binding;
import dev.tidegate.sync.binding.Incoming;
import dev.tidegate.sync.link.Filter;
import dev.tidegate.sync.link.Outgoing;
import dev.tidegate.sync.sparkplug.Catalog.Metric;
import dev.tidegate.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A Sparkplug B edge node (docs/spec/sparkplug.md). Owned by the sync thread.
 *
 * <p>Sequence numbers are given when a message is published and not when it is made, so that births
 * that come in between do not break their row.
 */
public final class SparkplugBinding implements Binding {
  private static final String NAMESPACE = "spBv1.0/";
  private static final int MAX_PAYLOAD_BYTES = 48 << 10;
  private static final double SECOND_NANOS = 1e9;

  private final FarSide.SparkplugB config;
  private final String node;
  private final String epoch;
  private final String bootId;
  private final BirthCount births;
  private final Clock clock;

  /** The configured ones, and those of which records of an earlier configuration are left. */
  private final List<String> devices;

  private final Set<String> gone = new HashSet<>();

  /** When what is known of a device's coming and going happened. */
  private final Map<String, Long> comingNanos = new HashMap<>();

  private final Catalog catalog;
  private final Orders orders;
  private final HostState host = new HostState();
  private int bdSeq;
  private int seq;

  /**
   * @param epoch of the database
   * @param bootId of this run of the gateway
   * @param births counts connections
   */
  public SparkplugBinding(
      FarSide.SparkplugB config,
      GatewayConfig gateway,
      String epoch,
      String bootId,
      BirthCount births,
      Clock clock) {
    this.config = config;
    this.node = gateway.id();
    this.epoch = epoch;
    this.bootId = bootId;
    this.births = births;
    this.clock = clock;
    this.devices = new ArrayList<>(gateway.devices().stream().map(d -> d.device().id()).toList());
    this.catalog = new Catalog(gateway, config);
    Set<String> writable =
        gateway.actuators().stream()
            .map(ActuatorConfig::point)
            .map(Object::toString)
            .collect(Collectors.toSet());
    this.orders = new Orders(catalog, writable, epoch);
  }

  private String topic(String verb) {
    return NAMESPACE + config.group() + "/" + verb + "/" + node;
  }

  private @Nullable String stateTopic() {
    return config.host() == null ? null : NAMESPACE + "STATE/" + config.host();
  }

  @Override
  public void begin() {
    bdSeq = births.next();
    host.begin();
    orders.begin();
  }

  @Override
  public List<Filter> subscriptions() {
    List<Filter> filters = new ArrayList<>();
    filters.add(new Filter(topic("NCMD"), false));
    filters.add(new Filter(topic("DCMD") + "/#", false));
    String state = stateTopic();
    if (state != null) {
      filters.add(new Filter(state, true));
    }
    return filters;
  }

  @Override
  public boolean isReady() {
    return config.host() == null || host.isOnline();
  }

  @Override
  public String waitsFor() {
    return "the primary host application " + config.host() + " on " + stateTopic();
  }

  @Override
  public long impliedNanos(int keepAliveSeconds) {
    return config.acknowledged()
        ? Long.MAX_VALUE
        : (long)
            (Math.max(1, keepAliveSeconds) * FarSide.SparkplugB.SETTLED_KEEP_ALIVES * SECOND_NANOS);
  }

  /** The death, with the number of the birth that belongs to it, and without a sequence number. */
  @Override
  public Outgoing will() {
    Metric metric = catalog.of("", Catalog.BDSEQ, Type.INT64);
    ProtoWriter fields = Fields.whole(Fields.at(now()), bdSeq);
    ProtoWriter death =
        new ProtoWriter()
            .number(1, now())
            .message(
                2,
                Fields.type(new ProtoWriter().text(1, metric.key.name()), metric.type)
                    .raw(fields.toBytes()));
    return new Outgoing(topic("NDEATH"), death.toBytes(), 1, false, null, Map.of());
  }

  @Override
  public Outgoing farewell() {
    return will();
  }

  /** As the standard asks of MQTT 5 (tck-id-payloads-ndeath-will-message-publisher). */
  @Override
  public boolean leavesWithWill() {
    return true;
  }

  private long now() {
    return Math.floorDiv(clock.wallNanos(), 1_000_000);
  }

  @Override
  public List<Outgoing> births() {
    long now = now();
    own(Catalog.BDSEQ, Fields.whole(Fields.at(now), bdSeq));
    own(Catalog.REBIRTH, Fields.flag(Fields.at(now), false));
    own(Catalog.EPOCH, Fields.text(Fields.at(now), epoch));
    for (Template template : catalog.templates()) {
      own(template.metric(), Fields.template(Fields.at(now), template.definition()));
    }
    List<Outgoing> messages = new ArrayList<>();
    messages.add(birth(topic("NBIRTH"), "", now));
    for (String device : devices) {
      if (!gone.contains(device)) {
        messages.add(birth(topic("DBIRTH") + "/" + device, device, now));
      }
    }
    return messages;
  }

  private void own(String name, ProtoWriter fields) {
    catalog.of("", name, Type.TEMPLATE).show(Long.MAX_VALUE, fields, Quality.GOOD);
  }

  private Outgoing birth(String topic, String device, long now) {
    ProtoWriter payload = new ProtoWriter().number(1, now);
    catalog.of(device).forEach(metric -> payload.message(2, metric.birth(now)));
    return data(topic, payload);
  }

  private static Outgoing data(String topic, ProtoWriter payload) {
    return new Outgoing(topic, payload.toBytes(), 0, false, null, Map.of());
  }

  @Override
  public Outgoing seal(Outgoing message) {
    if (message.topic().startsWith(topic("NDEATH"))) {
      return message;
    }
    seq = message.topic().equals(topic("NBIRTH")) ? 0 : (seq + 1) % 256;
    byte[] sealed = new ProtoWriter().raw(message.payload()).number(3, seq).toBytes();
    return new Outgoing(message.topic(), sealed, message.qos(), false, null, Map.of());
  }

  /** History is marked as such, and so may come in any order. */
  @Override
  public boolean isOrdered(Lane lane) {
    return false;
  }

  @Override
  public String destination(Lane lane) {
    return topic("NDATA") + " and " + topic("DDATA");
  }

  @Override
  public List<Outgoing> pack(Outbound frame, boolean isLate) {
    Frame decoded;
    try {
      decoded = FrameCodec.decode(frame.frame());
    } catch (FrameException e) {
      throw new IllegalStateException("a frame that was checked cannot be read: " + e, e);
    }
    int known = catalog.size();
    Map<String, List<Payload.Value>> values = Payload.of(catalog, decoded, isLate);
    List<Outgoing> messages = new ArrayList<>();
    if (catalog.size() > known) { // by records of an earlier configuration
      values.keySet().stream()
          .filter(device -> !device.isEmpty() && !devices.contains(device))
          .forEach(devices::add);
      messages.addAll(births());
    }
    messages.addAll(comings(decoded));
    values.forEach(
        (device, list) -> {
          // what a device gave before it fell silent is published while it is born
          boolean isGone = gone.contains(device);
          if (isGone) {
            messages.add(birth(topic("DBIRTH") + "/" + device, device, now()));
          }
          messages.addAll(data(device, list));
          if (isGone) {
            messages.add(death(device));
          }
        });
    if (config.acknowledged()) {
      orders.sent(frame.lane(), frame.firstSequence(), frame.lastSequence());
      Metric sent = catalog.of("", Catalog.SENT + frame.lane().word(), Type.INT64);
      ProtoWriter fields = Fields.whole(Fields.at(now()), frame.lastSequence());
      ProtoWriter payload = new ProtoWriter().number(1, now()).message(2, sent.data(fields));
      messages.add(data(topic("NDATA"), payload));
    }
    if (messages.isEmpty()) { // a frame that says nothing is settled by what is written too
      Metric own = catalog.of("", Catalog.EPOCH, Type.STRING);
      ProtoWriter told = own.data(Fields.text(Fields.at(now()), epoch));
      messages.add(data(topic("NDATA"), new ProtoWriter().number(1, now()).message(2, told)));
    }
    return messages;
  }

  private List<Outgoing> data(String device, List<Payload.Value> values) {
    String topic = device.isEmpty() ? topic("NDATA") : topic("DDATA") + "/" + device;
    List<Outgoing> messages = new ArrayList<>();
    ProtoWriter payload = new ProtoWriter().number(1, now());
    for (Payload.Value value : values) {
      if (payload.size() > MAX_PAYLOAD_BYTES) {
        messages.add(data(topic, payload));
        payload = new ProtoWriter().number(1, now());
      }
      payload.message(2, value.data());
    }
    messages.add(data(topic, payload));
    return messages;
  }

  private Outgoing death(String device) {
    return data(topic("DDEATH") + "/" + device, new ProtoWriter().number(1, now()));
  }

  /**
   * Deaths and births of devices that the frame tells of: of this run alone, since each begins with
   * all of them born, and of each device what happened last, since live goes before the backlog.
   */
  private List<Outgoing> comings(Frame frame) {
    List<Outgoing> messages = new ArrayList<>();
    if (!frame.header().bootId().equals(bootId)) {
      return messages;
    }
    for (Entry entry : frame.entries()) {
      if (entry instanceof Event event && devices.contains(event.subject())) {
        String device = event.subject();
        Boolean answers = event.answers();
        if (answers == null || event.atNanos() < comingNanos.getOrDefault(device, Long.MIN_VALUE)) {
          continue;
        }
        comingNanos.put(device, event.atNanos());
        if (Boolean.FALSE.equals(answers) && gone.add(device)) {
          messages.add(death(device));
        } else if (Boolean.TRUE.equals(answers) && gone.remove(device)) {
          messages.add(birth(topic("DBIRTH") + "/" + device, device, now()));
        }
      }
    }
    return messages;
  }

  @Override
  public Incoming read(String topic, byte[] payload) {
    if (topic.equals(stateTopic())) {
      return state(payload);
    }
    String commands = topic("DCMD") + "/";
    if (topic.startsWith(commands)) {
      String device = topic.substring(commands.length());
      return devices.contains(device) ? orders.read(device, payload) : new Incoming.Unreadable();
    }
    return topic.equals(topic("NCMD")) ? orders.read("", payload) : new Incoming.Unreadable();
  }

  private Incoming state(byte[] payload) {
    boolean was = host.isOnline();
    if (!host.take(payload)) {
      return new Incoming.Unreadable();
    }
    if (host.isOnline() == was) {
      return new Incoming.Nothing();
    }
    return host.isOnline()
        ? new Incoming.Ready()
        : new Incoming.Leave("the primary host application " + config.host() + " is offline");
  }
}
