package dev.tidegate.sync;

import dev.tidegate.config.SyncConfig;
import dev.tidegate.flow.Delivery;
import dev.tidegate.flow.Outbound;
import dev.tidegate.flow.Outbox;
import dev.tidegate.sync.LaneRun.Sent;
import dev.tidegate.sync.binding.Binding;
import dev.tidegate.sync.binding.Incoming;
import dev.tidegate.sync.binding.Incoming.Ack;
import dev.tidegate.sync.link.LinkEvent;
import dev.tidegate.sync.link.MqttLink;
import dev.tidegate.sync.link.Outgoing;
import dev.tidegate.sync.link.ReasonCode;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one connection sends, and what it waits for. Owned by the sync thread; thrown away with the
 * connection, since everything worth keeping is in the buffer.
 *
 * <pre>
 *   buffer ──▶ window ──PUBACK──▶ waiting ──2xx──▶ settled: acknowledged
 *     ▲          │ 0x80…            │ ├────4xx──▶ settled: rejected
 *     └──────────┴── later ◀────────┴─┴─ 408, 424, 5xx, no answer in time
 * </pre>
 *
 * <p>Order: live frames before the backlog, alarms, events, summaries, raw within each; the backlog
 * never takes the last quarter of the window, so that a live frame need not wait for a PUBACK. What
 * the far side asked for comes last of all. Both keep to {@link Pace}, live frames do not.
 */
final class Session {
  private static final int MAX_SENDS_PER_STEP = 64;
  private static final int MAX_TIMEOUT_DOUBLINGS = 3;

  /** Longer than the longest commit-every: what was settled before is gone from the buffer. */
  private static final long LOOK_AGAIN_NANOS = 120_000_000_000L;

  private final SyncConfig config;
  private final MqttLink link;
  private final Binding binding;
  private final Outbox outbox;
  private final String epoch;
  private final Tally tally;
  private final Troubles troubles;
  private final Pace pace;
  private final LaneGate gate;
  private final Runs runs;
  private final int window;
  private final int receiveMaximum;
  private final long maximumPacketBytes;

  /** The longest from one try of a frame to the next, and for the answer. */
  private final long againNanos;

  /** Births, and further parts of frames that were begun, in their order. */
  private final Deque<Part> parts = new ArrayDeque<>();

  private final Map<Long, Departure> inWindow = new HashMap<>();
  private long lookAgainNanos;
  private long lastId;
  private long progressNanos;
  private boolean silent;

  /** How long after its publish a frame counts as stored; and when the first one does. */
  private final long impliedNanos;

  private long impliedDueNanos = LaneRun.NEVER;

  /** When the far side last spoke about a frame of ours; some listen without subscribing. */
  private long heardNanos;

  /** A publish that the server has not acknowledged; the status message has no frame. */
  private record Departure(@Nullable LaneRun run, @Nullable Sent frame) {}

  private record Part(Outgoing message, Departure of) {}

  Session(
      SyncConfig config,
      LinkEvent.Up up,
      Binding binding,
      Outbox outbox,
      Tally tally,
      Troubles troubles,
      Pace pace,
      LaneGate gate,
      long impliedNanos,
      long nowNanos) {
    this.config = config;
    this.link = up.link();
    this.binding = binding;
    this.outbox = outbox;
    this.epoch = outbox.epoch();
    this.tally = tally;
    this.troubles = troubles;
    this.pace = pace;
    this.gate = gate;
    this.window = Math.max(1, Math.min(config.sendWindow(), up.receiveMaximum()));
    this.receiveMaximum = up.receiveMaximum();
    this.againNanos =
        Math.max(config.ackTimeoutNanos() << MAX_TIMEOUT_DOUBLINGS, config.reconnectMaxNanos())
            + config.ackTimeoutNanos();
    this.maximumPacketBytes = up.maximumPacketBytes();
    this.impliedNanos = impliedNanos;
    this.progressNanos = nowNanos;
    this.heardNanos = nowNanos - 2 * config.ackTimeoutNanos();
    this.lookAgainNanos = nowNanos + LOOK_AGAIN_NANOS;
    this.runs = new Runs(outbox, binding, config.batchBytes());
    if (impliedNanos != Long.MAX_VALUE) {
      runs.all().forEach(LaneRun::unanswered);
    }
  }

  /** Publishes what is no frame before anything else, as the server's window has room. */
  void tell(List<Outgoing> messages) {
    Departure noFrame = new Departure(null, null);
    messages.reversed().forEach(m -> parts.addFirst(new Part(m, noFrame)));
  }

  /** Publishes what is no frame at once; returns an id for {@link #isInWindow}. */
  long say(Outgoing message, long nowNanos) {
    if (message.packetBytes() > maximumPacketBytes) {
      tooLarge(nowNanos);
      return ++lastId;
    }
    return publish(message, new Departure(null, null), nowNanos);
  }

  /** Whether the server may be sent one more publish (MQTT 5, 4.9). */
  boolean hasRoom() {
    return inWindow.size() < receiveMaximum;
  }

  /** Whether the server has not acknowledged that publish yet. */
  boolean isInWindow(long id) {
    return inWindow.containsKey(id);
  }

  /** Sends what may be sent; returns how many frames that were. */
  int send(long nowNanos) {
    if (nowNanos >= lookAgainNanos) {
      runs.lookAgain();
      lookAgainNanos = nowNanos + LOOK_AGAIN_NANOS;
    }
    runs.followRequests();
    settleImplied(nowNanos);
    if (!binding.isReady()) {
      return 0;
    }
    int sent = 0;
    int reserved = (window + 3) / 4; // for live frames
    while (inWindow.size() < window && sent < MAX_SENDS_PER_STEP) {
      boolean went =
          sendPart(nowNanos)
              || sendFirst(runs.current(), true, nowNanos)
              || (pace.isFree(nowNanos)
                  && inWindow.size() < Math.max(1, window - reserved)
                  && (sendFirst(runs.current(), false, nowNanos)
                      || sendFirst(runs.backlog(), false, nowNanos)
                      || sendFirst(runs.requested(), false, nowNanos)));
      if (!went) {
        break;
      }
      sent++;
    }
    return sent;
  }

  /** Sends one more part of a frame that was begun. */
  private boolean sendPart(long nowNanos) {
    Part part = parts.poll();
    if (part == null) {
      return false;
    }
    LaneRun run = part.of.run();
    Sent frame = part.of.frame();
    if (part.message.packetBytes() > maximumPacketBytes) {
      if (run != null && frame != null) {
        run.due(frame, nowNanos + LOOK_AGAIN_NANOS);
        parts.removeIf(other -> other.of.frame() == frame);
      }
      tooLarge(nowNanos);
      return true;
    }
    if (run == null || frame == null || run.waiting(frame.first) == frame) {
      publish(part.message, part.of, nowNanos);
    }
    return true;
  }

  /** Sends one frame of the first run that has one, and that sends what is live now, or is not. */
  private boolean sendFirst(Collection<LaneRun> from, boolean live, long nowNanos) {
    for (LaneRun run : from) {
      if (run.isLive() != live) {
        continue;
      }
      if (!gate.isOpen(run.lane, nowNanos)) {
        noteShut(run, nowNanos);
        continue;
      }
      for (Outbound frame = run.next(nowNanos); frame != null; frame = run.next(nowNanos)) {
        if (!run.isWaiting(frame) && runs.isWaiting(frame)) {
          continue; // found again behind the live run that has it in hand
        }
        boolean isLate = frame.firstSequence() < run.liveFrom() || run.isWaiting(frame);
        List<Outgoing> messages = binding.pack(frame, isLate);
        if (fits(run, frame, messages, nowNanos)) {
          send(run, frame, messages, nowNanos);
          return true;
        }
      }
    }
    return false;
  }

  private void noteShut(LaneRun run, long nowNanos) {
    if (gate.isSpent(run.lane, nowNanos) && run.next() < outbox.head(run.lane)) {
      troubles.raise(
          "link-budget-" + run.lane.word(),
          "the lane "
              + run.lane.word()
              + " has used up its bytes on the link for now; its records are kept and go as the day"
              + " goes on: raise sync.link-per-day, or store less",
          nowNanos);
    }
  }

  /** Whether the server takes messages that large; a frame that it does not take is held back. */
  private boolean fits(LaneRun run, Outbound frame, List<Outgoing> messages, long nowNanos) {
    long most = messages.stream().mapToLong(Outgoing::packetBytes).max().orElse(0);
    if (most <= maximumPacketBytes) {
      return true;
    }
    Sent waiting = run.waiting(frame.firstSequence());
    if (binding.isOrdered(run.lane)) {
      run.hold(frame, nowNanos + LOOK_AGAIN_NANOS); // nothing of the lane may overtake it
    } else if (waiting != null) {
      run.due(waiting, nowNanos + LOOK_AGAIN_NANOS);
    }
    tooLarge(nowNanos);
    return false;
  }

  private void tooLarge(long nowNanos) {
    tally.held.increment();
    troubles.raise(
        "frame-too-large",
        "the broker takes packets of at most "
            + maximumPacketBytes
            + " bytes, and a message is larger; a frame is kept, the others flow on: raise the"
            + " broker's maximum packet size (mosquitto: max_packet_size)",
        nowNanos,
        2 * LOOK_AGAIN_NANOS + config.ackTimeoutNanos());
  }

  private void send(LaneRun run, Outbound frame, List<Outgoing> messages, long nowNanos) {
    spend(run, frame.firstSequence(), messages, nowNanos);
    boolean answerMissing = run.lacksAnswer(frame);
    Sent sent = run.sent(frame);
    if (sent.attempts > 1) {
      tally.resent.increment();
    }
    if (answerMissing) {
      silent = true;
      tally.ackTimeouts.increment();
      troubles.raiseOfDelivery(
          "no-acknowledgement",
          "the far side did not acknowledge within "
              + config.ackTimeoutNanos() / 1_000_000
              + " ms what the broker took; it is sent again and kept until then: check that the"
              + " cloud side runs and listens on "
              + binding.destination(run.lane),
          nowNanos,
          againNanos);
    }
    tally.published.increment();
    tally.publishedBytes.add(frame.frame().length);
    parts.removeIf(part -> part.of.frame() == sent); // of the try before this one
    sent.open = messages.size();
    Departure departure = new Departure(run, sent);
    publish(messages.getFirst(), departure, nowNanos);
    messages.stream().skip(1).forEach(m -> parts.add(new Part(m, departure)));
  }

  private void spend(LaneRun run, long first, List<Outgoing> messages, long nowNanos) {
    long bytes = messages.stream().mapToLong(Outgoing::packetBytes).sum();
    if (first < run.liveFrom()) {
      pace.spend(bytes, nowNanos);
    }
    gate.spend(run.lane, bytes, nowNanos);
  }

  /** A part of a frame is stored: the next ones follow. */
  void progress(Incoming.Progress progress, long nowNanos) {
    heardNanos = nowNanos;
    for (LaneRun run : runs.all()) {
      Sent frame = run.lane == progress.lane() ? run.waiting(progress.first()) : null;
      if (frame != null) {
        run.due(frame, nowNanos + config.ackTimeoutNanos());
        Departure departure = new Departure(run, frame);
        spend(run, frame.first, progress.next(), nowNanos);
        progress.next().forEach(m -> parts.add(new Part(m, departure)));
      }
    }
  }

  private long publish(Outgoing message, Departure departure, long nowNanos) {
    long id = ++lastId;
    if (inWindow.isEmpty()) {
      progressNanos = nowNanos;
    }
    inWindow.put(id, departure);
    Outgoing sealed = binding.seal(message);
    Trace.out(id, sealed, departure.run(), departure.frame());
    link.publish(id, sealed);
    return id;
  }

  /** The server answered a publish. */
  void pubAck(long id, int reasonCode, long nowNanos) {
    Departure departure = inWindow.remove(id);
    if (departure == null) {
      return;
    }
    progressNanos = nowNanos;
    tally.pubAcks.increment();
    LaneRun run = departure.run();
    Sent frame = departure.frame();
    Trace.taken(id, reasonCode, run, frame);
    if (run == null || frame == null) {
      return;
    }
    if (reasonCode >= ReasonCode.FAILURE) {
      tally.pubAcksRefused.increment();
      troubles.raiseOfDelivery(
          "publish-refused",
          "the broker refuses publishes to "
              + binding.destination(run.lane)
              + ": "
              + ReasonCode.name(reasonCode)
              + "; they are kept and sent again later: check the broker's access rules and quotas",
          nowNanos,
          againNanos);
      run.putOff(frame, config.reconnectMinNanos(), config.reconnectMaxNanos(), nowNanos);
      return;
    }
    if (reasonCode == ReasonCode.NO_MATCHING_SUBSCRIBERS) {
      tally.noSubscriber.increment();
      if (nowNanos - heardNanos > config.ackTimeoutNanos()) {
        troubles.raiseOfDelivery(
            "no-subscriber",
            "nobody is subscribed to "
                + binding.destination(run.lane)
                + " at the broker; frames are kept and sent again later: start the cloud side, or"
                + " check what it subscribes to",
            nowNanos,
            againNanos);
        run.putOff(frame, config.reconnectMinNanos(), config.reconnectMaxNanos(), nowNanos);
        return;
      }
    }
    frame.pubAckNanos = nowNanos;
    frame.open = Math.max(0, frame.open - 1);
    if (impliedNanos != Long.MAX_VALUE) {
      run.due(frame, LaneRun.NEVER);
      impliedDueNanos = Math.min(impliedDueNanos, nowNanos + impliedNanos);
    } else if (!frame.putOff) {
      int doublings = Math.min(frame.attempts - 1, MAX_TIMEOUT_DOUBLINGS);
      run.due(frame, nowNanos + (config.ackTimeoutNanos() << doublings));
    }
  }

  /** The far side spoke about frames of another database. */
  boolean isForeign(String acknowledgedEpoch) {
    return !epoch.equals(acknowledgedEpoch);
  }

  /** The far side spoke about frames; only such as this connection has sent are meant. */
  void acknowledged(Ack ack, long nowNanos) {
    boolean any = false;
    for (LaneRun run : runs.all()) {
      if (run.lane != ack.lane()) {
        continue;
      }
      for (Sent frame : run.within(ack.first(), ack.last())) {
        any = true;
        settle(run, frame, ack, nowNanos);
      }
    }
    if (!any) {
      tally.acksUnmatched.increment();
      return;
    }
    heardNanos = nowNanos;
    if (silent && ack.stored()) {
      silent = false;
      runs.all().forEach(this::hasten);
    }
    if (ack.stored() && runs.all().stream().noneMatch(LaneRun::hasRetries)) {
      troubles.delivered();
    }
  }

  private void settle(LaneRun run, Sent frame, Ack ack, long nowNanos) {
    long count = frame.last - frame.first + 1;
    Trace.settled(run.lane, frame, ack.code());
    if (ack.stored()) {
      run.welcome();
      run.forget(frame);
      tally.ackedFrames.increment();
      tally.ackedRecords.add(count);
      outbox.settle(new Delivery.Acked(ack.lane(), frame.first, frame.last));
    } else if (ack.worthAnotherTry()) {
      tally.putOff.increment();
      run.putOff(frame, config.reconnectMinNanos(), config.reconnectMaxNanos(), nowNanos);
      troubles.raiseOfDelivery(
          "far-side-busy",
          "the far side cannot store frames now (code "
              + ack.code()
              + "); they are kept and sent again later: look at the far side's log",
          nowNanos,
          againNanos);
    } else {
      run.forget(frame);
      tally.rejectedRecords.add(count);
      outbox.settle(
          new Delivery.Rejected(ack.lane(), frame.first, frame.last, ack.code(), ack.reason()));
      troubles.raise(
          "rejected",
          "the far side refuses frames of the lane "
              + ack.lane().word()
              + " for good (code "
              + ack.code()
              + "); they are declared lost, the others flow on: look at the far side's log",
          nowNanos);
    }
  }

  /** Settles what was sent long enough ago on this connection, where nobody says more of it. */
  private void settleImplied(long nowNanos) {
    if (nowNanos < impliedDueNanos) {
      return;
    }
    impliedDueNanos = LaneRun.NEVER;
    for (LaneRun run : runs.all()) {
      for (Sent frame : run.waiting()) {
        if (frame.open > 0 || frame.putOff) {
          continue;
        }
        if (nowNanos - frame.pubAckNanos >= impliedNanos) {
          settle(run, frame, new Ack(run.lane, frame.first, frame.last, 200, ""), nowNanos);
        } else {
          impliedDueNanos = Math.min(impliedDueNanos, frame.pubAckNanos + impliedNanos);
        }
      }
    }
  }

  /** After silence: what waits for a longer and longer time is due after the plain one again. */
  private void hasten(LaneRun run) {
    for (Sent frame : run.waiting()) {
      if (frame.attempts > 1 && !frame.putOff && frame.dueNanos != LaneRun.NEVER) {
        run.due(frame, Math.min(frame.dueNanos, frame.pubAckNanos + config.ackTimeoutNanos()));
      }
    }
  }

  /** Whether the server has taken nothing for too long: neither bytes nor publishes. */
  boolean stalled(long nowNanos) {
    return !inWindow.isEmpty() && nowNanos >= stallNanos();
  }

  private long stallNanos() {
    return Math.max(progressNanos, link.pulse().outboundNanos()) + config.ackTimeoutNanos();
  }

  /** When time alone gives this session something to do. */
  long wakeNanos(long nowNanos) {
    long wake = inWindow.isEmpty() ? lookAgainNanos : Math.min(lookAgainNanos, stallNanos());
    wake = Math.min(wake, Math.min(pace.wakeNanos(nowNanos), impliedDueNanos));
    for (LaneRun run : runs.all()) {
      long opens = gate.wakeNanos(run.lane, nowNanos);
      wake = Math.min(wake, opens == LaneRun.NEVER ? run.wakeNanos(nowNanos) : opens);
    }
    return wake;
  }

  /** Frames that were sent and that the far side has not spoken about. */
  int waitingFrames() {
    return runs.all().stream().mapToInt(LaneRun::waitingCount).sum();
  }
}
