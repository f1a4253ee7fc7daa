package dev.tidegate.acquisition;

import dev.tidegate.flow.Actuators;
import dev.tidegate.flow.Actuators.Written;
import dev.tidegate.flow.Actuators.Written.Kind;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Value;
import dev.tidegate.time.Clock;
import dev.tidegate.timekeeping.Agent;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One wire and the devices on it, which take turns. Owned by its bus thread.
 *
 * <p>Each step carries out the writes that wait, then runs the device that has been due for
 * longest, so that none starves. Only {@link #write} is for other threads.
 */
final class Bus implements Agent {
  /** Writes that may wait, urgent ones not counted: of them there is one for each actuator. */
  static final int MAX_WRITES = 64;

  private final String name;
  private final List<DeviceRunner> devices;
  private final Clock clock;
  private final Semaphore woken = new Semaphore(0);
  private final Deque<Write> writes = new ArrayDeque<>(); // guarded by itself
  private boolean isClosed; // guarded by writes

  /** One value on its way to a device. */
  private record Write(
      DeviceRunner device,
      PointId point,
      Value value,
      long deadlineNanos,
      BooleanSupplier begins,
      Consumer<Written> told) {
    /** Answers, unless it was taken back. */
    void answer(Supplier<Written> written) {
      if (begins.getAsBoolean()) {
        told.accept(written.get());
      }
    }

    void answer(String why) {
      answer(() -> new Written(Kind.NOT_REACHED, why));
    }
  }

  Bus(String name, List<DeviceRunner> devices, Clock clock) {
    this.name = name;
    this.devices = List.copyOf(devices);
    this.clock = clock;
  }

  @Override
  public String name() {
    return "bus-" + name;
  }

  /** Leaves a value for a device of this bus; the bus is woken. */
  void write(
      DeviceRunner device,
      PointId point,
      Value value,
      long deadlineNanos,
      BooleanSupplier begins,
      Consumer<Written> told) {
    Write write = new Write(device, point, value, deadlineNanos, begins, told);
    boolean taken;
    synchronized (writes) {
      boolean isUrgent = deadlineNanos == Actuators.URGENT;
      taken = !isClosed && (isUrgent || writes.size() < MAX_WRITES);
      if (taken && isUrgent) {
        writes.addFirst(write);
      } else if (taken) {
        writes.addLast(write);
      }
    }
    if (taken) {
      woken.release();
    } else {
      write.answer(MAX_WRITES + " writes wait for bus " + name);
    }
  }

  private @Nullable Write nextWrite() {
    synchronized (writes) {
      return writes.poll();
    }
  }

  private int writeAll() {
    int count = 0;
    for (Write write = nextWrite(); write != null; write = nextWrite()) {
      count++;
      write(write);
    }
    return count;
  }

  private void write(Write write) {
    if (clock.monotonicNanos() > write.deadlineNanos) {
      write.answer("bus " + name + " was busy until it was too late");
    } else {
      write.answer(() -> write.device.write(write.point, write.value));
    }
  }

  @Override
  public int step(long maxWaitNanos) throws InterruptedException {
    woken.drainPermits();
    int written = writeAll();
    if (written > 0) {
      return written;
    }
    DeviceRunner first = devices.getFirst();
    for (DeviceRunner device : devices) {
      if (device.dueNanos() < first.dueNanos()) {
        first = device;
      }
    }
    long wait = Math.min(maxWaitNanos, first.dueNanos() - clock.monotonicNanos());
    if (wait > 0 && woken.tryAcquire(wait, TimeUnit.NANOSECONDS)) {
      return writeAll();
    }
    if (first.dueNanos() > clock.monotonicNanos()) {
      return 0;
    }
    first.run();
    return 1;
  }

  @Override
  public void close() {
    synchronized (writes) {
      isClosed = true;
    }
    for (Write left = nextWrite(); left != null; left = nextWrite()) {
      left.answer("the gateway stops");
    }
    devices.forEach(DeviceRunner::close);
  }
}
