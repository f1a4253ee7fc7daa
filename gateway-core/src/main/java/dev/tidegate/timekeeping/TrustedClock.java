package dev.tidegate.timekeeping;

import dev.tidegate.time.Clock;
import dev.tidegate.time.TimeQuality;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The machine's clocks, of which the wall clock is believed only as far as something speaks for it.
 *
 * <pre>
 *                  below the floor ───────────────▶ not followed; implausible
 *   wall clock     moved by up to 1 s ────────────▶ followed
 *   against the    moved by more, synchronised ───▶ followed; by more than a day: once it has stood 30 s
 *   timeline       moved by more, not synchronised ▶ not followed, when it was synchronised before;
 *                                                    otherwise once it has stood 60 s
 * </pre>
 *
 * The floor is the latest of when this software was built and the last wall time that a
 * synchronised clock showed here. Where the wall clock is not followed, wall time goes on with the
 * timeline, from what was believed last; at a start below the floor, from the floor. What is
 * believed moves no timer and no record: it is an offset, and when it changes by more than 10 ms,
 * or comes to be vouched for, {@link #observe} returns the correction that sets right what was
 * stamped before, earlier runs of the same kernel boot included.
 *
 * <p>Threads: {@link #observe} is for one; everything else for any.
 */
public final class TrustedClock implements Clock {
  /**
   * System property; a file with "NANOSECONDS" or "NANOSECONDS synchronised|unsynchronised", which
   * is added to the wall clock, and stands for the kernel's word. For {@code tidegate torture} and
   * tests, of no other use.
   */
  public static final String UNSAFE_FILE = "tidegate.unsafe.clock-file";

  /** How often {@link #observe} is to be called. */
  public static final long EVERY_NANOS = 1_000_000_000L;

  /** No wall clock can be earlier than this software: 2026-11-27T00:00:00Z. */
  static final long BUILT_NANOS =
      Instant.parse("2026-11-27T00:00:00Z").getEpochSecond() * 1_000_000_000L;

  private static final long FOLLOWED_NANOS = 1_000_000_000L;
  private static final long TOLD_NANOS = 10_000_000L;
  private static final long DAY_NANOS = 86_400_000_000_000L;
  private static final long SYNCHRONISED_STAND_NANOS = 30_000_000_000L;
  private static final long UNVOUCHED_STAND_NANOS = 60_000_000_000L;
  private static final long SAVE_EVERY_NANOS = 3_600_000_000_000L;

  private final WallSource source;
  private final String bootId;
  private final Path file;
  private final long aheadNanos;
  private ClockState state;
  private String problem = "";
  private long savedNanos = Long.MIN_VALUE;
  private long toldOffsetNanos;
  private TimeQuality toldQuality;
  private boolean wasSynchronised;

  /** A jump that is not believed yet: the offset it would give, and since when it has stood. */
  private long candidateNanos;

  private long candidateSinceNanos = Long.MIN_VALUE;
  private volatile TimeStatus status;

  /**
   * Sets right what was stamped before.
   *
   * @param bootId of the run whose times are meant
   * @param wallOffsetNanos what to add to its timeline
   * @param quality how far that can be trusted
   */
  public record Correction(String bootId, long wallOffsetNanos, TimeQuality quality) {}

  /**
   * A clock that starts now.
   *
   * @param folder where it keeps what must outlive the process; need not be there yet
   */
  public static TrustedClock system(Path folder) {
    return new TrustedClock(WallSource.system(), Boot.id(), folder.resolve("clock.state"));
  }

  TrustedClock(WallSource source, String bootId, Path file) {
    this.source = source;
    this.bootId = bootId;
    this.file = file;
    state = ClockState.read(file);
    long wall = source.wallNanos();
    aheadNanos = wall - source.kernelNanos();
    long floor = floorNanos();
    TimeQuality quality = wall < floor ? TimeQuality.IMPLAUSIBLE : TimeQuality.UNVERIFIED;
    long offset = Math.max(0, floor - wall);
    status = new TimeStatus(quality, monotonicNanos(), offset, 0, state.trustedNanos(), -1);
    toldOffsetNanos = offset;
    toldQuality = quality;
  }

  private long floorNanos() {
    return Math.max(BUILT_NANOS, state.trustedNanos());
  }

  @Override
  public long monotonicNanos() {
    return aheadNanos + source.kernelNanos();
  }

  @Override
  public long wallNanos() {
    return monotonicNanos() + status.offsetNanos();
  }

  @Override
  public TimeQuality quality() {
    return status.quality();
  }

  /** How the gateway stands with time. */
  public TimeStatus status() {
    return status;
  }

  /** Why what must be remembered could not be written; empty when it could. */
  public String problem() {
    return problem;
  }

  /** Looks at the clocks; returns what must be set right, mostly nothing. */
  public List<Correction> observe() {
    long now = monotonicNanos();
    long wall = source.wallNanos();
    KernelClock.State kernel = source.state();
    boolean isAboveFloor = wall >= floorNanos() - FOLLOWED_NANOS;
    long raw = wall - now;
    long believed = status.offsetNanos();
    boolean follows =
        isAboveFloor
            && (Math.abs(raw - believed) <= FOLLOWED_NANOS
                || hasStood(raw, raw - believed, kernel.isSynchronised(), now));
    long offset = follows ? raw : believed;
    TimeQuality quality = quality(follows, kernel.isSynchronised(), now + offset);
    wasSynchronised |= quality == TimeQuality.SYNCHRONISED;
    long held = follows ? 0 : raw - believed;
    long since = quality == status.quality() ? status.sinceNanos() : now;
    long trusted =
        quality == TimeQuality.SYNCHRONISED
            ? Math.max(state.trustedNanos(), now + offset)
            : state.trustedNanos();
    status = new TimeStatus(quality, since, offset, held, trusted, kernel.maxErrorNanos());
    List<Correction> corrections = corrections(offset, quality);
    remember(trusted, quality, now, !corrections.isEmpty());
    return corrections;
  }

  private TimeQuality quality(boolean follows, boolean isSynchronised, long wallNanos) {
    if (follows && isSynchronised) {
      return TimeQuality.SYNCHRONISED;
    }
    boolean isGuess = status.quality() == TimeQuality.IMPLAUSIBLE && !follows;
    return isGuess || wallNanos < BUILT_NANOS ? TimeQuality.IMPLAUSIBLE : TimeQuality.UNVERIFIED;
  }

  /** Whether a jump is to be believed: at once, or once it has stood for long enough. */
  private boolean hasStood(long rawNanos, long jumpNanos, boolean isSynchronised, long now) {
    if (Math.abs(rawNanos - candidateNanos) > FOLLOWED_NANOS
        || candidateSinceNanos == Long.MIN_VALUE) {
      candidateNanos = rawNanos;
      candidateSinceNanos = now;
    }
    boolean isFirst = status.quality() == TimeQuality.IMPLAUSIBLE;
    if (isSynchronised && (isFirst || Math.abs(jumpNanos) <= DAY_NANOS)) {
      return true;
    }
    if (!isSynchronised && wasSynchronised) {
      return false;
    }
    long stand = isSynchronised ? SYNCHRONISED_STAND_NANOS : UNVOUCHED_STAND_NANOS;
    return now - candidateSinceNanos >= stand;
  }

  private List<Correction> corrections(long offset, TimeQuality quality) {
    boolean isBetter = quality.code() > toldQuality.code();
    boolean hasMoved = Math.abs(offset - toldOffsetNanos) > TOLD_NANOS;
    if (!isBetter && !hasMoved) {
      return List.of();
    }
    toldOffsetNanos = offset;
    toldQuality = quality;
    List<Correction> corrections = new ArrayList<>();
    corrections.add(new Correction(bootId, offset, quality));
    if (quality == TimeQuality.SYNCHRONISED) {
      String kernelBootId = source.kernelBootId();
      for (ClockState.Run run : state.runs()) {
        if (run.kernelBootId().equals(kernelBootId) && !run.bootId().equals(bootId)) {
          // The same kernel clock runs under both timelines.
          corrections.add(
              new Correction(run.bootId(), offset + aheadNanos - run.aheadNanos(), quality));
        }
      }
    }
    return corrections;
  }

  /** Keeps the floor, at most once an hour, and the runs that nobody has vouched for. */
  private void remember(long trusted, TimeQuality quality, long now, boolean changed) {
    boolean isSynchronised = quality == TimeQuality.SYNCHRONISED;
    boolean isFirst = savedNanos == Long.MIN_VALUE;
    if (!isFirst && !(isSynchronised && (changed || now - savedNanos >= SAVE_EVERY_NANOS))) {
      return;
    }
    List<ClockState.Run> runs = new ArrayList<>(isSynchronised ? List.of() : state.runs());
    String kernelBootId = source.kernelBootId();
    if (!isSynchronised && !kernelBootId.isEmpty()) {
      runs.add(new ClockState.Run(bootId, kernelBootId, aheadNanos));
    }
    ClockState next = new ClockState(trusted, runs);
    try {
      next.write(file);
      problem = "";
    } catch (IOException e) {
      problem = String.valueOf(e.getMessage());
    }
    state = next;
    savedNanos = now;
  }
}
