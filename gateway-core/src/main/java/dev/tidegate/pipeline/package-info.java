/**
 * Wires the stages in flow order on the one pipeline thread: a function of (arrivals, clock).
 *
 * <p>May import every stage on the floors below. Nothing here waits but for the intake and for the
 * journal's room.
 */
@NullMarked
package dev.tidegate.pipeline;

import org.jspecify.annotations.NullMarked;
