package dev.tidegate.demo;

import dev.tidegate.buffer.Buffer;
import dev.tidegate.config.BufferConfig;
import dev.tidegate.config.GatewayConfig;
import dev.tidegate.config.SyncConfig;
import dev.tidegate.flow.Account;
import dev.tidegate.flow.Decision;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Event;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.Summary;
import dev.tidegate.health.Counters;
import dev.tidegate.health.Faults;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Reading;
import dev.tidegate.sync.Sync;
import dev.tidegate.sync.binding.Binding;
import dev.tidegate.sync.binding.Topics;
import dev.tidegate.sync.ditto.DittoBinding;
import dev.tidegate.sync.plain.PlainBinding;
import dev.tidegate.sync.sparkplug.BirthCount;
import dev.tidegate.sync.sparkplug.SparkplugBinding;
import dev.tidegate.time.Clock;
import dev.tidegate.timekeeping.Agent;
import dev.tidegate.timekeeping.Boot;
import dev.tidegate.timekeeping.SystemClock;
import java.net.URI;
import java.nio.file.Path;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assertions;

/** A buffer and a sync with a thread each, as the gateway runs them, and hands to feed them. */
final class Rig implements AutoCloseable {
  static final String GATEWAY = "g1";
  static final long DEADLINE_SECONDS = 60;
  private static final long MILLI = 1_000_000L;
  private static final PointId POINT = new PointId("test/counter");

  final Clock clock = new SystemClock();
  final Counters counters = new Counters();
  final Faults faults = new Faults(clock);
  final Buffer buffer;
  private final Semaphore commits = new Semaphore(0);
  private final Driven bufferThread;
  private @Nullable Driven syncThread;
  private long appended;
  private int runs;
  private long seen;

  /** A thread that steps an agent until it is told to end, and closes it. */
  private static final class Driven {
    private final Thread thread;
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private volatile boolean ending;

    Driven(Agent agent) {
      thread =
          Thread.ofPlatform()
              .name(agent.name())
              .start(
                  () -> {
                    try {
                      while (!ending) {
                        agent.step(20 * MILLI);
                      }
                      agent.close();
                    } catch (InterruptedException | RuntimeException | Error e) {
                      failure.set(e);
                    }
                  });
    }

    void end() {
      ending = true;
      try {
        thread.join(TimeUnit.SECONDS.toMillis(DEADLINE_SECONDS));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      Assertions.assertFalse(thread.isAlive(), "the agent does not end");
      Assertions.assertNull(failure.get(), () -> "the agent failed: " + failure.get());
    }
  }

  /** A rig whose sync does not run yet. */
  Rig(Path folder) throws Exception {
    BufferConfig defaults = BufferConfig.defaults();
    BufferConfig config =
        new BufferConfig(
            10 * MILLI, defaults.alarms(), defaults.events(), defaults.summaries(), defaults.raw());
    RandomGenerator random = new Random(1);
    buffer = Buffer.open(folder, config, GATEWAY, Boot.id(), clock, random, counters, faults);
    buffer.onCommit(commits::release);
    bufferThread = new Driven(buffer);
  }

  /** Times short enough for a test: a keep-alive of 1 s, pauses of 20 to 200 ms. */
  static SyncConfig quick(URI broker) {
    SyncConfig c = SyncConfig.to(broker);
    return new SyncConfig(
        broker,
        c.tenant(),
        c.topics(),
        16,
        16 << 10,
        1_500 * MILLI,
        1_000 * MILLI,
        20 * MILLI,
        200 * MILLI,
        null,
        null,
        null);
  }

  static SyncConfig quick(URI broker, int window) {
    SyncConfig c = quick(broker);
    return new SyncConfig(
        broker,
        c.tenant(),
        c.topics(),
        window,
        c.batchBytes(),
        c.ackTimeoutNanos(),
        c.keepAliveNanos(),
        c.reconnectMinNanos(),
        c.reconnectMaxNanos(),
        null,
        null,
        null);
  }

  Sync connect(SyncConfig config) {
    Sync sync = new Sync(config, GATEWAY, buffer, buffer, clock, new Random(2), counters, faults);
    syncThread = new Driven(sync);
    return sync;
  }

  /** With the things of a twin, one of them of the device {@code test}, whose valve can be set. */
  Sync connectToTwin(SyncConfig config, SyncConfig.FarSide.Ditto ditto) {
    Binding binding =
        new DittoBinding(
            Topics.of(config, GATEWAY),
            ditto,
            GATEWAY,
            Set.of("test"),
            Set.of(new PointId("test/valve")),
            buffer.epoch(),
            "run" + ++runs);
    Sync sync =
        new Sync(config, GATEWAY, binding, buffer, buffer, clock, new Random(2), counters, faults);
    syncThread = new Driven(sync);
    return sync;
  }

  /** With lanes as JSON. */
  Sync connectWithJson(SyncConfig config, Set<String> lanes) {
    Binding binding =
        new PlainBinding(
            Topics.of(config, GATEWAY), GATEWAY, buffer.epoch(), null, Set.of(), lanes);
    Sync sync =
        new Sync(config, GATEWAY, binding, buffer, buffer, clock, new Random(2), counters, faults);
    syncThread = new Driven(sync);
    return sync;
  }

  /** As a Sparkplug edge node with what that configuration has. */
  Sync connectAsEdgeNode(
      SyncConfig config, SyncConfig.FarSide.SparkplugB sparkplug, GatewayConfig gateway) {
    Binding binding =
        new SparkplugBinding(
            sparkplug, gateway, buffer.epoch(), Boot.id(), new BirthCount(gateway.data()), clock);
    Sync sync =
        new Sync(config, GATEWAY, binding, buffer, buffer, clock, new Random(2), counters, faults);
    syncThread = new Driven(sync);
    return sync;
  }

  void disconnect() {
    if (syncThread != null) {
      syncThread.end();
      syncThread = null;
    }
  }

  /** Stores one frame of each lane that is worth the name, and waits until it is durable. */
  void round() throws InterruptedException {
    long now = clock.monotonicNanos();
    long n = ++appended;
    buffer.append(Lane.RAW, new Entry.Measured(Reading.good(POINT, now, (double) n)), null);
    buffer.append(Lane.RAW, new Entry.Measured(Reading.good(POINT, now, n + 0.5)), null);
    buffer.append(
        Lane.EVENTS, new Event(now, Event.Severity.INFO, "round", "rig", "round " + n), null);
    alarm((double) n);
  }

  /** Stores what a window of two points says, twice before it is durable. */
  void summaries() throws InterruptedException {
    long n = ++appended;
    for (String point : new String[] {"test/flow", "test/level", "test/flow"}) {
      double value = point.equals("test/flow") ? 2 * n + seen++ % 2 : n;
      long end = clock.monotonicNanos();
      buffer.append(
          Lane.SUMMARIES,
          new Summary(
              "w",
              new PointId(point),
              end - 1_000 * MILLI,
              end,
              1,
              0,
              0,
              value,
              value,
              value,
              0,
              value,
              value,
              Double.NaN,
              0),
          null);
    }
  }

  /** Stores one alarm, and waits until it is durable. */
  void alarm(double score) throws InterruptedException {
    CountDownLatch durable = new CountDownLatch(1);
    long now = clock.monotonicNanos();
    Decision decision = new Decision.Decided("pump", "1", now, score, 0.5, true, 1);
    buffer.append(Lane.ALARMS, decision, durable::countDown);
    Assertions.assertTrue(durable.await(DEADLINE_SECONDS, TimeUnit.SECONDS), "not durable");
  }

  void rounds(int count) throws InterruptedException {
    for (int i = 0; i < count; i++) {
      round();
    }
  }

  /** Waits until the condition holds, looking at each commit and every 20 ms. */
  void await(String what, BooleanSupplier condition) throws InterruptedException {
    long deadline = clock.monotonicNanos() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
    while (!condition.getAsBoolean()) {
      Assertions.assertTrue(
          clock.monotonicNanos() < deadline,
          () ->
              "not in time: "
                  + what
                  + "; "
                  + account()
                  + "; "
                  + counters.snapshot()
                  + "; "
                  + faults.open());
      commits.tryAcquire(20, TimeUnit.MILLISECONDS);
    }
  }

  /** Waits until everything that was stored is acknowledged or lost. */
  void awaitEmpty() throws InterruptedException {
    await("an empty buffer", () -> account().buffered() == 0);
  }

  Account.Line account() {
    return buffer.account().total();
  }

  @Override
  public void close() {
    disconnect();
    bufferThread.end();
  }
}
