/**
 * The only way anyone asks for the time.
 *
 * <p>Imports {@code java.base} alone. The gateway's own clock lives in {@code timekeeping}; tests
 * bring a manual one.
 */
@NullMarked
package dev.tidegate.time;

import org.jspecify.annotations.NullMarked;
