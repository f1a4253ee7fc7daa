package dev.tidegate.acquisition;

import dev.tidegate.driver.DriverException;
import dev.tidegate.driver.Sink;
import dev.tidegate.flow.Event;
import dev.tidegate.health.Counters;
import dev.tidegate.health.Faults;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Sample;
import dev.tidegate.time.Clock;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The wrapper between one device and the intake: counts, stamps the arrival, keeps foreign points
 * out, and says once that the device answers, and turns trouble into one fault and one pair of
 * events. Safe for use by any thread.
 */
final class DeviceSink implements Sink {
  private static final String TROUBLE = "trouble";

  /**
   * How long a device must have been without trouble before its readings end the fault; longer than
   * any pause between a driver's own tries, so that a device of which one part fails for good does
   * not come and go for ever.
   */
  static final long QUIET_NANOS = 90_000_000_000L;

  private final String device;
  private final Set<PointId> points;
  private final Intake intake;
  private final Clock clock;
  private final Faults faults;
  private final LongAdder readings;
  private final LongAdder foreign;
  private volatile boolean closed;
  private volatile boolean found;
  private volatile boolean troubled;
  private volatile long quietFromNanos;

  DeviceSink(
      String device,
      Set<PointId> points,
      Intake intake,
      Clock clock,
      Counters counters,
      Faults faults) {
    this.device = device;
    this.points = Set.copyOf(points);
    this.intake = intake;
    this.clock = clock;
    this.faults = faults;
    this.readings = counters.of("acquisition.readings");
    this.foreign = counters.of("acquisition.foreign-points");
  }

  @Override
  public void accept(Sample sample) {
    take(sample, null);
  }

  @Override
  public void accept(Sample sample, Receipt receipt) {
    take(sample, receipt);
  }

  @Override
  public int room() {
    return intake.room();
  }

  @Override
  public void trouble(DriverException trouble) {
    troubled(trouble, QUIET_NANOS);
  }

  /** The whole device has failed and was closed: the first reading after that ends the fault. */
  void lost(DriverException trouble) {
    troubled(trouble, 0);
  }

  private synchronized void troubled(DriverException trouble, long quietNanos) {
    if (closed) {
      return;
    }
    quietFromNanos = clock.monotonicNanos() + quietNanos;
    faults.raise(where(), TROUBLE, message(trouble));
    if (!troubled) {
      troubled = true;
      intake.offer(
          new Event(
              clock.monotonicNanos(),
              Event.Severity.WARNING,
              Event.LOST,
              device,
              message(trouble)));
    }
  }

  /** Nothing passes any more; a driver's late callback comes to nothing. */
  void close() {
    closed = true;
  }

  private void take(Sample sample, @Nullable Receipt receipt) {
    if (closed) {
      return;
    }
    if (!points.contains(sample.point())) {
      foreign.increment();
      faults.raise(
          where(),
          "foreign-point",
          "the driver handed in "
              + sample.point()
              + ", which the configuration does not name: dropped; this is a defect of the driver");
      return;
    }
    long now = clock.monotonicNanos();
    if (!found || (troubled && now >= quietFromNanos)) {
      answers(now);
    }
    readings.increment();
    intake.offer(new Arrival.Sampled(sample, now, receipt));
  }

  /** One at a time with {@link #trouble}, so that fault and events never contradict each other. */
  private synchronized void answers(long now) {
    boolean first = !found;
    found = true;
    if (troubled && now >= quietFromNanos) {
      troubled = false;
      faults.clear(where(), TROUBLE);
      intake.offer(new Event(now, Event.Severity.INFO, Event.BACK, device, "answers again"));
    } else if (first && !troubled) {
      intake.offer(new Event(now, Event.Severity.INFO, Event.FOUND, device, "answers"));
    }
  }

  private String where() {
    return "device " + device;
  }

  private static String message(DriverException trouble) {
    String message = trouble.getMessage();
    return message == null ? trouble.kind().toString() : message;
  }
}
