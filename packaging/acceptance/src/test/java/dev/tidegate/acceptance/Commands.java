package dev.tidegate.acceptance;

import dev.tidegate.demo.CloudSide;
import dev.tidegate.flow.CommandResult;
import dev.tidegate.time.Clock;
import dev.tidegate.timekeeping.SystemClock;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What a far side does to have something done: it asks again until there is a final answer. */
final class Commands {
  private static final Duration ASK_EVERY = Duration.ofMillis(300);

  private final Clock clock = new SystemClock();

  private final CloudSide cloud;
  private final String prefix;

  Commands(CloudSide cloud, String prefix) {
    this.cloud = cloud;
    this.prefix = prefix;
  }

  /** A write that holds for ten minutes. */
  static String write(String id, String point, double value) {
    return "{\"type\":\"command\",\"id\":\"%s\",\"point\":\"%s\",\"value\":%s,\"by\":\"test\",\"expires\":\"%s\"}"
        .formatted(id, point, value, Instant.now().plusSeconds(600));
  }

  /** A request that is no write. */
  static String request(String id, String action, String subject, double value) {
    return "{\"type\":\"command\",\"id\":\"%s\",\"action\":\"%s\",\"subject\":\"%s\",\"value\":%s}"
        .formatted(id, action, subject, value);
  }

  /** Says it once. */
  void say(String json) {
    cloud.say(prefix, json);
  }

  /** Asks until there is a final answer; null when there is none in that time. */
  @Nullable CommandResult ask(String id, String json, Duration patience)
      throws InterruptedException {
    long end = clock.monotonicNanos() + patience.toNanos();
    while (clock.monotonicNanos() < end) {
      say(json);
      Duration left = Duration.ofNanos(Math.max(1, end - clock.monotonicNanos()));
      if (cloud
          .store()
          .await(() -> isFinal(id), left.compareTo(ASK_EVERY) < 0 ? left : ASK_EVERY)) {
        return cloud.store().result(id);
      }
    }
    return null;
  }

  private boolean isFinal(String id) {
    CommandResult result = cloud.store().result(id);
    return result != null && result.outcome().isFinal();
  }

  /** Asks until there is a final answer, which there must be within a minute. */
  CommandResult answer(String id, String json) throws InterruptedException {
    CommandResult result = ask(id, json, Duration.ofMinutes(1));
    if (result == null) {
      throw new AssertionError("no final answer to " + json);
    }
    return result;
  }
}
