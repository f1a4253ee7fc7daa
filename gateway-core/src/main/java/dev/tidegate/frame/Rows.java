package dev.tidegate.frame;

import dev.tidegate.flow.ClockCorrection;
import dev.tidegate.flow.CommandResult;
import dev.tidegate.flow.Decision;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Event;
import dev.tidegate.flow.Event.Severity;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.LossRecord;
import dev.tidegate.flow.LossRecord.Reason;
import dev.tidegate.flow.Summary;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Quality;
import java.util.ArrayList;
import java.util.List;

/**
 * The body of every frame but the raw lane's: an array with one array per record, told apart by its
 * first item. Times are nanoseconds after the frame's base (modulo 2^64, so exact).
 *
 * <pre>
 * [0, at, point, quality, value]                                                        Measured
 * [1, end, window, point, length, count, bad, late, min, mean, max, stddev,
 *     first, last, time mean, covered]                                                  Summary
 * [2, at, severity, kind, subject, message]                                             Event
 * [3, at, model, version, score, threshold, alarm, latency]                             Decided
 * [4, at, lane, first seq, last seq, first time, last time, reason]                     LossRecord
 * [5, at, boot id, wall offset, time quality]                                           ClockCorrection
 * [6, at, id, subject, outcome, reason, value, read back, message]                      CommandResult
 * </pre>
 */
final class Rows {
  /** A severity's place is its code. */
  private static final List<Severity> SEVERITIES =
      List.of(Severity.INFO, Severity.WARNING, Severity.ALARM);

  /** A reason's place is its code. */
  private static final List<Reason> REASONS =
      List.of(
          Reason.QUOTA,
          Reason.EXPIRED,
          Reason.DAMAGED,
          Reason.REJECTED,
          Reason.THINNED,
          Reason.REFUSED);

  /** An outcome's place is its code, and a reason's too. */
  private static final List<CommandResult.Outcome> OUTCOMES =
      List.of(CommandResult.Outcome.values());

  private static final List<CommandResult.Reason> VERDICTS = List.of(CommandResult.Reason.values());

  private static final int MAX_MESSAGE_CHARS = 500;

  private Rows() {}

  /** Writes as many records as fit into so many bytes, at least one; says how many. */
  static int write(
      CborWriter out, List<? extends Entry> entries, int from, long baseNanos, int mostBytes) {
    int most = Math.min(FrameCodec.MAX_RECORDS, entries.size() - from);
    int count = 0;
    int bytes = 16;
    while (count < most) {
      bytes += mostBytes(entries.get(from + count));
      if (bytes > mostBytes && count > 0) {
        break;
      }
      count++;
    }
    out.array(count);
    for (int i = 0; i < count; i++) {
      write(out, entries.get(from + i), baseNanos);
    }
    return count;
  }

  private static void write(CborWriter out, Entry entry, long baseNanos) {
    switch (entry) {
      case Entry.Measured measured -> {
        begin(out, 5, 0, entry, baseNanos);
        out.text(measured.sample().point().name());
        out.integer(measured.sample().quality().code());
        Values.write(out, measured.sample());
      }
      case Summary s -> {
        begin(out, 16, 1, entry, baseNanos);
        out.text(s.window());
        out.text(s.point().name());
        out.integer(s.endNanos() - s.startNanos());
        out.integer(s.count());
        out.integer(s.bad());
        out.integer(s.late());
        out.real(s.min());
        out.real(s.mean());
        out.real(s.max());
        out.real(s.stddev());
        out.real(s.first());
        out.real(s.last());
        out.real(s.timeMean());
        out.integer(s.coveredNanos());
      }
      case Event event -> {
        begin(out, 6, 2, entry, baseNanos);
        out.integer(SEVERITIES.indexOf(event.severity()));
        out.text(event.kind());
        out.text(event.subject());
        out.text(event.message());
      }
      case Decision.Decided d -> {
        begin(out, 8, 3, entry, baseNanos);
        out.text(d.model());
        out.text(d.version());
        out.real(d.score());
        out.real(d.threshold());
        out.flag(d.alarm());
        out.integer(d.latencyNanos());
      }
      case LossRecord loss -> {
        begin(out, 8, 4, entry, baseNanos);
        out.text(loss.lane().word());
        out.integer(loss.firstSequence());
        out.integer(loss.lastSequence());
        out.integer(loss.firstNanos() - baseNanos);
        out.integer(loss.lastNanos() - baseNanos);
        out.integer(REASONS.indexOf(loss.reason()));
      }
      case ClockCorrection correction -> {
        begin(out, 5, 5, entry, baseNanos);
        out.text(correction.bootId());
        out.integer(correction.wallOffsetNanos());
        out.integer(correction.quality().code());
      }
      case CommandResult result -> {
        begin(out, 9, 6, entry, baseNanos);
        out.text(result.id());
        out.text(result.subject());
        out.integer(OUTCOMES.indexOf(result.outcome()));
        out.integer(VERDICTS.indexOf(result.reason()));
        out.real(result.value());
        out.real(result.readBack());
        out.text(result.message());
      }
    }
  }

  private static void begin(CborWriter out, int items, int tag, Entry entry, long baseNanos) {
    out.array(items);
    out.integer(tag);
    out.integer(entry.atNanos() - baseNanos);
  }

  static List<Entry> read(CborReader in, int count, long baseNanos) throws FrameException {
    in.arrayOf(count);
    List<Entry> entries = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      entries.add(read(in, baseNanos));
    }
    return entries;
  }

  private static Entry read(CborReader in, long baseNanos) throws FrameException {
    int items = in.array(16);
    int tag = (int) in.integer(0, 6);
    int expected = new int[] {5, 16, 6, 8, 8, 5, 9}[tag];
    if (items != expected) {
      throw in.bad("a row of type " + tag + " has " + expected + " items, not " + items);
    }
    long atNanos = in.integer() + baseNanos;
    return switch (tag) {
      case 0 -> {
        PointId point = new PointId(in.text(FrameCodec.MAX_BYTES));
        Quality quality = Quality.ofCode((int) in.integer(0, 63));
        yield new Entry.Measured(Values.read(in, point, atNanos, quality));
      }
      case 1 -> readSummary(in, atNanos);
      case 2 -> {
        Severity severity = SEVERITIES.get((int) in.integer(0, 2));
        String kind = in.text(FrameCodec.MAX_BYTES);
        String subject = in.text(FrameCodec.MAX_BYTES);
        yield new Event(atNanos, severity, kind, subject, message(in));
      }
      case 3 ->
          new Decision.Decided(
              in.text(FrameCodec.MAX_BYTES),
              in.text(FrameCodec.MAX_BYTES),
              atNanos,
              in.real(),
              in.real(),
              in.flag(),
              in.integer());
      case 4 ->
          new LossRecord(
              Lane.of(in.text(FrameCodec.MAX_BYTES)),
              in.integer(),
              in.integer(),
              in.integer() + baseNanos,
              in.integer() + baseNanos,
              REASONS.get((int) in.integer(0, 5)),
              atNanos);
      case 5 ->
          new ClockCorrection(
              in.text(FrameCodec.MAX_NAME_BYTES),
              in.integer(),
              FrameCodec.qualityOf((int) in.integer(0, 2)),
              atNanos);
      default ->
          new CommandResult(
              atNanos,
              in.text(FrameCodec.MAX_BYTES),
              in.text(FrameCodec.MAX_BYTES),
              OUTCOMES.get((int) in.integer(0, OUTCOMES.size() - 1)),
              VERDICTS.get((int) in.integer(0, VERDICTS.size() - 1)),
              in.real(),
              in.real(),
              message(in));
    };
  }

  private static String message(CborReader in) throws FrameException {
    String message = in.text(3 * MAX_MESSAGE_CHARS);
    if (message.length() > MAX_MESSAGE_CHARS) {
      throw in.bad("a message of " + message.length() + " characters");
    }
    return message;
  }

  private static Summary readSummary(CborReader in, long endNanos) throws FrameException {
    String window = in.text(FrameCodec.MAX_BYTES);
    PointId point = new PointId(in.text(FrameCodec.MAX_BYTES));
    return new Summary(
        window,
        point,
        endNanos - in.integer(),
        endNanos,
        in.integer(),
        in.integer(),
        in.integer(),
        in.real(),
        in.real(),
        in.real(),
        in.real(),
        in.real(),
        in.real(),
        in.real(),
        in.integer());
  }

  /** The most bytes that {@link #write} can take for the record. */
  static int mostBytes(Entry entry) {
    return switch (entry) {
      case Entry.Measured m ->
          16 + Values.textBytes(m.sample().point().name()) + Values.mostBytes(m.sample());
      case Summary s -> 128 + Values.textBytes(s.window()) + Values.textBytes(s.point().name());
      case Event e ->
          16
              + Values.textBytes(e.kind())
              + Values.textBytes(e.subject())
              + Values.textBytes(e.message());
      case Decision.Decided d -> 48 + Values.textBytes(d.model()) + Values.textBytes(d.version());
      case LossRecord loss -> 80;
      case ClockCorrection correction -> 32 + Values.textBytes(correction.bootId());
      case CommandResult r ->
          48
              + Values.textBytes(r.id())
              + Values.textBytes(r.subject())
              + Values.textBytes(r.message());
    };
  }
}
