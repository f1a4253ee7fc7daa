package dev.tidegate.frame;

import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Lane;
import dev.tidegate.frame.column.BitReader;
import dev.tidegate.frame.column.BitWriter;
import dev.tidegate.frame.column.RealColumn.Quantum;
import dev.tidegate.reading.PointId;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * The body of a frame, of the kind that suits its records.
 *
 * <pre>
 *   array           {@link Rows}, where deflating them gains nothing
 *   byte string     0, then {@link Rows} deflated (RFC 1951)
 *                   1, then {@link Samples}: every frame of the lane raw
 *                   2, then {@link Summaries}: frames that hold nothing else
 * </pre>
 *
 * For one thread.
 */
final class Body {
  private static final int DEFLATED = 0;
  private static final int SAMPLES = 1;
  private static final int SUMMARIES = 2;

  /** Fewer bytes of rows are not worth a try. */
  private static final int WORTH_DEFLATING = 200;

  private final ToDoubleFunction<PointId> quantumOf;
  private final Map<PointId, Quantum> quanta = new HashMap<>();
  private final CborWriter rows = new CborWriter();
  private final BitWriter bits = new BitWriter();
  private final Samples samples;
  private final Summaries summaries;
  private final int mostBytes;

  /** What goes into the byte string; empty where the rows go as they are. */
  private byte[] packed = {};

  /** Of at most so many bytes, unless it is a single record. */
  Body(ToDoubleFunction<PointId> quantumOf, int mostBytes) {
    this.quantumOf = quantumOf;
    this.mostBytes = mostBytes;
    samples = new Samples(mostBytes);
    summaries = new Summaries(mostBytes);
  }

  private Quantum quantum(PointId point) {
    return quanta.computeIfAbsent(point, p -> Quantum.of(quantumOf.applyAsDouble(p)));
  }

  /** Encodes as many records as fit, at least one; says how many. */
  int write(Lane lane, List<? extends Entry> entries, int from, long baseNanos) {
    bits.clear();
    int count;
    if (lane == Lane.RAW) {
      bits.bits(SAMPLES, 8);
      count = samples.write(bits, entries, from, this::quantum);
      packed = bits.toBytes();
    } else if (Summaries.fits(entries, from)) {
      bits.bits(SUMMARIES, 8);
      count = summaries.write(bits, entries, from, this::quantum);
      packed = bits.toBytes();
    } else {
      rows.clear();
      count = Rows.write(rows, entries, from, baseNanos, mostBytes);
      packed = rows.size() < WORTH_DEFLATING ? new byte[0] : deflate(rows.toBytes());
    }
    return count;
  }

  /** Appends what {@link #write} encoded. */
  void appendTo(CborWriter frame) {
    if (packed.length == 0) {
      frame.append(rows);
    } else {
      frame.byteString(packed);
    }
  }

  /** The kind, then the deflated bytes; empty where they are no fewer. */
  private static byte[] deflate(byte[] bytes) {
    Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
    try {
      deflater.setInput(bytes);
      deflater.finish();
      byte[] shorter = new byte[bytes.length - 4]; // its head takes up to 4 bytes
      shorter[0] = DEFLATED;
      int size = 1;
      while (!deflater.finished() && size < shorter.length) {
        size += deflater.deflate(shorter, size, shorter.length - size);
      }
      return deflater.finished() ? Arrays.copyOf(shorter, size) : new byte[0];
    } finally {
      deflater.end();
    }
  }

  static List<Entry> read(CborReader in, FrameHeader header) throws FrameException {
    int count = header.count();
    long baseNanos = header.baseNanos();
    boolean isRaw = header.lane() == Lane.RAW;
    if (in.major() == 4) {
      if (isRaw) {
        throw in.bad("rows in the raw lane");
      }
      return Rows.read(in, count, baseNanos);
    }
    byte[] packed = in.byteString();
    int kind = packed.length == 0 ? -1 : packed[0];
    if (isRaw != (kind == SAMPLES)) {
      throw in.bad("a body of kind " + kind + " in the lane " + header.lane().word());
    }
    byte[] rest = Arrays.copyOfRange(packed, 1, packed.length);
    if (kind == DEFLATED) {
      CborReader rows = new CborReader(inflate(rest));
      List<Entry> entries = Rows.read(rows, count, baseNanos);
      if (!rows.atEnd()) {
        throw in.bad("more bytes than its rows");
      }
      return entries;
    }
    BitReader bits = new BitReader(rest);
    List<Entry> entries =
        switch (kind) {
          case SAMPLES -> Samples.read(bits, count, baseNanos);
          case SUMMARIES -> Summaries.read(bits, count, baseNanos);
          default -> throw in.bad("a body of kind " + kind);
        };
    bits.end();
    return entries;
  }

  /** At most {@link FrameCodec#MAX_BYTES}, whatever the input claims. */
  private static byte[] inflate(byte[] bytes) {
    Inflater inflater = new Inflater(true);
    try {
      inflater.setInput(bytes);
      byte[] longer = new byte[Math.min(FrameCodec.MAX_BYTES, 4 * bytes.length + 64)];
      int size = 0;
      while (!inflater.finished()) {
        if (size == longer.length) {
          if (size == FrameCodec.MAX_BYTES) {
            throw new IllegalArgumentException("rows of more than " + size + " bytes");
          }
          longer = Arrays.copyOf(longer, Math.min(FrameCodec.MAX_BYTES, 2 * size));
        }
        int more = inflater.inflate(longer, size, longer.length - size);
        if (more == 0 && (inflater.needsInput() || inflater.needsDictionary())) {
          throw new IllegalArgumentException("deflated rows that end too early");
        }
        size += more;
      }
      if (inflater.getRemaining() > 0) {
        throw new IllegalArgumentException("bytes behind the deflated rows");
      }
      return Arrays.copyOf(longer, size);
    } catch (DataFormatException e) {
      throw new IllegalArgumentException("rows that are not deflated", e);
    } finally {
      inflater.end();
    }
  }
}
