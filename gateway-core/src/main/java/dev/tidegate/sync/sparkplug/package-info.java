/**
 * The binding {@code sparkplug-b}: an edge node with a device for each of the gateway's (Sparkplug
 * 3.0.0; docs/spec/sparkplug.md). Payloads are written by a small encoder of our own.
 *
 * <p>May import {@code flow}, {@code frame}, {@code config}, {@code sync.binding} and {@code
 * sync.link}.
 */
@NullMarked
package dev.tidegate.sync.sparkplug;

import org.jspecify.annotations.NullMarked;
