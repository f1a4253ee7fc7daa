package dev.tidegate.inference;

import dev.tidegate.flow.Summary;
import org.jspecify.annotations.Nullable;

/** A statistic of a window that can be a feature. */
enum Stat {
  MIN("min"),
  MEAN("mean"),
  MAX("max"),
  STDDEV("stddev"),
  FIRST("first"),
  LAST("last"),
  TIME_MEAN("time-mean");

  private final String id;

  Stat(String id) {
    this.id = id;
  }

  /** The statistic of that name in a manifest, or null. */
  static @Nullable Stat ofId(String id) {
    for (Stat stat : values()) {
      if (stat.id.equals(id)) {
        return stat;
      }
    }
    return null;
  }

  /** NaN where the window had no usable sample. */
  double of(Summary summary) {
    return switch (this) {
      case MIN -> summary.min();
      case MEAN -> summary.mean();
      case MAX -> summary.max();
      case STDDEV -> summary.stddev();
      case FIRST -> summary.first();
      case LAST -> summary.last();
      case TIME_MEAN -> summary.timeMean();
    };
  }

  /** Whether it moves with the zero of its unit: a spread in kelvins is one in degrees Celsius. */
  boolean hasZero() {
    return this != STDDEV;
  }
}
