package dev.tidegate.flow;

/**
 * One stored frame on its way out: consecutive records of one lane, frozen when it was first handed
 * out, and byte-identical on every resend.
 *
 * @param epoch random id made with the database, so that a copied or restored card is told apart
 * @param lane the lane
 * @param firstSequence number of its first record
 * @param lastSequence number of its last record
 * @param frame the encoded frame (docs/spec/frame.md); checked against its checksum just before
 *     this was made; must not be changed
 */
@SuppressWarnings("ArrayRecordComponent") // a frame is megabytes; ownership passes with the record
public record Outbound(
    String epoch, Lane lane, long firstSequence, long lastSequence, byte[] frame) {
  /** How many records it carries. */
  public long count() {
    return lastSequence - firstSequence + 1;
  }
}
