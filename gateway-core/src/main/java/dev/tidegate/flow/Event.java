package dev.tidegate.flow;

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
  /** In the order of the wire codes 0, 1, 2. */
  public enum Severity {
    INFO,
    WARNING,
    ALARM
  }

  public Event {
    if (message.length() > 500) {
      message = message.substring(0, 497) + "...";
    }
  }
}
