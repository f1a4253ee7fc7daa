package dev.tidegate.testkit;

import dev.tidegate.driver.Complaint;
import dev.tidegate.driver.Device;
import dev.tidegate.driver.DeviceConfig;
import dev.tidegate.driver.Driver;
import dev.tidegate.driver.DriverContext;
import dev.tidegate.driver.DriverException;
import dev.tidegate.driver.Option;
import dev.tidegate.driver.Pollable;
import dev.tidegate.driver.Sink;
import dev.tidegate.driver.Writable;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Reading;
import dev.tidegate.reading.Value;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A driver that keeps the contract but for one {@link Flaw}; without one it keeps all of it. */
public final class FlawedDriver implements Driver {
  private final Flaw flaw;
  private final CountDownLatch end = new CountDownLatch(1);
  private boolean opened;
  private boolean closed;
  private boolean broken;
  private @Nullable FlawedDevice last;

  public FlawedDriver() {
    this(Flaw.NONE);
  }

  FlawedDriver(Flaw flaw) {
    this.flaw = flaw;
  }

  @Override
  public String type() {
    return switch (flaw) {
      case UNREGISTERED -> "unregistered";
      case TYPE_IN_CAPITALS -> "Flawed_Driver";
      default -> "flawed";
    };
  }

  @Override
  public List<Option> options() {
    Option port = Option.device(Option.Kind.INTEGER, "port", "Where it listens.");
    return List.of(
        port.within(1, 9),
        switch (flaw) {
          case OPTION_IN_CAPITALS -> Option.device(Option.Kind.TEXT, "hostName", "Its name.");
          case OPTION_RESERVED -> Option.point(Option.Kind.TEXT, "max-silence", "Its silence.");
          case OPTION_TWICE -> port;
          case OPTION_WITHOUT_DOC -> Option.device(Option.Kind.TEXT, "name", " ");
          case OPTION_REQUIRED_WITH_FALLBACK ->
              Option.device(Option.Kind.TEXT, "name", "Its name.").or("x").must();
          case OPTION_CHOICE_OF_NOTHING -> Option.device(Option.Kind.CHOICE, "mode", "Its mode.");
          case OPTION_BOUNDS_CROSSED ->
              Option.device(Option.Kind.NUMBER, "rate", "Its rate.").within(2, 1);
          case OPTION_BOUNDS_ON_TEXT ->
              Option.device(Option.Kind.TEXT, "name", "Its name.").within(1, 2);
          case OPTION_FALLBACK_OUT_OF_BOUNDS ->
              Option.device(Option.Kind.NUMBER, "rate", "Its rate.").within(1, 2).or("3");
          case OPTION_FALLBACK_NO_DURATION ->
              Option.device(Option.Kind.DURATION, "pause", "Its pause.").or("5 sec");
          default -> Option.point(Option.Kind.TEXT, "port", "The same key, on a point.");
        });
  }

  @Override
  public List<Complaint> check(DeviceConfig config) {
    return flaw == Flaw.ALWAYS_COMPLAINS
        ? List.of(new Complaint(null, null, "nothing is ever right"))
        : List.of();
  }

  @Override
  public String bus(DeviceConfig config) {
    return flaw == Flaw.BUS_WITHOUT_NAME ? " " : config.id();
  }

  @Override
  public Device open(DeviceConfig config, DriverContext context) throws DriverException {
    if (flaw == Flaw.OPEN_THROWS_UNCHECKED) {
      throw new IllegalStateException("not a DriverException");
    }
    if (flaw == Flaw.OPENS_ONCE && opened) {
      throw new DriverException(DriverException.Kind.TRANSIENT, config.id() + " is still in use");
    }
    opened = true;
    if (flaw == Flaw.THREAD_LEFT) {
      Thread left = new Thread(this::waitForEnd, "left-behind");
      left.setDaemon(true);
      left.start();
    }
    FlawedDevice device = new FlawedDevice(config, context);
    last = device;
    return device;
  }

  /** What the contract's hooks tell the driver's world. */
  void breakDevices() {
    broken = true;
  }

  /** Time passes; a device that did not let go of its sink hands a sample in. */
  void pass() {
    if (flaw == Flaw.SAMPLES_AFTER_CLOSE && last != null) {
      last.speakAgain();
    }
  }

  /** Ends the threads that were left behind. */
  void end() {
    end.countDown();
  }

  private void waitForEnd() {
    try {
      end.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private final class FlawedDevice implements Pollable, Writable {
    private final DeviceConfig config;
    private final DriverContext context;
    private @Nullable Sink sink;
    private int closes;

    FlawedDevice(DeviceConfig config, DriverContext context) {
      this.config = config;
      this.context = context;
    }

    @Override
    public void poll(Sink to) throws DriverException {
      sink = to;
      boolean missing = config.id().endsWith("-missing") && flaw != Flaw.MISSING_READS_GOOD;
      boolean failing = broken && flaw != Flaw.FAILING_READS_GOOD;
      if (flaw == Flaw.POLL_THROWS_UNCHECKED
          || (flaw == Flaw.FAILING_THROWS_UNCHECKED && failing)) {
        throw new IllegalStateException("not a DriverException");
      }
      if (missing || failing) {
        boolean named = flaw != Flaw.MISSING_WITHOUT_NAME && flaw != Flaw.FAILING_WITHOUT_NAME;
        throw new DriverException(
            DriverException.Kind.UNPLUGGED, (named ? config.id() : "it") + " does not answer");
      }
      if (flaw == Flaw.SILENT || (flaw == Flaw.CLOSE_ENDS_ALL_DEVICES && closed)) {
        return;
      }
      long nowNanos = context.clock().monotonicNanos();
      PointId point = config.points().getFirst().id();
      to.accept(
          switch (flaw) {
            case SAMPLES_OF_ANOTHER_POINT -> reading(PointId.of(config.id(), "other"), nowNanos);
            case SAMPLES_OF_THE_FUTURE -> reading(point, nowNanos + 1);
            case SAMPLES_SINCE_POWER_ON -> reading(point, 12_345);
            case SAMPLES_TO_THE_LAST_DEVICE ->
                reading(last == null ? point : last.config.points().getFirst().id(), nowNanos);
            default -> reading(point, nowNanos);
          });
    }

    @Override
    public void write(PointId point, Value value) throws DriverException {
      if (flaw != Flaw.WRITES_ANYTHING) {
        throw new DriverException(DriverException.Kind.UNSUPPORTED, point + " cannot be written");
      }
    }

    @Override
    public void close() {
      closed = true;
      closes++;
      if (flaw == Flaw.SECOND_CLOSE_THROWS && closes > 1) {
        throw new IllegalStateException("closed already");
      }
      if (flaw == Flaw.CLOSE_TAKES_LONG) {
        try {
          if (end.await(2_100, TimeUnit.MILLISECONDS)) {
            return;
          }
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
    }

    void speakAgain() {
      if (sink != null) {
        sink.accept(reading(config.points().getFirst().id(), context.clock().monotonicNanos()));
      }
    }
  }

  private static Reading reading(PointId point, long sourceNanos) {
    return Reading.good(point, sourceNanos, 1);
  }
}
