/**
 * One MQTT 5 connection, used once and thrown away: the only package that sees Paho. It carries
 * messages, and judges nothing of what is in them.
 *
 * <p>May import {@code config} and {@code driver-api}; never {@code sync}, which stands upon it.
 */
@NullMarked
package dev.tidegate.sync.link;

import org.jspecify.annotations.NullMarked;
