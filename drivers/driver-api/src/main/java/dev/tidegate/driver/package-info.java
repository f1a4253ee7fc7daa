/**
 * What a driver author implements: {@link dev.tidegate.driver.Driver#type() type}, {@link
 * dev.tidegate.driver.Driver#open open}, {@link dev.tidegate.driver.Pollable#poll poll} and {@link
 * dev.tidegate.driver.Device#close close} for a polled sensor.
 *
 * <p>Imports {@code java.base}, {@code reading} and {@code time} alone. Naming, scheduling, retry,
 * statistics and conditioning live in the gateway, around the driver.
 */
@NullMarked
package dev.tidegate.driver;

import org.jspecify.annotations.NullMarked;
