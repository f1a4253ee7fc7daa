package dev.tidegate.inference;

import dev.tidegate.config.GatewayConfig;
import dev.tidegate.config.ModelConfig;
import dev.tidegate.flow.Decision;
import dev.tidegate.flow.Summary;
import dev.tidegate.health.Counters;
import dev.tidegate.health.Faults;
import dev.tidegate.time.Clock;
import dev.tidegate.timekeeping.Agent;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Scores feature vectors with the configured models and says what they decided.
 *
 * <pre>
 *   pipeline thread: offer(summary) -> Features, one per model -> queue of 64 vectors
 *   infer thread:                      step() -> Scorer of the model -> decisions.accept(...)
 * </pre>
 *
 * <h2>Threads</h2>
 *
 * {@link #offer} belongs to the pipeline thread, {@link #step} and {@link #close} to the infer
 * thread, the rest to any. One thread may play both parts: then the same summaries give the same
 * decisions in the same order. The infer thread's stack needs 512 KiB or more.
 *
 * <h2>What can go wrong</h2>
 *
 * A model that cannot be trusted is refused when this is opened, with a fault that says why; the
 * others run on. A score that is no number is no decision: it is counted and shown as a fault. A
 * full queue drops its oldest vector, counted. At any moment {@code inference.vectors} = {@code
 * inference.decisions} + {@code .dropped} + {@code .no-number} + {@code .failed} + what waits.
 */
public final class Inference implements Agent {
  /** How many feature vectors wait at most. */
  public static final int QUEUE = 64;

  private static final Logger LOG = LoggerFactory.getLogger("tidegate");

  private final Clock clock;
  private final Faults faults;
  private final Consumer<Decision> decisions;
  private final List<Slot> slots = new ArrayList<>();
  private final List<Refusal> refusals = new ArrayList<>();
  private final BlockingQueue<Vector> queue = new ArrayBlockingQueue<>(QUEUE);
  private final List<Vector> batch = new ArrayList<>(QUEUE);
  private final LongAdder vectors;
  private final LongAdder dropped;
  private final LongAdder decided;
  private final LongAdder alarms;
  private final LongAdder noNumber;
  private final LongAdder failed;

  /**
   * A model that is not used.
   *
   * @param model its id in the configuration
   * @param reason why, in one sentence
   */
  public record Refusal(String model, String reason) {}

  /**
   * A model that is used.
   *
   * @param model its id in the configuration
   * @param name from the manifest
   * @param version from the manifest
   * @param threshold the score from which on an alarm is raised
   * @param sha256 of {@code model.onnx}
   */
  public record Accepted(
      String model, String name, String version, double threshold, String sha256) {}

  /** A model at work; {@code ailing} belongs to the infer thread. */
  private static final class Slot {
    private final Accepted accepted;
    private final Features features;
    private final Scorer scorer;
    private boolean ailing;

    Slot(Accepted accepted, Features features, Scorer scorer) {
      this.accepted = accepted;
      this.features = features;
      this.scorer = scorer;
    }
  }

  @SuppressWarnings("ArrayRecordComponent") // passes from one thread to the other, never compared
  private record Vector(Slot slot, long endNanos, float[] values, long completeNanos) {}

  private Inference(Clock clock, Counters counters, Faults faults, Consumer<Decision> decisions) {
    this.clock = clock;
    this.faults = faults;
    this.decisions = decisions;
    vectors = counters.of("inference.vectors");
    dropped = counters.of("inference.dropped");
    decided = counters.of("inference.decisions");
    alarms = counters.of("inference.alarms");
    noNumber = counters.of("inference.no-number");
    failed = counters.of("inference.failed");
  }

  /**
   * Loads the configured models. The first one costs some 0.4 s of CPU, because ONNX Runtime is
   * loaded with it, a further one a few milliseconds; without any, ONNX Runtime is not loaded.
   *
   * @param config its models, windows and points are used
   * @param decisions called by the thread that steps, in the order of the vectors
   */
  public static Inference open(
      GatewayConfig config,
      Clock clock,
      Counters counters,
      Faults faults,
      Consumer<Decision> decisions) {
    Inference inference = new Inference(clock, counters, faults, decisions);
    Binding binding = new Binding(config);
    for (ModelConfig model : config.models()) {
      try {
        Bundle bundle = Bundle.load(model.bundle());
        Features features = binding.bind(model, bundle.manifest(), counters);
        inference.add(model, bundle.manifest(), features, Scorer.open(bundle));
      } catch (Refused e) {
        inference.refusals.add(new Refusal(model.id(), e.reason()));
        counters.of("inference.refused").increment();
        faults.raise(
            place(model.id()), "refused", e.reason() + "; it decides nothing until the next start");
      }
    }
    return inference;
  }

  private void add(ModelConfig model, Manifest manifest, Features features, Scorer scorer) {
    Double own = model.threshold();
    Accepted accepted =
        new Accepted(
            model.id(),
            manifest.name(),
            manifest.version(),
            own == null ? manifest.threshold() : own,
            manifest.modelSha256());
    slots.add(new Slot(accepted, features, scorer));
    LOG.info(
        "model {}: {} {} decides from {} on",
        model.id(),
        manifest.name(),
        manifest.version(),
        accepted.threshold);
  }

  /** The models that are used, in the order of the configuration. */
  public List<Accepted> accepted() {
    return slots.stream().map(slot -> slot.accepted).toList();
  }

  /** The models that are not, in the order of the configuration. */
  public List<Refusal> refusals() {
    return List.copyOf(refusals);
  }

  @Override
  public String name() {
    return "infer";
  }

  /**
   * Takes the summary of a window that has closed; never waits.
   *
   * @return whether it completed a feature vector, which now waits for {@link #step}
   */
  public boolean offer(Summary summary) {
    boolean complete = false;
    for (Slot slot : slots) {
      float @Nullable [] values = slot.features.take(summary);
      if (values != null) {
        complete = true;
        enqueue(new Vector(slot, summary.endNanos(), values, clock.monotonicNanos()));
      }
    }
    return complete;
  }

  private void enqueue(Vector vector) {
    vectors.increment();
    while (!queue.offer(vector)) {
      if (queue.poll() != null) {
        dropped.increment();
      }
    }
  }

  /** Scores what waits. Returns the number of vectors. */
  @Override
  public int step(long maxWaitNanos) throws InterruptedException {
    if (maxWaitNanos > 0 && queue.isEmpty()) {
      Vector first = queue.poll(maxWaitNanos, TimeUnit.NANOSECONDS);
      if (first == null) {
        return 0;
      }
      batch.add(first);
    }
    return drain();
  }

  private int drain() {
    queue.drainTo(batch, QUEUE);
    int count = batch.size();
    for (Vector vector : batch) {
      decide(vector);
    }
    batch.clear();
    return count;
  }

  private void decide(Vector vector) {
    Slot slot = vector.slot;
    Accepted model = slot.accepted;
    float score;
    try {
      score = slot.scorer.score(vector.values);
    } catch (Refused e) {
      failed.increment();
      ail(slot, "failed", e.reason());
      return;
    }
    if (!Float.isFinite(score)) {
      noNumber.increment();
      ail(
          slot,
          "no-number",
          "model "
              + model.model
              + " gave no number ("
              + score
              + "), so nothing was decided; look at the window's points, or replace the model");
      return;
    }
    if (slot.ailing) {
      slot.ailing = false;
      faults.clear(place(model.model), "no-number");
      faults.clear(place(model.model), "failed");
    }
    boolean alarm = score >= model.threshold;
    decided.increment();
    if (alarm) {
      alarms.increment();
    }
    decisions.accept(
        new Decision.Decided(
            model.model,
            model.version,
            vector.endNanos,
            score,
            model.threshold,
            alarm,
            clock.monotonicNanos() - vector.completeNanos));
  }

  private void ail(Slot slot, String what, String message) {
    slot.ailing = true;
    faults.raise(place(slot.accepted.model), what, message);
  }

  private static String place(String model) {
    return "model " + model;
  }

  /** Scores what still waits, then lets go of the models. */
  @Override
  public void close() {
    drain();
    for (Slot slot : slots) {
      slot.scorer.close();
    }
  }
}
