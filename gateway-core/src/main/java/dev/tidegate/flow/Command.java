package dev.tidegate.flow;

import dev.tidegate.reading.Value;
import java.util.regex.Pattern;

/**
 * What someone asks the gateway to do. The id makes it one and the same command however often it
 * comes: it acts at most once.
 *
 * @param id the issuer's own word for it; answers carry it
 * @param action what to do
 * @param subject to what: the point of a {@link Action#WRITE}, the lane of a pause or a replay, the
 *     level of the log; may be empty
 * @param value the value to write, or the request's own argument
 * @param issuer who asks, as the far side says; empty where it does not say
 * @param origin how it came here
 * @param issuedNanos wall time at which it was issued; {@link #NOT_SAID}
 * @param expiresNanos wall time from which on it must not act any more; {@link #NOT_SAID}: as long
 *     after it came as the configuration says
 */
public record Command(
    String id,
    Action action,
    String subject,
    Value value,
    String issuer,
    Origin origin,
    long issuedNanos,
    long expiresNanos) {
  /** No such time was given. */
  public static final long NOT_SAID = Long.MIN_VALUE;

  /** What ids of commands look like: they come back in results, and in logs. */
  public static final Pattern ID = Pattern.compile("[A-Za-z0-9._:/-]{1,200}");

  /** What the ids of desired values begin with; the point and a slash follow. */
  public static final String DESIRED_PREFIX = "desired/";

  /** What the ids of safe values begin with; the point and a slash follow. */
  public static final String SAFETY_PREFIX = "safety/";

  /** What issuers are called. */
  public static final Pattern ISSUER = Pattern.compile("[A-Za-z0-9._:@/-]{0,64}");

  /** What can be asked for; the names are what the buffer file holds. */
  public enum Action {
    /** Write a value to a point. */
    WRITE,
    /** Tell everything anew. */
    REBIRTH,
    /** Tell how the gateway stands. */
    SNAPSHOT,
    /** Keep back a lane, {@code summaries} or {@code raw}, or both, for so many seconds. */
    PAUSE,
    /** End a pause. */
    RESUME,
    /** Log more, or less, for a limited time. */
    LOG_LEVEL,
    /**
     * Send what an on-request lane holds of a time interval (ISO 8601: from and to with a slash).
     */
    REPLAY;

    /** The action's name on the wire, dash-case. */
    public String word() {
      return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }
  }

  /** Where a command comes from; the names are what the buffer file holds. */
  public enum Origin {
    /** A command of the twin. */
    TWIN,
    /** A desired property of the twin, which is a level and not an edge. */
    DESIRED,
    /**
     * A desired property of which the twin says how it should be, and not that someone wants it
     * anew: what is told at a start or a reconnect. The inbox makes it {@link #DESIRED}, or drops
     * it where the safe value was written since.
     */
    KEPT,
    /** Someone at the gateway itself. */
    LOCAL,
    /** The gateway, because what the actuator depends on has fallen silent or tripped. */
    SAFETY
  }

  public Command {
    if (!ID.matcher(id).matches() || !ISSUER.matcher(issuer).matches()) {
      throw new IllegalArgumentException("no command: id " + id + ", issuer " + issuer);
    }
    if (subject.length() > 200 || subject.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException("no subject of a command: " + subject);
    }
  }

  /**
   * Whether the other asks for the same; when it was issued, and until when it holds, may differ.
   */
  public boolean asksTheSameAs(Command other) {
    return id.equals(other.id)
        && action == other.action
        && subject.equals(other.subject)
        && value.equals(other.value)
        && issuer.equals(other.issuer)
        && origin == other.origin;
  }

  /** The same from elsewhere. */
  public Command from(Origin other) {
    return new Command(id, action, subject, value, issuer, other, issuedNanos, expiresNanos);
  }

  /** The same, asked by somebody else. */
  public Command by(String otherIssuer) {
    return new Command(id, action, subject, value, otherIssuer, origin, issuedNanos, expiresNanos);
  }

  /** How long it holds from its issue on, nanoseconds; {@link #NOT_SAID} where it does not say. */
  public long lifetimeNanos() {
    return issuedNanos == NOT_SAID || expiresNanos == NOT_SAID
        ? NOT_SAID
        : expiresNanos - issuedNanos;
  }
}
