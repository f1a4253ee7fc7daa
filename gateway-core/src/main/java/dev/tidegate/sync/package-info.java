/**
 * One session with the cloud: publish, acknowledge, receive. The only package that sees MQTT.
 *
 * <p>May import {@code flow}, {@code config}, {@code health}, {@code timekeeping} and {@code
 * driver-api}. The connection itself is in {@code sync.link}, what a far side understands in {@code
 * sync.binding} and the rooms of the bindings; the format on the wire is {@code docs/spec/wire.md}.
 */
@NullMarked
package dev.tidegate.sync;

import org.jspecify.annotations.NullMarked;
