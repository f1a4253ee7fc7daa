package dev.tidegate.acquisition;

import dev.tidegate.time.Clock;
import dev.tidegate.timekeeping.Agent;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * One wire and the devices on it, which take turns. Owned by its bus thread.
 *
 * <p>Each step runs the device that has been due for longest, so that none starves.
 */
final class Bus implements Agent {
  private final String name;
  private final List<DeviceRunner> devices;
  private final Clock clock;
  private final Semaphore never = new Semaphore(0);

  Bus(String name, List<DeviceRunner> devices, Clock clock) {
    this.name = name;
    this.devices = List.copyOf(devices);
    this.clock = clock;
  }

  @Override
  public String name() {
    return "bus-" + name;
  }

  @Override
  public int step(long maxWaitNanos) throws InterruptedException {
    DeviceRunner first = devices.getFirst();
    for (DeviceRunner device : devices) {
      if (device.dueNanos() < first.dueNanos()) {
        first = device;
      }
    }
    long wait = Math.min(maxWaitNanos, first.dueNanos() - clock.monotonicNanos());
    if (wait > 0 && never.tryAcquire(wait, TimeUnit.NANOSECONDS)) {
      throw new IllegalStateException("nobody releases this");
    }
    if (first.dueNanos() > clock.monotonicNanos()) {
      return 0;
    }
    first.run();
    return 1;
  }

  @Override
  public void close() {
    devices.forEach(DeviceRunner::close);
  }
}
