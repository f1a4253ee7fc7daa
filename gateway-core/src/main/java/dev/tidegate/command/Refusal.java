package dev.tidegate.command;

import dev.tidegate.flow.CommandResult.Reason;

/**
 * Why a command is not carried out.
 *
 * @param message one sentence for people, with the figures
 */
record Refusal(Reason reason, String message) {}
