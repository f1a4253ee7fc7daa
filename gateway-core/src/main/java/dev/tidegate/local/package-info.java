/**
 * The operator's face on the machine itself: a socket in the data folder where one can ask how the
 * gateway stands, or for a write, and whoever asks there.
 *
 * <p>Knows nothing of the stages: what it tells is a {@link dev.tidegate.local.Report} that
 * somebody hands in, and who carries a write out is handed in too. May import nothing of the
 * gateway but {@code health} and {@code time}.
 */
@NullMarked
package dev.tidegate.local;

import org.jspecify.annotations.NullMarked;
