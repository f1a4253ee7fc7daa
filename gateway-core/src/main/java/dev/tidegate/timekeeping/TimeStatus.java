package dev.tidegate.timekeeping;

import dev.tidegate.time.TimeQuality;

/**
 * How the gateway stands with time.
 *
 * @param quality of the wall time that records are stamped with
 * @param sinceNanos since when, on the timeline
 * @param offsetNanos wall time that is believed, minus the timeline
 * @param heldNanos how far the machine's wall clock is from that; 0 while it is followed
 * @param trustedNanos the latest wall time that a synchronised clock ever showed here; 0 for never
 * @param maxErrorNanos the most that the machine's clock can be off, as its kernel says; -1:
 *     unknown
 */
public record TimeStatus(
    TimeQuality quality,
    long sinceNanos,
    long offsetNanos,
    long heldNanos,
    long trustedNanos,
    long maxErrorNanos) {}
