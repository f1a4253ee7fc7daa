/**
 * Benchmarks: ours, its anchors and the raw limit, measured in the same run. Figures are CPU time,
 * medians of interleaved rounds, because machines are noisy.
 *
 * <p>May import everything. Nothing here is installed.
 */
@NullMarked
package dev.tidegate.bench;

import org.jspecify.annotations.NullMarked;
