/**
 * One session with the cloud: publish, acknowledge, receive. The only package that sees MQTT.
 *
 * <p>May import {@code flow}, {@code config}, {@code health}, {@code timekeeping} and {@code
 * driver-api}. Paho's types stay inside {@link dev.tidegate.sync.PahoLink}; the format on the wire
 * is {@code docs/spec/wire.md}.
 */
@NullMarked
package dev.tidegate.sync;

import org.jspecify.annotations.NullMarked;
