package dev.tidegate.frame;

import dev.tidegate.flow.ClockCorrection;
import dev.tidegate.flow.CommandResult;
import dev.tidegate.flow.Decision;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Event;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.LossRecord;
import dev.tidegate.flow.Summary;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Quality;
import dev.tidegate.reading.Reading;
import dev.tidegate.reading.Sample;
import dev.tidegate.reading.Value;
import dev.tidegate.reading.Waveform;
import dev.tidegate.time.TimeQuality;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;

/** Records with every kind of value, edge cases first, from a seed. */
public final class RandomEntries {
  private static final double[] EDGES = {
    0.0,
    -0.0,
    1.0,
    Double.NaN,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY,
    Double.MIN_VALUE,
    Double.MAX_VALUE,
    Float.MIN_VALUE,
    Float.MAX_VALUE,
    65504.0,
    65505.0,
    0x1p-24,
    0x1p-25,
    0.1,
    0.1f
  };
  private static final long[] WHOLES = {
    0,
    23,
    24,
    127,
    128,
    255,
    256,
    65535,
    65536,
    0xffff_ffffL,
    0x1_0000_0000L,
    Long.MAX_VALUE,
    -1,
    -24,
    -25,
    -128,
    -129,
    -256,
    -257,
    -65536,
    -65537,
    Long.MIN_VALUE
  };
  private static final String[] TEXTS = {"", "run", "Füllstand", "水位", "𝄞", "a\u0000b"};

  private static final TimeQuality[] TIME_QUALITIES = TimeQuality.values();

  private final Random random;
  private long nowNanos = 1_795_000_000_000_000_000L;

  public RandomEntries(long seed) {
    random = new Random(seed);
  }

  /** So many records that the lane may hold. */
  public List<Entry> of(Lane lane, int count) {
    List<Entry> entries = new ArrayList<>();
    long unit = new long[] {1, 1_000, 1_000_000, 1_000_000_000}[random.nextInt(4)];
    for (int i = 0; i < count; i++) {
      nowNanos += random.nextInt(1000) * unit;
      entries.add(lane == Lane.RAW ? measured() : any());
    }
    return entries;
  }

  private Entry any() {
    return switch (random.nextInt(8)) {
      case 0 -> measured();
      case 1 -> event();
      case 2 ->
          new Decision.Decided(text(), text(), time(), real(), real(), flag(), random.nextLong());
      case 3 -> loss();
      case 4 ->
          new ClockCorrection(
              new UUID(random.nextLong(), random.nextLong()).toString(),
              random.nextLong(),
              TIME_QUALITIES[random.nextInt(TIME_QUALITIES.length)],
              time());
      case 5 -> result();
      default -> summary();
    };
  }

  private Entry measured() {
    Quality[] qualities = Quality.values();
    Quality quality =
        random.nextInt(4) == 0 ? qualities[random.nextInt(qualities.length)] : Quality.GOOD;
    Sample sample =
        random.nextInt(50) == 0
            ? new Waveform(point(), time(), 1 + random.nextInt(1000), reals(), quality)
            : new Reading(point(), time(), value(), quality);
    return new Entry.Measured(sample);
  }

  private CommandResult result() {
    CommandResult.Outcome[] outcomes = CommandResult.Outcome.values();
    CommandResult.Reason[] reasons = CommandResult.Reason.values();
    return new CommandResult(
        time(),
        text(),
        text(),
        outcomes[random.nextInt(outcomes.length)],
        reasons[random.nextInt(reasons.length)],
        real(),
        real(),
        text());
  }

  private Event event() {
    Event.Severity[] severities = Event.Severity.values();
    return new Event(time(), severities[random.nextInt(3)], text(), text(), text());
  }

  private LossRecord loss() {
    long first = 1 + (random.nextLong() >>> 2);
    LossRecord.Reason[] reasons = LossRecord.Reason.values();
    Lane[] lanes = Lane.values();
    return new LossRecord(
        lanes[random.nextInt(4)],
        first,
        first + random.nextInt(100),
        time(),
        time(),
        reasons[random.nextInt(reasons.length)],
        time());
  }

  private Summary summary() {
    long end = time();
    return new Summary(
        "w" + random.nextInt(3),
        point(),
        end - 1 - random.nextInt(1_000_000_000),
        end,
        random.nextInt(100),
        random.nextInt(100),
        random.nextInt(100),
        real(),
        real(),
        real(),
        real(),
        real(),
        real(),
        real(),
        random.nextLong());
  }

  private long time() {
    return random.nextInt(200) == 0 ? WHOLES[random.nextInt(WHOLES.length)] / 2 : nowNanos;
  }

  private PointId point() {
    return PointId.of("device" + random.nextInt(3), "p" + random.nextInt(20));
  }

  private Value value() {
    return switch (random.nextInt(6)) {
      case 0 -> Value.of(WHOLES[random.nextInt(WHOLES.length)]);
      case 1 -> Value.of(flag());
      case 2 -> Value.of(text());
      case 3 -> Value.of(random.nextLong());
      default -> Value.of(real());
    };
  }

  private double[] reals() {
    double[] values = new double[1 + random.nextInt(40)];
    for (int i = 0; i < values.length; i++) {
      values[i] = real();
    }
    return values;
  }

  private double real() {
    return switch (random.nextInt(4)) {
      case 0 -> EDGES[random.nextInt(EDGES.length)];
      case 1 -> random.nextInt(1000) / 8.0;
      case 2 -> random.nextFloat();
      default -> random.nextGaussian();
    };
  }

  private boolean flag() {
    return random.nextBoolean();
  }

  private String text() {
    return TEXTS[random.nextInt(TEXTS.length)];
  }
}
