/**
 * Composition root: builds the stages, makes the threads, starts sinks first and stops sources
 * first.
 *
 * <p>May import everything below; only the command line imports it.
 */
@NullMarked
package dev.tidegate.gateway;

import org.jspecify.annotations.NullMarked;
