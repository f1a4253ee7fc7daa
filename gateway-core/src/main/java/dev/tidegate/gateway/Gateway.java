package dev.tidegate.gateway;

import dev.tidegate.acquisition.Acquisition;
import dev.tidegate.acquisition.Arrival;
import dev.tidegate.acquisition.Intake;
import dev.tidegate.buffer.Buffer;
import dev.tidegate.buffer.BufferException;
import dev.tidegate.buffer.DamagedException;
import dev.tidegate.command.Commander;
import dev.tidegate.config.ActuatorConfig;
import dev.tidegate.config.GatewayConfig;
import dev.tidegate.config.PointConfig;
import dev.tidegate.config.SyncConfig;
import dev.tidegate.driver.Driver;
import dev.tidegate.flow.Account;
import dev.tidegate.flow.CommandResult;
import dev.tidegate.flow.Event;
import dev.tidegate.flow.Journal;
import dev.tidegate.health.Counters;
import dev.tidegate.health.Faults;
import dev.tidegate.inference.Inference;
import dev.tidegate.local.Desk;
import dev.tidegate.pipeline.Pipeline;
import dev.tidegate.reading.PointId;
import dev.tidegate.sync.Bindings;
import dev.tidegate.sync.Sync;
import dev.tidegate.timekeeping.Agent;
import dev.tidegate.timekeeping.Boot;
import dev.tidegate.timekeeping.DurableCount;
import dev.tidegate.timekeeping.TimeStatus;
import dev.tidegate.timekeeping.TrustedClock;
import dev.tidegate.twin.Era;
import dev.tidegate.twin.Twin;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator.SplittableGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One running gateway. Started and closed by the same thread.
 *
 * <pre>
 *   bus-* ──→ intake ──→ pipeline ──→ buffer ──→ sync ──→ broker
 *               ↑            ↓
 *               └── infer ←──┘
 * </pre>
 *
 * <p>Sinks start first, so that nothing is read before it can be kept; sources stop first, so that
 * everything read is kept and, where the link is up, delivered within a short grace.
 */
public final class Gateway implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("tidegate");

  /** Samples that may wait between the buses and the pipeline. */
  private static final int INTAKE = 8192;

  /** How long a clean stop waits for the far side to acknowledge what is left. */
  private static final Duration GRACE = Duration.ofSeconds(3);

  /** How long the far side may take to say what of the reported state it knows. */
  private static final long TWIN_RETRY_NANOS = 10_000_000_000L;

  /** How long someone at the gateway waits for the outcome of a write, whatever it needs. */
  private static final long LONGEST_WAIT_NANOS = 60_000_000_000L;

  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final TrustedClock clock;
  private final Counters counters = new Counters();
  private final Faults faults;
  private final Buffer buffer;
  private final Intake intake;
  private final Pipeline pipeline;
  private final AgentThread bufferThread;
  private final @Nullable AgentThread syncThread;
  private final AgentThread inferThread;
  private final AgentThread pipelineThread;
  private final List<AgentThread> busThreads = new ArrayList<>();
  private final AgentThread clockThread;
  private final Desk desk;
  private boolean closed;

  /** The buffer gave up its file, and closes where the gateway does. */
  private volatile boolean isDamaged;

  private Gateway(
      GatewayConfig config,
      List<Driver> drivers,
      TrustedClock clock,
      SplittableGenerator random,
      Consumer<Throwable> defect)
      throws BufferException {
    this.clock = clock;
    this.faults = new Faults(clock);
    this.buffer =
        Buffer.open(
            config.data(),
            config.buffer(),
            config.id(),
            Boot.id(),
            quantumOf(config),
            clock,
            random.split(),
            counters,
            faults);
    AllowedPoints leaving = leaving(config);
    if (leaving != null) {
      buffer.leaving(leaving);
    }
    this.intake = new Intake(INTAKE, counters);
    Inference inference = Inference.open(config, clock, counters, faults, intake::offer);
    Vitals vitals =
        new Vitals(new FlashMeter(config.data()), config.budget(), counters, faults, clock);
    Twin twin = new Twin(era(config, buffer.epoch()), TWIN_RETRY_NANOS);
    ReportedJournal stored =
        new ReportedJournal(
            new BudgetedJournal(buffer, vitals::keepOneOf, counters.of("budget.raw-thinned")),
            twin,
            config.actuators().stream().map(a -> a.point().name()).collect(Collectors.toSet()));
    LocalWrites local =
        new LocalWrites(
            command -> buffer.receive(command, () -> {}), point -> waitNanos(config, point), clock);
    buffer.onAnswer(local::told);
    Journal journal =
        local.heard( // before anything is kept back: it is told on the spot, and leaves nothing
            leaving == null
                ? stored
                : new AllowedJournal(stored, leaving, counters.of("sync.points-kept-back")));
    for (CommandResult result : buffer.earlier()) { // before the twin's first word
      if ((leaving == null ? result : leaving.of(result)) instanceof CommandResult told) {
        stored.recall(told);
      }
    }
    SyncConfig far = config.sync();
    Sync sync =
        far == null
            ? null
            : new Sync(
                far,
                config.id(),
                Bindings.of(config, far, twin, buffer.epoch(), Boot.id(), clock),
                leaving == null ? buffer : new AllowedOutbox(buffer, leaving),
                buffer,
                clock,
                random.split(),
                counters,
                faults);
    Map<String, Driver> byType =
        drivers.stream().collect(Collectors.toMap(Driver::type, Function.identity()));
    Acquisition acquisition =
        Acquisition.of(config.devices(), byType, intake, clock, random.split(), counters, faults);
    Reporter reporter = new Reporter(config, clock, counters, faults, buffer, sync, vitals);
    LogLevel log = new LogLevel();
    Requests requests = new Requests(sync, buffer::request, reporter::report, log, clock);
    Pipeline.Reach reach =
        new Pipeline.Reach(acquisition, requests, () -> silentNanos(sync), faults);
    this.pipeline = new Pipeline(config, intake, inference::offer, journal, reach, clock, counters);
    buffer.whileWaiting(pipeline::heldUp);
    buffer.onCommand(received -> intake.offer(new Arrival.Commanded(received)));
    this.syncThread = sync == null ? null : new AgentThread(sync, true, defect);
    this.bufferThread = new AgentThread(buffer, true, thrown -> ended(thrown, defect));
    this.inferThread = new AgentThread(inference, true, defect);
    this.pipelineThread = new AgentThread(pipeline, true, defect);
    this.clockThread =
        new AgentThread(new ClockWatch(clock, vitals, buffer, faults, log), false, defect);
    this.desk = Desk.open(config.data(), reporter::report, local::write, clock, counters, faults);
    for (Agent bus : acquisition.buses()) {
      busThreads.add(new AgentThread(bus, false, defect));
    }
  }

  /**
   * Builds a gateway and starts it.
   *
   * @param drivers the drivers that the configuration was checked against
   * @param random spreads retries; seeded by the caller
   * @param defect told, on the thread concerned, when a stage threw what it must not throw: the
   *     process should end, the buffer survives that; a {@link DamagedException} asks for no more
   *     than to close this gateway, and to start another
   * @throws BufferException when the data folder cannot be used; the message says what to do
   */
  public static Gateway start(
      GatewayConfig config,
      List<Driver> drivers,
      TrustedClock clock,
      SplittableGenerator random,
      Consumer<Throwable> defect)
      throws BufferException {
    Gateway gateway = new Gateway(config, drivers, clock, random, defect);
    gateway.bufferThread.start();
    if (gateway.syncThread != null) {
      gateway.syncThread.start();
    }
    gateway.clockThread.start();
    gateway.inferThread.start();
    gateway.pipelineThread.start();
    gateway.happened("gateway-started", "started with " + config.devices().size() + " devices");
    gateway.busThreads.forEach(AgentThread::start);
    return gateway;
  }

  /** What this start reports is told apart from what the ones before it did. */
  private static Era era(GatewayConfig config, String epoch) {
    DurableCount starts = new DurableCount(config.data().resolve("starts"));
    long number = starts.last(0) + 1;
    try {
      starts.store(number);
      return new Era(epoch, number);
    } catch (IOException e) {
      return new Era(Boot.id(), 1); // a document of its own: the far side begins anew
    }
  }

  /** What may leave; null for everything. */
  private static @Nullable AllowedPoints leaving(GatewayConfig config) {
    SyncConfig sync = config.sync();
    Set<String> points = sync == null ? null : sync.limits().points();
    return points == null
        ? null
        : new AllowedPoints(
            points,
            config.actuators().stream()
                .collect(Collectors.toMap(a -> a.point().name(), Function.identity())));
  }

  /** For how long someone at the gateway waits for the outcome of a write at most. */
  private static long waitNanos(GatewayConfig config, String point) {
    long nanos = LocalWrites.BEGIN_WITHIN_NANOS;
    for (ActuatorConfig actuator : config.actuators()) {
      if (actuator.point().name().equals(point)) {
        ActuatorConfig.ReadBack readBack = actuator.readBack();
        nanos += Commander.WRITE_WITHIN_NANOS + Commander.ANSWER_WITHIN_NANOS;
        nanos += readBack == null ? 0 : readBack.withinNanos();
      }
    }
    return Math.min(nanos, LONGEST_WAIT_NANOS);
  }

  /** For how long the cloud has been away. */
  private long silentNanos(@Nullable Sync sync) {
    Sync.Status status = sync == null ? null : sync.status();
    return status == null || status.online() ? 0 : clock.monotonicNanos() - status.sinceNanos();
  }

  private void ended(Throwable thrown, Consumer<Throwable> defect) {
    isDamaged = thrown instanceof DamagedException;
    defect.accept(thrown);
  }

  private static ToDoubleFunction<PointId> quantumOf(GatewayConfig config) {
    Map<PointId, Double> quanta =
        config.points().stream().collect(Collectors.toMap(PointConfig::id, PointConfig::quantum));
    return point -> quanta.getOrDefault(point, 0.0);
  }

  public Counters counters() {
    return counters;
  }

  /** How the gateway stands with time. */
  public TimeStatus time() {
    return clock.status();
  }

  public Faults faults() {
    return faults;
  }

  /**
   * Samples, events and decisions that the full intake turned away since the start: they got no
   * sequence number, and are in no account.
   */
  public long turnedAway() {
    return counters.value("intake.dropped") + counters.value("intake.events-dropped");
  }

  /** The books as of the last commit; after {@link #close} the final ones. */
  public Account account() {
    return buffer.account();
  }

  /** Stops sources first, keeps everything, and delivers what the far side takes within 3 s. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    desk.close();
    AgentThread.stop(busThreads, PATIENCE);
    AgentThread.stop(List.of(clockThread), PATIENCE);
    happened("gateway-stopping", "stopped on request");
    boolean pipelineEnded = AgentThread.stop(List.of(pipelineThread), PATIENCE);
    AgentThread.stop(List.of(inferThread), PATIENCE);
    if (pipelineEnded && !isDamaged) {
      pipeline.takeTheRest(); // what the models decided last; the pipeline thread has ended
    }
    if (syncThread != null) {
      if (!isDamaged) {
        awaitDelivery();
      }
      AgentThread.stop(List.of(syncThread), PATIENCE);
    }
    AgentThread.stop(List.of(bufferThread), PATIENCE);
    if (isDamaged) {
      buffer.close(); // its thread has ended
    }
    Account account = account();
    if (!account.balances()) {
      LOG.error(
          "the account does not balance: {}; please report this with the data folder", account);
    }
  }

  private void awaitDelivery() {
    Semaphore committed = new Semaphore(0);
    buffer.onCommit(committed::release);
    long deadlineNanos = clock.monotonicNanos() + GRACE.toNanos();
    try {
      while (clock.monotonicNanos() < deadlineNanos) {
        boolean changed = committed.tryAcquire(100, TimeUnit.MILLISECONDS);
        if (changed && !hasMoreToSend()) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What is sent on request alone stays where it is. */
  private boolean hasMoreToSend() {
    return account().lanes().entrySet().stream()
        .anyMatch(each -> each.getValue().buffered() > 0 && !buffer.isOnRequest(each.getKey()));
  }

  private void happened(String kind, String message) {
    intake.offer(new Event(clock.monotonicNanos(), Event.Severity.INFO, kind, "gateway", message));
  }
}
