package dev.tidegate.sync.binding;

import dev.tidegate.flow.Lane;
import dev.tidegate.flow.Outbound;
import dev.tidegate.sync.link.Filter;
import dev.tidegate.sync.link.Outgoing;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How records, acknowledgements and commands are named and encoded for one kind of far side. It
 * names and encodes, and decides nothing: what is sent when, what is forgotten and what is done is
 * up to those who ask it. Owned by the sync thread.
 */
public interface Binding {
  /** A new connection begins: what was under way on the one before is over. */
  void begin();

  /** What to subscribe to after each connect, with QoS 1. */
  List<Filter> subscriptions();

  /** What the server says when it loses us. */
  Outgoing will();

  /** What is said before anything else after each connect, and when everything is told anew. */
  List<Outgoing> births();

  /**
   * Everything is told anew, after the births: what the far side is known to have counts no more.
   */
  default void tellAll() {}

  /** What is said last, before a disconnect that was meant. */
  Outgoing farewell();

  /** Whether the server is to publish the will also when the gateway leaves on purpose. */
  default boolean leavesWithWill() {
    return false;
  }

  /**
   * Whether the far side keeps no more than the latest of the lane, so that its frames must arrive
   * one after another: then none is sent before the one before it is acknowledged, and what is live
   * does not overtake the backlog.
   */
  boolean isOrdered(Lane lane);

  /** Where frames of the lane go, for people. */
  String destination(Lane lane);

  /**
   * What carries the frame: all of it, or the parts that may go first, at least one. The same frame
   * may be asked for again, and then what is not acknowledged of it is sent again.
   *
   * @param isLate whether it is no news: stored before the connection began, or sent before
   */
  List<Outgoing> pack(Outbound frame, boolean isLate);

  /** What is published of a message at the very moment when it is: numbers that count publishes. */
  default Outgoing seal(Outgoing message) {
    return message;
  }

  /** Whether frames may be sent now. */
  default boolean isReady() {
    return true;
  }

  /** Whom it waits for while frames may not be sent, for people. */
  default String waitsFor() {
    return "";
  }

  /**
   * How long after its publish a frame counts as stored on a connection that still stands, where
   * the far side says nothing of its own; {@link Long#MAX_VALUE} where it does.
   *
   * @param keepAliveSeconds the connection's keep-alive
   */
  default long impliedNanos(int keepAliveSeconds) {
    return Long.MAX_VALUE;
  }

  /** What else is to be said now, one message at a time; null for nothing. */
  default @Nullable Outgoing next(long nowNanos) {
    return null;
  }

  /** When {@link #next} may have something; {@link Long#MAX_VALUE} for never. */
  default long dueNanos() {
    return Long.MAX_VALUE;
  }

  /** Has the listener called when {@link #next} has something new, by any thread. */
  default void onNext(Runnable listener) {}

  /** Commands of a message that was read found no room: they have to come again. */
  default void untaken() {}

  /** Reads a message. */
  Incoming read(String topic, byte[] payload);
}
