package dev.tidegate.sync.ditto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.config.SyncConfig;
import dev.tidegate.config.SyncConfig.FarSide;
import dev.tidegate.flow.Command;
import dev.tidegate.flow.Event;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.Outbound;
import dev.tidegate.flow.Withheld;
import dev.tidegate.frame.FrameCodec;
import dev.tidegate.frame.FrameCodec.Stamp;
import dev.tidegate.reading.PointId;
import dev.tidegate.sync.binding.Incoming;
import dev.tidegate.sync.binding.Topics;
import dev.tidegate.sync.link.Outgoing;
import dev.tidegate.time.TimeQuality;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What the binding makes of answers; whole exchanges with a twin are in the demo's tests. */
class DittoBindingTest {
  private static final String EPOCH = "00112233445566778899aabbccddeeff";
  private static final String BOOT = "6f8f57ca-1f0b-4a5c-9f5e-5b3c8a3d9c10";
  private static final long T = 1_795_000_000_000_000_000L;

  private final DittoBinding binding =
      new DittoBinding(
          Topics.of(SyncConfig.to(URI.create("mqtt://127.0.0.1:1")), "g1"),
          new FarSide.Ditto("org.example", "org.example:policy"),
          "g1",
          Set.of("pump"),
          Set.of(),
          EPOCH,
          "run");

  private static Event event(String subject, long number) {
    return new Event(T + number, Event.Severity.INFO, "test", subject, "number " + number);
  }

  /** Two events of the pump's thing, which are two merges, and one of the gateway's. */
  private static Outbound frame() {
    byte[] bytes =
        new FrameCodec("g1", EPOCH, BOOT)
            .encode(
                Lane.EVENTS,
                1,
                new Stamp(0, TimeQuality.SYNCHRONISED),
                List.of(event("pump", 1), event("pump", 2), event("", 3)),
                0)
            .bytes();
    return new Outbound(EPOCH, Lane.EVENTS, 1, 3, bytes);
  }

  private static Envelope of(Outgoing message) {
    Envelope read = Envelope.read(message.payload());
    assertNotNull(read);
    return read;
  }

  private Incoming answer(Outgoing to, int status) {
    return answer(binding, to, status);
  }

  private static Incoming answer(DittoBinding binding, Outgoing to, int status) {
    Envelope command = of(to);
    ObjectNode answer = JsonMapper.shared().createObjectNode();
    answer.put("topic", "org.example/" + command.name() + "/things/twin/errors").put("path", "/");
    answer.putObject("headers").put("correlation-id", command.header("correlation-id"));
    answer.put("status", status).putObject("value").put("message", "so");
    byte[] bytes = answer.toString().getBytes(StandardCharsets.UTF_8);
    return binding.read("tg/default/g1/down", bytes);
  }

  private static Outgoing to(List<Outgoing> messages, String thing) {
    return messages.stream().filter(m -> of(m).name().equals(thing)).findFirst().orElseThrow();
  }

  private static List<String> names(List<Outgoing> messages) {
    return messages.stream().map(m -> of(m).name()).sorted().toList();
  }

  private static List<String> verdict(Incoming incoming) {
    return assertInstanceOf(Incoming.Acks.class, incoming).acks().stream()
        .map(a -> a.first() + "-" + a.last() + " " + a.code() + " " + a.fate())
        .toList();
  }

  // Without it one value that Ditto cannot take would cost what its frame says of other things.
  @Test
  void whatAFrameSaysOfOtherThingsTakesEffectBesideARefusal() {
    binding.begin();
    List<Outgoing> messages = binding.pack(frame(), false);
    assertEquals(List.of("g1", "g1:pump"), names(messages));
    Incoming refused = answer(to(messages, "g1:pump"), 400);
    assertEquals(
        List.of(),
        assertInstanceOf(Incoming.Progress.class, refused).next(),
        "a later merge of the thing would make the refused one look applied");
    assertEquals(List.of("1-3 400 NEVER"), verdict(answer(to(messages, "g1"), 204)));
  }

  // Without it a break after a refusal would turn what was refused into delivered.
  @Test
  void aRefusalIsNotForgottenWhereTheConnectionBreaks() {
    binding.begin();
    answer(to(binding.pack(frame(), false), "g1:pump"), 400);
    binding.begin();
    List<Outgoing> again = binding.pack(frame(), true);
    assertEquals(List.of("g1", "g1:pump"), names(again));
    answer(to(again, "g1"), 412); // it had taken effect
    assertEquals(List.of("1-3 400 NEVER"), verdict(answer(to(again, "g1:pump"), 400)));
  }

  // The control: without a refusal both merges go, and the frame is stored.
  @Test
  void aFrameIsStoredOnceAllOfItIs() {
    binding.begin();
    List<Outgoing> messages = binding.pack(frame(), false);
    answer(to(messages, "g1"), 204);
    Incoming first = answer(to(messages, "g1:pump"), 204);
    List<Outgoing> next = assertInstanceOf(Incoming.Progress.class, first).next();
    assertEquals(List.of("g1:pump"), names(next));
    assertEquals(List.of("1-3 204 STORED"), verdict(answer(next.getFirst(), 204)));
  }

  // Without it a frame of which nothing may leave would never be answered, and hold up its lane.
  @Test
  void aFrameThatWasWithheldIsStoredAndSaysNothing() {
    binding.begin();
    Event nothing = (Event) Withheld.of(event("pump/flow", 1));
    byte[] bytes =
        new FrameCodec("g1", EPOCH, BOOT)
            .encode(
                Lane.EVENTS,
                8,
                new Stamp(0, TimeQuality.SYNCHRONISED),
                List.of(nothing, nothing),
                0)
            .bytes();
    List<Outgoing> messages = binding.pack(new Outbound(EPOCH, Lane.EVENTS, 8, 9, bytes), false);
    assertEquals(List.of("g1"), names(messages));
    String said = new String(messages.getFirst().payload(), StandardCharsets.UTF_8);
    assertFalse(said.contains("withheld"), said);
    assertTrue(said.contains("\"through\":9"), said);
    assertEquals(List.of("8-9 204 STORED"), verdict(answer(messages.getFirst(), 204)));
  }

  private Incoming desired(int revision, String value, String originator) {
    String event =
        """
        {"topic":"org.example/g1:pump/things/twin/events/modified",
         "path":"/features/speed/desiredProperties/value","value":%s,"revision":%d,
         "headers":{"ditto-originator":"%s"}}"""
            .formatted(value, revision, originator);
    return wanting.read("tg/default/g1/down", event.getBytes(StandardCharsets.UTF_8));
  }

  private final DittoBinding wanting =
      new DittoBinding(
          Topics.of(SyncConfig.to(URI.create("mqtt://127.0.0.1:1")), "g1"),
          new FarSide.Ditto("org.example", "org.example:policy"),
          "g1",
          Set.of("pump"),
          Set.of(PointId.of("pump", "speed")),
          EPOCH,
          "run");

  /** The answer to a retrieve. */
  private Incoming retrieved(Outgoing retrieve, int revision, String value) {
    String answer =
        """
        {"topic":"org.example/g1:pump/things/twin/commands/retrieve","path":"/","status":200,
         "headers":{"correlation-id":"%s"},"value":{"_revision":%d,
         "features":{"speed":{"desiredProperties":{"value":%s}}}}}"""
            .formatted(of(retrieve).header("correlation-id"), revision, value);
    return wanting.read("tg/default/g1/down", answer.getBytes(StandardCharsets.UTF_8));
  }

  private static List<String> ids(Incoming incoming) {
    return incoming instanceof Incoming.Commanded commanded
        ? commanded.commands().stream().map(Command::id).toList()
        : List.of();
  }

  // Without it a pump that the dead man stopped would start again when the link comes back: what
  // comes then is the answer to a retrieve, and no event, which would be a wish of its own.
  @Test
  void aConnectionThatComesBackWantsNothingAnew() {
    wanting.begin();
    assertEquals(List.of("desired/pump/speed/100"), ids(desired(100, "1800", "nginx:ops")));
    wanting.begin();
    assertEquals(List.of(), ids(retrieved(wanting.births().getLast(), 140, "1800")));
    wanting.begin();
    assertEquals(
        List.of("desired/pump/speed/150:run0"),
        ids(retrieved(wanting.births().getLast(), 150, "1700")),
        "it was changed while nobody was there");
  }

  // Without it a plant that was stopped could not be started again at the set-point that it had.
  @Test
  void theSameValueMayBeWishedAgain() {
    wanting.begin();
    assertEquals(List.of("desired/pump/speed/100"), ids(desired(100, "1800", "nginx:ops")));
    assertEquals(List.of(), ids(desired(100, "1800", "nginx:ops")), "the same event once more");
    assertEquals(List.of("desired/pump/speed/141"), ids(desired(141, "1800", "nginx:ops")));
    assertEquals(List.of(), ids(desired(139, "1600", "nginx:ops")), "an older one");
    assertEquals(List.of(), ids(retrieved(wanting.births().getLast(), 150, "1800")));
    assertEquals(
        List.of("desired/pump/speed/149"),
        ids(desired(149, "1800", "nginx:ops")),
        "the answer overtook the event");
  }

  // Without it a command without room would have others of the twin's wishes done once more.
  @Test
  void whatFoundRoomIsNotWantedAgain() {
    wanting.begin();
    assertEquals(List.of("desired/pump/speed/100"), ids(desired(100, "1800", "nginx:ops")));
    assertEquals(List.of("cmd-1"), ids(ask("cmd-1")));
    wanting.untaken();
    assertEquals(List.of(), ids(retrieved(wanting.births().getLast(), 150, "1800")));
  }

  // Without it a value for which there was no room would never be written, were the link to break.
  @Test
  void whatFoundNoRoomIsWantedAgainAfterABreak() {
    wanting.begin();
    assertInstanceOf(Incoming.Commanded.class, desired(100, "1800", "nginx:ops"));
    wanting.untaken();
    wanting.begin();
    assertInstanceOf(Incoming.Commanded.class, desired(100, "1800", "nginx:ops"));
  }

  // Without it a Ditto that was rebuilt, or brought back from a backup, would not be listened to
  // until its revisions have passed those from before.
  @Test
  void revisionsThatBeginAnewAreFollowed() {
    wanting.begin();
    desired(100, "1800", "nginx:ops");
    assertEquals(List.of(), ids(retrieved(wanting.births().getLast(), 140, "1800")));
    assertEquals(List.of(), ids(retrieved(wanting.births().getLast(), 3, "1800")), "as it was");
    assertEquals(List.of("desired/pump/speed/4.run1"), ids(desired(4, "1800", "nginx:ops")));
    assertEquals(List.of(), ids(desired(4, "1800", "nginx:ops")));
    assertEquals(
        List.of("desired/pump/speed/2:run2"),
        ids(retrieved(wanting.births().getLast(), 2, "1700")),
        "what differs is wanted");
  }

  // Without it an answer that an event overtook would set the plant back.
  @Test
  void anAnswerThatIsOlderThanAnEventIsNoNewBeginning() {
    wanting.begin();
    desired(100, "1800", "nginx:ops");
    Outgoing retrieve = wanting.births().getLast();
    assertEquals(List.of("desired/pump/speed/160"), ids(desired(160, "1500", "nginx:ops")));
    assertEquals(List.of(), ids(retrieved(retrieve, 150, "1800")));
    assertEquals(List.of(), ids(desired(155, "1700", "nginx:ops")));
  }

  // Without it the first wishes of a thing that was made anew would be taken for old ones.
  @Test
  void aThingThatIsMadeBeginsAnew() {
    wanting.begin();
    List<Outgoing> births = wanting.births();
    created("g1");
    assertEquals(List.of(), said(0), "that is under way");
    answer(wanting, births.getFirst(), 204);
    retrieved(births.getLast(), 140, "1800");
    created("g1:pump");
    assertEquals(List.of("1 g1:pump"), said(1), "what it wants by now");
    assertEquals(List.of(), ids(retrieved(latest, 1, "1800")));
    assertEquals(List.of("desired/pump/speed/2.run1"), ids(desired(2, "1800", "nginx:ops")));
    created("g1");
    assertEquals(List.of("2 g1"), said(2), "the new one does not say online yet");
  }

  private void created(String thing) {
    String created =
        """
        {"topic":"org.example/%1$s/things/twin/commands/create","path":"/","status":201,
         "headers":{"correlation-id":"create:%1$s"}}"""
            .formatted(thing);
    wanting.read("tg/default/g1/down", created.getBytes(StandardCharsets.UTF_8));
  }

  // Without it what was wished of a Ditto that came from a backup would wait for ten minutes.
  @Test
  void anOldEventHasTheThingAsked() {
    wanting.begin();
    List<Outgoing> births = wanting.births();
    answer(wanting, births.getFirst(), 204);
    retrieved(births.getLast(), 140, "1800");
    assertEquals(List.of(), said(99));
    for (int i = 0; i < 20; i++) {
      assertEquals(List.of(), ids(desired(7, "1700", "nginx:ops")));
    }
    assertEquals(List.of("107 g1:pump"), said(110), "once");
    assertEquals(List.of("desired/pump/speed/7:run1"), ids(retrieved(latest, 7, "1700")));
  }

  private Incoming ask(String id) {
    return ask(id, "");
  }

  /** A live message that says that it is by ops, with further headers. */
  private Incoming ask(String id, String headers) {
    String message =
        """
        {"topic":"org.example/g1:pump/things/live/messages/command",
         "path":"/inbox/messages/command","headers":{"correlation-id":"%s"%s},
         "value":{"point":"pump/speed","value":5,"by":"ops"}}"""
            .formatted(id, headers);
    return wanting.read("tg/default/g1/down", message.getBytes(StandardCharsets.UTF_8));
  }

  private static String issuer(Incoming incoming) {
    return assertInstanceOf(Incoming.Commanded.class, incoming).commands().getFirst().issuer();
  }

  // Without it whoever may send a message could say that it is from somebody whom 'allow' names.
  @Test
  void whomDittoAuthenticatedIsTheIssuer() {
    wanting.begin();
    assertEquals("nginx:eve", issuer(ask("a", ",\"ditto-originator\":\"nginx:eve\"")));
    assertEquals("", issuer(ask("b", ",\"ditto-originator\":\"\"")));
    assertEquals("", issuer(ask("c", ",\"ditto-originator\":7")));
    assertEquals("", issuer(ask("d", ",\"ditto-originator\":\"o p s\"")));
    assertEquals("ops", issuer(ask("e")), "a connection that takes the header away");
  }

  // Without it one name of an issuer would end the process, or be cut to the name of another.
  @Test
  void anIssuerWhoseNameDoesNotFitHasNone() {
    wanting.begin();
    String long200 = "x".repeat(200);
    for (String name : List.of("", "\uD83D\uDE00", "a b", long200, "\uD83D\uDE00".repeat(80))) {
      int revision = ++revisions;
      assertEquals("", issuer(desired(revision, String.valueOf(revision), name)), name);
    }
    assertEquals("nginx:ops", issuer(desired(++revisions, "7", "nginx:ops")));
  }

  private int revisions;

  /** What is said until then, each with the second in which it was. */
  private List<String> said(long seconds) {
    List<String> said = new ArrayList<>();
    for (; second <= seconds; second++) {
      long now = second * 1_000_000_000L;
      for (Outgoing next = wanting.next(now); next != null; next = wanting.next(now)) {
        latest = next;
        said.add(second + " " + of(next).name());
      }
      assertTrue(wanting.dueNanos() > now, "it would turn without a pause");
    }
    return said;
  }

  private long second;
  private Outgoing latest = Outgoing.of("none", new byte[0], "");

  // Without it a Ditto that was busy for a moment would never say what is desired. The pauses of g1
  // are 0.607 of those that are named.
  @Test
  void whatIsNotAnsweredIsSaidAgainAndWhatIsNowAndThen() {
    wanting.begin();
    List<Outgoing> births = wanting.births();
    assertEquals(List.of("g1", "g1:pump"), names(births));
    answer(wanting, births.getFirst(), 503);
    answer(wanting, births.getLast(), 429);
    assertEquals(List.of(), said(6));
    assertEquals(List.of("7 g1", "7 g1:pump"), said(19));
    answer(wanting, births.getFirst(), 204);
    assertEquals(List.of("20 g1:pump"), said(20));
    assertEquals(List.of("45 g1:pump", "94 g1:pump", "192 g1:pump"), said(374));
    assertEquals(List.of("375 g1:pump", "558 g1:pump", "741 g1:pump", "924 g1:pump"), said(1_000));
    assertEquals(List.of("desired/pump/speed/8:run0"), ids(retrieved(latest, 8, "2")));
    assertEquals(List.of(), ids(retrieved(latest, 8, "2")), "the answer twice");
    assertEquals(List.of("1366 g1:pump"), said(1_370), "an event may have been lost");
    wanting.begin();
    assertEquals(List.of(), said(3_000));
  }

  // Without it a Ditto that takes longer than the pause would be asked for ever, and more each
  // time.
  @Test
  void aSlowAnswerToTheFirstOfTheSameQuestionsCounts() {
    wanting.begin();
    List<Outgoing> births = wanting.births();
    answer(wanting, births.getFirst(), 204);
    assertEquals(List.of("7 g1:pump", "20 g1:pump"), said(30));
    assertEquals(
        List.of("desired/pump/speed/7:run0"), ids(retrieved(births.getLast(), 7, "1")), "late");
    assertEquals(List.of(), ids(retrieved(latest, 8, "2")), "that to the second one");
    assertEquals(List.of(), said(300), "it is answered");
  }

  // Without it such an answer would take back what was wished in the meantime.
  @Test
  void anAnswerFromBeforeAnEventOrABreakMayBeOutdated() {
    wanting.begin();
    Outgoing first = wanting.births().getLast();
    assertEquals(List.of("desired/pump/speed/100"), ids(desired(100, "1800", "nginx:ops")));
    assertEquals(List.of("7 g1", "7 g1:pump"), said(7));
    assertEquals(List.of(), ids(retrieved(first, 3, "1700")), "revisions do not begin anew");
    assertEquals(List.of("desired/pump/speed/101:run0"), ids(retrieved(latest, 101, "1700")));
    Outgoing second = wanting.births().getLast();
    wanting.begin();
    Outgoing third = wanting.births().getLast();
    assertEquals(List.of(), ids(retrieved(second, 102, "1600")));
    assertEquals(List.of("desired/pump/speed/103:run0"), ids(retrieved(third, 103, "1500")));
  }

  // Without it a create that failed would leave the gateway offline in the twin for ever.
  @Test
  void aThingThatCouldNotBeMadeIsMadeAgain() {
    wanting.begin();
    List<Outgoing> births = wanting.births();
    retrieved(births.getLast(), 1, "1");
    answer(wanting, births.getFirst(), 404);
    assertEquals(List.of("0 g1", "0 g1"), said(0), "create, and once more");
    answer(wanting, latest, 404);
    assertEquals(List.of("7 g1"), said(7));
    answer(wanting, latest, 404);
    assertEquals(List.of("8 g1", "8 g1"), said(8));
    answer(wanting, latest, 204);
    assertEquals(List.of(), said(300));
  }

  // Without it Ditto would say no revision, and each outage's changes would have the same id.
  @Test
  void theRevisionIsAskedFor() {
    wanting.begin();
    List<Outgoing> births = wanting.births();
    String retrieve = new String(births.getLast().payload(), StandardCharsets.UTF_8);
    assertTrue(
        retrieve.contains("\"fields\":\"_revision,features/speed/desiredProperties\""), retrieve);
    for (Outgoing birth : births) {
      Envelope said = of(birth);
      assertFalse(said.criterion().endsWith("/merge") && said.path().equals("/"));
    }
  }
}
