package dev.tidegate.cli;

import dev.tidegate.flow.Account;
import dev.tidegate.health.Counters;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * One line a second that a person can read: what came in since the last line, and the books so far.
 * Owned by the printing thread.
 */
final class StatusLine {
  static final String HEADER =
      "    time   readings/s   windows  decisions  alarms     buffered  acknowledged     lost";

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss").withZone(ZoneOffset.UTC);

  private final Counters counters;
  private long readingsBefore;
  private long nanosBefore;

  StatusLine(Counters counters, long nowNanos) {
    this.counters = counters;
    this.nanosBefore = nowNanos;
  }

  /** The line for now; readings are counted since the line before. */
  String next(long nowNanos, long wallNanos, Account account, long turnedAway) {
    long readings = counters.value("acquisition.readings");
    double seconds = Math.max(1, nowNanos - nanosBefore) / 1e9;
    double rate = (readings - readingsBefore) / seconds;
    readingsBefore = readings;
    nanosBefore = nowNanos;
    Account.Line total = account.total();
    return String.format(
        Locale.ROOT,
        "%s %,12.0f %,9d %,10d %,7d %,12d %,13d %,8d%s",
        TIME.format(Instant.ofEpochSecond(0, wallNanos)),
        rate,
        counters.value("pipeline.summaries"),
        counters.value("pipeline.decisions"),
        counters.value("pipeline.alarms"),
        total.buffered(),
        total.delivered(),
        total.lost(),
        turnedAway == 0 ? "" : String.format(Locale.ROOT, "  (%,d turned away)", turnedAway));
  }

  /** The exact account, lane by lane. */
  static String account(Account account, long turnedAway) {
    StringBuilder text =
        new StringBuilder(
            "account      accepted  =  delivered  +   buffered  +       lost   (records)\n");
    for (dev.tidegate.flow.Lane lane : dev.tidegate.flow.Lane.values()) {
      text.append(line(lane.word(), account.of(lane)));
    }
    text.append(line("all lanes", account.total()));
    if (turnedAway > 0) {
      text.append(
          String.format(
              Locale.ROOT,
              "             %,d readings were turned away before that: more came than the gateway"
                  + " could store%n",
              turnedAway));
    }
    return text.append(
            account.balances()
                ? "             exact: of what was accepted nothing is missing, nothing is counted"
                    + " twice"
                : "             DOES NOT BALANCE: please report this with the data folder")
        .toString();
  }

  private static String line(String name, Account.Line line) {
    return String.format(
        Locale.ROOT,
        "  %-9s %,10d  = %,10d  + %,10d  + %,10d%n",
        name,
        line.accepted(),
        line.delivered(),
        line.buffered(),
        line.lost());
  }
}
