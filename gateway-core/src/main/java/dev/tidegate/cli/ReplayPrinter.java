package dev.tidegate.cli;

import dev.tidegate.flow.ClockCorrection;
import dev.tidegate.flow.CommandResult;
import dev.tidegate.flow.Decision;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Event;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.LossRecord;
import dev.tidegate.flow.Summary;
import java.io.PrintStream;
import java.time.Instant;
import java.util.Locale;

/**
 * One line for each window, decision and event; the same records give the same bytes. Readings are
 * not printed. Owned by the replaying thread.
 */
final class ReplayPrinter {
  private final boolean quiet;
  private final PrintStream out = System.out;
  private final StringBuilder text = new StringBuilder();

  ReplayPrinter(boolean quiet) {
    this.quiet = quiet;
  }

  void print(Lane lane, Entry entry) {
    if (quiet) {
      return;
    }
    switch (entry) {
      case Summary s ->
          line(
              "window    %s  %-24s %-10s n=%d mean=%s min=%s max=%s stddev=%s timeMean=%s%s%s%s",
              time(s.endNanos()),
              s.point(),
              s.window(),
              s.count(),
              number(s.mean()),
              number(s.min()),
              number(s.max()),
              number(s.stddev()),
              number(s.timeMean()),
              s.bad() > 0 ? " bad=" + s.bad() : "",
              s.late() > 0 ? " late=" + s.late() : "",
              covered(s));
      case Decision.Decided d ->
          line(
              "decision  %s  %-24s %-10s score=%s threshold=%s%s",
              time(d.atNanos()),
              d.model(),
              d.version(),
              number(d.score()),
              number(d.threshold()),
              d.alarm() ? " ALARM" : "");
      case Event e -> line("event     %s  %-24s %s", time(e.atNanos()), e.subject(), e.message());
      case LossRecord l -> line("lost      %s  %s %d", time(l.atNanos()), l.lane(), l.count());
      case ClockCorrection c ->
          line(
              "clock     %s  boot %s offset %d ns",
              time(c.atNanos()), c.bootId(), c.wallOffsetNanos());
      case CommandResult r ->
          line(
              "command   %s  %-24s %s %s: %s",
              time(r.atNanos()), r.subject(), r.outcome().word(), r.id(), r.message());
      case Entry.Measured m -> {}
    }
  }

  void flush() {
    out.print(text);
    out.flush();
    text.setLength(0);
  }

  private void line(String format, Object... parts) {
    text.append(String.format(Locale.ROOT, format, parts)).append('\n');
    if (text.length() > 64 << 10) {
      flush();
    }
  }

  private static String covered(Summary s) {
    long length = s.endNanos() - s.startNanos();
    return s.coveredNanos() == length
        ? ""
        : " covered=" + Math.round(1000.0 * s.coveredNanos() / length) / 10.0 + "%";
  }

  private static String time(long nanos) {
    return Instant.ofEpochSecond(0, nanos).toString();
  }

  private static String number(double value) {
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.6g", value);
  }
}
