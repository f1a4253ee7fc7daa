package dev.tidegate.sync.ditto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.tidegate.config.SyncConfig;
import dev.tidegate.config.SyncConfig.FarSide;
import dev.tidegate.flow.Event;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.Outbound;
import dev.tidegate.frame.FrameCodec;
import dev.tidegate.frame.FrameCodec.Stamp;
import dev.tidegate.sync.binding.Incoming;
import dev.tidegate.sync.binding.Topics;
import dev.tidegate.sync.link.Outgoing;
import dev.tidegate.time.TimeQuality;
import java.net.URI;
import java.nio.charset.StandardCharsets;
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
}
