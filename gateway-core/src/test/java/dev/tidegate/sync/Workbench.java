package dev.tidegate.sync;

import dev.tidegate.buffer.Buffer;
import dev.tidegate.buffer.BufferException;
import dev.tidegate.config.BufferConfig;
import dev.tidegate.config.SyncConfig;
import dev.tidegate.flow.Decision;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.Outbox;
import dev.tidegate.health.Counters;
import dev.tidegate.health.Faults;
import dev.tidegate.sync.binding.Binding;
import dev.tidegate.time.Clock;
import dev.tidegate.timekeeping.SystemClock;
import java.net.URI;
import java.nio.file.Path;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Assertions;

/** A sync on a real buffer, stepped by the test. */
final class Workbench implements AutoCloseable {
  static final String GATEWAY = "g1";
  static final String BOOT = "0f0e0d0c-0b0a-4908-8706-050403020100";
  static final long MILLI = 1_000_000L;
  static final long SECOND = 1_000_000_000L;
  private static final int MAX_STEPS = 4_000;

  final Clock clock;
  final Counters counters = new Counters();
  final Faults faults;
  final Buffer buffer;
  final Sync sync;
  private final Clock wall = new SystemClock();

  Workbench(Path folder, Clock clock, SyncConfig config) throws BufferException {
    this(folder, clock, config, new Random(1), null);
  }

  /** A maker of outboxes lets a test make the buffer's way out fail. */
  interface Wrap {
    Outbox around(Buffer buffer);
  }

  Workbench(
      Path folder,
      Clock clock,
      SyncConfig config,
      RandomGenerator random,
      @org.jspecify.annotations.Nullable Wrap wrap)
      throws BufferException {
    this(folder, clock, config, random, wrap, BufferConfig.defaults());
  }

  /** Speaks as the binding that is made for the buffer's epoch. */
  Workbench(Path folder, SyncConfig config, Function<String, Binding> binding)
      throws BufferException {
    this(folder, new SystemClock(), config, binding);
  }

  /** The same with a clock of the test's. */
  Workbench(Path folder, Clock clock, SyncConfig config, Function<String, Binding> binding)
      throws BufferException {
    this.clock = clock;
    this.faults = new Faults(clock);
    this.buffer =
        Buffer.open(
            folder, BufferConfig.defaults(), GATEWAY, BOOT, clock, new Random(7), counters, faults);
    this.sync =
        new Sync(
            config,
            GATEWAY,
            binding.apply(buffer.epoch()),
            buffer,
            buffer,
            clock,
            new Random(1),
            counters,
            faults);
  }

  Workbench(
      Path folder,
      Clock clock,
      SyncConfig config,
      RandomGenerator random,
      @org.jspecify.annotations.Nullable Wrap wrap,
      BufferConfig lanes)
      throws BufferException {
    this.clock = clock;
    this.faults = new Faults(clock);
    this.buffer = Buffer.open(folder, lanes, GATEWAY, BOOT, clock, new Random(7), counters, faults);
    Outbox outbox = wrap == null ? buffer : wrap.around(buffer);
    this.sync = new Sync(config, GATEWAY, outbox, buffer, clock, random, counters, faults);
  }

  /** Times short enough for a real clock: keep-alive 1 s, answers within 2 s. */
  static SyncConfig quick(URI broker) {
    return config(broker, 16, 2 * SECOND, 20 * MILLI, 200 * MILLI);
  }

  static SyncConfig config(URI broker, int window, long ackTimeout, long min, long max) {
    SyncConfig c = SyncConfig.to(broker);
    return new SyncConfig(
        broker,
        c.tenant(),
        c.topics(),
        window,
        c.batchBytes(),
        ackTimeout,
        SECOND,
        min,
        max,
        null,
        null,
        null);
  }

  /** Stores so many alarms, a frame each. */
  void alarms(int count) throws InterruptedException {
    for (int i = 0; i < count; i++) {
      long now = clock.monotonicNanos();
      buffer.append(Lane.ALARMS, new Decision.Decided("m", "1", now, 1, 0.5, true, 1), null);
      buffer.step(0);
    }
  }

  /** Steps until the condition holds; fails after 30 s of real time. */
  void until(String what, BooleanSupplier condition) throws InterruptedException {
    long deadline = wall.monotonicNanos() + 30 * SECOND;
    while (!condition.getAsBoolean()) {
      sync.step(5 * MILLI);
      buffer.step(0);
      Assertions.assertTrue(
          wall.monotonicNanos() < deadline,
          () -> "not in time: " + what + "; " + counters.snapshot() + "; " + faults.open());
    }
  }

  /** Steps until nothing more is done. */
  void settle() throws InterruptedException {
    int idle = 0;
    for (int i = 0; i < MAX_STEPS && idle < 3; i++) {
      idle = sync.step(MILLI) + buffer.step(0) == 0 ? idle + 1 : 0;
    }
  }

  boolean hasFault(String what) {
    return faults.open().stream().anyMatch(f -> f.what().equals(what));
  }

  /**
   * Connections that ended; one that ends while it is being made counts as a failure to connect.
   */
  long losses() {
    return count("connections-lost") + count("connect-failures");
  }

  long count(String name) {
    return counters.value("sync." + name);
  }

  @Override
  public void close() {
    sync.close();
    buffer.close();
  }
}
