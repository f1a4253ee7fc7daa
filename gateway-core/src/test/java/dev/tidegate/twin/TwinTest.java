package dev.tidegate.twin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.sync.plain.StateMessages;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Two sides that change things while the link between them loses, repeats and reorders. */
final class TwinTest {
  private static final int ROUNDS = Integer.getInteger("tidegate.interleavings", 10_000);
  private static final long RETRY = 100;

  /** One side: its half, what it says of itself, and what of the other it acted on. */
  private static final class Side {
    final String id;
    final List<byte[]> underWay = new ArrayList<>();
    final Map<String, Object> says = new TreeMap<>();
    final Map<String, Object> didOf = new HashMap<>();
    Twin twin;
    long starts = 1;
    boolean answers;

    Side(String id) {
      this.id = id;
      twin = new Twin(new Era(id, starts), RETRY);
    }

    void set(String path, Object value) {
      says.put(path, value);
      twin.report(path, value);
    }

    /** Everything that is not durable is gone; what it says of itself it says anew. */
    void restart() {
      twin = new Twin(new Era(id, ++starts), RETRY);
      says.forEach(twin::report);
      answers = false;
    }

    void speak(long now) {
      Delta delta = twin.next(now);
      if (delta != null || answers) {
        answers = false;
        underWay.add(
            StateMessages.write(
                new StateMessages.State(delta, twin.desiredEra(), twin.desiredThrough())));
      }
    }

    void hear(byte[] message, boolean merges) {
      StateMessages.State state = StateMessages.read(message);
      assertNotNull(state);
      if (state.known() == null) {
        twin.unknown();
      } else {
        twin.known(state.known(), state.through());
      }
      Delta delta = state.delta();
      if (delta != null) {
        answers = true;
        Map<String, Property> taken = merges ? twin.desire(delta) : delta.changes();
        taken.forEach((path, property) -> didOf.put(path, property.value()));
      }
    }
  }

  private static void step(Random random, Side from, Side to, boolean merges) {
    if (from.underWay.isEmpty()) {
      return;
    }
    int at = random.nextInt(from.underWay.size()); // in any order
    byte[] message = from.underWay.get(at);
    switch (random.nextInt(4)) {
      case 0 -> from.underWay.remove(at); // lost
      case 1 -> to.hear(message, merges); // and once more later
      default -> {
        from.underWay.remove(at);
        to.hear(message, merges);
      }
    }
  }

  private static void round(long seed, boolean merges) {
    Random random = new Random(seed);
    Side gateway = new Side("gateway");
    Side cloud = new Side("cloud");
    long now = 0;
    for (int i = 0; i < 60; i++) {
      now += random.nextInt(60);
      Side side = random.nextBoolean() ? gateway : cloud;
      switch (random.nextInt(12)) {
        case 0, 1, 2 -> side.set("p" + random.nextInt(6), (double) random.nextInt(4));
        case 3 -> side.set("text", "t" + random.nextInt(3));
        case 4 -> side.set("flag", random.nextBoolean());
        case 5 -> {
          if (random.nextInt(4) == 0) {
            side.restart();
          } else {
            side.twin.begin(); // another connection
          }
        }
        default -> {
          step(random, gateway, cloud, merges);
          step(random, cloud, gateway, merges);
        }
      }
      gateway.speak(now);
      cloud.speak(now);
    }
    int messages = 0;
    while (true) { // a link of good will
      now += RETRY << 10; // whatever was waited for
      gateway.speak(now);
      cloud.speak(now);
      if (gateway.underWay.isEmpty() && cloud.underWay.isEmpty()) {
        break;
      }
      assertTrue(++messages < 500, "never quiet, seed " + seed);
      if (!gateway.underWay.isEmpty()) {
        cloud.hear(gateway.underWay.removeFirst(), merges);
      }
      if (!cloud.underWay.isEmpty()) {
        gateway.hear(cloud.underWay.removeFirst(), merges);
      }
    }
    String what = "seed " + seed;
    assertEquals(gateway.says, new TreeMap<>(cloud.didOf), "reported, " + what);
    assertEquals(cloud.says, new TreeMap<>(gateway.didOf), "desired, " + what);
    if (merges) {
      assertEquals(gateway.says, cloud.twin.desired(), "reported, as it is known, " + what);
      assertEquals(cloud.says, gateway.twin.desired(), "desired, as it is known, " + what);
    }
  }

  /** Without it, a pump would go on as it was told before the last change, for ever. */
  @Test
  void whateverTheLinkDoesBothSidesAgreeInTheEnd() {
    for (int seed = 0; seed < ROUNDS; seed++) {
      round(seed, true);
    }
  }

  /** The control: a side that believes whatever came last ends up wrong. */
  @Test
  void withoutRevisionsTheyDoNotAgree() {
    int wrong = 0;
    for (int seed = 0; seed < 200; seed++) {
      try {
        round(seed, false);
      } catch (AssertionError e) {
        wrong++;
      }
    }
    assertTrue(wrong > 20, "wrong in only " + wrong + " of 200");
  }

  /** Without it, a far side that does not read the state would cost a link its bytes for ever. */
  @Test
  void whoNeverAnswersIsToldMoreAndMoreSeldom() {
    Twin twin = new Twin(new Era("g", 1), RETRY);
    twin.report("a", 1.0);
    int told = 0;
    for (long now = 0; now < 100_000 * RETRY; now += RETRY) {
      told += twin.next(now) == null ? 0 : 1;
    }
    assertTrue(told > 100 && told < 250, "told " + told + " times");
    twin.known(new Era("g", 1), 1);
    assertEquals(Long.MAX_VALUE, twin.dueNanos());
    twin.report("a", 2.0);
    assertNotNull(twin.next(100_000 * RETRY), "and at once again when it does");
  }

  /** Without it, each change would cost what the whole document costs. */
  @Test
  void aChangeOfOnePropertyCostsATenthAtMost() {
    Document document = new Document(new Era("0123456789abcdef", 7));
    for (int i = 0; i < 40; i++) {
      document.set("actuators/pump-" + i + "/value", 20.0 + i);
    }
    int whole = StateMessages.write(new StateMessages.State(document.since(0), null, 0)).length;
    long before = document.revision();
    document.set("actuators/pump-7/value", 99.5);
    int one = StateMessages.write(new StateMessages.State(document.since(before), null, 0)).length;
    System.out.printf("state: one of 40 properties %d bytes, the whole %d%n", one, whole);
    assertTrue(10 * one <= whole, one + " of " + whole);
  }

  /** Without it, a rebirth would tell a far side that lost its memory nothing. */
  @Test
  void whatIsKnownIsToldOnceMoreWhenAllIsAskedFor() {
    Side gateway = new Side("g");
    gateway.set("a", 1.0);
    gateway.set("b", 2.0);
    assertNotNull(gateway.twin.next(0));
    gateway.twin.known(new Era("g", 1), 2);
    assertNull(gateway.twin.next(1_000_000), "the control: nobody lacks anything");
    gateway.twin.tellAll();
    assertEquals(Long.MIN_VALUE, gateway.twin.dueNanos());
    gateway.twin.known(new Era("g", 1), 2); // was on its way: no reason to tell less
    Delta all = gateway.twin.next(1_000_001);
    assertNotNull(all);
    assertEquals(0, all.base());
    assertEquals(Set.of("a", "b"), all.changes().keySet());
    assertNotNull(gateway.twin.next(1_000_001 + RETRY), "until it is known again");
    gateway.twin.known(new Era("g", 1), 2);
    assertNull(gateway.twin.next(2_000_000), "and not for ever");
  }

  /** Without it, a message of before a restart would bring back what is no longer so. */
  @Test
  void whatIsOverStaysOver() {
    Document old = new Document(new Era("g", 1));
    old.set("a", 1.0);
    old.set("b", true);
    Document young = new Document(new Era("g", 2));
    young.set("a", 2.0);
    Mirror mirror = new Mirror();
    mirror.apply(old.since(0));
    mirror.apply(young.since(0));
    assertEquals(Map.of("a", 2.0), mirror.values());
    assertEquals(Map.of(), mirror.apply(old.since(0)));
    assertEquals(2.0, mirror.get("a"));
    young.remove("a");
    mirror.apply(young.since(1));
    assertEquals(Map.of(), mirror.values());
    assertEquals(young.revision(), mirror.through());
    Document stranger = new Document(new Era("h", 1));
    stranger.set("a", 3.0);
    stranger.set("a", 4.0);
    assertEquals(Map.of(), mirror.apply(stranger.since(1)), "its beginning is not known");
    assertNotEquals(stranger.era(), mirror.era());
    mirror.apply(stranger.since(0));
    assertEquals(4.0, mirror.get("a"));
  }

  /** Without it, what nobody should send would be taken for a state. */
  @Test
  void whatIsNoStateIsNone() {
    for (String json :
        List.of(
            "",
            "{}",
            "{\"type\":\"state\"}",
            "{\"type\":\"state\",\"known\":{}}",
            "{\"type\":\"state\",\"known\":{\"through\":-1}}",
            "{\"type\":\"state\",\"known\":{\"through\":0},\"delta\":{}}",
            "{\"type\":\"state\",\"known\":{\"through\":0},\"delta\":{\"era\":[\"a\",1],\"base\":2,"
                + "\"through\":1,\"set\":{}}}",
            "{\"type\":\"state\",\"known\":{\"through\":0},\"delta\":{\"era\":[\"a\",1],\"base\":0,"
                + "\"through\":1,\"set\":{\"a\":[null,1]}}}",
            "{\"type\":\"state\",\"known\":{\"through\":0},\"delta\":{\"era\":[\"a\",1],\"base\":0,"
                + "\"through\":1,\"set\":{\"a\":[1,0]}}}",
            "{\"type\":\"state\",\"known\":{\"through\":0},\"delta\":{\"era\":[\"\",1],\"base\":0,"
                + "\"through\":1,\"set\":{\"a\":[1,1]}}}")) {
      assertEquals(
          null, StateMessages.read(json.getBytes(java.nio.charset.StandardCharsets.UTF_8)), json);
    }
    Document document = new Document(new Era("g", 1));
    for (int i = 0; i < Document.MAX_PROPERTIES; i++) {
      assertTrue(document.set("p" + i, true));
    }
    assertFalse(document.set("one more", true));
  }
}
