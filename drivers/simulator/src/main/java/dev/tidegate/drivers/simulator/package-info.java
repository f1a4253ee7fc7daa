/**
 * A deterministic plant (a pump loop with motor, valve and tank, and faults on a schedule), and the
 * driver that reads it like any device.
 *
 * <p>Imports {@code driver-api} alone. The same seed gives the same bits on every machine: all
 * randomness and all transcendental functions are made so (see {@link
 * dev.tidegate.drivers.simulator.Plant}).
 */
@NullMarked
package dev.tidegate.drivers.simulator;

import org.jspecify.annotations.NullMarked;
