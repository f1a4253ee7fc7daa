/**
 * What was measured, when at the source, and how far to trust it.
 *
 * <p>Imports {@code java.base} alone. Everything here is immutable and safe to share between
 * threads.
 */
@NullMarked
package dev.tidegate.reading;

import org.jspecify.annotations.NullMarked;
