/**
 * Durable lanes: what the pipeline journals is numbered, framed and committed here, handed out
 * again to the sync stage, and forgotten once the far side has stored it. Decides what is kept,
 * declared lost and committed together; the file itself is {@code buffer.store}'s.
 *
 * <p>May import {@code buffer.store}, {@code flow}, {@code config}, {@code health}, {@code
 * timekeeping}, {@code frame} and {@code driver-api}.
 */
@NullMarked
package dev.tidegate.buffer;

import org.jspecify.annotations.NullMarked;
