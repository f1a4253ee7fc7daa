package dev.tidegate.sync.plain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.config.SyncConfig;
import dev.tidegate.sync.binding.Incoming;
import dev.tidegate.sync.binding.Topics;
import dev.tidegate.sync.link.Outgoing;
import dev.tidegate.twin.Delta;
import dev.tidegate.twin.Era;
import dev.tidegate.twin.Mirror;
import dev.tidegate.twin.Property;
import dev.tidegate.twin.Twin;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is desired of a gateway with one actuator, and what it says of that. */
final class PlainBindingTest {
  private static final String EPOCH = "00112233445566778899aabbccddeeff";
  private static final String SPEED = "pump/speed";
  private static final String WRONG = "pump/spede";

  private final Topics topics = Topics.of(SyncConfig.to(URI.create("mqtt://localhost")), "g1");
  private final Twin twin = new Twin(new Era(EPOCH, 1), 1_000);
  private final PlainBinding binding =
      new PlainBinding(topics, "g1", EPOCH, twin, Set.of(SPEED), Set.of());
  private final Mirror known = new Mirror();
  private long revision;
  private long nowNanos;

  private Incoming desire(Map<String, Object> values) {
    Map<String, Property> changes = new HashMap<>();
    values.forEach((path, value) -> changes.put(path, new Property(value, ++revision)));
    Delta delta = new Delta(new Era("cloud", 1), 0, revision, changes);
    byte[] message =
        StateMessages.write(new StateMessages.State(delta, known.era(), known.through()));
    return binding.read(topics.down(), message);
  }

  /** What the far side knows after the gateway's next message. */
  private Mirror told() {
    nowNanos += 1_000_000;
    Outgoing said = binding.next(nowNanos);
    assertNotNull(said);
    StateMessages.State state = StateMessages.read(said.payload());
    assertNotNull(state);
    assertNotNull(state.delta());
    known.apply(state.delta());
    return known;
  }

  /** Without it, a name that the cloud's developer misspelt would vanish without a word. */
  @Test
  void aDesiredPropertyThatIsNoActuatorIsAnswered() {
    Incoming.Commanded one =
        assertInstanceOf(Incoming.Commanded.class, desire(Map.of(SPEED, 7.0, WRONG, 7.0)));
    assertEquals(SPEED, one.commands().getFirst().subject());
    assertEquals(1, one.commands().size());
    Mirror told = told();
    assertEquals(404.0, told.get("actuators/" + WRONG + "/status"));
    assertEquals("this gateway has no such actuator", told.get("actuators/" + WRONG + "/message"));
    assertEquals(null, told.get("actuators/" + SPEED + "/status"), "that is for its result");
    desire(Map.of(WRONG, Property.GONE));
    told = told();
    assertEquals(null, told.get("actuators/" + WRONG + "/status"), "it is not wanted any more");
  }

  /** Without it, a far side that desires nonsense would leave no room for what is reported. */
  @Test
  void noMoreThanSomeNonsenseIsAnswered() {
    Map<String, Object> nonsense = new HashMap<>();
    for (int i = 0; i < 2_000; i++) {
      nonsense.put("no/such" + i, 1.0);
    }
    nonsense.put("x".repeat(200), 1.0);
    desire(nonsense);
    Mirror told = told();
    assertEquals(128, told.values().size());
    assertTrue(told.values().keySet().stream().allMatch(path -> path.length() < 200));
  }
}
