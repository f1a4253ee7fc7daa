package dev.tidegate.reading;

/**
 * How far a value can be trusted, and why not further. A bad measurement is data and flows like any
 * other.
 *
 * <p>Levels follow OPC UA Part 8: good, uncertain (usable with care), bad (the value says nothing
 * about the process). The wire code of each constant is fixed; new constants take new codes.
 */
public enum Quality {
  /** Nothing speaks against the value. */
  GOOD(0),

  /** It changed faster than the point's {@code max-rate} allows. */
  UNCERTAIN_RATE(16),
  /** It has not changed at all for longer than {@code stuck-after}. */
  UNCERTAIN_STUCK(17),
  /** It arrived after the windows it belongs to had closed. */
  UNCERTAIN_LATE(18),
  /**
   * Its source time cannot be right (further ahead than the allowed skew); arrival time is used.
   */
  UNCERTAIN_TIME(19),
  /** The source itself said that it is unsure. */
  UNCERTAIN_SOURCE(20),

  /** It lies outside the point's {@code range}. */
  BAD_RANGE(32),
  /** It is no number: NaN, infinite, or a text where a number was expected. */
  BAD_NOT_A_NUMBER(33),
  /** The sensor or its wiring reported a failure. */
  BAD_SENSOR(34),
  /** The device could not be reached. */
  BAD_COMMUNICATION(35);

  private final int code;

  Quality(int code) {
    this.code = code;
  }

  /** The stable number of this quality on the wire and in the buffer file, 0 to 63. */
  public int code() {
    return code;
  }

  public boolean isGood() {
    return this == GOOD;
  }

  /** True from code 32 on: leave the value out of every calculation. */
  public boolean isBad() {
    return code >= 32;
  }

  /** The less trustworthy of the two; the earlier reason stays among equals. */
  public Quality worst(Quality other) {
    return other.code / 16 > code / 16 ? other : this;
  }

  /**
   * The quality with that wire code.
   *
   * @throws IllegalArgumentException when no quality has it
   */
  public static Quality ofCode(int code) {
    for (Quality q : values()) {
      if (q.code == code) {
        return q;
      }
    }
    throw new IllegalArgumentException("no quality has the code " + code);
  }
}
