/**
 * Counters, distinct faults, liveness for the watchdog.
 *
 * <p>May import {@code driver-api} alone. Safe for use by any thread.
 */
@NullMarked
package dev.tidegate.health;

import org.jspecify.annotations.NullMarked;
