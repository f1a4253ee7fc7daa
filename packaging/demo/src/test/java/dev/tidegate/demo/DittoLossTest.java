package dev.tidegate.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.config.SyncConfig;
import dev.tidegate.config.SyncConfig.FarSide;
import dev.tidegate.flow.Command;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Value;
import dev.tidegate.sync.binding.Incoming;
import dev.tidegate.sync.binding.Topics;
import dev.tidegate.sync.ditto.DittoBinding;
import dev.tidegate.sync.link.Outgoing;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.eclipse.ditto.base.model.common.HttpStatus;
import org.eclipse.ditto.base.model.signals.Signal;
import org.eclipse.ditto.json.JsonObject;
import org.eclipse.ditto.json.JsonValue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The binding and a twin, without a broker, on time that is stepped: births, retrieves, creates and
 * events that fail or are lost for ten minutes, at every place where they can be.
 */
final class DittoLossTest {
  private static final long SECOND = 1_000_000_000L;
  private static final int HOSTILE_SECONDS = 600;
  private static final String GATEWAY = "org.example:g1";
  private static final String DEVICE = "org.example:g1:test";

  /** One gateway with its twin and what lies between. */
  private static final class Pair {
    final DittoTwin twin = new DittoTwin();
    final List<Command> commands = new ArrayList<>();
    final Random random;
    final DittoBinding binding =
        new DittoBinding(
            Topics.of(SyncConfig.to(URI.create("mqtt://127.0.0.1:1")), "g1"),
            new FarSide.Ditto("org.example", "org.example:gateways"),
            "g1",
            Set.of("test"),
            Set.of(new PointId("test/valve")),
            "00112233445566778899aabbccddeeff",
            "run");
    boolean isHostile = true;
    double wanted;
    int said;

    Pair(long seed) {
      random = new Random(seed);
      binding.begin();
      binding.births().forEach(this::say);
    }

    /** The gateway says something, and hears what is answered. */
    void say(Outgoing message) {
      said++;
      Signal<?> signal = DittoTwin.read(message.payload());
      switch (isHostile ? random.nextInt(8) : 7) {
        case 0, 1 -> {} // it never comes
        case 2 -> twin.take(signal); // and the answer is lost
        case 3 -> hear(DittoTwin.failed(signal, HttpStatus.SERVICE_UNAVAILABLE));
        case 4 -> hear(DittoTwin.failed(signal, HttpStatus.TOO_MANY_REQUESTS));
        case 5 -> hear(DittoTwin.failed(signal, HttpStatus.REQUEST_TIMEOUT));
        default -> hear(twin.take(signal));
      }
    }

    void hear(@Nullable Signal<?> signal) {
      if (signal != null
          && binding.read("down", DittoSide.bytes(DittoTwin.write(signal)))
              instanceof Incoming.Commanded commanded) {
        commands.addAll(commanded.commands());
      }
    }

    /** An operator wishes something else; the event of it may be lost inside Ditto. */
    void wish() {
      Signal<?> event = twin.desire(DEVICE, "valve", ++wanted);
      if (random.nextBoolean()) {
        hear(event);
      }
    }

    void step(int second) {
      long now = second * SECOND;
      for (Outgoing next = binding.next(now); next != null; next = binding.next(now)) {
        say(next);
      }
      assertTrue(binding.dueNanos() > now, "it would turn without a pause");
    }
  }

  // Without it one answer that is lost would leave the plant at what was wanted before, and the
  // gateway offline in the twin, until the next connection.
  @Test
  void whatIsDesiredArrivesAndTheGatewayIsShownOnline() {
    for (long seed = 1; seed <= 100; seed++) {
      Pair pair = new Pair(seed);
      for (int second = 0; second < 2 * HOSTILE_SECONDS + 100; second++) {
        pair.isHostile = second < HOSTILE_SECONDS;
        if (pair.isHostile && pair.random.nextInt(100) == 0) {
          pair.wish();
        }
        pair.step(second);
      }
      String what = "seed " + seed;
      assertEquals(Value.of(pair.wanted), pair.commands.getLast().value(), what);
      JsonObject gateway = pair.twin.thing(GATEWAY);
      assertEquals(
          "true",
          gateway == null
              ? "no thing"
              : gateway
                  .getValue("features/tidegate/properties/link/online")
                  .map(JsonValue::toString)
                  .orElse(""),
          what);
      assertTrue(pair.said < 60, what + ": " + pair.said + " messages in twenty minutes");
    }
  }

  // Without it the twin's wishes would be done again and again, the more the worse the network is.
  @Test
  void eachWishIsDoneOnce() {
    for (long seed = 1; seed <= 100; seed++) {
      Pair pair = new Pair(seed);
      for (int second = 0; second < 2 * HOSTILE_SECONDS + 100; second++) {
        pair.isHostile = second < HOSTILE_SECONDS;
        if (second == 5 || second == 300) {
          pair.wish();
        }
        pair.step(second);
      }
      List<Value> done = pair.commands.stream().map(Command::value).toList();
      assertEquals(done.stream().distinct().toList(), done, "seed " + seed);
      assertEquals(Value.of(2.0), done.getLast(), "seed " + seed);
    }
  }

  // Without it a Ditto that was set up anew would not be listened to for days: until its revisions
  // have passed those of the old one.
  @Test
  void whatARebuiltDittoWantsArrives() {
    for (long seed = 1; seed <= 100; seed++) {
      Pair pair = new Pair(seed);
      for (int second = 0; second < 3 * HOSTILE_SECONDS; second++) {
        pair.isHostile = second < HOSTILE_SECONDS;
        if (second < 300 && second % 10 == 0) {
          pair.wish();
        }
        if (second == 400) {
          pair.twin.rebuild();
        }
        if (second == 410) {
          pair.wish();
        }
        pair.step(second);
      }
      assertEquals(Value.of(31.0), pair.commands.getLast().value(), "seed " + seed);
    }
  }
}
