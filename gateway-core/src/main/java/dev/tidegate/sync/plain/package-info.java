/**
 * The binding {@code plain}: frames as they are stored, and an acknowledgement for each
 * (docs/spec/wire.md).
 *
 * <p>May import {@code flow}, {@code config}, {@code sync.binding} and {@code sync.link}.
 */
@NullMarked
package dev.tidegate.sync.plain;

import org.jspecify.annotations.NullMarked;
