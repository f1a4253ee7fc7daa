package dev.tidegate.sync.ditto;

import dev.tidegate.config.SyncConfig.FarSide;
import dev.tidegate.flow.Command;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.Outbound;
import dev.tidegate.frame.Frame;
import dev.tidegate.frame.FrameCodec;
import dev.tidegate.frame.FrameException;
import dev.tidegate.reading.PointId;
import dev.tidegate.sync.binding.Binding;
import dev.tidegate.sync.binding.Incoming;
import dev.tidegate.sync.binding.Incoming.Ack;
import dev.tidegate.sync.binding.Incoming.Fate;
import dev.tidegate.sync.binding.Topics;
import dev.tidegate.sync.link.Filter;
import dev.tidegate.sync.link.Outgoing;
import dev.tidegate.sync.link.Text;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Eclipse Ditto's protocol (docs/spec/ditto.md). Owned by the sync thread.
 *
 * <p>A merge command says up to which number of its lane its thing is, on the condition that the
 * thing is not there yet: so a command that comes twice, or late, is answered with 412 and changes
 * nothing. That holds because of each thing no command is sent before the one before it is answered
 * ({@link Chains}).
 */
public final class DittoBinding implements Binding {
  /** The label with which whoever keeps frames of readings says that they are stored. */
  static final String STORED = "tidegate:stored";

  static final String TWIN_PERSISTED = "twin-persisted";
  private static final String MERGE = "things/twin/commands/merge";

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final Topics topics;
  private final Things things;
  private final String epoch;
  private final Desired desired;
  private final Map<Lane, Chains> underWay = new EnumMap<>(Lane.class);
  private final Questions questions = new Questions();
  private final Queue<Outgoing> further = new ArrayDeque<>();
  private final Asks asks;
  private boolean isMade;
  private long sessions;
  private final String run;

  /**
   * @param devices the ids of the devices: each has a thing
   * @param actuators the points that may be desired
   * @param epoch of the database
   * @param run random id of this run of the gateway
   */
  public DittoBinding(
      Topics topics,
      FarSide.Ditto config,
      String gatewayId,
      Set<String> devices,
      Set<PointId> actuators,
      String epoch,
      String run) {
    this.topics = topics;
    this.things = new Things(config, gatewayId, devices);
    this.epoch = epoch;
    this.run = run;
    this.asks = new Asks(gatewayId);
    this.desired =
        new Desired(actuators.stream().map(PointId::name).collect(Collectors.toSet()), run);
  }

  @Override
  public void begin() {
    sessions++;
    underWay.clear();
    further.clear();
    asks.clear();
    desired.askNothing();
  }

  @Override
  public @Nullable Outgoing next(long nowNanos) {
    for (String thing : asks.due(nowNanos)) {
      further.add(ask(thing));
    }
    return further.poll();
  }

  @Override
  public long dueNanos() {
    return further.isEmpty() ? asks.dueNanos() : Long.MIN_VALUE;
  }

  @Override
  public void untaken() {
    desired.forget().forEach(device -> asks.asked(things.name(device)));
  }

  @Override
  public List<Filter> subscriptions() {
    return List.of(new Filter(topics.down(), false));
  }

  @Override
  public Outgoing will() {
    Envelope will = online(false, false);
    will.headers()
        .put("condition", "eq(features/tidegate/properties/link/session,\"" + session() + "\")");
    return outgoing(will);
  }

  private String session() {
    return run + "-" + sessions;
  }

  @Override
  public List<Outgoing> births() {
    List<String> said = new ArrayList<>(List.of(things.gateway()));
    desired.devices().stream().sorted().map(things::name).forEach(said::add);
    said.forEach(asks::asked);
    return said.stream().map(this::ask).toList();
  }

  /** What is said of a thing until it is answered. */
  private Outgoing ask(String thing) {
    if (thing.equals(things.gateway())) {
      isMade = false; // tried once for each time
      return outgoing(online(true, true));
    }
    String device = thing.substring(things.name("").length());
    return outgoing(retrieve(thing, desired.ask(device), desired.fields(device)));
  }

  @Override
  public Outgoing farewell() {
    return outgoing(online(false, false));
  }

  private Envelope online(boolean isOnline, boolean isAnswered) {
    Patch patch = new Patch();
    ObjectNode link = JSON.objectNode().put("online", isOnline).put("session", session());
    patch.put(Records.OWN, "link", link);
    patch.put(Records.OWN, "epoch", JSON.stringNode(epoch));
    return merge(things.gateway(), patch.root(), "online:" + session(), isAnswered);
  }

  private Envelope merge(String thing, ObjectNode patch, String correlation, boolean isAnswered) {
    // not at "/": Ditto would make a thing that is missing, without the policy that is configured
    Envelope merge = Envelope.to(things, thing, MERGE, "/features", patch.path("features"));
    merge
        .headers()
        .put("content-type", "application/merge-patch+json")
        .put("correlation-id", correlation)
        .put("response-required", isAnswered);
    if (isAnswered) {
      merge.headers().putArray("requested-acks").add(TWIN_PERSISTED);
    } else {
      merge.headers().putArray("requested-acks");
    }
    return merge;
  }

  private Envelope retrieve(String thing, String correlation, String fields) {
    ObjectNode none = JSON.objectNode();
    Envelope retrieve = Envelope.to(things, thing, "things/twin/commands/retrieve", "/", none);
    retrieve.headers().put("correlation-id", correlation).put("response-required", true);
    return retrieve.asking(fields);
  }

  /** A thing that is not there yet. */
  private Outgoing create(String thing) {
    ObjectNode value = JSON.objectNode();
    value.put("thingId", things.id(thing)).put("policyId", things.policy());
    value.putObject("attributes").put("gateway", things.gateway()).put("made", "by tidegate");
    Envelope create = Envelope.to(things, thing, "things/twin/commands/create", "/", value);
    create.headers().put("correlation-id", "create:" + thing).put("response-required", true);
    create.headers().putArray("requested-acks").add(TWIN_PERSISTED);
    return outgoing(create);
  }

  private Outgoing outgoing(Envelope envelope) {
    return Outgoing.of(topics.up(), envelope.bytes(), Envelope.CONTENT_TYPE);
  }

  /** A thing shows the latest alone; frames of readings are kept by whoever takes them. */
  @Override
  public boolean isOrdered(Lane lane) {
    return lane != Lane.RAW;
  }

  @Override
  public String destination(Lane lane) {
    return topics.up();
  }

  @Override
  public List<Outgoing> pack(Outbound frame, boolean isLate) {
    if (!isOrdered(frame.lane())) {
      return List.of(outgoing(bulk(frame)));
    }
    Chains begun = underWay.get(frame.lane());
    if (begun != null && begun.first == frame.firstSequence()) {
      return begun.again();
    }
    Frame decoded;
    try {
      decoded = FrameCodec.decode(frame.frame());
    } catch (FrameException e) {
      throw new IllegalStateException("a frame that was checked cannot be read: " + e, e);
    }
    Chains chains = new Chains(frame);
    underWay.put(frame.lane(), chains);
    Records.patches(things, decoded)
        .forEach((thing, patches) -> patches.forEach(p -> chains.add(part(thing, p, frame))));
    List<Outgoing> messages = new ArrayList<>(chains.begin());
    questions.answers(decoded).forEach(answer -> messages.add(outgoing(answer)));
    return messages;
  }

  private Chains.Part part(String thing, Patch patch, Outbound frame) {
    String lane = frame.lane().word();
    String at = "features/tidegate/properties/stored/" + lane;
    ObjectNode stored = JSON.objectNode().put("epoch", epoch).put("through", patch.through());
    patch.put(Records.OWN, "stored/" + lane, stored);
    String id = correlation(frame.lane(), frame.firstSequence(), patch.through()) + ":" + thing;
    Envelope merge = merge(thing, patch.root(), id, true);
    merge
        .headers()
        .put(
            "condition",
            "not(and(eq(%s/epoch,\"%s\"),ge(%s/through,%d)))"
                .formatted(at, epoch, at, patch.through()));
    return new Chains.Part(id, thing, outgoing(merge));
  }

  private String correlation(Lane lane, long first, long last) {
    return "tg:%s:%s:%d:%d".formatted(epoch.substring(0, 8), lane.word(), first, last);
  }

  /** Readings one by one go as they are stored, to whoever keeps them. */
  private Envelope bulk(Outbound frame) {
    JsonNode value = JSON.stringNode(Base64.getEncoder().encodeToString(frame.frame()));
    Envelope message =
        Envelope.to(
            things,
            things.gateway(),
            "things/live/messages/frames",
            "/outbox/messages/frames",
            value);
    message
        .headers()
        .put("content-type", "application/octet-stream")
        .put(
            "correlation-id",
            correlation(frame.lane(), frame.firstSequence(), frame.lastSequence()))
        .put("response-required", true);
    message.headers().putArray("requested-acks").add(STORED);
    return message;
  }

  @Override
  public Incoming read(String topic, byte[] payload) {
    desired.begin();
    Envelope message = Envelope.read(payload);
    if (message == null) {
      return new Incoming.Unreadable();
    }
    String criterion = message.criterion();
    if (criterion.startsWith("things/live/messages/") && message.status() == 0) {
      return device(message) == null ? new Incoming.Nothing() : questions.read(message);
    }
    if (criterion.startsWith("things/twin/events/")) {
      return device(message) == null ? new Incoming.Nothing() : desired(message);
    }
    return message.status() == 0 ? new Incoming.Nothing() : answered(message);
  }

  private @Nullable String device(Envelope message) {
    return things.device(message.namespace(), message.name());
  }

  private Incoming desired(Envelope message) {
    String device = device(message);
    if (device == null || !desired.devices().contains(device)) {
      return new Incoming.Nothing();
    }
    String thing = things.name(device);
    if (desired.isOlder(device, message.revision()) && !asks.isOpen(thing)) {
      asks.asked(thing); // a while later: it is late, or revisions began anew
    }
    List<Command> commands = desired.event(device, message, message.revision());
    return commands.isEmpty() ? new Incoming.Nothing() : new Incoming.Commanded(commands);
  }

  /** What became of something that we said. */
  private Incoming answered(Envelope message) {
    String id = message.header("correlation-id");
    Result result = Result.of(message);
    if (id.startsWith("online:")) {
      online(id, result);
      return new Incoming.Nothing();
    }
    if (id.startsWith("desired:")) {
      return retrieved(id, message, result);
    }
    if (id.startsWith("create:")) {
      created(device(message), result);
      return new Incoming.Nothing();
    }
    for (Chains chains : underWay.values()) {
      Chains.Part part = chains.open(id);
      if (part != null) {
        return answered(chains, part, result);
      }
    }
    return bulkAnswered(id, result);
  }

  private void online(String id, Result result) {
    if (!id.equals("online:" + session())) {
      return; // of a connection before this one
    }
    if (result.isStored()) {
      asks.answered(things.gateway());
    } else if (result.code() == 404 && !isMade) {
      isMade = true;
      further.add(create(things.gateway()));
      further.add(outgoing(online(true, true)));
    }
  }

  private Incoming retrieved(String id, Envelope message, Result result) {
    String device = device(message);
    boolean isAnswer = result.isStored() || result.code() == 404; // a thing that is not there
    if (device == null || !isAnswer || !desired.isAsked(device, id)) {
      return new Incoming.Nothing(); // it is asked for again
    }
    asks.answeredForNow(things.name(device));
    JsonNode thing = result.isStored() ? message.value() : JSON.missingNode();
    List<Command> commands = desired.state(device, thing);
    return commands.isEmpty() ? new Incoming.Nothing() : new Incoming.Commanded(commands);
  }

  private void created(@Nullable String device, Result result) {
    if (device == null || result.code() != 201) {
      return; // whatever needs the thing has it made again
    }
    String thing = things.name(device.isEmpty() ? null : device);
    if (device.isEmpty() && !asks.isOpen(thing)) {
      asks.askSoon(thing); // it was another one that says online
    } else if (desired.devices().contains(device)) {
      desired.created(device);
      asks.askSoon(thing); // its first events may have been taken for old ones
    }
  }

  private Incoming answered(Chains chains, Chains.Part part, Result result) {
    boolean isStored = result.isStored() || result.code() == 412; // 412: it was applied before
    if (isStored || result.fate() == Fate.NEVER) {
      List<Outgoing> next = List.of();
      if (isStored) {
        next = chains.applied(part);
      } else {
        chains.refused(part, result);
      }
      if (!chains.isDone()) {
        return new Incoming.Progress(chains.lane, chains.first, next);
      }
      underWay.remove(chains.lane);
      Result all = chains.result();
      return acks(chains.lane, chains.first, chains.last, all.code(), all.reason(), all.fate());
    }
    if (result.code() == 404 && chains.mayCreate(part.thing())) {
      return new Incoming.Progress(
          chains.lane, chains.first, List.of(create(part.thing()), part.message()));
    }
    return acks(
        chains.lane, chains.first, chains.last, result.code(), result.reason(), result.fate());
  }

  private Incoming acks(Lane lane, long first, long last, int code, String reason, Fate fate) {
    return new Incoming.Acks(
        epoch, List.of(new Ack(lane, first, last, code, Text.oneLine(reason), fate)));
  }

  private Incoming bulkAnswered(String id, Result result) {
    String[] parts = id.split(":", -1);
    String ours = "tg:" + epoch.substring(0, 8) + ":" + Lane.RAW.word() + ":";
    if (parts.length != 5 || !id.startsWith(ours)) {
      return new Incoming.Nothing();
    }
    try {
      long first = Long.parseLong(parts[3]);
      long last = Long.parseLong(parts[4]);
      return first < 1 || last < first
          ? new Incoming.Unreadable()
          : acks(Lane.RAW, first, last, result.code(), result.reason(), result.fate());
    } catch (NumberFormatException e) {
      return new Incoming.Unreadable();
    }
  }
}
