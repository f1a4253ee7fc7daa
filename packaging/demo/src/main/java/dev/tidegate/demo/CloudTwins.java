package dev.tidegate.demo;

import dev.tidegate.sync.plain.StateMessages;
import dev.tidegate.twin.Delta;
import dev.tidegate.twin.Era;
import dev.tidegate.twin.Twin;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;

/**
 * The cloud's halves of its gateways' twins: what it desires is its document, what they report is
 * its mirror. Safe for use by any thread, apart from {@link #hear} and {@link #speak}, which are
 * the cloud thread's.
 */
final class CloudTwins {
  private static final String ISSUER = "cloud";
  private static final long RETRY_NANOS = 1_000_000_000L;

  private final Map<String, Twin> twins = new ConcurrentHashMap<>();
  private final Set<String> met = ConcurrentHashMap.newKeySet();
  private final Set<String> toAnswer = ConcurrentHashMap.newKeySet();
  private final Map<String, Integer> wholes = new ConcurrentHashMap<>();

  /** The half of the gateway whose topics start so. */
  Twin of(String prefix) {
    return twins.computeIfAbsent(
        prefix, p -> new Twin(new Era(UUID.randomUUID().toString(), 1), RETRY_NANOS));
  }

  /** Takes a message of a gateway on; false when it is none. */
  boolean hear(String topic, byte[] payload) {
    StateMessages.State state = StateMessages.read(payload);
    if (state == null) {
      return false;
    }
    String prefix = topic.substring(0, topic.length() - "/up".length());
    Twin twin = of(prefix);
    met.add(prefix);
    if (state.known() == null) {
      twin.unknown();
    } else {
      twin.known(state.known(), state.through());
    }
    Delta delta = state.delta();
    if (delta != null) {
      twin.desire(delta);
      if (delta.base() == 0) {
        wholes.merge(prefix, 1, Integer::sum);
      }
      toAnswer.add(prefix);
    }
    return true;
  }

  /** How often the gateway has told its whole document. */
  int wholes(String prefix) {
    return wholes.getOrDefault(prefix, 0);
  }

  /** Says what there is to say to gateways that were heard of. */
  void speak(long nowNanos, BiConsumer<String, String> publish) {
    for (String prefix : met) {
      Twin twin = of(prefix);
      Delta delta = twin.next(nowNanos);
      if (delta != null || toAnswer.remove(prefix)) {
        byte[] message =
            StateMessages.write(
                new StateMessages.State(delta, twin.desiredEra(), twin.desiredThrough(), ISSUER));
        publish.accept(prefix + "/down", new String(message, StandardCharsets.UTF_8));
      }
    }
  }
}
