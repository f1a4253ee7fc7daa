package dev.tidegate.flow;

import java.util.Locale;

/**
 * What became of a command. The last one for an id is final, and is what a repeated id is answered
 * with.
 *
 * @param atNanos when, on the gateway's timeline
 * @param id the command's id
 * @param subject the point, or what else the command was about
 * @param outcome what became of it
 * @param reason why
 * @param value what was to be written; NaN where it is no number
 * @param readBack what the plant showed afterwards; NaN where nothing was read back
 * @param message one sentence for people, at most 500 characters
 */
public record CommandResult(
    long atNanos,
    String id,
    String subject,
    Outcome outcome,
    Reason reason,
    double value,
    double readBack,
    String message)
    implements Entry {
  /** In the order of the wire codes 0 to 4. */
  public enum Outcome {
    /** It passed every check and is about to act; durable before the device is touched. */
    STARTED,
    /** It acted. */
    DONE,
    /** It was not let through: nothing was touched. */
    REFUSED,
    /** The device did not take it, or the plant does not show it. */
    FAILED,
    /** Nobody knows whether it acted: it is never tried again. */
    UNKNOWN;

    /** Whether nothing follows. */
    public boolean isFinal() {
      return this != STARTED;
    }

    /** The outcome's name on the wire. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Why, in the order of the wire codes 0 to 20, each with a status (RFC 9110, section 15). */
  public enum Reason {
    NONE(200),
    UNKNOWN_POINT(404),
    NOT_WRITABLE(405),
    NOT_ALLOWED(403),
    MODE(423),
    EXPIRED(410),
    ID_REUSED(409),
    WRONG_TYPE(400),
    RANGE(422),
    STEP(422),
    SLEW_RATE(422),
    MIN_ON(409),
    MIN_OFF(409),
    INTERLOCK(412),
    NO_CURRENT_VALUE(424),
    BUSY(429),
    DEVICE(502),
    NOT_IN_TIME(504),
    READ_BACK(500),
    RESTART(504),
    OUTDATED(409);

    private final int status;

    Reason(int status) {
      this.status = status;
    }

    /** The HTTP status that says about the same. */
    public int status() {
      return status;
    }

    /** The reason's name on the wire, dash-case. */
    public String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  public CommandResult {
    if (message.length() > 500) {
      message = message.substring(0, 497) + "...";
    }
  }

  /** Whether the value is what the actuator was told last, and took. */
  public boolean isInForce() {
    return outcome == Outcome.DONE && Double.isFinite(value);
  }

  /** 202 while it is under way, otherwise the reason's. */
  public int status() {
    return outcome == Outcome.STARTED ? 202 : reason.status();
  }
}
