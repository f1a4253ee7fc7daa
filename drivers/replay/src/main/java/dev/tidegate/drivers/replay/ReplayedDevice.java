package dev.tidegate.drivers.replay;

import dev.tidegate.driver.DeviceConfig;
import dev.tidegate.driver.DriverException;
import dev.tidegate.driver.Pollable;
import dev.tidegate.driver.Sink;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Reading;
import dev.tidegate.time.Clock;
import java.io.IOException;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/**
 * One recording on the gateway's timeline. Used by its bus thread alone.
 *
 * <h2>Times</h2>
 *
 * The first row is due when the device is opened, each other row when as much time has passed as in
 * the recording, divided by the speed. A row is stamped with the moment at which it was due, so
 * that the poll interval does not show in the readings. As fast as possible there is no due time:
 * rows are stamped 1 µs apart, from the moment of the poll before, never later than now. With the
 * recorded times, rows keep them and are due at once: the clock follows the recording.
 *
 * <h2>Backpressure</h2>
 *
 * A poll hands in what is due, at most what {@link Sink#room()} takes and {@link #ROWS_PER_POLL}
 * rows. The rest waits in the file and keeps its stamps.
 */
final class ReplayedDevice implements Pollable {
  /** Bounds the time of one poll; below 0.1 s for a usual row. */
  static final int ROWS_PER_POLL = 10_000;

  private static final System.Logger LOG = System.getLogger(ReplayedDevice.class.getName());
  private static final long STAMP_STEP_NANOS = 1_000;
  private static final double FARTHEST_NANOS = 4e18; // 126 years, far from overflow

  private final DeviceConfig config;
  private final ReplayDriver.Source source;
  private final int[] columns;
  private final Clock clock;
  private final double speed;
  private final boolean repeat;
  private final boolean original;

  private @Nullable Recording recording;
  private boolean waiting; // a row has been read and not yet been handed in whole
  private int next; // the first of its points that has not been handed in
  private long stampNanos; // of that row, and when it is due

  private boolean started; // the pass through the file has had its first row
  private long startNanos; // when the pass started, on the timeline
  private long firstNanos; // time of its first row in the recording
  private long lastNanos; // time of its latest row in the recording
  private long longestNanos; // from its first row to its latest in time
  private long gapNanos = 1_000_000_000; // between its latest two rows, where above 0
  private long polledNanos; // when the poll before was
  private boolean complained;

  ReplayedDevice(
      DeviceConfig config,
      ReplayDriver.Source source,
      Recording recording,
      int[] columns,
      Clock clock) {
    this.config = config;
    this.source = source;
    this.recording = recording;
    this.columns = columns.clone();
    this.clock = clock;
    this.speed = config.settings().number("speed");
    this.repeat = config.settings().flag("repeat");
    this.original = config.settings().text("times").equals("original");
    this.startNanos = clock.monotonicNanos();
    this.polledNanos = startNanos - config.pollEveryNanos(); // room for the first rows' stamps
    this.stampNanos = polledNanos;
  }

  @Override
  public void poll(Sink sink) throws DriverException {
    long nowNanos = clock.monotonicNanos();
    try {
      play(sink, nowNanos);
    } catch (IOException e) {
      throw new DriverException(
          DriverException.Kind.UNPLUGGED,
          config.id() + " cannot read its recording any more (" + e + "): put the file back",
          e);
    }
    polledNanos = nowNanos;
  }

  private void play(Sink sink, long nowNanos) throws IOException {
    for (int rows = 0; rows < ROWS_PER_POLL; rows++) {
      if (!waiting && !read(sink, nowNanos)) {
        if (recording == null) {
          return;
        }
        continue; // a bad row, or the start of another pass
      }
      if ((!original && stampNanos > nowNanos) || !handIn(sink)) {
        return;
      }
      waiting = false;
    }
  }

  /** Reads on by one row; false when that brought none. */
  private boolean read(Sink sink, long nowNanos) throws IOException {
    Recording from = recording;
    if (from == null) {
      return false;
    }
    return switch (from.step()) {
      case ROW -> {
        place(from.timeNanos(), nowNanos);
        waiting = true;
        next = 0;
        yield true;
      }
      case BAD_ROW -> {
        if (!complained) {
          complained = true;
          sink.trouble(
              new DriverException(
                  DriverException.Kind.TRANSIENT,
                  config.id() + " leaves out " + from.firstBad() + "; others are only counted"));
        }
        yield false;
      }
      case END -> {
        end(from);
        yield false;
      }
    };
  }

  /** Gives the row its place on the timeline. */
  private void place(long timeNanos, long nowNanos) {
    if (original) {
      stampNanos = timeNanos;
      return;
    }
    if (speed == 0) {
      long earliestNanos = Math.max(stampNanos + STAMP_STEP_NANOS, polledNanos);
      stampNanos = Math.min(earliestNanos, nowNanos);
      started = true;
      return;
    }
    if (!started) {
      started = true;
      firstNanos = timeNanos;
      longestNanos = 0;
    } else if (timeNanos > lastNanos) {
      gapNanos = timeNanos - lastNanos;
    }
    lastNanos = timeNanos;
    longestNanos = Math.max(longestNanos, timeNanos - firstNanos);
    stampNanos = startNanos + played(timeNanos - firstNanos);
  }

  /** How long so much recorded time takes. */
  private long played(long recordedNanos) {
    return (long) Math.clamp(recordedNanos / speed, -FARTHEST_NANOS, FARTHEST_NANOS);
  }

  /** Hands in the rest of the row; false when the intake took no more. */
  private boolean handIn(Sink sink) {
    Recording from = recording;
    int room = 0;
    while (from != null && next < columns.length) {
      PointId point = config.points().get(next).id();
      Reading reading = from.reading(columns[next], point, stampNanos);
      if (reading != null) {
        room = room > 0 ? room - 1 : sink.room() - 1;
        if (room < 0) {
          return false;
        }
        sink.accept(reading);
      }
      next++;
    }
    return true;
  }

  private void end(Recording ended) throws IOException {
    LOG.log(
        Level.INFO,
        "{0} played {1} rows of its recording and left out {2}",
        config.id(),
        ended.goodRows(),
        ended.badRows());
    recording = null;
    ended.close();
    if (repeat && started) {
      startNanos += speed == 0 ? 0 : played(longestNanos + gapNanos);
      started = false;
      recording = again(ended);
    }
  }

  /** The recording from its start; it must be laid out as before. */
  private Recording again(Recording before) throws IOException {
    Recording again = source.open();
    if (!again.columns().equals(before.columns())) {
      again.close();
      throw new BadRecordingException("its columns have changed since it was opened");
    }
    return again;
  }

  @Override
  public void close() {
    Recording open = recording;
    recording = null;
    waiting = false;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        LOG.log(Level.DEBUG, config.id() + " could not close its recording", e);
      }
    }
  }
}
