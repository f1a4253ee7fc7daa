package dev.tidegate.buffer;

import dev.tidegate.config.BufferConfig;
import dev.tidegate.config.PointConfig;
import dev.tidegate.flow.Delivery;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.Outbound;
import dev.tidegate.frame.Frame;
import dev.tidegate.frame.FrameCodec;
import dev.tidegate.frame.FrameException;
import dev.tidegate.health.Counters;
import dev.tidegate.health.Faults;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Quality;
import dev.tidegate.reading.Reading;
import dev.tidegate.reading.Value;
import dev.tidegate.timekeeping.SystemClock;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;

/**
 * The process that {@link KillTest} kills: journals numbered readings as fast as the buffer takes
 * them, reports each receipt, plays the far side for the oldest frames, and never ends by itself.
 *
 * <p>What it writes: {@code R n}, the receipt for reading n was given; {@code D n}, reading n was
 * delivered, written before the acknowledgement is handed to the buffer. Nothing is buffered on the
 * way out, so a line is with the parent before the next thing happens here.
 */
final class KillChild {
  static final PointId POINT = PointId.of("kill", "n");
  private static final FileOutputStream OUT = new FileOutputStream(FileDescriptor.out);

  private KillChild() {}

  /** Arguments: the folder, what to do, the first number. */
  public static void main(String[] args) throws Exception {
    SystemClock clock = new SystemClock();
    Faults faults = new Faults(clock);
    BufferConfig usual = Rig.quota(16 << 20, PointConfig.NEVER);
    BufferConfig config =
        new BufferConfig(
            20_000_000L, usual.alarms(), usual.events(), usual.summaries(), usual.raw());
    Buffer buffer =
        Buffer.open(
            Path.of(args[0]),
            config,
            "gw-1",
            Rig.BOOT,
            clock,
            new Random(1),
            new Counters(),
            faults);
    if ("hold".equals(args[1])) {
      say("held\n");
      Thread.currentThread().join();
    }
    Thread pipeline = new Thread(() -> journal(buffer, clock, Long.parseLong(args[2])));
    pipeline.setDaemon(true);
    pipeline.start();
    boolean failed = false;
    for (long round = 0; !failed; round++) {
      buffer.step(20_000_000L);
      failed = !faults.open().isEmpty();
      if (round % 50 == 0) {
        deliver(buffer);
      }
    }
    // Seen by the parent as the end of a run on a disk that refuses.
    say("F 0;\n");
  }

  private static void journal(Buffer buffer, SystemClock clock, long first) {
    for (long n = first; ; n++) {
      long number = n;
      Reading reading = new Reading(POINT, clock.monotonicNanos(), Value.of(number), Quality.GOOD);
      Lane lane = number % 997 == 0 ? Lane.ALARMS : Lane.RAW;
      buffer.append(lane, new Entry.Measured(reading), () -> say("R " + number + ";\n"));
    }
  }

  private static void deliver(Buffer buffer) throws FrameException {
    for (Outbound out : buffer.read(Lane.RAW, 1, Long.MAX_VALUE, 4_096)) {
      Frame frame = FrameCodec.decode(out.frame());
      StringBuilder lines = new StringBuilder();
      for (Entry entry : frame.entries()) {
        lines.append("D ").append(number(entry)).append(";\n");
      }
      say(lines.toString());
      buffer.settle(new Delivery.Acked(Lane.RAW, out.firstSequence(), out.lastSequence()));
    }
  }

  /** The number that a reading of this test carries. */
  static long number(Entry entry) {
    if (entry instanceof Entry.Measured measured
        && measured.sample() instanceof Reading reading
        && reading.value() instanceof Value.Whole whole) {
      return whole.value();
    }
    throw new IllegalStateException("not a reading of this test: " + entry);
  }

  private static void say(String lines) {
    try {
      OUT.write(lines.getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      // The parent has gone: so does this.
      Runtime.getRuntime().halt(1);
    }
  }
}
