package dev.tidegate.gateway;

import dev.tidegate.config.BudgetConfig;
import dev.tidegate.config.BufferConfig.LaneQuota;
import dev.tidegate.config.BufferConfig.Send;
import dev.tidegate.config.DeviceEntry;
import dev.tidegate.config.GatewayConfig;
import dev.tidegate.config.PointConfig;
import dev.tidegate.config.SyncConfig;
import dev.tidegate.config.SyncConfig.FarSide;
import dev.tidegate.config.WindowConfig;
import dev.tidegate.flow.Lane;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a configuration will cost, before it is applied: an upper bound where the configuration
 * alone cannot tell (report by exception counts as if everything were reported, an observed device
 * as if it spoke every {@code poll-every}).
 *
 * <h2>The figures behind it</h2>
 *
 * Measured on this release; docs/decisions/0012-byte-budgets.md has the commands. They are
 * constants of frames and of SQLite's log, not of a machine. {@link Wire} has those of the link.
 */
public final class Forecast {
  /** Header, ids and frame of names that every frame carries, and a name of each point in it. */
  private static final double FRAME_BYTES = 90;

  private static final double NAME_BYTES = 9;

  /** A reading in a column, kept bit for bit and with a quantum. */
  private static final double READING_BYTES = 1.9;

  private static final double ROUNDED_BYTES = 0.8;

  /** A summary in columns. */
  private static final double SUMMARY_BYTES = 32;

  /** Pages of the log that a commit writes, settlements included, beside those that frames fill. */
  private static final double COMMIT_PAGES = 2.5;

  private static final double PAGE_BYTES = 4_096;

  /** The log is copied into the file, each page once for the many times that it was written. */
  private static final double COPIED = 1.25;

  private static final double DAY_SECONDS = 86_400;
  private static final double NANOS = 1e9;
  private static final double HOUR_NANOS = 3_600e9;

  private Forecast() {}

  /**
   * What it comes to.
   *
   * @param devices how many are read
   * @param readingsPerSecond that come in
   * @param summariesPerSecond that windows make
   * @param flashBytesPerDay that are written
   * @param linkBytesPerDay that go over the link, both ways; 0 without a sync section
   * @param rawBytesPerHour new frames of the raw lane
   * @param summaryBytesPerHour new frames of the summary lane
   * @param rawHours how long the raw lane holds while the link is down, or always where it is sent
   *     on request
   * @param summaryHours how long the summary lane holds while the link is down
   * @param backlogHours how long the backlog of a day takes at {@code backlog-rate}; -1 where there
   *     is none
   * @param warnings what will not fit
   */
  public record Costs(
      int devices,
      double readingsPerSecond,
      double summariesPerSecond,
      double flashBytesPerDay,
      double linkBytesPerDay,
      double rawBytesPerHour,
      double summaryBytesPerHour,
      double rawHours,
      double summaryHours,
      double backlogHours,
      List<String> warnings) {}

  /** What that configuration will cost. */
  public static Costs of(GatewayConfig config) {
    double readings = 0;
    double rawBytes = 0;
    double stored = 0;
    double members = 0;
    Set<String> alike = alike(config.sync());
    double rawPoints = 0;
    for (DeviceEntry entry : config.devices()) {
      double perSecond = NANOS / entry.device().pollEveryNanos();
      for (PointConfig point : entry.points()) {
        readings += perSecond;
        if (point.report() != PointConfig.Report.NONE) {
          stored += perSecond;
          members += alike.contains(point.id().device()) ? perSecond : 0;
          rawBytes += perSecond * (point.quantum() > 0 ? ROUNDED_BYTES : READING_BYTES);
          rawPoints++;
        }
      }
    }
    double summaries = 0;
    double rounds = 0;
    Set<String> summarised = new HashSet<>();
    for (WindowConfig window : config.windows()) {
      double perSecond = NANOS / window.slideNanos();
      summaries += window.points().size() * perSecond;
      rounds += perSecond;
      window.points().forEach(point -> summarised.add(point.device()));
    }
    double commitsPerSecond = NANOS / config.buffer().commitEveryNanos();
    double rawFrames = rawPoints == 0 ? 0 : Math.min(commitsPerSecond, readings);
    double summaryFrames = Math.min(commitsPerSecond, rounds);
    double raw = rawBytes + rawFrames * (FRAME_BYTES + NAME_BYTES * rawPoints);
    double summary = summaries * SUMMARY_BYTES + summaryFrames * FRAME_BYTES;
    double commits = Math.max(rawFrames, summaryFrames);
    double flash = (commits * COMMIT_PAGES * PAGE_BYTES + raw + summary) * COPIED;
    double records = 0;
    double messages = 0;
    SyncConfig sync = config.sync();
    if (sync != null) {
      Wire wire = Wire.of(sync, Lane.SUMMARIES);
      records += wire.frames() * summary + wire.summary() * summaries;
      messages += wire.besides(summaryFrames, summaries, summarised.size());
      if (config.buffer().raw().send() == Send.ALWAYS) {
        wire = Wire.of(sync, Lane.RAW);
        records += wire.frames() * raw;
        records += wire.reading() * (stored - members) + wire.member() * members;
        messages += wire.besides(rawFrames, stored, config.devices().size());
      }
    }
    double link = records + messages;
    double flashPerDay = flash * DAY_SECONDS;
    double linkPerDay = link * DAY_SECONDS;
    return new Costs(
        config.devices().size(),
        readings,
        summaries,
        flashPerDay,
        linkPerDay,
        raw * 3_600,
        summary * 3_600,
        hours(config.buffer().raw(), raw * 3_600),
        hours(config.buffer().summaries(), summary * 3_600),
        backlogHours(sync, records),
        warnings(config, flashPerDay, linkPerDay));
  }

  /** Devices whose points are members of a template. */
  private static Set<String> alike(@Nullable SyncConfig sync) {
    Set<String> alike = new HashSet<>();
    if (sync != null && sync.farSide() instanceof FarSide.SparkplugB far) {
      far.templates().forEach(template -> alike.addAll(template.devices()));
    }
    return alike;
  }

  private static double backlogHours(@Nullable SyncConfig sync, double bytesPerSecond) {
    return sync == null || sync.backlogBytesPerSecond() == SyncConfig.UNLIMITED
        ? -1
        : bytesPerSecond * DAY_SECONDS / sync.backlogBytesPerSecond() / 3_600;
  }

  private static double hours(LaneQuota quota, double bytesPerHour) {
    double ageHours =
        quota.maxAgeNanos() == PointConfig.NEVER ? -1 : quota.maxAgeNanos() / HOUR_NANOS;
    return Reporter.holdsHours(quota.maxBytes(), bytesPerHour, ageHours);
  }

  private static List<String> warnings(GatewayConfig config, double flash, double link) {
    List<String> warnings = new ArrayList<>();
    BudgetConfig budget = config.budget();
    if (flash > budget.flashBytesPerDay()) {
      warnings.add(
          "budget.flash-per-day will be exceeded, and raw readings thinned out: poll less often, raise"
              + " buffer.commit-every, or raise the budget");
    }
    if (link > budget.linkBytesPerDay()) {
      warnings.add(
          "budget.link-per-day will be exceeded, and raw readings thinned out: send the raw lane"
              + " on-request, poll less often, or raise the budget");
    }
    return warnings;
  }
}
