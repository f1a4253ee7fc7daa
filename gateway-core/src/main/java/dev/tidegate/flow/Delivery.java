package dev.tidegate.flow;

/** What became of a range of records, as the application on the far side says. */
public sealed interface Delivery {
  Lane lane();

  long firstSequence();

  long lastSequence();

  /** The far side has stored them: the buffer may forget. */
  record Acked(Lane lane, long firstSequence, long lastSequence) implements Delivery {}

  /**
   * The far side will never take them: they become a loss record.
   *
   * @param code the far side's status, 400 to 499
   */
  record Rejected(Lane lane, long firstSequence, long lastSequence, int code, String reason)
      implements Delivery {}
}
