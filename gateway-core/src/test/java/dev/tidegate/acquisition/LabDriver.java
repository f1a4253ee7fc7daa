package dev.tidegate.acquisition;

import dev.tidegate.driver.Device;
import dev.tidegate.driver.DeviceConfig;
import dev.tidegate.driver.Driver;
import dev.tidegate.driver.DriverContext;
import dev.tidegate.driver.DriverException;
import dev.tidegate.driver.DriverException.Kind;
import dev.tidegate.driver.Pollable;
import dev.tidegate.driver.Sink;
import dev.tidegate.driver.Subscribable;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Reading;
import dev.tidegate.testkit.ManualClock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A driver whose devices behave as the test says, by the id of the device; what the gateway does
 * with them is noted with the time, in milliseconds since the clock's start. Used by one thread.
 */
final class LabDriver implements Driver {
  /** What a device does when it is asked. */
  @FunctionalInterface
  interface Act {
    /**
     * @param turn how often this device has been asked so before, over all of its openings
     */
    void run(Sink sink, PointId point, int turn) throws DriverException;
  }

  static final Act ANSWERS = (sink, point, turn) -> sink.accept(Reading.good(point, turn, turn));
  static final Act SILENT =
      (sink, point, turn) -> {
        throw new DriverException(Kind.TRANSIENT, "no answer from " + point.device());
      };

  private static final Act NOTHING = (sink, point, turn) -> {};

  final List<String> log = new ArrayList<>();

  private final ManualClock clock;
  private final Map<String, Sink> sinks = new HashMap<>();
  private final Map<String, Act> opens = new HashMap<>();
  private final Map<String, Act> polls = new HashMap<>();
  private final Map<String, Act> subscriptions = new HashMap<>();
  private final Map<String, Act> closes = new HashMap<>();
  private final Map<String, Integer> turns = new HashMap<>();
  private Function<String, String> buses = id -> id;

  LabDriver(ManualClock clock) {
    this.clock = clock;
  }

  LabDriver opening(String device, Act act) {
    opens.put(device, act);
    return this;
  }

  LabDriver polled(String device, Act act) {
    polls.put(device, act);
    return this;
  }

  LabDriver subscribed(String device, Act act) {
    subscriptions.put(device, act);
    return this;
  }

  LabDriver closing(String device, Act act) {
    closes.put(device, act);
    return this;
  }

  LabDriver bus(Function<String, String> busOf) {
    buses = busOf;
    return this;
  }

  /** When, in milliseconds, that was done to the device: {@code "open"}, {@code "poll"}. */
  List<Long> times(String what, String device) {
    return log.stream()
        .filter(line -> line.startsWith(what + " " + device + " "))
        .map(line -> Long.valueOf(line.substring(line.lastIndexOf(' ') + 1)))
        .toList();
  }

  /** The sink that the device got when it was subscribed to. */
  Sink sink(String device) {
    return Objects.requireNonNull(sinks.get(device));
  }

  @Override
  public String type() {
    return "lab";
  }

  @Override
  public String bus(DeviceConfig config) {
    return buses.apply(config.id());
  }

  @Override
  public Device open(DeviceConfig config, DriverContext context) throws DriverException {
    PointId point = config.points().getFirst().id();
    note("open", point);
    run(opens, "open", null, point);
    return subscriptions.containsKey(config.id()) ? new Speaking(point) : new Asked(point);
  }

  private void note(String what, PointId point) {
    long millis = (clock.monotonicNanos() - ManualClock.START_NANOS) / 1_000_000;
    log.add(what + " " + point.device() + " " + millis);
  }

  private void run(Map<String, Act> acts, String what, @Nullable Sink sink, PointId point)
      throws DriverException {
    int turn = turns.merge(what + " " + point.device(), 1, Integer::sum) - 1;
    Act act = acts.getOrDefault(point.device(), NOTHING);
    act.run(sink == null ? NOWHERE : sink, point, turn);
  }

  private void closed(PointId point) {
    note("close", point);
    try {
      run(closes, "close", null, point);
    } catch (DriverException e) {
      throw new IllegalStateException(e);
    }
  }

  private final class Asked implements Pollable {
    private final PointId point;

    Asked(PointId point) {
      this.point = point;
    }

    @Override
    public void poll(Sink sink) throws DriverException {
      note("poll", point);
      run(polls, "poll", sink, point);
    }

    @Override
    public void close() {
      closed(point);
    }
  }

  private final class Speaking implements Subscribable {
    private final PointId point;

    Speaking(PointId point) {
      this.point = point;
    }

    @Override
    public void subscribe(Sink sink) throws DriverException {
      note("subscribe", point);
      sinks.put(point.device(), sink);
      run(subscriptions, "subscribe", sink, point);
    }

    @Override
    public void close() {
      closed(point);
    }
  }

  private static final Sink NOWHERE =
      new Sink() {
        @Override
        public void accept(dev.tidegate.reading.Sample sample) {
          throw new IllegalStateException("no sink yet");
        }

        @Override
        public void accept(dev.tidegate.reading.Sample sample, Receipt receipt) {
          throw new IllegalStateException("no sink yet");
        }

        @Override
        public int room() {
          return 0;
        }

        @Override
        public void trouble(DriverException trouble) {
          throw new IllegalStateException("no sink yet");
        }
      };
}
