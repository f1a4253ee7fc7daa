package dev.tidegate.flow;

/**
 * One of the buffer's queues. Each numbers its records from 1 without gaps. In the order of their
 * priority on the link, highest first.
 */
public enum Lane {
  /** Decisions that raise an alarm, and loss records; committed at once. */
  ALARMS("alarms"),
  /** Decisions that raise none, and what happened to the gateway itself. */
  EVENTS("events"),
  /** Closed windows. */
  SUMMARIES("summaries"),
  /** Conditioned readings as they came. */
  RAW("raw");

  private final String word;

  Lane(String word) {
    this.word = word;
  }

  /** The lane's name in the configuration, on the wire and in the buffer file. */
  public String word() {
    return word;
  }

  /**
   * The lane of that name.
   *
   * @throws IllegalArgumentException when there is none
   */
  public static Lane of(String word) {
    for (Lane lane : values()) {
      if (lane.word.equals(word)) {
        return lane;
      }
    }
    throw new IllegalArgumentException("no lane is called '" + word + "'");
  }
}
