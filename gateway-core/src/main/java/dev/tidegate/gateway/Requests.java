package dev.tidegate.gateway;

import dev.tidegate.command.Commander.Answer;
import dev.tidegate.command.Commander.Errands;
import dev.tidegate.flow.Command;
import dev.tidegate.flow.CommandResult.Reason;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.ReplayRequest;
import dev.tidegate.local.Report;
import dev.tidegate.reading.Value;
import dev.tidegate.sync.Sync;
import dev.tidegate.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What may be asked of the gateway that is no write: each is limited in time, and harmless when it
 * is done twice. Called by the pipeline's thread.
 */
final class Requests implements Errands {
  static final int MAX_PAUSE_SECONDS = 86_400;
  static final int MAX_LOG_SECONDS = 3_600;
  private static final long SECOND_NANOS = 1_000_000_000L;
  private static final List<Lane> PAUSABLE = List.of(Lane.SUMMARIES, Lane.RAW);

  private final @Nullable Sync sync;
  private final Predicate<ReplayRequest> replays;
  private final Supplier<Report> report;
  private final LogLevel log;
  private final Clock clock;

  /**
   * @param sync null for none
   * @param replays takes a replay on; false when there is no room
   */
  Requests(
      @Nullable Sync sync,
      Predicate<ReplayRequest> replays,
      Supplier<Report> report,
      LogLevel log,
      Clock clock) {
    this.sync = sync;
    this.replays = replays;
    this.report = report;
    this.log = log;
    this.clock = clock;
  }

  @Override
  public Answer run(Command command) {
    return switch (command.action()) {
      case REBIRTH -> rebirth();
      case SNAPSHOT -> Answer.done(snapshot(report.get()));
      case PAUSE -> pause(command);
      case RESUME -> resume(command);
      case LOG_LEVEL -> logLevel(command);
      case REPLAY -> replay(command);
      case WRITE -> throw new IllegalArgumentException("a write is no errand: " + command.id());
    };
  }

  private Answer rebirth() {
    if (sync == null) {
      return notLinked();
    }
    sync.rebirth();
    return Answer.done("everything is told anew");
  }

  private static Answer notLinked() {
    return Answer.unfit("this gateway has no sync section");
  }

  private Answer pause(Command command) {
    List<Lane> lanes = lanes(command.subject());
    long seconds = seconds(command, MAX_PAUSE_SECONDS);
    if (sync == null) {
      return notLinked();
    }
    if (lanes.isEmpty() || seconds < 0) {
      return Answer.unfit(
          "a pause takes summaries, raw or nothing as its subject, and 1 to "
              + MAX_PAUSE_SECONDS
              + " seconds as its value");
    }
    long until = clock.monotonicNanos() + seconds * SECOND_NANOS;
    lanes.forEach(lane -> sync.pause(lane, until));
    return Answer.done(words(lanes) + " kept back for " + seconds + " s; nothing is lost");
  }

  private Answer resume(Command command) {
    List<Lane> lanes = lanes(command.subject());
    if (sync == null) {
      return notLinked();
    }
    if (lanes.isEmpty()) {
      return Answer.unfit("a resume takes summaries, raw or nothing as its subject");
    }
    lanes.forEach(lane -> sync.pause(lane, clock.monotonicNanos()));
    return Answer.done(words(lanes) + " sent again");
  }

  private Answer logLevel(Command command) {
    long seconds = seconds(command, MAX_LOG_SECONDS);
    if (seconds < 0
        || !log.set(command.subject(), clock.monotonicNanos() + seconds * SECOND_NANOS)) {
      return Answer.unfit(
          "a log level is debug, info or warning as the subject, and 1 to "
              + MAX_LOG_SECONDS
              + " seconds as its value");
    }
    return Answer.done("the log says " + command.subject() + " for " + seconds + " s");
  }

  private Answer replay(Command command) {
    ReplayRequest request = replayRequest(command);
    if (sync == null) {
      return notLinked();
    }
    if (request == null) {
      return Answer.unfit(
          "a replay takes a lane as its subject, and from and to as its value, ISO 8601 with zones"
              + " and a slash between them; its id has at most 64 characters, and no slash");
    }
    return replays.test(request)
        ? Answer.done(
            "it is looked for; the event replay-accepted or replay-refused with the subject "
                + command.id()
                + " says what is sent")
        : new Answer(Reason.BUSY, "there is no room for it now: ask again with another id");
  }

  /** Null for what is none. */
  static @Nullable ReplayRequest replayRequest(Command command) {
    String interval = command.value() instanceof Value.Text text ? text.value() : "";
    int slash = interval.indexOf('/');
    if (command.id().contains("/")) {
      return null; // it would look like a point where it is the subject of an event
    }
    try {
      return new ReplayRequest(
          command.id(),
          Lane.of(command.subject()),
          nanos(interval.substring(0, Math.max(0, slash))),
          nanos(interval.substring(slash + 1)));
    } catch (IllegalArgumentException | DateTimeParseException | ArithmeticException e) {
      return null;
    }
  }

  private static long nanos(String instant) {
    Instant at = OffsetDateTime.parse(instant).toInstant();
    return Math.addExact(Math.multiplyExact(at.getEpochSecond(), SECOND_NANOS), at.getNano());
  }

  private static List<Lane> lanes(String subject) {
    return subject.isEmpty()
        ? PAUSABLE
        : PAUSABLE.stream().filter(lane -> lane.word().equals(subject)).toList();
  }

  private static String words(List<Lane> lanes) {
    return String.join(" and ", lanes.stream().map(Lane::word).toList())
        + (lanes.size() == 1 ? " is" : " are");
  }

  /** A whole number of seconds from 1 to {@code most}; -1 for anything else. */
  private static long seconds(Command command, int most) {
    double value = command.value().asDouble();
    return value >= 1 && value <= most && value == Math.rint(value) ? (long) value : -1;
  }

  /** How the gateway stands, in the 500 characters of a result; without any point's value. */
  static String snapshot(Report report) {
    StringBuilder text = new StringBuilder();
    text.append("up ").append(report.uptimeSeconds()).append(" s; clock ");
    text.append(report.clock().quality());
    for (Report.Lane lane : report.lanes()) {
      text.append(
          String.format(
              Locale.ROOT,
              "; %s: accepted %d, delivered %d, buffered %d, lost %d",
              lane.name(),
              lane.accepted(),
              lane.delivered(),
              lane.buffered(),
              lane.lost()));
    }
    text.append("; turned away ").append(report.turnedAway());
    text.append("; faults ").append(report.faults().size());
    String before = ": ";
    for (Report.Fault fault : report.faults()) {
      text.append(before).append(fault.where());
      before = ", ";
    }
    return text.toString();
  }
}
