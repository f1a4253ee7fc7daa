package dev.tidegate.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.config.SyncConfig;
import dev.tidegate.config.SyncConfig.FarSide;
import dev.tidegate.demo.DittoSide.Fault;
import dev.tidegate.flow.Command;
import dev.tidegate.flow.CommandResult;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Inbox;
import dev.tidegate.flow.Lane;
import dev.tidegate.frame.FrameCodec;
import dev.tidegate.frame.FrameException;
import dev.tidegate.reading.Reading;
import dev.tidegate.reading.Value;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.eclipse.ditto.base.model.common.HttpStatus;
import org.eclipse.ditto.base.model.signals.Signal;
import org.eclipse.ditto.json.JsonObject;
import org.eclipse.ditto.json.JsonValue;
import org.eclipse.ditto.messages.model.signals.commands.SendThingMessage;
import org.eclipse.ditto.things.model.ThingId;
import org.eclipse.ditto.things.model.signals.commands.ThingErrorResponse;
import org.eclipse.ditto.things.model.signals.commands.exceptions.ThingMergeInvalidException;
import org.eclipse.ditto.things.model.signals.commands.exceptions.ThingNotModifiableException;
import org.eclipse.ditto.things.model.signals.commands.modify.CreateThing;
import org.eclipse.ditto.things.model.signals.commands.modify.MergeThing;
import org.eclipse.ditto.things.model.signals.commands.query.RetrieveThing;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A real buffer, a real sync, a real broker, and a twin made of Ditto's own libraries. */
final class DittoTest {
  private static final FarSide.Ditto DITTO =
      new FarSide.Ditto("org.example", "org.example:gateways");
  private static final String PREFIX = "tg/default/" + Rig.GATEWAY;
  private static final String GATEWAY = "org.example:g1";
  private static final String DEVICE = "org.example:g1:test";

  @TempDir Path folder;

  private final DittoTwin twin = new DittoTwin();

  static Stream<TestBroker.Kind> brokers() {
    return TestBroker.Kind.available();
  }

  private Path sub(String name) throws Exception {
    return Files.createDirectories(folder.resolve(name));
  }

  private static SyncConfig quick(TestBroker broker) {
    return Rig.quick(broker.uri()).with(DITTO);
  }

  private interface Act {
    void run(Rig rig, DittoSide side, TestBroker broker) throws Exception;
  }

  private void with(TestBroker.Kind kind, Function<Signal<?>, Fault> faults, Act act)
      throws Exception {
    try (TestBroker broker = TestBroker.start(kind, sub("broker"));
        DittoSide side = new DittoSide(broker.uri(), PREFIX, twin, faults);
        Rig rig = new Rig(sub("gateway"))) {
      side.awaitConnected();
      act.run(rig, side, broker);
    }
  }

  private static Fault none(Signal<?> signal) {
    return new Fault.None();
  }

  /** The values of a property in the order in which they took effect. */
  private List<Double> history(String thing, String property) {
    List<Double> values = new ArrayList<>();
    for (DittoTwin.Merged merged : twin.merged) {
      if (merged.thing().equals(ThingId.of(thing))) {
        merged.patch().getValue(property).map(JsonValue::asDouble).ifPresent(values::add);
      }
    }
    return values;
  }

  private List<Long> rounds() {
    List<Long> rounds = new ArrayList<>();
    for (DittoTwin.Merged merged : twin.merged) {
      merged
          .patch()
          .getValue("features/tidegate/properties/event")
          .map(JsonValue::asObject)
          .filter(e -> e.getValue("kind").map(JsonValue::asString).orElse("").equals("round"))
          .map(e -> e.getValue("message").map(JsonValue::asString).orElse(""))
          .ifPresent(m -> rounds.add(Long.parseLong(m.substring("round ".length()))));
    }
    return rounds;
  }

  private static List<Long> upTo(long count) {
    return LongStream.rangeClosed(1, count).boxed().toList();
  }

  /** The numbers in the raw frames, each once. */
  private Set<Double> raw() throws FrameException {
    Set<Double> values = new TreeSet<>();
    for (byte[] frame : twin.frames) {
      for (Entry entry : FrameCodec.decode(frame).entries()) {
        if (entry instanceof Entry.Measured m && m.sample() instanceof Reading reading) {
          values.add(reading.value().asDouble());
        }
      }
    }
    return values;
  }

  private void assertAllArrivedOnceInOrder(Rig rig, int count) throws Exception {
    assertEquals(0, rig.account().lost());
    assertEquals(rig.account().accepted(), rig.account().delivered());
    assertEquals(upTo(count), rounds());
    assertEquals(
        upTo(count).stream().map(n -> (double) n).toList(),
        history(GATEWAY, "features/model:pump/properties/decision/score"));
    assertEquals(2 * count, raw().size());
  }

  /** Without it, nothing a gateway says would be understood by Ditto. */
  @ParameterizedTest
  @MethodSource("brokers")
  void everythingTakesEffectOnceAndInOrder(TestBroker.Kind kind) throws Exception {
    with(
        kind,
        DittoTest::none,
        (rig, side, broker) -> {
          rig.rounds(20);
          rig.connectToTwin(quick(broker), DITTO);
          rig.rounds(30);
          rig.awaitEmpty();
          assertAllArrivedOnceInOrder(rig, 50);
          JsonObject gateway = side.ask(() -> twin.thing(GATEWAY));
          assertNotNull(gateway);
          assertEquals(
              JsonValue.of("org.example:gateways"), gateway.getValue("policyId").orElseThrow());
        });
  }

  /** What a network and a busy Ditto do to messages. */
  private static Function<Signal<?>, Fault> hostile(long seed) {
    Random random = new Random(seed);
    return signal ->
        switch (random.nextInt(15)) {
          case 0 -> new Fault.Drop();
          case 1 -> new Fault.LoseAnswer();
          case 2, 3 -> new Fault.Duplicate();
          case 4, 5 -> new Fault.Delay(1 + random.nextInt(6));
          case 6 -> failure(signal, HttpStatus.SERVICE_UNAVAILABLE);
          case 7 -> failure(signal, HttpStatus.REQUEST_TIMEOUT);
          case 8 -> failure(signal, HttpStatus.FAILED_DEPENDENCY);
          case 9 -> together(signal);
          case 10 -> failure(signal, HttpStatus.INTERNAL_SERVER_ERROR);
          default -> new Fault.None();
        };
  }

  private static Fault failure(Signal<?> signal, HttpStatus status) {
    return switch (signal) {
      case MergeThing merge -> new Fault.Answer(DittoTwin.refused(merge, status));
      case SendThingMessage<?> message -> new Fault.Answer(DittoTwin.refused(message, status));
      case CreateThing create -> new Fault.Answer(DittoTwin.failed(create, status));
      case RetrieveThing retrieve -> new Fault.Answer(DittoTwin.failed(retrieve, status));
      default -> new Fault.None();
    };
  }

  private static Fault together(Signal<?> signal) {
    return signal instanceof MergeThing
        ? new Fault.Answer(DittoTwin.together(signal, HttpStatus.FAILED_DEPENDENCY))
        : new Fault.None();
  }

  /**
   * Without it, a lost or late message would change the twin twice, out of order, or not at all.
   */
  @Test
  void lossDelayRepetitionAndRefusalsChangeNothing() throws Exception {
    with(
        TestBroker.Kind.EMBEDDED,
        hostile(Long.getLong("tidegate.seed", 5)),
        (rig, side, broker) -> {
          rig.connectToTwin(quick(broker), DITTO);
          rig.rounds(6);
          for (int i = 0; i < 3; i++) {
            rig.summaries();
          }
          rig.awaitEmpty();
          assertAllArrivedOnceInOrder(rig, 6);
          List<Double> flow = history(DEVICE, "features/flow/properties/windows/w/last");
          assertEquals(6, flow.size(), "two of a point in one frame are two changes: " + flow);
          assertEquals(flow.stream().sorted().toList(), flow);
          assertEquals(3, history(DEVICE, "features/level/properties/windows/w/last").size());
          assertTrue(rig.counters.value("sync.resent") > 0, "it was a hostile one");
        });
  }

  /** The control: without the condition, what comes twice or late does take effect. */
  @Test
  void withoutTheConditionTheSameFaultsDoHarm() throws Exception {
    DittoTwin careless = new DittoTwin();
    Function<Signal<?>, Fault> faults = hostile(5);
    with(
        TestBroker.Kind.EMBEDDED,
        signal -> {
          if (signal instanceof MergeThing merge) {
            careless.take(
                CreateThing.of(
                    org.eclipse.ditto.things.model.Thing.newBuilder()
                        .setId(merge.getEntityId())
                        .build(),
                    null,
                    org.eclipse.ditto.base.model.headers.DittoHeaders.empty()));
            careless.take(
                merge.setDittoHeaders(
                    merge.getDittoHeaders().toBuilder().removeHeader("condition").build()));
          }
          return faults.apply(signal);
        },
        (rig, side, broker) -> {
          rig.connectToTwin(quick(broker), DITTO);
          rig.rounds(6);
          rig.awaitEmpty();
          assertFalse(
              careless.merged.size() == twin.merged.size(), "the faults did nothing at all");
        });
  }

  /** Without it, a restart of gateway and broker in the middle would repeat or lose changes. */
  @Test
  void restartsAndAKilledBrokerLoseNothing() throws Exception {
    with(
        TestBroker.Kind.EMBEDDED,
        DittoTest::none,
        (rig, side, broker) -> {
          rig.connectToTwin(quick(broker), DITTO);
          rig.rounds(10);
          rig.disconnect();
          rig.rounds(10);
          rig.connectToTwin(quick(broker), DITTO);
          rig.rounds(5);
          broker.kill();
          rig.rounds(10);
          broker.startAgain();
          rig.awaitEmpty();
          assertAllArrivedOnceInOrder(rig, 35);
        });
  }

  /** Ditto's word for a command that it will never take. */
  private static Fault invalid(Signal<?> signal) {
    return new Fault.Answer(
        ThingErrorResponse.of(
            ThingMergeInvalidException.fromMessage("no", signal.getDittoHeaders()),
            signal.getDittoHeaders()));
  }

  /** Without it, one record that Ditto cannot take would hold up all others for ever. */
  @Test
  void whatIsRefusedForGoodIsDeclaredLostAndTheRestFlows() throws Exception {
    AtomicInteger refused = new AtomicInteger();
    with(
        TestBroker.Kind.EMBEDDED,
        signal ->
            signal instanceof MergeThing merge
                    && merge.getValue().toString().contains("round 3\"")
                    && refused.incrementAndGet() > 0
                ? invalid(signal)
                : new Fault.None(),
        (rig, side, broker) -> {
          rig.connectToTwin(quick(broker), DITTO);
          rig.rounds(6);
          rig.awaitEmpty();
          assertEquals(1, refused.get());
          assertFalse(rounds().contains(3L));
          assertTrue(rounds().contains(2L) && rounds().contains(4L) && rounds().contains(6L));
          assertTrue(rig.account().lost() >= 1);
          assertTrue(rig.buffer.account().balances());
          assertEquals(
              "rejected",
              side.ask(
                  () ->
                      String.valueOf(twin.thing(GATEWAY)).contains("\"reason\":\"rejected\"")
                          ? "rejected"
                          : String.valueOf(twin.thing(GATEWAY))));
        });
  }

  /** Without it, a policy that is set wrong would cost the records that were sent meanwhile. */
  @Test
  void aRefusalThatCanBeSetRightIsWaitedFor() throws Exception {
    AtomicBoolean allowed = new AtomicBoolean();
    with(
        TestBroker.Kind.EMBEDDED,
        signal ->
            allowed.get() || !(signal instanceof MergeThing)
                ? new Fault.None()
                : new Fault.Answer(
                    ThingErrorResponse.of(
                        ThingNotModifiableException.newBuilder(ThingId.of(GATEWAY))
                            .dittoHeaders(signal.getDittoHeaders())
                            .build(),
                        signal.getDittoHeaders())),
        (rig, side, broker) -> {
          rig.connectToTwin(quick(broker), DITTO);
          rig.rounds(4);
          rig.await("the refusal", () -> rig.counters.value("sync.put-off") > 1);
          assertEquals(0, rig.account().lost());
          allowed.set(true);
          rig.awaitEmpty();
          assertAllArrivedOnceInOrder(rig, 4);
        });
  }

  /** Without it, readings would be forgotten although nobody keeps them. */
  @Test
  void anAcknowledgementBehindWhichNobodyStandsIsNone() throws Exception {
    AtomicBoolean there = new AtomicBoolean();
    with(
        TestBroker.Kind.EMBEDDED,
        signal ->
            there.get() || !(signal instanceof SendThingMessage<?>)
                ? new Fault.None()
                : new Fault.Answer(DittoTwin.weak(signal)),
        (rig, side, broker) -> {
          rig.connectToTwin(quick(broker), DITTO);
          rig.rounds(3);
          rig.await("the weak ones", () -> rig.counters.value("sync.put-off") > 0);
          assertTrue(rig.buffer.account().of(Lane.RAW).buffered() > 0);
          there.set(true);
          rig.awaitEmpty();
          assertEquals(6, raw().size());
        });
  }

  /** Without it, what the twin wants would not reach the plant, or more than once. */
  @Test
  void desiredValuesAndLiveMessagesBecomeCommandsAndAreAnswered() throws Exception {
    BlockingQueue<Inbox.Received> received = new LinkedBlockingQueue<>();
    with(
        TestBroker.Kind.EMBEDDED,
        DittoTest::none,
        (rig, side, broker) -> {
          side.ask(() -> twin.desire(DEVICE, "valve", 17)); // before the gateway was ever there
          rig.buffer.onCommand(received::add);
          rig.connectToTwin(quick(broker), DITTO);
          Command first = next(received);
          assertEquals(Command.Origin.DESIRED, first.origin());
          assertEquals("test/valve", first.subject());
          assertEquals(Value.of(17.0), first.value());

          String event = side.ask(() -> DittoTwin.write(twin.desire(DEVICE, "valve", 42)));
          side.say(event);
          side.say(event); // and once more
          Command second = next(received);
          assertEquals(Value.of(42.0), second.value());
          assertEquals("nginx:operator", second.issuer());
          side.say(event.replace("42.0", "99.0")); // an older revision, or the same: ignored
          side.say(side.ask(() -> DittoTwin.write(twin.desire(DEVICE, "flow", 1)))); // no actuator

          side.say(
              "{\"topic\":\"org.example/g1:test/things/live/messages/command\","
                  + "\"headers\":{\"correlation-id\":\"cmd-7\",\"content-type\":\"application/json\"},"
                  + "\"path\":\"/inbox/messages/command\","
                  + "\"value\":{\"point\":\"test/valve\",\"value\":5,\"by\":\"ops\"}}");
          Command third = next(received);
          assertEquals("cmd-7", third.id());
          assertEquals(Command.Origin.TWIN, third.origin());
          rig.buffer.append(Lane.EVENTS, done(rig, third), null);
          rig.await("the answer", () -> side.ask(() -> twin.answers.size()) == 1);
          assertEquals(
              "cmd-7", twin.answers.getFirst().getDittoHeaders().getCorrelationId().orElse(""));
          assertEquals(HttpStatus.OK, twin.answers.getFirst().getHttpStatus());
          rig.awaitEmpty();
          JsonObject command = command(side);
          assertNotNull(command);
          assertEquals("done", command.getValue("outcome").map(JsonValue::asString).orElse(""));
          assertEquals(null, received.poll(300, TimeUnit.MILLISECONDS));
        });
  }

  private @Nullable JsonObject command(DittoSide side) {
    return side.ask(
        () -> {
          JsonObject thing = twin.thing(DEVICE);
          return thing == null
              ? null
              : thing
                  .getValue("features/valve/properties/command")
                  .map(JsonValue::asObject)
                  .orElse(null);
        });
  }

  private static CommandResult done(Rig rig, Command command) {
    return new CommandResult(
        rig.clock.monotonicNanos(),
        command.id(),
        command.subject(),
        CommandResult.Outcome.DONE,
        CommandResult.Reason.NONE,
        5,
        5,
        "as asked");
  }

  private static Command next(BlockingQueue<Inbox.Received> received) throws InterruptedException {
    Inbox.Received next = received.poll(20, TimeUnit.SECONDS);
    assertNotNull(next, "no command came");
    return next.command();
  }

  /** Without it, the twin would show a gateway as there that was cut off. */
  @Test
  void theTwinShowsWhetherTheGatewayIsThere() throws Exception {
    with(
        TestBroker.Kind.EMBEDDED,
        DittoTest::none,
        (rig, side, broker) -> {
          rig.connectToTwin(quick(broker), DITTO);
          rig.await("online", () -> isOnline(side).equals("true"));
          rig.disconnect();
          rig.await("offline", () -> isOnline(side).equals("false"));
        });
  }

  private String isOnline(DittoSide side) {
    return side.ask(
        () -> {
          JsonObject thing = twin.thing(GATEWAY);
          return thing == null
              ? ""
              : thing
                  .getValue("features/tidegate/properties/link/online")
                  .map(JsonValue::toString)
                  .orElse("");
        });
  }
}
