package dev.tidegate.gateway;

import dev.tidegate.command.Commander.Answer;
import dev.tidegate.command.Commander.Errands;
import dev.tidegate.flow.Command;
import dev.tidegate.flow.Lane;
import dev.tidegate.local.Report;
import dev.tidegate.sync.Sync;
import dev.tidegate.time.Clock;
import java.util.List;
import java.util.Locale;
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
  private final Supplier<Report> report;
  private final LogLevel log;
  private final Clock clock;

  Requests(@Nullable Sync sync, Supplier<Report> report, LogLevel log, Clock clock) {
    this.sync = sync;
    this.report = report;
    this.log = log;
    this.clock = clock;
  }

  @Override
  public Answer run(Command command) {
    return switch (command.action()) {
      case REBIRTH -> rebirth();
      case SNAPSHOT -> new Answer(true, snapshot(report.get()));
      case PAUSE -> pause(command);
      case RESUME -> resume(command);
      case LOG_LEVEL -> logLevel(command);
      case WRITE -> throw new IllegalArgumentException("a write is no errand: " + command.id());
    };
  }

  private Answer rebirth() {
    if (sync == null) {
      return notLinked();
    }
    sync.rebirth();
    return new Answer(true, "everything is told anew");
  }

  private static Answer notLinked() {
    return new Answer(false, "this gateway has no sync section");
  }

  private Answer pause(Command command) {
    List<Lane> lanes = lanes(command.subject());
    long seconds = seconds(command, MAX_PAUSE_SECONDS);
    if (sync == null) {
      return notLinked();
    }
    if (lanes.isEmpty() || seconds < 0) {
      return new Answer(
          false,
          "a pause takes summaries, raw or nothing as its subject, and 1 to "
              + MAX_PAUSE_SECONDS
              + " seconds as its value");
    }
    long until = clock.monotonicNanos() + seconds * SECOND_NANOS;
    lanes.forEach(lane -> sync.pause(lane, until));
    return new Answer(true, words(lanes) + " kept back for " + seconds + " s; nothing is lost");
  }

  private Answer resume(Command command) {
    List<Lane> lanes = lanes(command.subject());
    if (sync == null) {
      return notLinked();
    }
    if (lanes.isEmpty()) {
      return new Answer(false, "a resume takes summaries, raw or nothing as its subject");
    }
    lanes.forEach(lane -> sync.pause(lane, clock.monotonicNanos()));
    return new Answer(true, words(lanes) + " sent again");
  }

  private Answer logLevel(Command command) {
    long seconds = seconds(command, MAX_LOG_SECONDS);
    if (seconds < 0
        || !log.set(command.subject(), clock.monotonicNanos() + seconds * SECOND_NANOS)) {
      return new Answer(
          false,
          "a log level is debug, info or warning as the subject, and 1 to "
              + MAX_LOG_SECONDS
              + " seconds as its value");
    }
    return new Answer(true, "the log says " + command.subject() + " for " + seconds + " s");
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
