/**
 * The records that travel between stages, and the ports at which stages meet: {@link
 * dev.tidegate.flow.Journal} and {@link dev.tidegate.flow.Inbox} (into the buffer), {@link
 * dev.tidegate.flow.Outbox} (out of it), {@link dev.tidegate.flow.Actuators} (to the devices).
 *
 * <p>May import {@code driver-api} alone. Everything but the ports is immutable.
 */
@NullMarked
package dev.tidegate.flow;

import org.jspecify.annotations.NullMarked;
