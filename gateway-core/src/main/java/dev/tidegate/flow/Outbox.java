package dev.tidegate.flow;

import java.util.List;

/**
 * The way out of the buffer. Safe for use by the sync thread beside the buffer's own thread; {@link
 * #read} waits for the disk, the others never block.
 */
public interface Outbox {
  /** Random id made with the database. */
  String epoch();

  /** The number that the lane's next record will get: everything below is, or was, stored. */
  long head(Lane lane);

  /**
   * Stored frames of a lane with {@code firstSequence >= from} and {@code firstSequence < before},
   * lowest numbers first: as many as fit into {@code maxBytes}, but at least one where there is
   * one. A frame whose checksum fails is left out, set aside and declared lost.
   */
  List<Outbound> read(Lane lane, long from, long before, int maxBytes);

  /** Notes what became of delivered records; repeated and overlapping ranges do no harm. */
  void settle(Delivery delivery);

  /** Whether the lane's records leave only as parts of {@link #stretches}. */
  boolean isOnRequest(Lane lane);

  /**
   * Notes that the far side asks for a stretch of time. It is answered by an event of the kind
   * {@code replay-accepted}, {@code replay-done} or {@code replay-refused}, whose subject is the
   * request's id.
   *
   * @return false when there is no room: it was not taken
   */
  boolean request(ReplayRequest request);

  /** What was promised and is not settled, oldest first; at most 16. Costs nothing. */
  List<Stretch> stretches();

  /** Has the listener called on the buffer's thread after each commit; it must only hand over. */
  void onCommit(Runnable listener);
}
