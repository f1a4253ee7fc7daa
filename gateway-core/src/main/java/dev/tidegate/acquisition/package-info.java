/**
 * Runs devices on their bus threads, schedules polls, hands samples in through the bounded intake.
 *
 * <p>May import {@code driver-api}, {@code flow}, {@code config}, {@code health} and {@code
 * timekeeping}. Drivers are called here and nowhere else.
 */
@NullMarked
package dev.tidegate.acquisition;

import org.jspecify.annotations.NullMarked;
