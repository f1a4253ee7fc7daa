package dev.tidegate.cli;

import dev.tidegate.local.Caller;
import dev.tidegate.local.Question;
import dev.tidegate.local.Report;
import dev.tidegate.timekeeping.SystemClock;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tidegate status}: how the gateway on this machine stands. */
@Command(
    name = "status",
    description = "Asks the gateway that runs on this machine how it stands.",
    mixinStandardHelpOptions = true)
final class StatusCommand implements Callable<Integer> {
  @ArgGroup(multiplicity = "1")
  @Nullable WhichGateway which;

  @Option(names = "--json", description = "prints the report as JSON")
  boolean json;

  @Override
  public Integer call() {
    Optional<WhichGateway.Place> place = WhichGateway.place(which);
    if (place.isEmpty()) {
      return Exit.CONFIG;
    }
    Path folder = place.get().folder();
    try {
      String report = Caller.ask(folder, new Question.Status(), new SystemClock());
      System.out.println(json ? report : text(Caller.report(report)));
      return Exit.OK;
    } catch (IOException e) {
      System.err.println(e.getMessage());
      return Exit.FAILED;
    } catch (RuntimeException e) {
      System.err.println(
          "the gateway in " + folder + " answers something else: is it of another version?");
      return Exit.FAILED;
    }
  }

  private static String text(Report report) {
    StringBuilder text = new StringBuilder();
    line(
        text,
        "gateway   %s, up %s, %d devices, %,d readings, %,d turned away",
        report.gateway(),
        age(report.uptimeSeconds()),
        report.devices(),
        report.readings(),
        report.turnedAway());
    line(
        text,
        "clock     %s for %s%s",
        report.clock().quality(),
        age(report.clock().seconds()),
        report.clock().heldSeconds() == 0
            ? ""
            : String.format(
                Locale.ROOT,
                "; the machine's clock is off by %.0f s and not followed",
                report.clock().heldSeconds()));
    line(
        text,
        "link      %s for %s%s",
        report.link().state(),
        age(report.link().seconds()),
        report.link().reason().isEmpty() ? "" : ": " + report.link().reason());
    line(text, "flash     %s", traffic(report.flash()));
    line(text, "sent      %s", traffic(report.sent()));
    if (report.keepOneOf() > 1) {
      line(
          text,
          "budget    of %d raw readings of a point one is stored; %,d left out so far",
          report.keepOneOf(),
          report.thinned());
    }
    for (Report.Lane lane : report.lanes()) {
      line(
          text,
          "%-9s %,d records in %s of %s; this lane holds %s; accepted %,d = delivered %,d"
              + " + buffered %,d + lost %,d%s",
          lane.name(),
          lane.buffered(),
          bytes(lane.bufferedBytes()),
          bytes(lane.maxBytes()),
          lane.holdsHours() < 0
              ? "as long as nothing comes in (or not yet known)"
              : String.format(Locale.ROOT, "%,.0f h at the current rate", lane.holdsHours()),
          lane.accepted(),
          lane.delivered(),
          lane.buffered(),
          lane.lost(),
          lane.pausedSeconds() == 0
              ? ""
              : "; paused by the twin for another " + age(lane.pausedSeconds()));
    }
    for (Report.Fault fault : report.faults()) {
      line(
          text,
          "fault     %s: %s (%d times, since %s, last %s)",
          fault.where(),
          fault.message(),
          fault.count(),
          fault.first(),
          fault.last());
    }
    return text.append(report.faults().isEmpty() ? "no faults" : "").toString().stripTrailing();
  }

  private static void line(StringBuilder text, String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append('\n');
  }

  private static String traffic(Report.Traffic traffic) {
    String text =
        bytes(traffic.bytes())
            + " since the start, "
            + (traffic.bytesPerDay() < 0
                ? "a day's rate is not yet known"
                : bytes(traffic.bytesPerDay()) + " a day at the current rate");
    text += traffic.budgetPerDay() < 0 ? "" : ", budget " + bytes(traffic.budgetPerDay());
    return text
        + (traffic.devicePerDay() < 0
            ? ""
            : "; the whole disk " + bytes(traffic.devicePerDay()) + " a day");
  }

  static String bytes(long bytes) {
    return bytes((double) bytes);
  }

  static String bytes(double bytes) {
    String[] units = {"B", "KB", "MB", "GB", "TB"};
    int unit = 0;
    double value = bytes;
    while (value >= 1_000 && unit < units.length - 1) {
      value /= 1_000;
      unit++;
    }
    return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
  }

  private static String age(long seconds) {
    if (seconds < 120) {
      return seconds + " s";
    }
    return seconds < 7_200
        ? seconds / 60 + " min"
        : String.format(Locale.ROOT, "%.1f h", seconds / 3_600.0);
  }
}
