package dev.tidegate.command;

import dev.tidegate.flow.CommandResult.Reason;

/**
 * Why a command is not carried out.
 *
 * @param message one sentence for people, with the figures
 * @param isPassing whether it is for want of something that comes by itself: a desired value waits
 *     for that
 */
record Refusal(Reason reason, String message, boolean isPassing) {
  /** One for good. */
  Refusal(Reason reason, String message) {
    this(reason, message, false);
  }

  /** One for now. */
  static Refusal passing(Reason reason, String message) {
    return new Refusal(reason, message, true);
  }
}
