package dev.tidegate.command;

import dev.tidegate.config.ActuatorConfig;
import dev.tidegate.config.ActuatorConfig.DeadMan;
import dev.tidegate.config.ActuatorConfig.Mode;
import dev.tidegate.config.PointConfig;
import dev.tidegate.config.kind.Numbers;
import dev.tidegate.flow.Command;
import dev.tidegate.flow.Command.Origin;
import dev.tidegate.flow.CommandResult.Reason;
import dev.tidegate.flow.Inbox.Received;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Reading;
import dev.tidegate.reading.Sample;
import dev.tidegate.reading.Value;
import dev.tidegate.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The envelope of one point that may be written, and what it knows of the plant. */
final class Actuator {
  private static final double NANOS_PER_SECOND = 1e9;

  /** How far a point's own reading may be off what was written, as a part of its range. */
  private static final double NOISE_PART = 0.01;

  /** For how long a reading of the point itself says what is in force. */
  private static final long SHOWN_NANOS = 10_000_000_000L;

  private final ActuatorConfig config;
  private final Clock clock;
  private final List<InterlockWatch> interlocks = new ArrayList<>();
  private final long startNanos;
  private final Mode mode;

  /** The point's own last good reading; NaN after a bad one, and after a write. */
  private double shown = Double.NaN;

  private long shownNanos;

  /** When the device was last touched: what was read before says nothing any more. */
  private long touchedNanos = Long.MIN_VALUE;

  /** When a safe value may be tried again, where nothing else was written since. */
  long safeAgainNanos = Long.MIN_VALUE;

  /** What the device took last; NaN while nobody knows. */
  private double written = Double.NaN;

  private long lastWriteNanos;
  private long lastSwitchNanos;
  private long watchedNanos;

  /** The write under way; null for none. */
  @Nullable Pending pending;

  /** The desired value that waits; null for none. */
  @Nullable Parked parked;

  /** What it waits for, where the operator was told; null where nobody was. */
  @Nullable Reason waitsFor;

  Actuator(ActuatorConfig config, Clock clock) {
    this.config = config;
    this.clock = clock;
    this.mode = config.mode();
    config.interlocks().forEach(each -> interlocks.add(new InterlockWatch(each)));
    startNanos = clock.monotonicNanos();
    lastWriteNanos = startNanos;
    lastSwitchNanos = startNanos;
    watchedNanos = startNanos;
  }

  ActuatorConfig config() {
    return config;
  }

  PointId point() {
    return config.point();
  }

  /** Who may write now. */
  Mode mode() {
    return mode;
  }

  /** Takes a conditioned sample on, of whatever point. */
  void sample(Sample sample, long nowNanos) {
    for (InterlockWatch interlock : interlocks) {
      if (interlock.config().point().equals(sample.point())) {
        interlock.sample(sample, nowNanos);
      }
    }
    long at = Math.min(sample.sourceNanos(), nowNanos);
    boolean good =
        InterlockWatch.isLive(sample.quality())
            && sample instanceof Reading reading
            && Double.isFinite(reading.value().asDouble());
    DeadMan deadMan = config.deadMan();
    if (good && deadMan != null && sample.point().equals(deadMan.point())) {
      watchedNanos = Math.max(watchedNanos, at);
    }
    if (!sample.point().equals(point()) || at < touchedNanos) {
      return;
    }
    if (!good) {
      shown = Double.NaN; // someone may move it by hand, or it may have lost its value
    } else if (sample instanceof Reading reading) {
      double now = reading.value().asDouble();
      if (!Double.isNaN(shown) && isOn(now) != isOn(shown)) {
        lastSwitchNanos = nowNanos;
      }
      shown = now;
      shownNanos = at;
    }
  }

  /**
   * Notes that the device took a value, or may have.
   *
   * @param atNanos when it was touched
   */
  void wrote(double value, boolean isSure, long atNanos) {
    long now = clock.monotonicNanos();
    touchedNanos = Math.max(touchedNanos, atNanos);
    if (!isSafe(value)) {
      safeAgainNanos = Long.MIN_VALUE;
    }
    if (!isSure || Double.isNaN(current()) || isOn(value) != isOn(current())) {
      lastSwitchNanos = now;
    }
    written = isSure ? value : Double.NaN;
    shown = Double.NaN; // what was read before says nothing any more
    lastWriteNanos = now;
  }

  /** What is in force, as well as anyone knows; NaN when nobody does. */
  private double current() {
    return Double.isNaN(shown) ? written : shown;
  }

  /** Whether the point's own reading still says what is in force. */
  private boolean isShown() {
    return !Double.isNaN(shown) && clock.monotonicNanos() - shownNanos <= SHOWN_NANOS;
  }

  /** Whether a reading of the point itself, from that time, is of after the last write. */
  boolean isAfterWrite(long atNanos) {
    return atNanos >= touchedNanos;
  }

  /** Whether that value is in force, within what its read-back tolerates. */
  boolean isInForce(double value) {
    ActuatorConfig.ReadBack readBack = config.readBack();
    double tolerance =
        readBack != null && readBack.point().equals(point()) ? readBack.tolerance() : 0;
    double now = isShown() ? shown : written;
    return pending == null && Math.abs(now - value) <= tolerance;
  }

  /** Whether the safe value is in force, but for the noise of a reading after it was written. */
  private boolean isSafeInForce(DeadMan deadMan) {
    ActuatorConfig.ReadBack readBack = config.readBack();
    double noise =
        readBack != null && readBack.point().equals(point())
            ? readBack.tolerance()
            : NOISE_PART * (config.high() - config.low());
    double now = isShown() ? shown : written;
    boolean isNoise = isShown() && written == deadMan.value();
    return Math.abs(now - deadMan.value()) <= (isNoise ? noise : 0);
  }

  private static boolean isOn(double value) {
    return value != 0 && !Double.isNaN(value);
  }

  /** Whether the value is the one that is safe whatever the plant does. */
  boolean isSafe(double value) {
    DeadMan deadMan = config.deadMan();
    return deadMan != null && value == deadMan.value();
  }

  /** Why the command must not act now; null when it may. */
  @Nullable Refusal judge(Received received) {
    Command command = received.command();
    Refusal refusal = judgeIssuer(command);
    if (refusal == null) {
      refusal = Expiry.of(received, config.expireAfterNanos(), clock);
    }
    return refusal == null ? judgeValue(command.value()) : refusal;
  }

  private @Nullable Refusal judgeIssuer(Command command) {
    boolean isLocal = command.origin() == Origin.LOCAL;
    if (mode == Mode.LOCKED || (mode == Mode.LOCAL && !isLocal)) {
      return new Refusal(
          Reason.MODE, point() + " is " + (mode == Mode.LOCKED ? "locked" : "under local control"));
    }
    if (!isLocal && !config.allow().isEmpty() && !config.allow().contains(command.issuer())) {
      return new Refusal(
          Reason.NOT_ALLOWED,
          (command.issuer().isEmpty() ? "an issuer without a name" : command.issuer())
              + " may not write "
              + point()
              + "; its 'allow' names who may");
    }
    return null;
  }

  private @Nullable Refusal judgeValue(Value asked) {
    double value = asked.asDouble();
    if (asked instanceof Value.Text || !Double.isFinite(value)) {
      return new Refusal(Reason.WRONG_TYPE, point() + " takes a finite number, true or false");
    }
    if (!(value >= config.low() && value <= config.high())) {
      return new Refusal(
          Reason.RANGE,
          Numbers.show(value)
              + " is outside "
              + Numbers.show(config.low())
              + " to "
              + Numbers.show(config.high()));
    }
    if (pending != null && !pending.isReadingBack()) {
      return Refusal.passing(Reason.BUSY, "another write to " + point() + " is under way");
    }
    if (isSafe(value)) {
      return null;
    }
    long now = clock.monotonicNanos();
    Refusal blocked = blocked(value, now);
    return blocked == null ? judgeMove(value, now) : blocked;
  }

  /**
   * Which interlock blocks that value, or what the dead man waits for; null for none. One that has
   * not heard its sensor yet is for now alone.
   */
  @Nullable Refusal blocked(double value, long nowNanos) {
    if (isSafe(value)) {
      return null;
    }
    Refusal beginning = null;
    for (InterlockWatch interlock : interlocks) {
      String why = interlock.blocks(nowNanos);
      if (why != null && interlock.isHeard()) {
        return new Refusal(Reason.INTERLOCK, why);
      }
      if (why != null) {
        beginning = Refusal.passing(Reason.INTERLOCK, why);
      }
    }
    String silent = watchedSilent(nowNanos);
    return silent == null ? beginning : new Refusal(Reason.INTERLOCK, silent);
  }

  private @Nullable Refusal judgeMove(double value, long now) {
    double from = current();
    boolean isBounded =
        config.maxStep() != Double.POSITIVE_INFINITY
            || config.slewPerSecond() != Double.POSITIVE_INFINITY;
    if (isBounded && Double.isNaN(from)) {
      return Refusal.passing(
          Reason.NO_CURRENT_VALUE,
          "nobody knows what is in force at " + point() + ", so that no step can be judged");
    }
    double step = Math.abs(value - from);
    if (step > config.maxStep()) {
      return new Refusal(
          Reason.STEP,
          "a step of "
              + Numbers.show(step)
              + " from "
              + Numbers.show(from)
              + "; at most "
              + Numbers.show(config.maxStep()));
    }
    double seconds = (now - lastWriteNanos) / NANOS_PER_SECOND;
    if (step > config.slewPerSecond() * seconds) {
      return new Refusal(
          Reason.SLEW_RATE,
          "a step of "
              + Numbers.show(step)
              + " "
              + Math.round(seconds * 1_000)
              + " ms after the last write; at most "
              + Numbers.show(config.slewPerSecond())
              + " per second",
          touchedNanos == Long.MIN_VALUE);
    }
    long sinceSwitch = now - lastSwitchNanos;
    boolean mayBeOn = Double.isNaN(from) || isOn(from); // where nobody knows, both hold
    boolean mayBeOff = Double.isNaN(from) || !isOn(from);
    if (mayBeOn && !isOn(value) && sinceSwitch < config.minOnNanos()) {
      return tooSoon(Reason.MIN_ON, "on", sinceSwitch, config.minOnNanos());
    }
    if (mayBeOff && isOn(value) && sinceSwitch < config.minOffNanos()) {
      return tooSoon(Reason.MIN_OFF, "off", sinceSwitch, config.minOffNanos());
    }
    return null;
  }

  private Refusal tooSoon(Reason reason, String state, long since, long least) {
    return Refusal.passing(
        reason,
        point()
            + " is "
            + state
            + " for "
            + since / 1_000_000
            + " ms, and stays so for "
            + least / 1_000_000);
  }

  private @Nullable String watchedSilent(long nowNanos) {
    DeadMan deadMan = config.deadMan();
    return deadMan != null
            && deadMan.point() != null
            && nowNanos - watchedNanos > deadMan.pointAfterNanos()
        ? deadMan.point()
            + " gave no good value for more than "
            + deadMan.pointAfterNanos() / 1_000_000
            + " ms"
        : null;
  }

  /**
   * Why the safe value must be written now; null when it need not be, or is in force.
   *
   * @param linkSilentNanos for how long the cloud has been away
   */
  @Nullable String endangered(long nowNanos, long linkSilentNanos) {
    DeadMan deadMan = config.deadMan();
    boolean isLeaving = pending != null && !isSafe(pending.value);
    return deadMan == null || (isSafeInForce(deadMan) && !isLeaving)
        ? null
        : danger(nowNanos, linkSilentNanos);
  }

  /** Why there should be no other value than the safe one; null where there is no reason. */
  @Nullable String danger(long nowNanos, long linkSilentNanos) {
    DeadMan deadMan = config.deadMan();
    if (deadMan == null || mode == Mode.LOCKED) {
      return null;
    }
    if (deadMan.linkAfterNanos() != PointConfig.NEVER
        && linkSilentNanos > deadMan.linkAfterNanos()) {
      return "the cloud is away for more than " + deadMan.linkAfterNanos() / 1_000_000 + " ms";
    }
    String silent = watchedSilent(nowNanos);
    if (silent != null) {
      return silent;
    }
    for (InterlockWatch interlock : interlocks) {
      String why = interlock.config().trip() ? interlock.blocks(nowNanos) : null;
      boolean isBeginning =
          !interlock.isHeard() && nowNanos - startNanos <= interlock.config().staleAfterNanos();
      if (why != null && !isBeginning) {
        return why;
      }
    }
    return null;
  }
}
