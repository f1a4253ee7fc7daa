package dev.tidegate.frame;

import dev.tidegate.flow.Lane;
import dev.tidegate.time.TimeQuality;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * What a frame says about all of its records.
 *
 * @param gatewayId who recorded them, 1 to 255 bytes of UTF-8
 * @param epoch random id of the database, 32 lower-case hexadecimal digits
 * @param lane their lane
 * @param firstSequence number of the first record, 1 and above
 * @param count records, 1 to {@value FrameCodec#MAX_RECORDS}; they are numbered without gaps
 * @param bootId run of the gateway process whose timeline the times are on, a UUID in lower case
 * @param wallOffsetNanos wall clock minus timeline when the frame was committed: added to a time of
 *     a record it gives the wall time as best known then
 * @param timeQuality how far that wall clock could be trusted
 * @param baseNanos time of the first record, on the gateway's timeline
 */
public record FrameHeader(
    String gatewayId,
    String epoch,
    Lane lane,
    long firstSequence,
    int count,
    String bootId,
    long wallOffsetNanos,
    TimeQuality timeQuality,
    long baseNanos) {
  private static final Pattern EPOCH = Pattern.compile("[0-9a-f]{32}");

  public FrameHeader {
    checkOrigin(gatewayId, epoch, bootId);
    if (firstSequence < 1
        || count < 1
        || count > FrameCodec.MAX_RECORDS
        || firstSequence > Long.MAX_VALUE - count) {
      throw new IllegalArgumentException(
          "no sequence range: " + count + " records from " + firstSequence);
    }
  }

  /** Number of the last record. */
  public long lastSequence() {
    return firstSequence + count - 1;
  }

  static void checkOrigin(String gatewayId, String epoch, String bootId) {
    if (gatewayId.isEmpty() || 3 * gatewayId.length() > FrameCodec.MAX_NAME_BYTES) {
      throw new IllegalArgumentException("a gateway id has 1 to 85 characters: " + gatewayId);
    }
    if (!EPOCH.matcher(epoch).matches()) {
      throw new IllegalArgumentException("an epoch is 32 hexadecimal digits: " + epoch);
    }
    if (!UUID.fromString(bootId).toString().equals(bootId)) {
      throw new IllegalArgumentException("a boot id is a UUID in lower case: " + bootId);
    }
  }
}
