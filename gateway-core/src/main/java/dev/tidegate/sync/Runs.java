package dev.tidegate.sync;

import dev.tidegate.flow.Lane;
import dev.tidegate.flow.Outbound;
import dev.tidegate.flow.Outbox;
import dev.tidegate.flow.Stretch;
import dev.tidegate.sync.binding.Binding;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The runs of one connection through the lanes. Owned by the sync thread. */
final class Runs {
  private final Outbox outbox;
  private final int readBytes;
  private final List<LaneRun> current = new ArrayList<>();
  private final List<LaneRun> backlog = new ArrayList<>();
  private final Map<Stretch, LaneRun> requested = new LinkedHashMap<>();
  private final List<LaneRun> all = new ArrayList<>();
  private final Map<Lane, Long> lookAgainUpTo = new EnumMap<>(Lane.class);

  /** From what the lanes hold now, and what comes from now on. */
  Runs(Outbox outbox, Binding binding, int readBytes) {
    this.outbox = outbox;
    this.readBytes = readBytes;
    for (Lane lane : Lane.values()) {
      if (outbox.isOnRequest(lane)) {
        continue;
      }
      long liveFrom = outbox.head(lane);
      if (binding.isOrdered(lane)) {
        current.add(LaneRun.ordered(lane, outbox, liveFrom, readBytes));
        continue;
      }
      current.add(LaneRun.live(lane, outbox, liveFrom, readBytes));
      backlog.add(LaneRun.backlog(lane, outbox, liveFrom, readBytes));
    }
    collect();
  }

  private void collect() {
    all.clear();
    all.addAll(current);
    all.addAll(backlog);
    all.addAll(requested.values());
  }

  /** What is sent from now on, and of ordered lanes all of it. */
  Collection<LaneRun> current() {
    return current;
  }

  Collection<LaneRun> backlog() {
    return backlog;
  }

  /** What the far side asked for, oldest first. */
  Collection<LaneRun> requested() {
    return requested.values();
  }

  /** All of them, in the order of sending. */
  Collection<LaneRun> all() {
    return all;
  }

  /** Begins what was promised since, and ends what is settled. */
  void followRequests() {
    List<Stretch> stretches = outbox.stretches();
    if (stretches.size() == requested.size() && requested.keySet().containsAll(stretches)) {
      return;
    }
    requested.keySet().retainAll(stretches);
    for (Stretch stretch : stretches) {
      requested.computeIfAbsent(stretch, s -> LaneRun.requested(s, outbox, readBytes));
    }
    collect();
  }

  /** Has each lane's backlog looked through anew, up to where the live run was the last time. */
  void lookAgain() {
    for (LaneRun live : current) {
      Long upTo = lookAgainUpTo.put(live.lane, live.next());
      if (upTo != null) {
        backlog.stream().filter(r -> r.lane == live.lane).forEach(r -> r.lookAgain(upTo));
      }
    }
    requested.forEach((stretch, run) -> run.lookAgain(stretch.lastSequence() + 1));
  }

  /** Whether the frame was sent on this connection and waits for its answer. */
  boolean isWaiting(Outbound frame) {
    return all.stream().anyMatch(r -> r.lane == frame.lane() && r.isWaiting(frame));
  }
}
