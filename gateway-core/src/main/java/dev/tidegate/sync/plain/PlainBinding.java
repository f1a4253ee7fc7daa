package dev.tidegate.sync.plain;

import dev.tidegate.flow.Command;
import dev.tidegate.flow.CommandResult;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.Outbound;
import dev.tidegate.reading.Value;
import dev.tidegate.sync.binding.Binding;
import dev.tidegate.sync.binding.DownMessages;
import dev.tidegate.sync.binding.Incoming;
import dev.tidegate.sync.binding.Topics;
import dev.tidegate.sync.link.Filter;
import dev.tidegate.sync.link.Outgoing;
import dev.tidegate.twin.Delta;
import dev.tidegate.twin.Era;
import dev.tidegate.twin.Property;
import dev.tidegate.twin.Twin;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** Frames as they are stored, each in one message. Owned by the sync thread. */
public final class PlainBinding implements Binding {
  static final String CONTENT_TYPE = "application/vnd.tidegate.frame";

  /** So many names that are none are answered, of at most that length, lest they fill the twin. */
  private static final int MAX_UNKNOWN = 64;

  private static final int MAX_PATH = 160;

  private final Topics topics;
  private final String gatewayId;
  private final String epoch;
  private final @Nullable Twin twin;
  private final Set<String> actuators;
  private final Set<String> json;

  /** What is desired of what is no actuator, as far as it is answered. */
  private final Set<String> unknown = new HashSet<>();

  private boolean isToAnswer;

  /** The last desired value of each actuator, whatever document it came with. */
  private final Map<String, Object> wanted = new HashMap<>();

  /** What the last document that was read made of it. */
  private Set<String> justWanted = Set.of();

  /**
   * @param epoch of the database
   * @param twin what is reported and desired; null for nothing
   * @param actuators names of the points that may be desired
   * @param json the names of the lanes that are sent as JSON
   */
  public PlainBinding(
      Topics topics,
      String gatewayId,
      String epoch,
      @Nullable Twin twin,
      Set<String> actuators,
      Set<String> json) {
    this.topics = topics;
    this.gatewayId = gatewayId;
    this.epoch = epoch;
    this.twin = twin;
    this.actuators = Set.copyOf(actuators);
    this.json = Set.copyOf(json);
  }

  /** Frames alone. */
  public PlainBinding(Topics topics, String gatewayId, String epoch) {
    this(topics, gatewayId, epoch, null, Set.of(), Set.of());
  }

  @Override
  public void begin() {
    isToAnswer = false;
    if (twin != null) {
      twin.begin();
    }
  }

  @Override
  public @Nullable Outgoing next(long nowNanos) {
    if (twin == null) {
      return null;
    }
    Delta delta = twin.next(nowNanos);
    if (delta == null && !isToAnswer) {
      return null;
    }
    isToAnswer = false;
    byte[] payload =
        StateMessages.write(
            new StateMessages.State(delta, twin.desiredEra(), twin.desiredThrough()));
    return Outgoing.of(topics.up(), payload, "application/json");
  }

  @Override
  public long dueNanos() {
    return isToAnswer ? Long.MIN_VALUE : twin == null ? Long.MAX_VALUE : twin.dueNanos();
  }

  @Override
  public void onNext(Runnable listener) {
    if (twin != null) {
      twin.onChange(listener);
    }
  }

  @Override
  public void untaken() {
    if (twin != null) {
      twin.forgetDesired();
      wanted.keySet().removeAll(justWanted); // or it would be taken for known when it comes again
      isToAnswer = false; // the far side tells it again in its own time
    }
  }

  @Override
  public List<Filter> subscriptions() {
    return List.of(new Filter(topics.down(), false));
  }

  @Override
  public Outgoing will() {
    return state("offline");
  }

  @Override
  public List<Outgoing> births() {
    return List.of(state("online"));
  }

  @Override
  public void tellAll() {
    if (twin != null) {
      twin.tellAll();
    }
  }

  @Override
  public Outgoing farewell() {
    return state("offline");
  }

  /** The status message: docs/spec/wire.md, "Status". The ids are free of quotes and escapes. */
  private Outgoing state(String word) {
    String json =
        "{\"state\":\"%s\",\"gateway\":\"%s\",\"epoch\":\"%s\"}".formatted(word, gatewayId, epoch);
    byte[] payload = json.getBytes(StandardCharsets.UTF_8);
    return new Outgoing(topics.status(), payload, 1, true, "application/json", Map.of());
  }

  /** The far side keeps every frame, and orders by number. */
  @Override
  public boolean isOrdered(Lane lane) {
    return false;
  }

  @Override
  public String destination(Lane lane) {
    return json.contains(lane.word()) ? topics.up() + "/" + lane.word() : topics.batch();
  }

  @Override
  public List<Outgoing> pack(Outbound frame, boolean isLate) {
    Map<String, String> properties = new LinkedHashMap<>();
    properties.put("lane", frame.lane().word());
    properties.put("first", Long.toString(frame.firstSequence()));
    properties.put("last", Long.toString(frame.lastSequence()));
    properties.put("epoch", frame.epoch());
    boolean isJson = json.contains(frame.lane().word());
    return List.of(
        new Outgoing(
            destination(frame.lane()),
            isJson ? RecordsJson.of(frame) : frame.frame(),
            1,
            false,
            isJson ? "application/json" : CONTENT_TYPE,
            properties));
  }

  @Override
  public Incoming read(String topic, byte[] payload) {
    Incoming read = DownMessages.read(payload); // by far the most are acknowledgements
    StateMessages.State state =
        read instanceof Incoming.Unreadable ? StateMessages.read(payload) : null;
    return twin == null || state == null ? read : state(twin, state);
  }

  private Incoming state(Twin taker, StateMessages.State state) {
    if (state.known() == null) {
      taker.unknown();
    } else {
      taker.known(state.known(), state.through());
    }
    Delta delta = state.delta();
    if (delta == null) {
      return new Incoming.Nothing();
    }
    isToAnswer = true;
    boolean isNewDocument = !delta.era().equals(taker.desiredEra());
    justWanted = new HashSet<>();
    List<Command> commands = new ArrayList<>();
    taker
        .desire(delta)
        .forEach(
            (path, property) -> {
              if (!actuators.contains(path)) {
                unknown(taker, path, property);
              } else if (isWish(path, property, isNewDocument)) {
                String id = id(path, property, delta.era());
                commands.add(
                    isNewDocument
                        ? command(id + start(taker.era()), path, property, state.by())
                            .from(Command.Origin.KEPT)
                        : command(id, path, property, state.by()));
              }
            });
    return commands.isEmpty() ? new Incoming.Nothing() : new Incoming.Commanded(commands);
  }

  /**
   * Whether something is to be written. In a document that is known, each change is a wish, of the
   * same value too; what a new document says is how things should be, and where that is what was
   * wanted before, nothing that the dead man has stopped starts by itself.
   */
  private boolean isWish(String path, Property property, boolean isNewDocument) {
    if (property.isGone()) {
      wanted.remove(path);
      return false;
    }
    Object before = wanted.put(path, property.value());
    if (isNewDocument && property.value().equals(before)) {
      return false;
    }
    justWanted.add(path);
    return true;
  }

  /** A name that is misspelt is answered where the answer to the right one would stand. */
  private void unknown(Twin teller, String path, Property property) {
    String answer = "actuators/" + path;
    if (property.isGone()) {
      if (unknown.remove(path)) {
        teller.retract(answer + "/status");
        teller.retract(answer + "/message");
      }
    } else if (path.length() <= MAX_PATH && unknown.size() < MAX_UNKNOWN && unknown.add(path)) {
      teller.report(answer + "/status", (double) CommandResult.Reason.UNKNOWN_POINT.status());
      teller.report(answer + "/message", "this gateway has no such actuator");
    }
  }

  /** Which start of the gateway it is, also where it could not be counted. */
  private static String start(Era own) {
    return ":%d.%x".formatted(own.number(), own.id().hashCode() & 0xFFFF);
  }

  /** Eras of another owner, or of one that has lost its memory, count from 1 again. */
  private static String id(String point, Property property, Era era) {
    CRC32C hash = new CRC32C();
    hash.update(era.id().getBytes(StandardCharsets.UTF_8));
    return Command.DESIRED_PREFIX
        + "%s/%08x.%d.%d".formatted(point, hash.getValue(), era.number(), property.revision());
  }

  private static Command command(String id, String point, Property property, String by) {
    Value value =
        switch (property.value()) {
          case Double number -> Value.of(number);
          case Boolean flag -> Value.of(flag);
          default -> Value.of(String.valueOf(property.value()));
        };
    return new Command(
        id,
        Command.Action.WRITE,
        point,
        value,
        by,
        Command.Origin.DESIRED,
        Command.NOT_SAID,
        Command.NOT_SAID);
  }
}
