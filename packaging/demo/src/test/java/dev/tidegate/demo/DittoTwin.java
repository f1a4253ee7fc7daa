package dev.tidegate.demo;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.eclipse.ditto.base.model.acks.AcknowledgementLabel;
import org.eclipse.ditto.base.model.acks.AcknowledgementRequest;
import org.eclipse.ditto.base.model.common.HttpStatus;
import org.eclipse.ditto.base.model.entity.id.WithEntityId;
import org.eclipse.ditto.base.model.exceptions.DittoRuntimeException;
import org.eclipse.ditto.base.model.headers.DittoHeaders;
import org.eclipse.ditto.base.model.signals.Signal;
import org.eclipse.ditto.base.model.signals.acks.Acknowledgement;
import org.eclipse.ditto.base.model.signals.acks.Acknowledgements;
import org.eclipse.ditto.base.model.signals.commands.exceptions.CommandTimeoutException;
import org.eclipse.ditto.json.JsonFactory;
import org.eclipse.ditto.json.JsonMergePatch;
import org.eclipse.ditto.json.JsonObject;
import org.eclipse.ditto.json.JsonPointer;
import org.eclipse.ditto.json.JsonValue;
import org.eclipse.ditto.messages.model.signals.commands.SendThingMessage;
import org.eclipse.ditto.messages.model.signals.commands.SendThingMessageResponse;
import org.eclipse.ditto.protocol.ProtocolFactory;
import org.eclipse.ditto.protocol.adapter.DittoProtocolAdapter;
import org.eclipse.ditto.rql.parser.RqlPredicateParser;
import org.eclipse.ditto.rql.query.filter.QueryFilterCriteriaFactory;
import org.eclipse.ditto.rql.query.things.ThingPredicateVisitor;
import org.eclipse.ditto.things.model.Thing;
import org.eclipse.ditto.things.model.ThingId;
import org.eclipse.ditto.things.model.ThingsModelFactory;
import org.eclipse.ditto.things.model.signals.commands.ThingErrorResponse;
import org.eclipse.ditto.things.model.signals.commands.exceptions.ThingConditionFailedException;
import org.eclipse.ditto.things.model.signals.commands.exceptions.ThingConflictException;
import org.eclipse.ditto.things.model.signals.commands.exceptions.ThingNotAccessibleException;
import org.eclipse.ditto.things.model.signals.commands.exceptions.ThingTooManyModifyingRequestsException;
import org.eclipse.ditto.things.model.signals.commands.exceptions.ThingUnavailableException;
import org.eclipse.ditto.things.model.signals.commands.modify.CreateThing;
import org.eclipse.ditto.things.model.signals.commands.modify.CreateThingResponse;
import org.eclipse.ditto.things.model.signals.commands.modify.MergeThing;
import org.eclipse.ditto.things.model.signals.commands.modify.MergeThingResponse;
import org.eclipse.ditto.things.model.signals.commands.query.RetrieveThing;
import org.eclipse.ditto.things.model.signals.commands.query.RetrieveThingResponse;
import org.eclipse.ditto.things.model.signals.events.ThingMerged;
import org.jspecify.annotations.Nullable;

/**
 * What Eclipse Ditto does with the messages of a gateway, by Ditto's own model libraries: reads
 * them with its protocol adapter, decides conditions with its query language, applies merge
 * patches, and answers with its own responses, errors and acknowledgements. Not safe for use by
 * several threads.
 */
final class DittoTwin {
  private static final DittoProtocolAdapter ADAPTER = DittoProtocolAdapter.newInstance();
  private static final AcknowledgementLabel PERSISTED = AcknowledgementLabel.of("twin-persisted");
  static final AcknowledgementLabel STORED = AcknowledgementLabel.of("tidegate:stored");

  private final Map<ThingId, JsonObject> things = new TreeMap<>();
  private final Map<ThingId, Long> revisions = new HashMap<>();

  /** Merge patches that took effect, in their order. */
  final List<Merged> merged = new ArrayList<>();

  /** Frames that came as live messages, in their order. */
  final List<byte[]> frames = new ArrayList<>();

  /** Answers of the gateway to live messages. */
  final List<SendThingMessageResponse<?>> answers = new ArrayList<>();

  /** A patch and the thing that it changed. */
  record Merged(ThingId thing, JsonObject patch) {}

  /** The message, read with Ditto's own libraries; whoever cannot be read throws. */
  static Signal<?> read(byte[] payload) {
    String json = new String(payload, java.nio.charset.StandardCharsets.UTF_8);
    return ADAPTER.fromAdaptable(
        ProtocolFactory.jsonifiableAdaptableFromJson(JsonFactory.newObject(json)));
  }

  /** How Ditto writes it. */
  static String write(Signal<?> signal) {
    return ProtocolFactory.wrapAsJsonifiableAdaptable(ADAPTER.toAdaptable(signal)).toJsonString();
  }

  /** It is set up anew, and knows nothing any more. */
  void rebuild() {
    things.clear();
    revisions.clear();
  }

  Map<ThingId, JsonObject> things() {
    return things;
  }

  /** The thing; null where there is none. */
  @Nullable JsonObject thing(String id) {
    return things.get(ThingId.of(id));
  }

  /** Does what the message asks for; what is answered, null for nothing. */
  @Nullable Signal<?> take(Signal<?> signal) {
    DittoHeaders headers = signal.getDittoHeaders();
    try {
      return switch (signal) {
        case MergeThing merge -> merge(merge, headers);
        case CreateThing create -> create(create, headers);
        case RetrieveThing retrieve -> retrieve(retrieve, headers);
        case SendThingMessage<?> message -> message(message, headers);
        case SendThingMessageResponse<?> answer -> {
          answers.add(answer);
          yield null;
        }
        default -> throw new AssertionError("a gateway does not say " + signal);
      };
    } catch (DittoRuntimeException e) {
      return headers.isResponseRequired() ? ThingErrorResponse.of(e, headers) : null;
    }
  }

  private @Nullable Signal<?> merge(MergeThing merge, DittoHeaders headers) {
    ThingId id = merge.getEntityId();
    JsonObject before = things.get(id);
    if (before == null && merge.getPath().isEmpty()) {
      throw new AssertionError("Ditto would make the thing, without the policy that is configured");
    }
    if (before == null) {
      throw ThingNotAccessibleException.newBuilder(id).dittoHeaders(headers).build();
    }
    Thing thing = ThingsModelFactory.newThing(before);
    if (!headers.getCondition().map(c -> holds(c, headers).test(thing)).orElse(true)) {
      throw ThingConditionFailedException.newBuilder(headers).build();
    }
    JsonObject patch = JsonFactory.newObject().setValue(merge.getPath(), merge.getValue());
    store(id, JsonMergePatch.of(merge.getPath(), merge.getValue()).applyOn(before).asObject());
    merged.add(new Merged(id, patch));
    return headers.isResponseRequired()
        ? MergeThingResponse.of(id, merge.getPath(), headers)
        : null;
  }

  private static Predicate<Thing> holds(String condition, DittoHeaders headers) {
    return ThingPredicateVisitor.apply(
        QueryFilterCriteriaFactory.modelBased(RqlPredicateParser.getInstance())
            .filterCriteria(condition, headers));
  }

  private void store(ThingId id, JsonObject thing) {
    things.put(id, thing);
    revisions.merge(id, 1L, Long::sum);
  }

  private Signal<?> create(CreateThing create, DittoHeaders headers) {
    ThingId id = create.getEntityId();
    if (things.containsKey(id)) {
      throw ThingConflictException.newBuilder(id).dittoHeaders(headers).build();
    }
    store(id, create.getThing().toJson());
    return CreateThingResponse.of(create.getThing(), headers);
  }

  private Signal<?> retrieve(RetrieveThing retrieve, DittoHeaders headers) {
    ThingId id = retrieve.getEntityId();
    JsonObject thing = things.get(id);
    if (thing == null) {
      throw ThingNotAccessibleException.newBuilder(id).dittoHeaders(headers).build();
    }
    JsonObject all = thing.setValue("_revision", revisions.getOrDefault(id, 0L));
    JsonObject shown = retrieve.getSelectedFields().map(all::get).orElse(thing);
    return RetrieveThingResponse.of(id, shown, headers);
  }

  private Signal<?> message(SendThingMessage<?> message, DittoHeaders headers) {
    Object payload = message.getMessage().getPayload().orElseThrow();
    if (payload instanceof java.nio.ByteBuffer buffer) {
      byte[] bytes = new byte[buffer.remaining()];
      buffer.duplicate().get(bytes);
      frames.add(bytes);
    } else {
      frames.add(Base64.getDecoder().decode(String.valueOf(payload)));
    }
    for (AcknowledgementRequest request : headers.getAcknowledgementRequests()) {
      if (!request.getLabel().equals(STORED)) {
        throw new AssertionError("nobody gives the acknowledgement " + request);
      }
    }
    return Acknowledgement.of(STORED, message.getEntityId(), HttpStatus.NO_CONTENT, headers);
  }

  /** Several acknowledgements in one, of which one is negative or all are positive. */
  static Signal<?> together(Signal<?> question, HttpStatus persisted) {
    MergeThing merge = (MergeThing) question;
    DittoHeaders headers = question.getDittoHeaders();
    return Acknowledgements.of(
        List.of(
            Acknowledgement.of(
                AcknowledgementLabel.of("somebody:else"),
                merge.getEntityId(),
                HttpStatus.OK,
                headers),
            Acknowledgement.of(PERSISTED, merge.getEntityId(), persisted, headers)),
        headers);
  }

  /** A negative acknowledgement. */
  static Signal<?> refused(Signal<?> question, HttpStatus status) {
    return switch (question) {
      case MergeThing merge -> together(merge, status);
      case SendThingMessage<?> message ->
          Acknowledgement.of(STORED, message.getEntityId(), status, question.getDittoHeaders());
      default -> throw new IllegalArgumentException("nothing to acknowledge: " + question);
    };
  }

  /** What Ditto says where it was too busy for the question, or took too long. */
  static Signal<?> failed(Signal<?> question, HttpStatus status) {
    DittoHeaders headers = question.getDittoHeaders();
    ThingId thing = ThingId.of(((WithEntityId) question).getEntityId());
    DittoRuntimeException why =
        switch (status.getCode()) {
          case 408 -> CommandTimeoutException.newBuilder(Duration.ofSeconds(10)).build();
          case 429 -> ThingTooManyModifyingRequestsException.newBuilder(thing).build();
          default -> ThingUnavailableException.newBuilder(thing).build();
        };
    return ThingErrorResponse.of(thing, why, headers);
  }

  /** An acknowledgement behind which nobody stands. */
  static Signal<?> weak(Signal<?> question) {
    SendThingMessage<?> message = (SendThingMessage<?>) question;
    return Acknowledgement.weak(
        STORED, message.getEntityId(), question.getDittoHeaders(), JsonValue.nullLiteral());
  }

  /** Sets what an actuator is to be; the event that says so. */
  Signal<?> desire(String thing, String feature, double value) {
    ThingId id = ThingId.of(thing);
    JsonPointer path = JsonPointer.of("/features/" + feature + "/desiredProperties/value");
    JsonObject before =
        things.getOrDefault(id, ThingsModelFactory.newThingBuilder().setId(id).build().toJson());
    store(id, JsonMergePatch.of(path, JsonValue.of(value)).applyOn(before).asObject());
    return ThingMerged.of(
        id,
        path,
        JsonValue.of(value),
        revisions.getOrDefault(id, 0L),
        null,
        DittoHeaders.newBuilder().putHeader("ditto-originator", "nginx:operator").build(),
        null);
  }
}
