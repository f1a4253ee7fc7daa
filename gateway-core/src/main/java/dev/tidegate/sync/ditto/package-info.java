/**
 * The binding {@code ditto}: Eclipse Ditto's protocol in JSON. Summaries, events and alarms become
 * merge commands on things, frames of readings become live messages, desired properties and live
 * messages become commands (docs/spec/ditto.md).
 *
 * <p>May import {@code flow}, {@code frame}, {@code config}, {@code sync.binding} and {@code
 * sync.link}.
 */
@NullMarked
package dev.tidegate.sync.ditto;

import org.jspecify.annotations.NullMarked;
