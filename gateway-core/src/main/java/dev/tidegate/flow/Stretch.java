package dev.tidegate.flow;

/**
 * Stored records of an on-request lane that were promised to the far side.
 *
 * @param id the id of the {@link ReplayRequest}
 * @param lane the lane
 * @param firstSequence number of the first record
 * @param lastSequence number of the last one
 */
public record Stretch(String id, Lane lane, long firstSequence, long lastSequence) {}
