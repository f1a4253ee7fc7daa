/**
 * The checks of the whole: the house's arrows, its formatting, every sample, and the gateway run as
 * a real process against real peers.
 */
@NullMarked
package dev.tidegate.acceptance;

import org.jspecify.annotations.NullMarked;
