package dev.tidegate.sync.sparkplug;

import dev.tidegate.reading.Quality;

/**
 * The fields of a metric after its name, alias and type: time, value, quality. The numbers are
 * those of the payload's schema (Sparkplug 3.0.0, 6.4.1).
 */
final class Fields {
  private static final int TIMESTAMP = 3;
  private static final int DATATYPE = 4;
  private static final int HISTORICAL = 5;
  private static final int NULL = 7;
  private static final int PROPERTIES = 9;
  private static final int LONG = 11;
  private static final int DOUBLE = 13;
  private static final int BOOLEAN = 14;
  private static final int STRING = 15;
  private static final int TEMPLATE = 18;
  private static final int INT32 = 3;
  private static final int BAD = 0;
  private static final int STALE = 500;

  private Fields() {}

  static ProtoWriter at(long millis) {
    return new ProtoWriter().number(TIMESTAMP, millis);
  }

  static ProtoWriter historical(ProtoWriter metric) {
    return metric.flag(HISTORICAL, true);
  }

  static ProtoWriter nothing(ProtoWriter metric) {
    return metric.flag(NULL, true);
  }

  static ProtoWriter whole(ProtoWriter metric, long value) {
    return metric.number(LONG, value);
  }

  /** A real number; null where there is none. */
  static ProtoWriter real(ProtoWriter metric, double value) {
    return Double.isFinite(value) ? metric.real(DOUBLE, value) : nothing(metric);
  }

  static ProtoWriter flag(ProtoWriter metric, boolean value) {
    return metric.flag(BOOLEAN, value);
  }

  static ProtoWriter text(ProtoWriter metric, String value) {
    return metric.text(STRING, value);
  }

  static ProtoWriter template(ProtoWriter metric, ProtoWriter instance) {
    return metric.message(TEMPLATE, instance);
  }

  static ProtoWriter type(ProtoWriter metric, Type type) {
    return metric.number(DATATYPE, type.code());
  }

  /**
   * The one property set of a metric: its unit, where there is one, for births, and its quality,
   * where that is not good: 0 is bad, 500 stale (6.4.9). Keys and values are two lists in step
   * (tck-id-payloads-propertyset-keys-array-size).
   */
  static ProtoWriter properties(ProtoWriter metric, String unit, Quality quality) {
    ProtoWriter keys = new ProtoWriter();
    ProtoWriter values = new ProtoWriter();
    if (!unit.isEmpty()) {
      keys.text(1, "engUnit");
      values.message(2, new ProtoWriter().number(1, Type.STRING.code()).text(8, unit));
    }
    if (!quality.isGood()) {
      keys.text(1, "Quality");
      int code = quality.isBad() ? BAD : STALE;
      values.message(2, new ProtoWriter().number(1, INT32).number(3, code));
    }
    return keys.size() == 0 ? metric : metric.message(PROPERTIES, keys.raw(values.toBytes()));
  }
}
