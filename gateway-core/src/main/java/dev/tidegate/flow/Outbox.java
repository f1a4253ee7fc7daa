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

  /** Has the listener called on the buffer's thread after each commit; it must only hand over. */
  void onCommit(Runnable listener);
}
