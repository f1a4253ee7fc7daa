package dev.tidegate.drivers.coap.payload;

import dev.tidegate.reading.Quality;
import dev.tidegate.reading.Reading;
import dev.tidegate.reading.Unit;
import dev.tidegate.reading.Value;
import dev.tidegate.time.Clock;
import dev.tidegate.time.TimeQuality;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * One SenML pack (RFC 8428) with its base fields resolved. Sums are ignored, data values refused.
 *
 * <p>Immutable.
 */
final class SenmlPack {
  /** The version of RFC 8428; a pack of a later one must not be used (section 4.4). */
  private static final int VERSION = 10;

  private static final int MAX_RECORDS = 4096;

  /** Times below it are relative to now (section 4.5.3). */
  private static final double ABSOLUTE_FROM_SECONDS = 1 << 28;

  /** The year 2191: its nanoseconds, and a wall clock that is decades off, fit a long. */
  private static final double MAX_SECONDS = 7e9;

  /**
   * What a field is called in JSON (section 5) or in CBOR (section 6); Jackson hands CBOR's integer
   * labels out as decimal text.
   */
  record Labels(
      String bver,
      String bn,
      String bt,
      String bu,
      String bv,
      String n,
      String u,
      String v,
      String vs,
      String vb,
      String s,
      String t,
      String vd) {
    static final Labels JSON =
        new Labels("bver", "bn", "bt", "bu", "bv", "n", "u", "v", "vs", "vb", "s", "t", "vd");
    static final Labels CBOR =
        new Labels("-1", "-2", "-3", "-4", "-5", "0", "1", "2", "3", "4", "5", "6", "8");
  }

  /**
   * One resolved record.
   *
   * @param name base name and name joined
   * @param ownName the record's name alone
   * @param unit its SenML unit symbol; null where neither it nor the base has one
   * @param seconds base time plus time
   * @param value null for a data value, which is not understood
   */
  private record Entry(
      String name, String ownName, @Nullable String unit, double seconds, @Nullable Value value) {}

  private final List<Entry> entries;

  private SenmlPack(List<Entry> entries) {
    this.entries = entries;
  }

  static SenmlPack of(JsonNode root, Labels labels) throws Undecodable {
    if (!root.isArray()) {
      throw new Undecodable("is no SenML pack: an array of records was expected");
    }
    if (root.size() > MAX_RECORDS) {
      throw new Undecodable("is a SenML pack of more than " + MAX_RECORDS + " records");
    }
    List<Entry> entries = new ArrayList<>(root.size());
    Base base = new Base();
    for (JsonNode node : root) {
      refuseUnknown(node, labels);
      base.update(node, labels);
      boolean counts = base.value != null && isMore(node, labels);
      if (node.has(labels.v)
          || node.has(labels.vs)
          || node.has(labels.vb)
          || node.has(labels.vd)
          || counts) {
        entries.add(base.resolve(node, labels));
      }
    }
    return new SenmlPack(entries);
  }

  /**
   * Section 4.5.4: a missing value counts as zero where there is a base value. A record of base
   * fields alone, or of a sum alone, has no value.
   */
  private static boolean isMore(JsonNode node, Labels labels) {
    return !node.has(labels.s) && (node.has(labels.n) || node.has(labels.t) || node.has(labels.u));
  }

  /** The base fields as they stand after the records so far (section 4.1). */
  private static final class Base {
    private String name = "";
    private double seconds;
    private @Nullable String unit;
    private @Nullable Double value;

    void update(JsonNode node, Labels labels) throws Undecodable {
      String newName = text(node, labels.bn);
      name = newName == null ? name : newName;
      Double newTime = number(node, labels.bt);
      seconds = newTime == null ? seconds : newTime;
      String newUnit = text(node, labels.bu);
      unit = newUnit == null ? unit : newUnit;
      Double newValue = number(node, labels.bv);
      value = newValue == null ? value : newValue;
    }

    Entry resolve(JsonNode node, Labels labels) throws Undecodable {
      String own = text(node, labels.n);
      String ownName = own == null ? "" : own;
      String ownUnit = text(node, labels.u);
      Double time = number(node, labels.t);
      return new Entry(
          name + ownName,
          ownName,
          ownUnit == null ? unit : ownUnit,
          seconds + (time == null ? 0 : time),
          valueOf(node, labels));
    }

    private @Nullable Value valueOf(JsonNode node, Labels labels) throws Undecodable {
      String words = text(node, labels.vs);
      if (words != null) {
        return Scalars.words(words);
      }
      JsonNode flag = node.get(labels.vb);
      if (flag != null) {
        if (!flag.isBoolean()) {
          throw new Undecodable("has a SenML field '" + labels.vb + "' that is no boolean");
        }
        return Value.of(flag.booleanValue());
      }
      if (node.has(labels.vd)) {
        return null;
      }
      Double number = number(node, labels.v);
      if (number != null && (value == null || value == 0)) {
        return Scalars.ofNode(node.get(labels.v)); // keeps a whole number whole
      }
      return Value.of((number == null ? 0 : number) + (value == null ? 0 : value));
    }
  }

  /** The readings of one point: one for each record of its name. */
  List<Reading> readings(Extract extract, long arrivalNanos, Clock clock) throws Undecodable {
    List<Reading> readings = new ArrayList<>();
    for (Entry entry : matching(extract.name())) {
      if (entry.value == null) {
        throw new Undecodable("is a SenML data value in record '" + entry.name + "'");
      }
      Value value = inUnit(entry.value, entry, extract.unit());
      Quality quality = Payload.soundness(value);
      long sourceNanos = arrivalNanos;
      boolean absolute = entry.seconds >= ABSOLUTE_FROM_SECONDS;
      if (!(Math.abs(entry.seconds) < MAX_SECONDS)
          || (absolute && clock.quality() == TimeQuality.IMPLAUSIBLE)) {
        quality = quality.worst(Quality.UNCERTAIN_TIME);
      } else if (absolute) {
        // The sensor speaks of wall time; what the wall clock was corrected by since the start is
        // taken off again, so that the reading stands on the gateway's timeline.
        sourceNanos = nanos(entry.seconds) + (clock.monotonicNanos() - clock.wallNanos());
      } else {
        sourceNanos = arrivalNanos + nanos(entry.seconds);
      }
      readings.add(new Reading(extract.point(), sourceNanos, value, quality));
    }
    return readings;
  }

  private List<Entry> matching(@Nullable String name) throws Undecodable {
    List<Entry> found = new ArrayList<>();
    TreeSet<String> names = new TreeSet<>();
    for (Entry entry : entries) {
      names.add(entry.name);
      if (name == null || entry.name.equals(name) || entry.ownName.equals(name)) {
        found.add(entry);
      }
    }
    if (found.isEmpty()) {
      throw new Undecodable(
          name == null ? "is a SenML pack without a value" : "has no SenML record '" + name + "'");
    }
    if (name == null && names.size() > 1) {
      throw new Undecodable(
          "is a SenML pack of "
              + names.size()
              + " names: say which with 'name', for example name: '"
              + names.first()
              + "'");
    }
    return found;
  }

  private static Value inUnit(Value value, Entry entry, @Nullable Unit to) throws Undecodable {
    boolean counts =
        switch (value) {
          case Value.Real _, Value.Whole _ -> true;
          case Value.Flag _, Value.Text _ -> false;
        };
    if (to == null || entry.unit == null || !counts) {
      return value;
    }
    Unit from = SenmlUnits.of(entry.unit);
    if (from == null || !from.isCommensurate(to)) {
      throw new Undecodable(
          "is in '" + entry.unit + "' by SenML, which cannot be converted to the point's " + to);
    }
    return from.equals(to) ? value : Value.of(from.convert(value.asDouble(), to));
  }

  private static long nanos(double seconds) {
    double whole = Math.floor(seconds);
    return ((long) whole) * 1_000_000_000L + Math.round((seconds - whole) * 1e9);
  }

  /** Section 4.4: a field whose label ends with an underscore must be understood. */
  private static void refuseUnknown(JsonNode node, Labels labels) throws Undecodable {
    if (!node.isObject()) {
      throw new Undecodable("is a SenML pack with a record that is no object");
    }
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      if (field.getKey().endsWith("_")) {
        throw new Undecodable(
            "needs the SenML extension '" + field.getKey() + "' to be understood, which it is not");
      }
    }
    Double version = number(node, labels.bver);
    if (version != null && version > VERSION) {
      throw new Undecodable("is SenML of version " + version + ", later than " + VERSION);
    }
  }

  private static @Nullable String text(JsonNode node, String label) throws Undecodable {
    JsonNode found = node.get(label);
    if (found == null) {
      return null;
    }
    if (!found.isString()) {
      throw new Undecodable("has a SenML field '" + label + "' that is no text");
    }
    return found.stringValue();
  }

  private static @Nullable Double number(JsonNode node, String label) throws Undecodable {
    JsonNode found = node.get(label);
    if (found == null) {
      return null;
    }
    if (!found.isNumber()) {
      throw new Undecodable("has a SenML field '" + label + "' that is no number");
    }
    return Scalars.real(found);
  }
}
