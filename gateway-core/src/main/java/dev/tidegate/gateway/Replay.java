package dev.tidegate.gateway;

import dev.tidegate.acquisition.Arrival;
import dev.tidegate.acquisition.Intake;
import dev.tidegate.config.GatewayConfig;
import dev.tidegate.driver.Device;
import dev.tidegate.driver.DeviceConfig;
import dev.tidegate.driver.Driver;
import dev.tidegate.driver.DriverException;
import dev.tidegate.driver.Pollable;
import dev.tidegate.driver.Sink;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Journal;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.Summary;
import dev.tidegate.health.Counters;
import dev.tidegate.health.Faults;
import dev.tidegate.inference.Inference;
import dev.tidegate.pipeline.Pipeline;
import dev.tidegate.reading.Sample;
import dev.tidegate.time.Clock;
import dev.tidegate.time.TimeQuality;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * The gateway's pipeline over a recording: one thread, no buffer, no link, and a clock that the
 * recording sets. As fast as the machine can, and the same recording gives the same records.
 *
 * <p>Owned by the calling thread.
 */
public final class Replay {
  /**
   * So many polls in a row without a sample are the end: the driver reads 10,000 rows in one, so
   * that a sensor may have been away for ten million rows.
   */
  private static final int EMPTY_POLLS = 1_000;

  private final Counters counters = new Counters();
  private final RecordedClock clock = new RecordedClock();
  private final Faults faults = new Faults(clock);
  private final List<String> troubles = new ArrayList<>();

  /** A clock that stands at the time of the newest sample. */
  private static final class RecordedClock implements Clock {
    private long nowNanos;

    @Override
    public long monotonicNanos() {
      return nowNanos;
    }

    @Override
    public long wallNanos() {
      return nowNanos;
    }

    @Override
    public TimeQuality quality() {
      return TimeQuality.UNVERIFIED;
    }
  }

  /**
   * Plays a recording to its end.
   *
   * @param config windows and models; its own devices are not opened
   * @param driver the driver that reads the recording; polled until it has no more to hand in
   * @param recording what that driver is told
   * @param out given every record that the gateway would have stored, in that order
   * @throws DriverException when the recording cannot be read; the message says why
   */
  public void play(
      GatewayConfig config, Driver driver, DeviceConfig recording, BiConsumer<Lane, Entry> out)
      throws DriverException {
    Intake intake =
        new Intake(1, counters); // nothing waits here: samples and decisions go straight
    List<Pipeline> taker = new ArrayList<>(1);
    Inference inference =
        Inference.open(
            config,
            clock,
            counters,
            faults,
            decision -> taker.getFirst().take(new Arrival.Happened(decision)));
    Journal journal = (lane, entry, receipt) -> out.accept(lane, entry);
    // scored right after each summary, so that no decision waits for room
    Pipeline pipeline =
        new Pipeline(config, intake, s -> score(inference, s), journal, clock, counters);
    taker.add(pipeline);
    Feed feed = new Feed(pipeline);
    try (Device device = driver.open(recording, () -> clock)) {
      if (!(device instanceof Pollable pollable)) {
        throw new DriverException(
            DriverException.Kind.UNSUPPORTED,
            "driver '" + driver.type() + "' cannot be replayed from: it is not polled");
      }
      for (int empty = 0; empty < EMPTY_POLLS; empty++) {
        long before = feed.taken;
        pollable.poll(feed);
        empty = feed.taken > before ? 0 : empty;
      }
      pipeline.advance();
      pipeline.close();
    } finally {
      inference.close();
    }
  }

  private static void score(Inference inference, Summary summary) {
    try {
      inference.offer(summary);
      while (inference.step(0) > 0) {
        // until nothing waits
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  public Counters counters() {
    return counters;
  }

  public Faults faults() {
    return faults;
  }

  /** What was wrong with rows of the recording, at most 20 messages. */
  public List<String> troubles() {
    return List.copyOf(troubles);
  }

  /** Drives clock and pipeline from inside the driver's poll. */
  private final class Feed implements Sink {
    private final Pipeline pipeline;
    private long taken;

    Feed(Pipeline pipeline) {
      this.pipeline = pipeline;
    }

    @Override
    public void accept(Sample sample) {
      taken++;
      if (sample.sourceNanos() > clock.nowNanos) {
        clock.nowNanos = sample.sourceNanos();
        pipeline.advance();
      }
      pipeline.take(new Arrival.Sampled(sample, clock.nowNanos, null));
    }

    @Override
    public void accept(Sample sample, Receipt receipt) {
      accept(sample);
      receipt.durable();
    }

    @Override
    public int room() {
      return 1024;
    }

    @Override
    public void trouble(DriverException trouble) {
      if (troubles.size() < 20) {
        troubles.add(String.valueOf(trouble.getMessage()));
      }
    }
  }
}
