/**
 * Implements {@link dev.tidegate.time.Clock}; knows the boot, and since when wall time can be
 * trusted. The only package that asks the system for the time or waits for it.
 *
 * <p>May import {@code driver-api} alone.
 */
@NullMarked
package dev.tidegate.timekeeping;

import org.jspecify.annotations.NullMarked;
