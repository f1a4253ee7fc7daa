package dev.tidegate.buffer;

import dev.tidegate.buffer.store.Durability;
import dev.tidegate.config.BufferConfig;
import dev.tidegate.config.BufferConfig.LaneQuota;
import dev.tidegate.config.PointConfig;
import dev.tidegate.flow.Delivery;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Event;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.LossRecord;
import dev.tidegate.flow.Outbound;
import dev.tidegate.frame.FrameCodec;
import dev.tidegate.frame.FrameException;
import dev.tidegate.health.Counters;
import dev.tidegate.health.Faults;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Reading;
import dev.tidegate.testkit.ManualClock;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** A buffer on a real file, stepped by a clock that stands still until the test moves it. */
final class Rig implements AutoCloseable {
  static final String BOOT = "6f8f57ca-1f0b-4a5c-9f5e-5b3c8a3d9c10";
  static final long SECOND = 1_000_000_000L;
  static final long HOUR = 3_600 * SECOND;

  final ManualClock clock = new ManualClock();
  final Path folder;
  BufferConfig config = quota(16 << 20, PointConfig.NEVER);
  Options options = new Options(Durability.FULL, 0);
  Counters counters = new Counters();
  Faults faults = new Faults(clock);
  private @Nullable Buffer buffer;

  ToDoubleFunction<PointId> quantumOf = point -> 0;

  /** Seeds the next start's random numbers. */
  int starts;

  private Rig(Path folder) {
    this.folder = folder;
  }

  static Rig in(Path folder) {
    return new Rig(folder.resolve("buffer"));
  }

  /** Every lane with the same bounds, except the alarms' size, which stays roomy. */
  static BufferConfig quota(long maxBytes, long maxAgeNanos) {
    LaneQuota quota = new LaneQuota(maxBytes, maxAgeNanos);
    return new BufferConfig(
        SECOND, new LaneQuota(16 << 20, PointConfig.NEVER), quota, quota, quota);
  }

  Rig open() throws BufferException {
    buffer =
        Buffer.open(
            folder,
            config,
            "gw-1",
            BOOT,
            quantumOf,
            clock,
            new Random(starts++),
            counters,
            faults,
            options);
    return this;
  }

  /** Goes on with a buffer that the test opened itself. */
  void adopt(Buffer opened) {
    buffer = opened;
  }

  Buffer buffer() {
    return Objects.requireNonNull(buffer, "open it first");
  }

  Rig reopen() throws BufferException {
    buffer().close();
    return open();
  }

  /** Lets a commit become due and happen. */
  void commit() throws InterruptedException {
    buffer().step(0);
    clock.advance(SECOND);
    buffer().step(0);
  }

  void append(Lane lane, Entry... entries) {
    for (Entry entry : entries) {
      buffer().append(lane, entry, null);
    }
  }

  void readings(int count) {
    for (int i = 0; i < count; i++) {
      append(Lane.RAW, reading(i));
    }
  }

  /** A value that no column makes small: what is tested is what happens to its bytes. */
  Entry reading(int i) {
    return new Entry.Measured(
        Reading.good(
            PointId.of("pump", "p" + i % 3),
            clock.monotonicNanos() + i,
            new SplittableRandom(i).nextDouble()));
  }

  Event event(String message) {
    return new Event(clock.monotonicNanos(), Event.Severity.ALARM, "device-lost", "pump", message);
  }

  void ack(Lane lane, long from, long to) {
    buffer().settle(new Delivery.Acked(lane, from, to));
  }

  void reject(Lane lane, long from, long to) {
    buffer().settle(new Delivery.Rejected(lane, from, to, 422, "unprocessable"));
  }

  List<Outbound> frames(Lane lane) {
    return buffer().read(lane, 1, Long.MAX_VALUE, Integer.MAX_VALUE);
  }

  /** The lane's stored records, oldest first. */
  List<Entry> entries(Lane lane) throws FrameException {
    List<Entry> entries = new ArrayList<>();
    for (Outbound frame : frames(lane)) {
      entries.addAll(FrameCodec.decode(frame.frame()).entries());
    }
    return entries;
  }

  /** The stored loss records. */
  List<LossRecord> losses() throws FrameException {
    return Losses.in(entries(Lane.ALARMS));
  }

  boolean hasFault(String what) {
    return faults.open().stream().anyMatch(fault -> fault.what().equals(what));
  }

  @Override
  public void close() {
    buffer().close();
  }
}
