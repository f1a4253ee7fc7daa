/**
 * What a driver's tests need: the contract that every driver keeps, a clock that is stepped by
 * hand, a sink that collects, and a bus with chips that can fail.
 *
 * <p>Imports {@code driver-api} and JUnit.
 */
@NullMarked
package dev.tidegate.testkit;

import org.jspecify.annotations.NullMarked;
