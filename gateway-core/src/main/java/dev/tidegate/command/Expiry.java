package dev.tidegate.command;

import dev.tidegate.flow.Command;
import dev.tidegate.flow.CommandResult.Reason;
import dev.tidegate.flow.Inbox.Received;
import dev.tidegate.time.Clock;
import dev.tidegate.time.TimeQuality;
import org.jspecify.annotations.Nullable;

/**
 * Whether a command is too old to act: by its own times where the wall clock is trusted, and by its
 * age since it came where it is not. A desired property is a level and does not age.
 */
final class Expiry {
  /** How far the issuer's clock may be ahead of a trusted one. */
  static final long AHEAD_NANOS = 60_000_000_000L;

  private Expiry() {}

  /**
   * Why it is too old; null when it is not.
   *
   * @param otherwiseNanos how old it may be where it does not say itself
   */
  static @Nullable Refusal of(Received received, long otherwiseNanos, Clock clock) {
    Command command = received.command();
    if (command.origin() != Command.Origin.TWIN && command.origin() != Command.Origin.LOCAL) {
      return null;
    }
    if (clock.quality() == TimeQuality.SYNCHRONISED) {
      long wall = clock.wallNanos();
      if (command.issuedNanos() != Command.NOT_SAID && command.issuedNanos() > wall + AHEAD_NANOS) {
        return expired("it says that it was issued in the future: the clocks disagree");
      }
      long expires = expires(command, otherwiseNanos);
      if (expires != Command.NOT_SAID) {
        return wall >= expires
            ? expired("it expired " + (wall - expires) / 1_000_000 + " ms ago")
            : null;
      }
    }
    long says = expires(command, otherwiseNanos);
    if (clock.quality() == TimeQuality.UNVERIFIED
        && says != Command.NOT_SAID
        && clock.wallNanos() >= says) {
      return expired(
          "by the gateway's clock, which is unverified, it expired "
              + (clock.wallNanos() - says) / 1_000_000
              + " ms ago");
    }
    if (received.isOfEarlierRun()) {
      return expired(
          "it came before the gateway was started anew, and without a trusted clock nobody knows"
              + " how long ago");
    }
    long age = clock.monotonicNanos() - received.atNanos();
    long lifetime = command.lifetimeNanos();
    long limit = lifetime == Command.NOT_SAID ? otherwiseNanos : lifetime;
    return age >= limit
        ? expired(
            "it came " + age / 1_000_000 + " ms ago, and holds for " + limit / 1_000_000 + " ms")
        : null;
  }

  private static long expires(Command command, long otherwiseNanos) {
    if (command.expiresNanos() != Command.NOT_SAID) {
      return command.expiresNanos();
    }
    return command.issuedNanos() == Command.NOT_SAID
        ? Command.NOT_SAID
        : command.issuedNanos() + otherwiseNanos;
  }

  private static Refusal expired(String message) {
    return new Refusal(Reason.EXPIRED, message);
  }
}
