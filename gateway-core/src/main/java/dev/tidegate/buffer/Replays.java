package dev.tidegate.buffer;

import dev.tidegate.buffer.store.Store;
import dev.tidegate.buffer.store.Timeline;
import dev.tidegate.config.BufferConfig.Send;
import dev.tidegate.flow.Event;
import dev.tidegate.flow.Event.Severity;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.ReplayRequest;
import dev.tidegate.flow.Stretch;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;

/**
 * Answers what the far side asks of the flight recorder: a lane, from, to.
 *
 * <pre>
 *   request ──▶ replay-accepted ──▶ frames at low priority ──▶ replay-done
 *          └──▶ replay-refused: what the lane holds instead
 * </pre>
 *
 * A promise is stored with the frames, so that it outlives restarts; it is kept once the last of
 * its frames is settled or declared lost. Owned by the buffer's thread.
 */
final class Replays {
  /** Promises at a time. */
  static final int MAX = 16;

  private final Quotas quotas;
  private final Coalescer coalescer;
  private List<Stretch> stretches;
  private List<Stretch> uncommitted;

  Replays(Quotas quotas, Coalescer coalescer, List<Stretch> stretches) {
    this.quotas = quotas;
    this.coalescer = coalescer;
    this.stretches = stretches;
    this.uncommitted = stretches;
  }

  /** What was promised, as of the last commit. */
  List<Stretch> stretches() {
    return stretches;
  }

  /** Takes over what the file holds. */
  void load(List<Stretch> stored) {
    stretches = stored;
    uncommitted = stored;
  }

  /** Answers one request, within a transaction. */
  void answer(Transaction transaction, Store store, ReplayRequest request) throws SQLException {
    Lane lane = request.lane();
    if (uncommitted.stream().anyMatch(s -> s.id().equals(request.id()))) {
      say(transaction, "accepted", request.id(), "is under way already");
    } else if (quotas.of(lane).send() != Send.ON_REQUEST) {
      refuse(
          transaction,
          request,
          "the lane "
              + lane.word()
              + " is sent as it comes, and holds nothing but what is on its way; set its 'send' to"
              + " on-request to ask for parts of it");
    } else if (uncommitted.size() >= MAX) {
      refuse(transaction, request, MAX + " replays are under way; ask again once one is done");
    } else {
      find(transaction, store, request);
    }
  }

  private void find(Transaction transaction, Store store, ReplayRequest request)
      throws SQLException {
    Lane lane = request.lane();
    Timeline.Held held = store.timeline().find(lane, request.fromNanos(), request.toNanos());
    if (held == null) {
      Timeline.Held all = store.timeline().find(lane, Long.MIN_VALUE, Long.MAX_VALUE);
      refuse(
          transaction,
          request,
          "the lane "
              + lane.word()
              + (all == null
                  ? " holds nothing"
                  : " holds " + words(all) + ", and nothing of what was asked for"));
      return;
    }
    coalescer.lock.lock(); // where the stretch begins and ends, a frame must begin and end
    try {
      coalescer.handedOut(lane, held.lastSequence() + 1);
    } finally {
      coalescer.lock.unlock();
    }
    store.timeline().promise(request, held);
    uncommitted = store.timeline().stretches();
    say(
        transaction,
        "accepted",
        request.id(),
        "the lane "
            + lane.word()
            + " has "
            + words(held)
            + " (numbers "
            + held.firstSequence()
            + " to "
            + held.lastSequence()
            + "); it is sent after everything else");
  }

  private static void refuse(Transaction transaction, ReplayRequest request, String why)
      throws SQLException {
    say(transaction, "refused", request.id(), why);
  }

  private static void say(Transaction transaction, String what, String id, String message)
      throws SQLException {
    transaction.append(
        Lane.EVENTS,
        List.of(
            new Event(transaction.nowNanos(), Severity.INFO, Event.REPLAY + what, id, message)));
  }

  private static String words(Timeline.Held held) {
    return instant(held.fromNanos()) + " to " + instant(held.toNanos());
  }

  private static Instant instant(long nanos) {
    return Instant.ofEpochSecond(
        Math.floorDiv(nanos, 1_000_000_000L), Math.floorMod(nanos, 1_000_000_000L));
  }

  /** Ends the promises of which no frame is left, within a transaction. */
  void finish(Transaction transaction, Store store) throws SQLException {
    for (Stretch stretch : List.copyOf(uncommitted)) {
      boolean isTouched = transaction.books().of(stretch.lane()).dirty;
      if (isTouched
          && store
              .startingIn(stretch.lane(), stretch.firstSequence(), stretch.lastSequence(), 1)
              .isEmpty()) {
        store.timeline().fulfilled(stretch.id());
        uncommitted = store.timeline().stretches();
        say(
            transaction,
            "done",
            stretch.id(),
            "numbers "
                + stretch.firstSequence()
                + " to "
                + stretch.lastSequence()
                + " of the lane "
                + stretch.lane().word()
                + " are delivered or declared lost");
      }
    }
  }

  /** Makes public what the last transaction did, once it is durable. */
  void committed() {
    stretches = uncommitted;
  }
}
