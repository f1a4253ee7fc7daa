package dev.tidegate.config.decode;

import dev.tidegate.config.ActuatorConfig.Mode;
import dev.tidegate.config.PointConfig;
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
import dev.tidegate.reading.PointId;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The keys of what may be written. The points in them are looked up by {@link References}. */
final class ActuatorKeys {
  private static final String PART = PointId.PART.pattern();
  private static final PlacedKind<String> A_POINT =
      new PlacedKind<>(new Words.Text(PART + "/" + PART, 129, "device/point"));

  private static final Key<Placed<String>> POINT =
      Key.must("point", A_POINT, "The point that may be written.");
  private static final Key<List<Double>> RANGE =
      Key.must(
          "range",
          new ListOf<>("numbers", Real.any(), 2, 2),
          "The lowest and the highest value that may be written, in the point's unit.");
  private static final Key<Double> MAX_STEP =
      Key.may("max-step", Real.positive(), "The largest distance from the current value.");
  private static final Key<Double> SLEW_RATE =
      Key.may(
          "slew-rate",
          Real.positive(),
          "The largest distance for each second since the last write, in unit per second.");
  private static final Key<Long> MIN_ON =
      Key.or("0s", "min-on", Amount.duration("0s", "24h"), "How long it stays other than 0.");
  private static final Key<Long> MIN_OFF =
      Key.or("0s", "min-off", Amount.duration("0s", "24h"), "How long it stays 0.");
  private static final Key<Placed<List<String>>> ALLOW =
      Key.may(
          "allow",
          new PlacedKind<>(
              new ListOf<>(
                  "issuers",
                  new Words.Text(
                      "[A-Za-z0-9._:@/-]{1,64}", 64, "1 to 64 letters, digits or . _ : @ / -"),
                  1,
                  64)),
          "Who may write; left out: whoever the broker lets publish to this gateway.");
  private static final Key<Mode> MODE =
      Key.or(
          "remote",
          "mode",
          Words.Choice.of(Mode.class),
          "Who may write: the twin too, the operator at the gateway alone, or nobody.");
  private static final Key<Long> EXPIRE_AFTER =
      Key.or(
          "30s",
          "expire-after",
          Amount.duration("1s", "24h"),
          "How old a command may be that does not say itself when it expires.");

  private static final Key<Placed<String>> READ_BACK_POINT =
      Key.may("point", A_POINT, "What is looked at; left out: the point itself.");
  private static final Key<Double> TOLERANCE =
      Key.or("0", "tolerance", Real.notNegative(), "How far it may be off.");
  private static final Key<Long> WITHIN =
      Key.or("10s", "within", Amount.duration("100ms", "1h"), "How long that may take.");

  static final Section<ReadBack> READ_BACK =
      Section.of(
          "read-back section",
          "How it is seen that a write took effect.",
          List.of(READ_BACK_POINT, TOLERANCE, WITHIN),
          b -> new ReadBack(b.get(READ_BACK_POINT), b.or(TOLERANCE), b.or(WITHIN)));
  private static final Key<ReadBack> READ_BACK_KEY =
      Key.may("read-back", READ_BACK, READ_BACK.doc());

  private static final Key<Placed<String>> SENSOR =
      Key.must("point", A_POINT, "The sensor that it looks at.");
  private static final Key<Double> ABOVE =
      Key.may("above", Real.any(), "Blocks while the sensor is above.");
  private static final Key<Double> BELOW =
      Key.may("below", Real.any(), "Blocks while the sensor is below.");
  private static final Key<Double> HYSTERESIS =
      Key.or("0", "hysteresis", Real.notNegative(), "How far it must come back to let go.");
  private static final Key<Long> HOLD =
      Key.or(
          "0s",
          "hold",
          Amount.duration("0s", "24h"),
          "How long it must be beyond before it blocks.");
  private static final Key<Long> STALE_AFTER =
      Key.or("10s", "stale-after", Amount.duration("10ms", "24h"), "Silence for longer blocks.");
  private static final Key<Boolean> TRIP =
      Key.or(
          "false",
          "trip",
          new Words.Flag(),
          "Whether it also has the value of dead-man written when it begins to block.");

  static final Section<Interlock> INTERLOCK =
      Section.of(
          "interlock",
          "What must hold for a write; bad quality and silence of the sensor block as well.",
          List.of(SENSOR, ABOVE, BELOW, HYSTERESIS, HOLD, STALE_AFTER, TRIP),
          ActuatorKeys::interlock);
  private static final Key<List<Interlock>> INTERLOCKS =
      Key.may("interlocks", new ListOf<>("interlocks", INTERLOCK, 1, 16), INTERLOCK.doc());

  private static final Key<Double> SAFE_VALUE =
      Key.must("value", Real.any(), "The value that is safe, within the range.");
  private static final Key<Long> LINK_AFTER =
      Key.may(
          "link-after",
          Amount.duration("1s", "365d"),
          "It is written after the cloud was away for so long.");
  private static final Key<Placed<String>> WATCHED =
      Key.may("point", A_POINT, "A sensor whose silence or bad quality brings it about.");
  private static final Key<Long> POINT_AFTER =
      Key.or("10s", "point-after", Amount.duration("100ms", "24h"), "How long that must last.");

  static final Section<DeadMan> DEAD_MAN =
      Section.of(
              "dead-man section",
              "What is written when what the actuator depends on falls silent.",
              List.of(SAFE_VALUE, LINK_AFTER, WATCHED, POINT_AFTER),
              ActuatorKeys::deadMan)
          .with(new Rule.OnlyWith("point-after", "point", null));
  private static final Key<DeadMan> DEAD_MAN_KEY = Key.may("dead-man", DEAD_MAN, DEAD_MAN.doc());

  static final Section<Draft> ACTUATOR =
      Section.of(
          "actuator",
          "One point that may be written, and within which limits.",
          List.of(
              POINT,
              RANGE,
              MAX_STEP,
              SLEW_RATE,
              MIN_ON,
              MIN_OFF,
              ALLOW,
              MODE,
              EXPIRE_AFTER,
              READ_BACK_KEY,
              INTERLOCKS,
              DEAD_MAN_KEY),
          ActuatorKeys::actuator);

  private ActuatorKeys() {}

  /** The read-back whose point was not looked up yet; null for the actuator's own. */
  record ReadBack(@Nullable Placed<String> point, double tolerance, long within) {}

  /** An interlock whose point was not looked up yet. */
  record Interlock(
      Placed<String> point,
      double above,
      double below,
      double hysteresis,
      long hold,
      long staleAfter,
      boolean trip) {}

  /** A dead man whose point was not looked up yet. */
  record DeadMan(double value, long linkAfter, @Nullable Placed<String> point, long pointAfter) {}

  /** An actuator whose points were not looked up yet. */
  record Draft(
      Placed<String> point,
      double low,
      double high,
      double maxStep,
      double slew,
      long minOn,
      long minOff,
      @Nullable Placed<List<String>> allow,
      Mode mode,
      long expireAfter,
      @Nullable ReadBack readBack,
      List<Interlock> interlocks,
      @Nullable DeadMan deadMan) {
    /** All points that it names, the actuator's own first. */
    List<Placed<String>> points() {
      List<Placed<String>> all = new ArrayList<>(List.of(point));
      if (readBack != null && readBack.point() != null) {
        all.add(readBack.point());
      }
      interlocks.forEach(i -> all.add(i.point()));
      if (deadMan != null && deadMan.point() != null) {
        all.add(deadMan.point());
      }
      return all;
    }
  }

  private static @Nullable Interlock interlock(Block block) {
    Placed<String> point = block.get(SENSOR);
    double above = block.or(ABOVE, Double.POSITIVE_INFINITY);
    double below = block.or(BELOW, Double.NEGATIVE_INFINITY);
    if (below > above) {
      block
          .findings()
          .add(
              block.valuePlace("below"),
              "'below' " + Numbers.show(below) + " is more than 'above' " + Numbers.show(above),
              "a range between them in which the actuator may be written");
    }
    double hysteresis = block.or(HYSTERESIS);
    long hold = block.or(HOLD);
    long staleAfter = block.or(STALE_AFTER);
    boolean trip = block.or(TRIP);
    return point == null
        ? null
        : new Interlock(point, above, below, hysteresis, hold, staleAfter, trip);
  }

  private static @Nullable DeadMan deadMan(Block block) {
    Double value = block.get(SAFE_VALUE);
    long linkAfter = block.or(LINK_AFTER, PointConfig.NEVER);
    Placed<String> point = block.get(WATCHED);
    long pointAfter = block.or(POINT_AFTER);
    return value == null ? null : new DeadMan(value, linkAfter, point, pointAfter);
  }

  private static @Nullable Draft actuator(Block block) {
    Placed<String> point = block.get(POINT);
    List<Double> range = block.or(RANGE, List.of());
    double inf = Double.POSITIVE_INFINITY;
    double maxStep = block.or(MAX_STEP, inf);
    double slew = block.or(SLEW_RATE, inf);
    long minOn = block.or(MIN_ON);
    long minOff = block.or(MIN_OFF);
    Placed<List<String>> allow = block.get(ALLOW);
    Mode mode = block.or(MODE);
    long expireAfter = block.or(EXPIRE_AFTER);
    ReadBack readBack = block.get(READ_BACK_KEY);
    List<Interlock> interlocks = block.or(INTERLOCKS, List.of());
    DeadMan deadMan = block.get(DEAD_MAN_KEY);
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
    if (range.size() == 2
        && deadMan != null
        && !(deadMan.value() >= range.get(0) && deadMan.value() <= range.get(1))) {
      block
          .findings()
          .add(
              block.valuePlace("dead-man"),
              "the dead man's value " + Numbers.show(deadMan.value()) + " lies outside 'range'",
              "a value that may be written");
    }
    if (deadMan == null && interlocks.stream().anyMatch(Interlock::trip)) {
      block
          .findings()
          .add(
              block.valuePlace("interlocks"),
              "an interlock that trips needs a value to write",
              "'dead-man' with the safe value");
    }
    if (deadMan != null
        && deadMan.linkAfter() == PointConfig.NEVER
        && deadMan.point() == null
        && interlocks.stream().noneMatch(Interlock::trip)) {
      block
          .findings()
          .warn(
              block.valuePlace("dead-man"),
              "nothing brings the dead man about: its value is written on request alone",
              "'link-after', 'point', or an interlock with 'trip: true'");
    }
    if (point == null || range.size() != 2) {
      return null;
    }
    return new Draft(
        point,
        range.get(0),
        range.get(1),
        maxStep,
        slew,
        minOn,
        minOff,
        allow,
        mode,
        expireAfter,
        readBack,
        interlocks,
        deadMan);
  }
}
