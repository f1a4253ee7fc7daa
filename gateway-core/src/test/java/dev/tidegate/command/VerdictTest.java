package dev.tidegate.command;

import static dev.tidegate.command.Booth.LEVEL;
import static dev.tidegate.command.Booth.SECOND;
import static dev.tidegate.command.Booth.SPEED;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.config.ActuatorConfig;
import dev.tidegate.config.ActuatorConfig.DeadMan;
import dev.tidegate.config.ActuatorConfig.Interlock;
import dev.tidegate.config.ActuatorConfig.Mode;
import dev.tidegate.flow.Command;
import dev.tidegate.flow.Command.Action;
import dev.tidegate.flow.Command.Origin;
import dev.tidegate.flow.CommandResult;
import dev.tidegate.flow.Inbox.Received;
import dev.tidegate.reading.Quality;
import dev.tidegate.reading.Value;
import dev.tidegate.time.TimeQuality;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The table of commands and verdicts: each row is a plant, a command, and what must become of it.
 * Without a row, a change to the envelope could let through what hurts.
 */
final class VerdictTest {
  private static final double INF = Double.POSITIVE_INFINITY;

  /** An actuator in the making; every rule is off. */
  private static final class Draft {
    double low = 0;
    double high = 3_000;
    double maxStep = INF;
    double slew = INF;
    long minOn;
    long minOff;
    List<String> allow = List.of();
    Mode mode = Mode.REMOTE;
    List<Interlock> interlocks = List.of();
    @org.jspecify.annotations.Nullable DeadMan deadMan;

    ActuatorConfig build() {
      return new ActuatorConfig(
          SPEED,
          low,
          high,
          maxStep,
          slew,
          minOn,
          minOff,
          allow,
          mode,
          30 * SECOND,
          null,
          interlocks,
          deadMan);
    }
  }

  private record Row(
      String name,
      Consumer<Draft> rules,
      Consumer<Booth> plant,
      BiFunction<Booth, Draft, CommandResult> act,
      String verdict) {}

  private static Row row(
      String name, Consumer<Draft> rules, Consumer<Booth> plant, double value, String verdict) {
    return new Row(name, rules, plant, (b, d) -> b.send(b.write("c", value)), verdict);
  }

  private static Row row(
      String name,
      Consumer<Draft> rules,
      Consumer<Booth> plant,
      BiFunction<Booth, Draft, CommandResult> act,
      String verdict) {
    return new Row(name, rules, plant, act, verdict);
  }

  private static void lock(Draft d, double above, double below, double back, long hold) {
    d.interlocks = List.of(new Interlock(LEVEL, above, below, back, hold, 10 * SECOND, false));
  }

  private static void nothing(Object ignored) {}

  private static BiFunction<Booth, Draft, CommandResult> at(
      long issued, long expires, Origin origin) {
    return (b, d) -> {
      long wall = b.clock.wallNanos();
      return b.send(
          new Command(
              "c",
              Action.WRITE,
              SPEED.name(),
              Value.of(100.0),
              "ops",
              origin,
              issued == Command.NOT_SAID ? issued : wall + issued,
              expires == Command.NOT_SAID ? expires : wall + expires));
    };
  }

  private static CommandResult earlierRun(Booth b, Draft rules) {
    return b.send(new Received(b.write("c", 100), b.clock.monotonicNanos() - SECOND, true));
  }

  private static final long NOT_SAID = Command.NOT_SAID;

  private static final List<Row> TABLE =
      List.of(
          // the point
          row("within the range", d -> nothing(d), b -> nothing(b), 100, "done none"),
          row(
              "unknown point",
              d -> nothing(d),
              b -> nothing(b),
              (b, d) -> b.send(b.write("c", "no/such", Value.of(1.0))),
              "refused unknown-point"),
          row(
              "a point without an envelope",
              d -> nothing(d),
              b -> nothing(b),
              (b, d) -> b.send(b.write("c", LEVEL.name(), Value.of(1.0))),
              "refused not-writable"),
          row(
              "a point of no device",
              d -> nothing(d),
              b -> nothing(b),
              (b, d) -> b.send(b.write("c", "speed", Value.of(1.0))),
              "refused unknown-point"),
          // the value
          row("lowest value", d -> d.low = 10, b -> nothing(b), 10, "done none"),
          row("below the range", d -> d.low = 10, b -> nothing(b), 9.999, "refused range"),
          row("highest value", d -> nothing(d), b -> nothing(b), 3_000, "done none"),
          row("above the range", d -> nothing(d), b -> nothing(b), 3_000.001, "refused range"),
          row("minus zero", d -> nothing(d), b -> nothing(b), -0.0, "done none"),
          row("not a number", d -> nothing(d), b -> nothing(b), Double.NaN, "refused wrong-type"),
          row("infinite", d -> nothing(d), b -> nothing(b), INF, "refused wrong-type"),
          row(
              "a text",
              d -> nothing(d),
              b -> nothing(b),
              (b, d) -> b.send(b.write("c", SPEED.name(), Value.of("full"))),
              "refused wrong-type"),
          row(
              "a flag where 0 to 1 is allowed",
              d -> d.high = 1,
              b -> nothing(b),
              (b, d) -> b.send(b.write("c", SPEED.name(), Value.of(true))),
              "done none"),
          // who
          row(
              "an issuer on the list",
              d -> d.allow = List.of("ops"),
              b -> nothing(b),
              1,
              "done none"),
          row(
              "an issuer not on the list",
              d -> d.allow = List.of("mpc"),
              b -> nothing(b),
              1,
              "refused not-allowed"),
          row(
              "an issuer without a name",
              d -> d.allow = List.of("mpc"),
              b -> nothing(b),
              (b, d) ->
                  b.send(
                      new Command(
                          "c",
                          Action.WRITE,
                          SPEED.name(),
                          Value.of(1.0),
                          "",
                          Origin.TWIN,
                          NOT_SAID,
                          NOT_SAID)),
              "refused not-allowed"),
          row("locked", d -> d.mode = Mode.LOCKED, b -> nothing(b), 1, "refused mode"),
          row(
              "locked, from the gateway itself",
              d -> d.mode = Mode.LOCKED,
              b -> nothing(b),
              at(NOT_SAID, NOT_SAID, Origin.LOCAL),
              "refused mode"),
          row(
              "local control, from the twin",
              d -> d.mode = Mode.LOCAL,
              b -> nothing(b),
              1,
              "refused mode"),
          row(
              "local control, a desired property",
              d -> d.mode = Mode.LOCAL,
              b -> nothing(b),
              at(NOT_SAID, NOT_SAID, Origin.DESIRED),
              "refused mode"),
          row(
              "local control, from the gateway itself",
              d -> d.mode = Mode.LOCAL,
              b -> nothing(b),
              at(NOT_SAID, NOT_SAID, Origin.LOCAL),
              "done none"),
          // when, with a trusted clock
          row(
              "fresh",
              d -> nothing(d),
              b -> nothing(b),
              at(-SECOND, SECOND, Origin.TWIN),
              "done none"),
          row(
              "expired by its own word",
              d -> nothing(d),
              b -> nothing(b),
              at(-9 * SECOND, 0, Origin.TWIN),
              "refused expired"),
          row(
              "older than expire-after, says only when it was issued",
              d -> nothing(d),
              b -> nothing(b),
              at(-30 * SECOND, NOT_SAID, Origin.TWIN),
              "refused expired"),
          row(
              "younger than expire-after, says only when it was issued",
              d -> nothing(d),
              b -> nothing(b),
              at(-29 * SECOND, NOT_SAID, Origin.TWIN),
              "done none"),
          row(
              "from the future",
              d -> nothing(d),
              b -> nothing(b),
              at(61 * SECOND, 90 * SECOND, Origin.TWIN),
              "refused expired"),
          row(
              "a little ahead of us",
              d -> nothing(d),
              b -> nothing(b),
              at(59 * SECOND, 90 * SECOND, Origin.TWIN),
              "done none"),
          row(
              "a desired property does not age",
              d -> nothing(d),
              b -> nothing(b),
              at(-99 * SECOND, -9 * SECOND, Origin.DESIRED),
              "done none"),
          row(
              "from the gateway itself, and too late",
              d -> nothing(d),
              b -> nothing(b),
              at(-10 * SECOND, 0, Origin.LOCAL),
              "refused expired"),
          row(
              "of an earlier run, and still valid",
              d -> nothing(d),
              b -> nothing(b),
              VerdictTest::earlierRun,
              "done none"),
          // when, without one
          row(
              "unverified clock, expired by it",
              d -> nothing(d),
              b -> b.clock.quality(TimeQuality.UNVERIFIED),
              at(-99 * SECOND, -9 * SECOND, Origin.TWIN),
              "refused expired"),
          row(
              "unverified clock, issued too long ago by it",
              d -> nothing(d),
              b -> b.clock.quality(TimeQuality.UNVERIFIED),
              at(-31 * SECOND, NOT_SAID, Origin.TWIN),
              "refused expired"),
          row(
              "implausible clock: wall times mean nothing",
              d -> nothing(d),
              b -> b.clock.quality(TimeQuality.IMPLAUSIBLE),
              at(-99 * SECOND, -9 * SECOND, Origin.TWIN),
              "done none"),
          row(
              "untrusted clock, too old by its lifetime",
              d -> nothing(d),
              b -> b.clock.quality(TimeQuality.IMPLAUSIBLE),
              (b, d) -> {
                Received received =
                    new Received(b.write("c", 100), b.clock.monotonicNanos(), false);
                b.pass(60 * SECOND);
                return b.send(received);
              },
              "refused expired"),
          row(
              "untrusted clock, of an earlier run",
              d -> nothing(d),
              b -> b.clock.quality(TimeQuality.UNVERIFIED),
              VerdictTest::earlierRun,
              "refused expired"),
          // how far and how fast
          row("a step within", d -> d.maxStep = 500, b -> b.show(SPEED, 1_000), 1_500, "done none"),
          row(
              "a step too far",
              d -> d.maxStep = 500,
              b -> b.show(SPEED, 1_000),
              1_501,
              "refused step"),
          row(
              "a step too far down",
              d -> d.maxStep = 500,
              b -> b.show(SPEED, 1_000),
              499,
              "refused step"),
          row(
              "a step from nowhere",
              d -> d.maxStep = 500,
              b -> nothing(b),
              100,
              "refused no-current-value"),
          row(
              "a step from a bad reading",
              d -> d.maxStep = 500,
              b -> b.show(SPEED, 100, Quality.BAD_SENSOR),
              100,
              "refused no-current-value"),
          row(
              "slow enough",
              d -> d.slew = 10,
              b -> {
                b.show(SPEED, 1_000);
                b.pass(10 * SECOND);
              },
              1_100,
              "done none"),
          row(
              "too fast",
              d -> d.slew = 10,
              b -> {
                b.show(SPEED, 1_000);
                b.pass(10 * SECOND);
              },
              1_101,
              "refused slew-rate"),
          row(
              "off before min-on",
              d -> d.minOn = 60 * SECOND,
              b -> {
                b.show(SPEED, 1_000);
                b.pass(59 * SECOND);
              },
              0,
              "refused min-on"),
          row(
              "off after min-on",
              d -> d.minOn = 60 * SECOND,
              b -> {
                b.show(SPEED, 1_000);
                b.pass(60 * SECOND);
              },
              0,
              "done none"),
          row(
              "another speed before min-on",
              d -> d.minOn = 60 * SECOND,
              b -> b.show(SPEED, 1_000),
              500,
              "done none"),
          row(
              "on before min-off",
              d -> d.minOff = 60 * SECOND,
              b -> b.show(SPEED, 0),
              500,
              "refused min-off"),
          // interlocks
          row(
              "interlock free",
              d -> lock(d, 2.2, 0.2, 0, 0),
              b -> b.show(LEVEL, 1),
              100,
              "done none"),
          row(
              "interlock above",
              d -> lock(d, 2.2, 0.2, 0, 0),
              b -> b.show(LEVEL, 2.21),
              100,
              "refused interlock"),
          row(
              "interlock below",
              d -> lock(d, 2.2, 0.2, 0, 0),
              b -> b.show(LEVEL, 0.19),
              100,
              "refused interlock"),
          row(
              "interlock without a value",
              d -> lock(d, 2.2, 0.2, 0, 0),
              b -> nothing(b),
              100,
              "refused interlock"),
          row(
              "interlock with a bad value",
              d -> lock(d, 2.2, 0.2, 0, 0),
              b -> {
                b.show(LEVEL, 1);
                b.show(LEVEL, 1, Quality.BAD_SENSOR);
              },
              100,
              "refused interlock"),
          row(
              "interlock with a stale value",
              d -> lock(d, 2.2, 0.2, 0, 0),
              b -> {
                b.show(LEVEL, 1);
                b.pass(10 * SECOND + 1);
              },
              100,
              "refused interlock"),
          row(
              "interlock within its hysteresis",
              d -> lock(d, 2.2, -INF, 0.2, 0),
              b -> {
                b.show(LEVEL, 2.3);
                b.show(LEVEL, 2.1);
              },
              100,
              "refused interlock"),
          row(
              "interlock back behind its hysteresis",
              d -> lock(d, 2.2, -INF, 0.2, 0),
              b -> {
                b.show(LEVEL, 2.3);
                b.show(LEVEL, 1.9);
              },
              100,
              "done none"),
          row(
              "interlock beyond, shorter than hold",
              d -> lock(d, 2.2, -INF, 0, 5 * SECOND),
              b -> {
                b.show(LEVEL, 2.3);
                b.pass(4 * SECOND);
              },
              100,
              "done none"),
          row(
              "interlock beyond for hold",
              d -> lock(d, 2.2, -INF, 0, 5 * SECOND),
              b -> {
                b.show(LEVEL, 2.3);
                b.pass(5 * SECOND);
              },
              100,
              "refused interlock"),
          row(
              "the safe value passes interlock, step and min-on",
              d -> {
                lock(d, 2.2, -INF, 0, 0);
                d.maxStep = 10;
                d.minOn = 60 * SECOND;
                d.deadMan = new DeadMan(0, Long.MAX_VALUE, null, 0);
              },
              b -> {
                b.show(SPEED, 1_000);
                b.show(LEVEL, 2.3);
              },
              0,
              "done none"),
          row(
              "the safe value does not pass a lock",
              d -> {
                d.mode = Mode.LOCKED;
                d.deadMan = new DeadMan(0, Long.MAX_VALUE, null, 0);
              },
              b -> nothing(b),
              0,
              "refused mode"),
          // requests that are no write
          row(
              "a request that the gateway knows",
              d -> nothing(d),
              b -> nothing(b),
              (b, d) -> b.send(request(b, "known")),
              "done none"),
          row(
              "a request that it cannot do",
              d -> nothing(d),
              b -> nothing(b),
              (b, d) -> b.send(request(b, "other")),
              "refused wrong-type"),
          row(
              "while another write is under way",
              d -> nothing(d),
              b -> {
                b.answer = null;
                b.send(b.write("before", 50));
              },
              100,
              "refused busy"));

  private static Command request(Booth b, String subject) {
    return new Command(
        "c",
        Action.SNAPSHOT,
        subject,
        Value.of(false),
        "ops",
        Origin.TWIN,
        b.clock.wallNanos(),
        NOT_SAID);
  }

  @TestFactory
  Stream<DynamicTest> theTable() {
    assertTrue(TABLE.size() >= 40, "rows: " + TABLE.size());
    return TABLE.stream().map(row -> DynamicTest.dynamicTest(row.name(), () -> check(row)));
  }

  private static void check(Row row) {
    Draft draft = new Draft();
    row.rules().accept(draft);
    Booth booth = new Booth(draft.build());
    row.plant().accept(booth);
    int before = booth.written.size();
    CommandResult result = row.act().apply(booth, draft);
    assertEquals(row.verdict(), result.outcome().word() + " " + result.reason().word());
    assertEquals("c", result.id());
    boolean acts =
        result.outcome() == CommandResult.Outcome.DONE && !result.subject().equals("known");
    assertEquals(acts ? 1 : 0, booth.written.size() - before, "writes: " + booth.written);
    assertTrue(result.message().length() > 3, result.message());
  }
}
