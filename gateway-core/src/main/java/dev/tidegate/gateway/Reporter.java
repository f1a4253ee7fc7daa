package dev.tidegate.gateway;

import dev.tidegate.buffer.Buffer;
import dev.tidegate.config.BudgetConfig;
import dev.tidegate.config.BufferConfig.LaneQuota;
import dev.tidegate.config.GatewayConfig;
import dev.tidegate.config.PointConfig;
import dev.tidegate.flow.Account;
import dev.tidegate.flow.Lane;
import dev.tidegate.health.Counters;
import dev.tidegate.health.Faults;
import dev.tidegate.local.Report;
import dev.tidegate.sync.Sync;
import dev.tidegate.timekeeping.TimeStatus;
import dev.tidegate.timekeeping.TrustedClock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Gathers from every stage how the gateway stands. Safe for use by any thread. */
final class Reporter {
  private static final double HOUR_NANOS = 3_600e9;
  private static final double SECOND_NANOS = 1e9;

  private final GatewayConfig config;
  private final TrustedClock clock;
  private final Counters counters;
  private final Faults faults;
  private final Buffer buffer;
  private final @Nullable Sync sync;
  private final Vitals vitals;

  Reporter(
      GatewayConfig config,
      TrustedClock clock,
      Counters counters,
      Faults faults,
      Buffer buffer,
      @Nullable Sync sync,
      Vitals vitals) {
    this.config = config;
    this.clock = clock;
    this.counters = counters;
    this.faults = faults;
    this.buffer = buffer;
    this.sync = sync;
    this.vitals = vitals;
  }

  Report report() {
    TimeStatus time = clock.status();
    return new Report(
        config.id(),
        vitals.uptimeNanos() / 1_000_000_000L,
        config.devices().size(),
        counters.value("acquisition.readings"),
        counters.value("intake.dropped") + counters.value("intake.events-dropped"),
        counters.value("budget.raw-thinned"),
        vitals.keepOneOf(),
        new Report.Clock(
            time.quality().name().toLowerCase(Locale.ROOT),
            since(time.sinceNanos()),
            time.heldNanos() / SECOND_NANOS),
        link(),
        lanes(),
        new Report.Traffic(
            vitals.flashBytes(),
            vitals.flashPerDay(),
            vitals.devicePerDay(),
            orNone(config.budget().flashBytesPerDay())),
        new Report.Traffic(
            vitals.linkBytes(), vitals.linkPerDay(), -1, orNone(config.budget().linkBytesPerDay())),
        faults.open().stream().map(Reporter::fault).toList());
  }

  private static long orNone(long budget) {
    return budget == BudgetConfig.NONE ? -1 : budget;
  }

  private long since(long timelineNanos) {
    return Math.max(0, clock.monotonicNanos() - timelineNanos) / 1_000_000_000L;
  }

  private long secondsUntil(long timelineNanos) {
    long now = clock.monotonicNanos();
    return timelineNanos <= now ? 0 : 1 + (timelineNanos - now - 1) / 1_000_000_000L;
  }

  private Report.Link link() {
    if (sync == null) {
      return new Report.Link("none", 0, "no sync section");
    }
    Sync.Status status = sync.status();
    return new Report.Link(
        status.online() ? "online" : "offline", since(status.sinceNanos()), status.reason());
  }

  private List<Report.Lane> lanes() {
    Account account = buffer.account();
    List<Report.Lane> lanes = new ArrayList<>();
    for (Lane lane : Lane.values()) {
      LaneQuota quota = buffer.quota(lane);
      Account.Line line = account.of(lane);
      double perHour = vitals.lanePerHour(lane);
      double ageHours =
          quota.maxAgeNanos() == PointConfig.NEVER ? -1 : quota.maxAgeNanos() / HOUR_NANOS;
      lanes.add(
          new Report.Lane(
              lane.word(),
              line.accepted(),
              line.delivered(),
              line.buffered(),
              line.lost(),
              line.bufferedBytes(),
              quota.maxBytes(),
              ageHours,
              perHour,
              holdsHours(quota.maxBytes(), perHour, ageHours),
              sync == null ? 0 : secondsUntil(sync.pausedUntilNanos(lane))));
    }
    return lanes;
  }

  /** How long an empty lane lasts at that rate; -1 where the rate is not known. */
  static double holdsHours(long maxBytes, double bytesPerHour, double maxAgeHours) {
    if (bytesPerHour < 0) {
      return -1;
    }
    double byBytes = bytesPerHour == 0 ? Double.MAX_VALUE : maxBytes / bytesPerHour;
    double hours = maxAgeHours < 0 ? byBytes : Math.min(byBytes, maxAgeHours);
    return hours == Double.MAX_VALUE ? -1 : hours;
  }

  private static Report.Fault fault(Faults.Fault fault) {
    return new Report.Fault(
        fault.where(),
        fault.message(),
        fault.count(),
        instant(fault.firstWallNanos()),
        instant(fault.lastWallNanos()));
  }

  private static String instant(long wallNanos) {
    return Instant.ofEpochSecond(Math.floorDiv(wallNanos, 1_000_000_000L)).toString();
  }
}
