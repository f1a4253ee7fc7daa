package dev.tidegate.flow;

import dev.tidegate.time.TimeQuality;

/**
 * Says what the wall clock of an earlier moment should have been: from now on, every time that was
 * recorded on the timeline of that run of the gateway is read with this offset.
 *
 * @param bootId the run whose timeline is meant; not always the run that says so
 * @param wallOffsetNanos wall clock minus that timeline, nanoseconds
 * @param quality how far this offset can be trusted
 * @param atNanos when it became known, on the timeline of the run that says so
 */
public record ClockCorrection(
    String bootId, long wallOffsetNanos, TimeQuality quality, long atNanos) implements Entry {}
