/**
 * Calibration, units, range, rate, stuck and gap checks: a sample in, the sample with its quality
 * out.
 *
 * <p>May import {@code config}, {@code flow}, {@code health} and {@code driver-api}. Owned by the
 * pipeline thread; asks no clock: every time is an argument.
 */
@NullMarked
package dev.tidegate.conditioning;

import org.jspecify.annotations.NullMarked;
