/**
 * The records that travel between stages, and the two ports at which stages meet: {@link
 * dev.tidegate.flow.Journal} (into the buffer) and {@link dev.tidegate.flow.Outbox} (out of it).
 *
 * <p>May import {@code driver-api} alone. Everything but the ports is immutable.
 */
@NullMarked
package dev.tidegate.flow;

import org.jspecify.annotations.NullMarked;
