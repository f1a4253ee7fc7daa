/**
 * What the two sides of a twin know of each other: documents of properties with revisions, and how
 * they are kept the same over a link that loses, repeats and reorders. Says nothing of how that is
 * written on a wire.
 *
 * <p>Needs {@code java.base} alone.
 */
@NullMarked
package dev.tidegate.twin;

import org.jspecify.annotations.NullMarked;
