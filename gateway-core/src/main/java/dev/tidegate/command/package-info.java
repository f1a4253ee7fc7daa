/**
 * Authorises, limits and carries out what is asked of the actuators, and sees by read-back whether
 * it took effect. A command cannot hurt: what is not configured is not written, and every verdict
 * is recorded.
 *
 * <p>Everything here belongs to the pipeline's thread.
 */
@NullMarked
package dev.tidegate.command;

import org.jspecify.annotations.NullMarked;
