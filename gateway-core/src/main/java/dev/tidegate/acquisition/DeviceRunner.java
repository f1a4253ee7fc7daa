package dev.tidegate.acquisition;

import dev.tidegate.config.DeviceEntry;
import dev.tidegate.config.DeviceEntry.OnError;
import dev.tidegate.driver.Device;
import dev.tidegate.driver.Driver;
import dev.tidegate.driver.DriverContext;
import dev.tidegate.driver.DriverException;
import dev.tidegate.driver.Pollable;
import dev.tidegate.driver.Subscribable;
import dev.tidegate.driver.Writable;
import dev.tidegate.flow.Actuators.Written;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Value;
import dev.tidegate.time.Clock;
import java.util.concurrent.atomic.LongAdder;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One device's life on its bus thread: open, poll on a fixed schedule or subscribe, and what {@code
 * on-error} says when that fails. Owned by the bus thread.
 *
 * <pre>
 *   waiting ── due ──→ open ──→ running ── poll, poll, poll …
 *      ↑                 │         │
 *      └── pause 1 s … 60 s ←──────┘   on-error: retry     (fail: given up; ignore: stays running)
 * </pre>
 */
final class DeviceRunner {
  private static final Logger LOG = LoggerFactory.getLogger("tidegate");

  static final long FIRST_PAUSE_NANOS = 1_000_000_000L;
  static final long LONGEST_PAUSE_NANOS = 60_000_000_000L;

  private sealed interface State {
    /** Closed; opened when the time has come. */
    record Waiting(long dueNanos) implements State {}

    /** Open; polled when the time has come, which is never for a device that only subscribes. */
    record Running(Device device, long dueNanos) implements State {}

    /** Closed for good. */
    record GivenUp() implements State {}
  }

  private final DeviceEntry entry;
  private final Driver driver;
  private final DeviceSink sink;
  private final Clock clock;
  private final RandomGenerator random;
  private final LongAdder polls;
  private final LongAdder overruns;
  private State state;
  private long pauseNanos = FIRST_PAUSE_NANOS;

  DeviceRunner(
      DeviceEntry entry,
      Driver driver,
      DeviceSink sink,
      Clock clock,
      RandomGenerator random,
      LongAdder polls,
      LongAdder overruns) {
    this.entry = entry;
    this.driver = driver;
    this.sink = sink;
    this.clock = clock;
    this.random = random;
    this.polls = polls;
    this.overruns = overruns;
    this.state = new State.Waiting(clock.monotonicNanos());
  }

  /** When {@link #run} has something to do again; {@link Long#MAX_VALUE} for never. */
  long dueNanos() {
    return switch (state) {
      case State.Waiting w -> w.dueNanos;
      case State.Running r -> r.dueNanos;
      case State.GivenUp g -> Long.MAX_VALUE;
    };
  }

  /** Does what is due now. */
  void run() {
    switch (state) {
      case State.Waiting w -> open();
      case State.Running r -> poll(r);
      case State.GivenUp g -> {}
    }
  }

  /** Writes a value, if the device is open and takes any; never throws. */
  Written write(PointId point, Value value) {
    if (!(state instanceof State.Running running)) {
      return new Written(Written.Kind.NOT_REACHED, "the device is not open: see its fault");
    }
    if (!(running.device instanceof Writable writable)) {
      return new Written(
          Written.Kind.NOT_TAKEN, "driver " + entry.driver() + " reads, and does not write");
    }
    try {
      writable.write(point, value);
      return new Written(Written.Kind.TAKEN, "");
    } catch (DriverException e) {
      boolean isRefusal =
          e.kind() == DriverException.Kind.UNSUPPORTED
              || e.kind() == DriverException.Kind.MISCONFIGURED;
      return new Written(
          isRefusal ? Written.Kind.NOT_TAKEN : Written.Kind.UNSURE, String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      sink.trouble(defect("write", e));
      return new Written(
          Written.Kind.UNSURE, "the driver failed with " + e + ": a defect, please report it");
    }
  }

  void close() {
    sink.close();
    if (state instanceof State.Running r) {
      closeQuietly(r.device);
    }
    state = new State.GivenUp();
  }

  private void open() {
    Device device = null;
    try {
      DriverContext context = () -> clock;
      device = driver.open(entry.device(), context);
      if (device instanceof Subscribable subscribable) {
        subscribable.subscribe(sink);
      }
      if (device instanceof Pollable) {
        state = new State.Running(device, clock.monotonicNanos());
      } else {
        state = new State.Running(device, Long.MAX_VALUE);
        pauseNanos = FIRST_PAUSE_NANOS;
      }
    } catch (DriverException e) {
      failed(device, e);
    } catch (RuntimeException e) {
      failed(device, defect("open", e));
    }
  }

  private void poll(State.Running running) {
    if (!(running.device instanceof Pollable pollable)) {
      return;
    }
    try {
      long beganNanos = clock.monotonicNanos();
      pollable.poll(sink);
      polls.increment();
      polled(beganNanos);
      pauseNanos = FIRST_PAUSE_NANOS;
      next(running);
    } catch (DriverException e) {
      troubled(running, e);
    } catch (RuntimeException e) {
      troubled(running, defect("poll", e));
    }
  }

  private void polled(long beganNanos) {
    if (LOG.isDebugEnabled()) {
      LOG.debug(
          "polled {}: {} points in {} ms",
          entry.device().id(),
          entry.device().points().size(),
          (clock.monotonicNanos() - beganNanos) / 1_000_000);
    }
  }

  /** The next poll on the fixed schedule; polls that a slow answer overran are left out. */
  private void next(State.Running running) {
    long every = entry.device().pollEveryNanos();
    long due = running.dueNanos + every;
    long now = clock.monotonicNanos();
    if (due <= now) {
      long missed = (now - due) / every;
      overruns.add(missed);
      due += missed * every;
    }
    state = new State.Running(running.device, due);
  }

  private void troubled(State.Running running, DriverException e) {
    if (entry.onError() == OnError.IGNORE) {
      sink.trouble(e);
      next(running);
    } else {
      failed(running.device, e);
    }
  }

  private void failed(@Nullable Device device, DriverException e) {
    sink.lost(e);
    if (device != null) {
      closeQuietly(device);
    }
    boolean hopeless = e.kind() == DriverException.Kind.MISCONFIGURED;
    if (entry.onError() == OnError.FAIL) {
      state = new State.GivenUp();
      return;
    }
    long pause = hopeless ? LONGEST_PAUSE_NANOS : pauseNanos;
    pauseNanos = Math.min(LONGEST_PAUSE_NANOS, pauseNanos * 2);
    // up to a fifth earlier, so that devices that failed together do not come back together
    state =
        new State.Waiting(clock.monotonicNanos() + pause - random.nextLong(Math.max(1, pause / 5)));
  }

  private static DriverException defect(String what, RuntimeException e) {
    return new DriverException(
        DriverException.Kind.UNSUPPORTED,
        what + " threw " + e + ": a defect of the driver, please report it",
        e);
  }

  private void closeQuietly(Device device) {
    try {
      device.close();
    } catch (RuntimeException e) {
      sink.trouble(defect("close", e));
    }
  }
}
