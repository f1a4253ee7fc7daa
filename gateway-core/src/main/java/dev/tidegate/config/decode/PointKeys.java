package dev.tidegate.config.decode;

import dev.tidegate.config.Calibration;
import dev.tidegate.config.PointConfig;
import dev.tidegate.config.PointConfig.Report;
import dev.tidegate.config.kind.Amount;
import dev.tidegate.config.kind.Block;
import dev.tidegate.config.kind.Key;
import dev.tidegate.config.kind.Many.ListOf;
import dev.tidegate.config.kind.Many.Placed;
import dev.tidegate.config.kind.Many.PlacedKind;
import dev.tidegate.config.kind.Numbers;
import dev.tidegate.config.kind.Numbers.Real;
import dev.tidegate.config.kind.Rule;
import dev.tidegate.config.kind.Section;
import dev.tidegate.config.kind.Words;
import dev.tidegate.driver.Settings;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Unit;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The keys of one point, and what they mean together. */
final class PointKeys {
  static final Key<Placed<String>> ID =
      Key.must("id", new PlacedKind<>(Words.ID), "The point's name on its device.");
  private static final Key<Unit> UNIT =
      Key.may("unit", Words.UNIT, "The UCUM unit in which the point is delivered.");
  private static final Key<Unit> SOURCE_UNIT =
      Key.may(
          "source-unit",
          Words.UNIT,
          "The UCUM unit in which the device measures, after calibration; converted to unit.");

  private static final Key<Double> GAIN =
      Key.or("1", "gain", Real.notZero(), "The device's number is multiplied by this.");
  private static final Key<Double> OFFSET =
      Key.or("0", "offset", Real.any(), "Added after the gain.");
  private static final Key<List<Placed<List<Double>>>> TABLE =
      Key.may(
          "table",
          new ListOf<>(
              "pairs", new PlacedKind<>(new ListOf<>("numbers", Real.any(), 2, 2)), 2, 256),
          "Known pairs [device's number, quantity], rising; straight lines in between.");

  static final Section<Calibration> CALIBRATION =
      Section.of(
              "calibration",
              "What turns the device's number into a quantity: gain and offset, or a table.",
              List.of(GAIN, OFFSET, TABLE),
              PointKeys::calibration)
          .with(
              new Rule.Excludes("table", "gain"),
              new Rule.Excludes("table", "offset"),
              new Rule.NotEmpty());

  private static final Key<Calibration> CALIBRATE =
      Key.may("calibrate", CALIBRATION, "What turns the device's number into a quantity.");
  private static final Key<List<Double>> RANGE =
      Key.may(
          "range",
          new ListOf<>("numbers", Real.any(), 2, 2),
          "The lowest and highest believable value, in unit; others are marked bad.");
  private static final Key<Double> MAX_RATE =
      Key.may(
          "max-rate",
          Real.positive(),
          "The fastest believable change, in unit per second; faster ones are marked uncertain.");
  private static final Key<Long> STUCK_AFTER =
      Key.may(
          "stuck-after",
          Amount.duration("10ms", "365d"),
          "A value unchanged for longer is marked uncertain.");
  private static final Key<Long> GAP_AFTER =
      Key.may(
          "gap-after",
          Amount.duration("10ms", "365d"),
          "A value holds no longer than this; left out, it holds until the next one.");
  private static final Key<Report> REPORT =
      Key.or(
          "all",
          "report",
          Words.Choice.of(Report.class),
          "Which readings are stored and sent one by one; windows see all of them.");
  private static final Key<Double> DEADBAND =
      Key.or(
          "0",
          "deadband",
          Real.notNegative(),
          "With report: changes, only a move by more than this is reported, in unit.");
  private static final Key<Long> MAX_SILENCE =
      Key.may(
          "max-silence",
          Amount.duration("10ms", "365d"),
          "With report: changes, report at least this often.");

  private static final Key<Double> QUANTUM =
      Key.may(
          "quantum",
          Real.within(1e-9, 1e6),
          "The step to which stored values are rounded, in unit: what the sensor resolves.");

  /** The keys that every point has, whatever its driver. */
  static final List<Key<?>> CORE =
      List.of(
          ID,
          UNIT,
          SOURCE_UNIT,
          CALIBRATE,
          RANGE,
          MAX_RATE,
          STUCK_AFTER,
          GAP_AFTER,
          REPORT,
          DEADBAND,
          MAX_SILENCE,
          QUANTUM);

  private PointKeys() {}

  /**
   * A point that does not know its device yet.
   *
   * @param block where its keys stand
   * @param id its name on the device
   * @param unit the unit in which the device measures; null when that is not known, as before a
   *     calibration that yields {@code unit}
   * @param settings the driver's keys
   * @param rules makes the gateway's rules for it
   */
  record Draft(
      Block block,
      Placed<String> id,
      @Nullable Unit unit,
      Settings settings,
      Function<PointId, PointConfig> rules) {}

  /** A point with these keys of the driver's besides the core's. */
  static Section<Draft> section(List<Key<?>> driverKeys) {
    List<Key<?>> keys = new ArrayList<>(CORE);
    keys.addAll(driverKeys);
    return Section.of(
            "point",
            "One measured or actuated quantity of the device.",
            keys,
            block -> build(block, driverKeys))
        .with(
            new Rule.OnlyWith("source-unit", "unit", null),
            new Rule.OnlyWith("deadband", "report", "changes"),
            new Rule.OnlyWith("max-silence", "report", "changes"));
  }

  private static @Nullable Draft build(Block block, List<Key<?>> driverKeys) {
    Placed<String> id = block.get(ID);
    Unit unit = block.get(UNIT);
    Unit sourceUnit = block.get(SOURCE_UNIT);
    if (unit != null && sourceUnit != null && !sourceUnit.isCommensurate(unit)) {
      block
          .findings()
          .add(
              block.valuePlace("source-unit"),
              "'source-unit' " + sourceUnit + " cannot be converted to 'unit' " + unit,
              "two units of the same kind of quantity");
    }
    Calibration calibration = block.or(CALIBRATE, Calibration.NONE);
    double inf = Double.POSITIVE_INFINITY;
    List<Double> range = block.or(RANGE, List.of(-inf, inf));
    if (range.size() == 2 && range.get(0) >= range.get(1)) {
      block
          .findings()
          .add(
              block.valuePlace("range"),
              "'range' starts at "
                  + Numbers.show(range.get(0))
                  + " and ends at "
                  + Numbers.show(range.get(1)),
              "the lower number first");
    }
    double maxRate = block.or(MAX_RATE, inf);
    long stuckAfter = block.or(STUCK_AFTER, PointConfig.NEVER);
    long gapAfter = block.or(GAP_AFTER, PointConfig.NEVER);
    Report report = block.or(REPORT);
    double deadband = block.or(DEADBAND);
    long maxSilence = block.or(MAX_SILENCE, PointConfig.NEVER);
    double quantum = block.or(QUANTUM, 0.0);
    Settings settings = DriverKeys.settings(block, driverKeys);
    if (id == null) {
      return null;
    }
    return new Draft(
        block,
        id,
        sourceUnit == null && !block.has(CALIBRATE.name()) ? unit : sourceUnit,
        settings,
        name ->
            new PointConfig(
                name,
                unit,
                sourceUnit,
                calibration,
                range.get(0),
                range.get(1),
                maxRate,
                stuckAfter,
                gapAfter,
                report,
                deadband,
                maxSilence,
                quantum));
  }

  private static Calibration calibration(Block block) {
    double gain = block.or(GAIN);
    double offset = block.or(OFFSET);
    List<Placed<List<Double>>> table = block.get(TABLE);
    if (table == null) {
      return new Calibration.Linear(gain, offset);
    }
    List<Calibration.Pair> pairs = new ArrayList<>();
    for (Placed<List<Double>> each : table) {
      if (each.value().size() < 2) {
        continue; // one of its numbers was found wrong
      }
      Calibration.Pair pair = new Calibration.Pair(each.value().get(0), each.value().get(1));
      if (!pairs.isEmpty() && pair.in() <= pairs.getLast().in()) {
        String wrong =
            "'table' goes from "
                + Numbers.show(pairs.getLast().in())
                + " to "
                + Numbers.show(pair.in());
        block.findings().add(each.place(), wrong, "pairs whose first numbers rise");
      }
      pairs.add(pair);
    }
    return new Calibration.Table(pairs);
  }
}
