/**
 * What a binding has to offer, and what the bindings share. Each binding has a room of its own
 * beside this one, and knows this one alone.
 *
 * <p>May import {@code flow}, {@code config}, {@code sync.link} and {@code driver-api}; never
 * {@code sync}, which stands upon it.
 */
@NullMarked
package dev.tidegate.sync.binding;

import org.jspecify.annotations.NullMarked;
