package dev.tidegate.reading;

/** One measured value. Counters and states keep their own types so that nothing is rounded. */
public sealed interface Value {
  /** A measured quantity, in the unit of its point. May be NaN or infinite: then it is bad data. */
  record Real(double value) implements Value {
    @Override
    public double asDouble() {
      return value;
    }
  }

  /** A counter or raw register, exact over the whole range of a long. */
  record Whole(long value) implements Value {
    @Override
    public double asDouble() {
      return value;
    }
  }

  /** A contact, a relay, a flag. */
  record Flag(boolean value) implements Value {
    @Override
    public double asDouble() {
      return value ? 1 : 0;
    }
  }

  /**
   * A state or identifier.
   *
   * @param value at most 1,024 characters
   */
  record Text(String value) implements Value {
    public Text {
      if (value.length() > 1024) {
        throw new IllegalArgumentException(
            "a text value may have 1,024 characters, this one has " + value.length());
      }
    }

    @Override
    public double asDouble() {
      return Double.NaN;
    }
  }

  /** The value as a number for calculations: 0 or 1 for a flag, NaN for a text. */
  double asDouble();

  static Value of(double value) {
    return new Real(value);
  }

  static Value of(long value) {
    return new Whole(value);
  }

  static Value of(boolean value) {
    return new Flag(value);
  }

  static Value of(String value) {
    return new Text(value);
  }
}
