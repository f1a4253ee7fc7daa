package dev.tidegate.flow;

import org.jspecify.annotations.Nullable;

/**
 * Something that happened to the gateway or to a device, told to the operator.
 *
 * @param atNanos when, on the gateway's timeline
 * @param severity how bad
 * @param kind what happened, a dash-case word: {@code gateway-started}, {@code device-lost}
 * @param subject what it happened to: a device, a point, a model, a lane; may be empty
 * @param message one sentence with the next step, at most 500 characters
 */
public record Event(long atNanos, Severity severity, String kind, String subject, String message)
    implements Entry {
  /** A device gave its first reading since the gateway started. */
  public static final String FOUND = "device-found";

  /** A device does not answer any more, or has not yet. */
  public static final String LOST = "device-lost";

  /** A device answers again. */
  public static final String BACK = "device-back";

  /** What the kinds of answers to a {@link ReplayRequest}, whose subject is its id, begin with. */
  public static final String REPLAY = "replay-";

  /** In the order of the wire codes 0, 1, 2. */
  public enum Severity {
    INFO,
    WARNING,
    ALARM
  }

  /** Whether the device that it is about answers; null for what says nothing of that. */
  public @Nullable Boolean answers() {
    return switch (kind) {
      case FOUND, BACK -> true;
      case LOST -> false;
      default -> null;
    };
  }

  public Event {
    if (message.length() > 500) {
      message = message.substring(0, 497) + "...";
    }
  }
}
