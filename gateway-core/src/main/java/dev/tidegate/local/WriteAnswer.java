package dev.tidegate.local;

import org.jspecify.annotations.Nullable;

/**
 * What became of a write that was asked for at the {@link Desk}, as {@code tidegate write --json}
 * prints it (docs/operating/commands.md).
 *
 * @param id the command's id, under which its result is a record too; empty where it was not even
 *     handed in
 * @param point what was to be written
 * @param outcome {@code done}, {@code refused}, {@code failed}, {@code unknown}, or {@link
 *     #UNDER_WAY}
 * @param reason why, a dash-case word; {@code none} where there is none
 * @param status the HTTP status that says about the same
 * @param value what was to be written; null where it says nothing
 * @param readBack what the plant showed afterwards; null where nothing was read back
 * @param message one sentence for people
 */
public record WriteAnswer(
    String id,
    String point,
    String outcome,
    String reason,
    int status,
    @Nullable Double value,
    @Nullable Double readBack,
    String message) {
  /** The outcome of a write of which nothing final is known yet. */
  public static final String UNDER_WAY = "under-way";
}
