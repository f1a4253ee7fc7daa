package dev.tidegate.frame;

import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Lane;
import dev.tidegate.reading.PointId;
import dev.tidegate.time.TimeQuality;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.function.ToDoubleFunction;

/**
 * Encodes and decodes frames, format version 2: one array of twelve items, in deterministic CBOR,
 * whose last item is a checksum over all bytes before it.
 *
 * <pre>
 * 8c                      array of 12
 *   02                    format version
 *   6x ..                 gateway id
 *   50 16 bytes           epoch
 *   6x ..                 lane
 *   first sequence        1 and above
 *   count                 1 to 8,192
 *   50 16 bytes           boot id
 *   wall offset           wall clock minus timeline at the commit, ns
 *   0 | 1 | 2             time quality
 *   base                  time of the first record, ns on the timeline
 *   body                  an array: {@link Rows}; a byte string: see {@link Body}
 *   44 4 bytes            CRC-32C of all bytes before this item, big endian
 * </pre>
 *
 * <p>Encoding is a function of the records. Frames of version 1, whose body was CBOR throughout,
 * are still read. An instance encodes for one buffer and is owned by one thread; decoding is static
 * and free of state.
 */
public final class FrameCodec {
  /** The first item of every frame that is written. */
  public static final int VERSION = 2;

  /** A frame has at most this many records. */
  public static final int MAX_RECORDS = 8_192;

  /** Encoding stops before a body of this size is exceeded, unless it is a single record. */
  public static final int SPLIT_BYTES = 256 << 10;

  /** No frame is longer: the largest waveform, 65,536 doubles, fits. */
  public static final int MAX_BYTES = 1 << 20;

  static final int MAX_NAME_BYTES = 255;
  private static final int ITEMS = 12;
  private static final int CRC_ITEM_BYTES = 5;

  private final String gatewayId;
  private final String epoch;
  private final String bootId;
  private final byte[] epochBytes;
  private final byte[] bootBytes;
  private final CborWriter head = new CborWriter();
  private final Body body;

  /**
   * What the clocks said when a frame was frozen.
   *
   * @param wallOffsetNanos wall clock minus timeline
   * @param quality how far that wall clock could be trusted
   */
  public record Stamp(long wallOffsetNanos, TimeQuality quality) {}

  /**
   * One encoded frame.
   *
   * @param bytes the frame; must not be changed
   * @param count how many of the records handed in went into it
   */
  @SuppressWarnings("ArrayRecordComponent") // ownership passes with the record
  public record Encoded(byte[] bytes, int count) {}

  /** A codec that keeps every bit of every value. */
  public FrameCodec(String gatewayId, String epoch, String bootId) {
    this(gatewayId, epoch, bootId, point -> 0);
  }

  /**
   * A codec whose frames carry these three ids.
   *
   * @param quantumOf the step to which a point's values are rounded, in its unit; 0 for none
   * @throws IllegalArgumentException when an id is not as {@link FrameHeader} wants it
   */
  public FrameCodec(
      String gatewayId, String epoch, String bootId, ToDoubleFunction<PointId> quantumOf) {
    this(gatewayId, epoch, bootId, new Body(quantumOf, SPLIT_BYTES));
  }

  private FrameCodec(String gatewayId, String epoch, String bootId, Body body) {
    this.body = body;
    FrameHeader.checkOrigin(gatewayId, epoch, bootId);
    this.gatewayId = gatewayId;
    this.epoch = epoch;
    this.bootId = bootId;
    this.epochBytes = HexFormat.of().parseHex(epoch);
    this.bootBytes = bytesOf(UUID.fromString(bootId));
  }

  /**
   * Encodes as many of the entries as fit into one frame, at least one.
   *
   * @param from index of the first entry to take
   * @throws IllegalArgumentException when the raw lane is handed anything but samples
   */
  public Encoded encode(
      Lane lane, long firstSequence, Stamp stamp, List<? extends Entry> entries, int from) {
    long baseNanos = entries.get(from).atNanos();
    int count = body.write(lane, entries, from, baseNanos);
    head.clear();
    head.array(ITEMS);
    head.integer(VERSION);
    head.text(gatewayId);
    head.byteString(epochBytes);
    head.text(lane.word());
    head.integer(firstSequence);
    head.integer(count);
    head.byteString(bootBytes);
    head.integer(stamp.wallOffsetNanos);
    head.integer(stamp.quality.code());
    head.integer(baseNanos);
    body.appendTo(head);
    head.byteString(ByteBuffer.allocate(4).putInt(head.crc32c()).array());
    return new Encoded(head.toBytes(), count);
  }

  /**
   * The frame of that header with other records, one for each of its own, and the first one at the
   * same time. Every bit of every value is kept.
   *
   * @throws IllegalArgumentException when they are not as many, or the frame is too long
   */
  public static byte[] again(FrameHeader header, List<? extends Entry> entries) {
    FrameCodec codec =
        new FrameCodec(
            header.gatewayId(), header.epoch(), header.bootId(), new Body(p -> 0, MAX_BYTES));
    Stamp stamp = new Stamp(header.wallOffsetNanos(), header.timeQuality());
    Encoded made = codec.encode(header.lane(), header.firstSequence(), stamp, entries, 0);
    if (made.count != header.count()
        || entries.size() != header.count()
        || made.bytes.length > MAX_BYTES) {
      throw new IllegalArgumentException(
          made.count + " records of " + header.count() + " in " + made.bytes.length + " bytes");
    }
    return made.bytes;
  }

  /** The most bytes that a record can take in a frame of its own, without the header. */
  public static int mostBytes(Entry entry) {
    return Rows.mostBytes(entry);
  }

  /** The boot id that this codec writes. */
  public String bootId() {
    return bootId;
  }

  /** The epoch that this codec writes. */
  public String epoch() {
    return epoch;
  }

  /**
   * Decodes a frame, its checksum included.
   *
   * @throws FrameException when the bytes are anything but a frame of this version
   */
  public static Frame decode(byte[] frame) throws FrameException {
    CborReader in = open(frame);
    try {
      FrameHeader header = readHeader(in);
      List<Entry> entries = Body.read(in, header);
      if (!in.atEnd()) {
        throw in.bad("more bytes than one frame");
      }
      if (entries.getFirst().atNanos() != header.baseNanos()) {
        throw in.bad("the base is not the time of the first record");
      }
      return new Frame(header, entries);
    } catch (IllegalArgumentException e) {
      throw in.bad(String.valueOf(e.getMessage()));
    }
  }

  /**
   * Decodes the header alone, after the checksum has been verified: tells a damaged frame from a
   * sound one without reading its body.
   *
   * @throws FrameException when the checksum or the header is wrong
   */
  public static FrameHeader header(byte[] frame) throws FrameException {
    CborReader in = open(frame);
    try {
      return readHeader(in);
    } catch (IllegalArgumentException e) {
      throw in.bad(String.valueOf(e.getMessage()));
    }
  }

  /** A reader over everything before the checksum, which matches. */
  private static CborReader open(byte[] frame) throws FrameException {
    int end = frame.length - CRC_ITEM_BYTES;
    if (frame.length > MAX_BYTES || end < 1) {
      throw new FrameException("a frame has 6 to " + MAX_BYTES + " bytes, not " + frame.length);
    }
    int stored = ByteBuffer.wrap(frame, end + 1, 4).getInt();
    if (frame[end] != 0x44 || stored != Crc.of(frame, 0, end)) {
      throw new FrameException("the checksum does not match");
    }
    return new CborReader(frame, 0, end);
  }

  private static FrameHeader readHeader(CborReader in) throws FrameException {
    in.arrayOf(ITEMS);
    long version = in.integer();
    if (version != VERSION) {
      throw in.bad("frame format " + version + "; this reader knows " + VERSION);
    }
    return new FrameHeader(
        in.text(MAX_NAME_BYTES),
        HexFormat.of().formatHex(in.byteString(16)),
        Lane.of(in.text(MAX_NAME_BYTES)),
        in.integer(1, Long.MAX_VALUE),
        (int) in.integer(1, MAX_RECORDS),
        uuidOf(in.byteString(16)),
        in.integer(),
        qualityOf((int) in.integer(0, 2)),
        in.integer());
  }

  static TimeQuality qualityOf(int code) throws FrameException {
    for (TimeQuality quality : TimeQuality.values()) {
      if (quality.code() == code) {
        return quality;
      }
    }
    throw new FrameException("no time quality has the code " + code);
  }

  private static byte[] bytesOf(UUID id) {
    return ByteBuffer.allocate(16)
        .putLong(id.getMostSignificantBits())
        .putLong(id.getLeastSignificantBits())
        .array();
  }

  private static String uuidOf(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    return new UUID(buffer.getLong(), buffer.getLong()).toString();
  }
}
