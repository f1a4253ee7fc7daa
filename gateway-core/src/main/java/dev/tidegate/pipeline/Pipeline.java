package dev.tidegate.pipeline;

import dev.tidegate.acquisition.Arrival;
import dev.tidegate.acquisition.Intake;
import dev.tidegate.aggregation.ReportFilter;
import dev.tidegate.aggregation.Windows;
import dev.tidegate.command.Commander;
import dev.tidegate.command.Commander.Errands;
import dev.tidegate.conditioning.Conditioner;
import dev.tidegate.config.GatewayConfig;
import dev.tidegate.config.PointConfig;
import dev.tidegate.driver.Sink.Receipt;
import dev.tidegate.flow.Actuators;
import dev.tidegate.flow.ClockCorrection;
import dev.tidegate.flow.CommandResult;
import dev.tidegate.flow.Decision;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Event;
import dev.tidegate.flow.Journal;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.LossRecord;
import dev.tidegate.flow.Summary;
import dev.tidegate.health.Counters;
import dev.tidegate.health.Faults;
import dev.tidegate.reading.Sample;
import dev.tidegate.time.Clock;
import dev.tidegate.timekeeping.Agent;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stages in flow order. Owned by the pipeline thread, or by the one thread that replays.
 *
 * <pre>
 *   intake → condition ─┬─→ report filter ─────────────→ journal: raw
 *                       ├─→ commander ─────────────────→ journal: events, and to the devices
 *                       └─→ windows ─┬─────────────────→ journal: summaries
 *                                    └─→ inference ~~→ intake → journal: alarms, events
 * </pre>
 *
 * <p>Because everything is a function of what arrives and of the clock, the same recording gives
 * the same records, to the byte.
 */
public final class Pipeline implements Agent {
  private static final Logger LOG = LoggerFactory.getLogger("tidegate");

  /** How many arrivals one step takes on, so that windows close on time under any load. */
  private static final int BATCH = 1024;

  /** Results that may wait while the journal takes nothing. */
  private static final int MAX_UNTOLD = 1024;

  private final Intake intake;
  private final Conditioner conditioner;
  private final ReportFilter filter;
  private final Windows windows;
  private final Consumer<Summary> models;
  private final @Nullable Commander commander;
  private final Journal journal;
  private final Clock clock;
  private final LongAdder conditioned;
  private final LongAdder summaries;
  private final LongAdder decisions;
  private final LongAdder alarms;
  private final LongAdder resultsLost;
  private final List<Arrival> batch = new ArrayList<>(BATCH);
  private final Deque<Told> untold = new ArrayDeque<>();
  private @Nullable Thread owner;
  private boolean isHeldUp;
  private boolean closed;

  /** A result that is not in the journal yet. */
  private record Told(CommandResult result, @Nullable Receipt durable) {}

  /**
   * What commands need of the world.
   *
   * @param actuators the way to the devices
   * @param errands carries out what is no write, on the pipeline's thread
   * @param linkSilentNanos for how long the cloud has been away; 0 while it is there
   * @param faults told of safe values
   */
  public record Reach(
      Actuators actuators, Errands errands, LongSupplier linkSilentNanos, Faults faults) {}

  /** A pipeline that writes nothing, whatever it is told. */
  public Pipeline(
      GatewayConfig config,
      Intake intake,
      Consumer<Summary> models,
      Journal journal,
      Clock clock,
      Counters counters) {
    this(config, intake, models, journal, null, clock, counters);
  }

  /**
   * @param models given each summary, right after the journal
   * @param reach null where nothing can be written
   */
  public Pipeline(
      GatewayConfig config,
      Intake intake,
      Consumer<Summary> models,
      Journal journal,
      @Nullable Reach reach,
      Clock clock,
      Counters counters) {
    this.intake = intake;
    this.models = models;
    this.journal = journal;
    this.clock = clock;
    this.conditioner = new Conditioner(config.points(), counters, this::happened);
    this.filter = new ReportFilter(config.points());
    this.windows = new Windows(config.windows(), config.points(), counters);
    this.commander =
        reach == null
            ? null
            : new Commander(
                config.actuators(),
                config.points().stream().map(PointConfig::id).collect(Collectors.toSet()),
                conditioner::toDevice,
                reach.actuators(),
                (id, written) -> intake.offer(new Arrival.Wrote(id, written)),
                this::told,
                reach.errands(),
                reach.linkSilentNanos(),
                clock,
                counters,
                reach.faults());
    this.conditioned = counters.of("pipeline.readings");
    this.summaries = counters.of("pipeline.summaries");
    this.decisions = counters.of("pipeline.decisions");
    this.alarms = counters.of("pipeline.alarms");
    this.resultsLost = counters.of("pipeline.results-lost");
  }

  @Override
  public String name() {
    return "pipeline";
  }

  @Override
  public int step(long maxWaitNanos) throws InterruptedException {
    owner = Thread.currentThread();
    long beforeNanos = clock.monotonicNanos();
    int taken = intake.drain(batch, BATCH, maxWaitNanos);
    for (Arrival arrival : batch) {
      take(arrival);
    }
    batch.clear();
    // a full batch means that more waits: then the arrivals' own times let time pass, or a pipeline
    // that is behind would close windows before their samples are taken on
    if (taken < BATCH) {
      advance(taken == 0 ? clock.monotonicNanos() : beforeNanos);
    }
    return taken;
  }

  /** One arrival through all stages. */
  public void take(Arrival arrival) {
    switch (arrival) {
      case Arrival.Sampled sampled -> take(sampled);
      case Arrival.Happened happened -> happened(happened.entry());
      case Arrival.Commanded commanded -> {
        if (commander != null && !closed) { // later ones are judged at the next start
          commander.take(commanded.received());
        }
      }
      case Arrival.Wrote wrote -> {
        if (commander != null) {
          commander.written(wrote.commandId(), wrote.written());
        }
      }
    }
  }

  /** Lets time pass: closes windows, notices gaps. */
  public void advance() {
    advance(clock.monotonicNanos());
  }

  /**
   * While the journal takes nothing, safe values are written all the same. Called by whichever
   * thread waits; what has to be told of it is told afterwards.
   */
  public void heldUp() {
    if (commander == null || isHeldUp || !Thread.currentThread().equals(owner)) {
      return;
    }
    isHeldUp = true;
    try {
      commander.advance(clock.monotonicNanos());
    } finally {
      isHeldUp = false;
    }
  }

  private void told(CommandResult result, @Nullable Receipt durable) {
    if (result.outcome().isFinal() && result.outcome() != CommandResult.Outcome.DONE) {
      LOG.info(
          "command {} about {}: {} ({}): {}",
          result.id(),
          result.subject(),
          result.outcome().word(),
          result.reason().word(),
          result.message());
    } else if (LOG.isDebugEnabled()) {
      LOG.debug(
          "command {} about {}: {} {}",
          result.id(),
          result.subject(),
          result.outcome().word(),
          result.reason().word());
    }
    if (isHeldUp) {
      if (untold.size() < MAX_UNTOLD) {
        untold.add(new Told(result, durable));
      } else {
        resultsLost.increment();
      }
      return;
    }
    tellTheRest();
    journal.append(Lane.EVENTS, result, durable);
  }

  private void tellTheRest() {
    for (Told next = untold.poll(); next != null; next = untold.poll()) {
      journal.append(Lane.EVENTS, next.result(), next.durable());
    }
  }

  private void advance(long nowNanos) {
    tellTheRest();
    conditioner.advance(nowNanos);
    windows.advance(nowNanos, this::summarised);
    if (commander != null) {
      commander.advance(nowNanos);
    }
  }

  /**
   * Takes what is still in the intake after {@link #close}: decisions that were under way, and
   * readings of a device that stopped late, which are kept but belong to no window any more.
   */
  public void takeTheRest() {
    try {
      while (intake.drain(batch, BATCH, 0) > 0) {
        batch.forEach(this::take);
        batch.clear();
      }
      if (commander != null) {
        commander.close();
      }
      tellTheRest();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Closes the open windows early, as far as they are covered; called once, after the last step.
   */
  @Override
  public void close() {
    closed = true;
    windows.flush(clock.monotonicNanos(), this::summarised);
  }

  private void take(Arrival.Sampled arrival) {
    // time passes up to each arrival before it is taken on, so that gaps and windows do not depend
    // on how arrivals were batched
    if (!closed) {
      advance(arrival.arrivalNanos());
    }
    Sample sample = conditioner.condition(arrival.sample(), arrival.arrivalNanos());
    conditioned.increment();
    if (commander != null) {
      commander.sample(sample);
    }
    // a reading whose source waits for a receipt is always kept: acknowledged means stored
    if (arrival.receipt() != null || filter.report(sample)) {
      append(Lane.RAW, new Entry.Measured(sample), arrival);
    }
    if (!closed) {
      windows.add(sample);
    }
  }

  private void append(Lane lane, Entry entry, Arrival.@Nullable Sampled arrival) {
    journal.append(lane, entry, arrival == null ? null : arrival.receipt());
  }

  private void summarised(Summary summary) {
    summaries.increment();
    append(Lane.SUMMARIES, summary, null);
    models.accept(summary);
  }

  private void happened(Entry entry) {
    append(laneOf(entry), entry, null);
  }

  private Lane laneOf(Entry entry) {
    return switch (entry) {
      case Decision.Decided decided -> {
        decisions.increment();
        if (decided.alarm()) {
          alarms.increment();
        }
        yield decided.alarm() ? Lane.ALARMS : Lane.EVENTS;
      }
      case Event event -> event.severity() == Event.Severity.ALARM ? Lane.ALARMS : Lane.EVENTS;
      case Summary summary -> Lane.SUMMARIES;
      case LossRecord loss -> Lane.ALARMS;
      case ClockCorrection correction -> Lane.EVENTS;
      case CommandResult result -> Lane.EVENTS;
      case Entry.Measured measured -> Lane.RAW;
    };
  }
}
