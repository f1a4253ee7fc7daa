package dev.tidegate.gateway;

import dev.tidegate.flow.ClockCorrection;
import dev.tidegate.flow.Journal;
import dev.tidegate.flow.Lane;
import dev.tidegate.health.Faults;
import dev.tidegate.time.TimeQuality;
import dev.tidegate.timekeeping.Agent;
import dev.tidegate.timekeeping.TimeStatus;
import dev.tidegate.timekeeping.TrustedClock;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Looks at the clocks once a second and at the meters every ten, journals what must be set right,
 * tells the operator of a clock that nobody vouches for, and sets the log back when a louder one
 * has had its time. Owned by one thread.
 */
final class ClockWatch implements Agent {
  private static final String WHERE = "clock";

  private final TrustedClock clock;
  private final Vitals vitals;
  private final Journal journal;
  private final Faults faults;
  private final LogLevel log;
  private final Semaphore never = new Semaphore(0);
  private long dueNanos;
  private long sampleNanos;

  ClockWatch(TrustedClock clock, Vitals vitals, Journal journal, Faults faults, LogLevel log) {
    this.clock = clock;
    this.vitals = vitals;
    this.journal = journal;
    this.faults = faults;
    this.log = log;
    this.dueNanos = clock.monotonicNanos();
    this.sampleNanos = dueNanos + Vitals.SAMPLE_EVERY_NANOS;
  }

  @Override
  public String name() {
    return "clock";
  }

  @Override
  public int step(long maxWaitNanos) throws InterruptedException {
    long left = dueNanos - clock.monotonicNanos();
    if (left > 0) {
      boolean got = never.tryAcquire(Math.min(left, maxWaitNanos), TimeUnit.NANOSECONDS);
      return got ? 1 : 0; // never: nobody releases it
    }
    dueNanos = clock.monotonicNanos() + TrustedClock.EVERY_NANOS;
    for (TrustedClock.Correction correction : clock.observe()) {
      journal.append(
          Lane.EVENTS,
          new ClockCorrection(
              correction.bootId(),
              correction.wallOffsetNanos(),
              correction.quality(),
              clock.monotonicNanos()),
          null);
    }
    report(clock.status());
    log.tick(clock.monotonicNanos());
    if (dueNanos >= sampleNanos) {
      sampleNanos = dueNanos + Vitals.SAMPLE_EVERY_NANOS;
      vitals.sample();
    }
    return 1;
  }

  private void report(TimeStatus status) {
    if (status.quality() == TimeQuality.IMPLAUSIBLE) {
      faults.raise(
          WHERE,
          "implausible",
          "the wall clock shows a time before this software was built, or before the last trusted one;"
              + " records are kept in order and set right once it is synchronised: let it reach a time"
              + " server (timedatectl), or set it");
    } else {
      faults.clear(WHERE, "implausible");
    }
    if (status.heldNanos() != 0 && status.quality() != TimeQuality.IMPLAUSIBLE) {
      faults.raise(
          WHERE,
          "jumped",
          "the wall clock was moved by "
              + status.heldNanos() / 1_000_000_000L
              + " s and nothing vouches for that yet; times go on as before: check who sets it");
    } else {
      faults.clear(WHERE, "jumped");
    }
    if (clock.problem().isEmpty()) {
      faults.clear(WHERE, "not-remembered");
    } else {
      faults.raise(
          WHERE,
          "not-remembered",
          "the last trusted time cannot be written ("
              + clock.problem()
              + "): after a power cut a wrong clock may be believed; check the data folder");
    }
  }

  @Override
  public void close() {
    // what it has observed is journalled; nothing is held
  }
}
