package dev.tidegate.sync;

import dev.tidegate.config.SyncConfig.FarSide;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.Outbound;
import dev.tidegate.flow.Outbox;
import dev.tidegate.flow.Stretch;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One lane's frames of one connection from one number up to another: either what was there when the
 * connection began (backlog), or what came since (live), or what the far side asked for. Sent in
 * the order of their numbers; a frame that must be sent again goes before those that were not sent
 * yet. Owned by the sync thread.
 *
 * <p>Memory: frames that were sent are kept as numbers alone, at most {@value #MAX_WAITING} of them
 * standing for at most {@value #MAX_WAITING_BYTES} bytes ({@value #UNANSWERED} times as many where
 * the far side does not answer), and are read from the buffer again when they must be sent again. A
 * far side that never acknowledges stops a lane, not the others.
 */
final class LaneRun {
  static final int MAX_WAITING = 256;
  static final long MAX_WAITING_BYTES = 8 << 20;

  /** So many times as many may wait where nobody answers, and time alone settles them. */
  static final int UNANSWERED = FarSide.SparkplugB.MOST_UNSETTLED / MAX_WAITING;

  static final long NEVER = Long.MAX_VALUE;

  final Lane lane;
  private final Outbox outbox;
  private final Kind kind;
  private final long from;
  private final long liveFrom;
  private long before;
  private final int readBytes;
  private final Deque<Outbound> ready = new ArrayDeque<>();
  private final NavigableMap<Long, Sent> waiting = new TreeMap<>();
  private long waitingBytes;
  private long next;
  private boolean exhausted;
  private long pausedUntilNanos = Long.MIN_VALUE;
  private long soonestDueNanos = NEVER;

  private int refusals;
  private int patience = 1;

  private enum Kind {
    /** What comes from now on. */
    LIVE,
    /** What was there, or what was asked for. */
    BOUNDED,
    /** All of it, one after another. */
    ORDERED
  }

  /** A frame that was sent and that the far side has not spoken about. */
  static final class Sent {
    final long first;
    final long last;
    final int bytes;
    int attempts;
    long pubAckNanos;

    /** Messages of this try that the server has not acknowledged. */
    int open;

    /** Whether it is due because it was put off, rather than for want of an answer. */
    boolean putOff;

    /** When to send it again; {@link #NEVER} while the server has not acknowledged the publish. */
    long dueNanos = NEVER;

    Sent(Outbound frame) {
      first = frame.firstSequence();
      last = frame.lastSequence();
      bytes = frame.frame().length;
    }
  }

  private LaneRun(
      Lane lane, Outbox outbox, Kind kind, long next, long liveFrom, long before, int readBytes) {
    this.lane = lane;
    this.outbox = outbox;
    this.kind = kind;
    this.liveFrom = liveFrom;
    this.from = next;
    this.next = next;
    this.before = before;
    this.readBytes = readBytes;
  }

  /** What the lane stores from that number on. */
  static LaneRun live(Lane lane, Outbox outbox, long from, int readBytes) {
    return new LaneRun(lane, outbox, Kind.LIVE, from, from, NEVER, readBytes);
  }

  /**
   * All that the lane stores, each frame once the one before it is settled.
   *
   * @param liveFrom the number from which on it is live
   */
  static LaneRun ordered(Lane lane, Outbox outbox, long liveFrom, int readBytes) {
    return new LaneRun(lane, outbox, Kind.ORDERED, 1, liveFrom, NEVER, readBytes);
  }

  /** What the lane had stored below that number. */
  static LaneRun backlog(Lane lane, Outbox outbox, long before, int readBytes) {
    return new LaneRun(lane, outbox, Kind.BOUNDED, 1, NEVER, before, readBytes);
  }

  /** What the far side asked for. */
  static LaneRun requested(Stretch stretch, Outbox outbox, int readBytes) {
    return new LaneRun(
        stretch.lane(),
        outbox,
        Kind.BOUNDED,
        stretch.firstSequence(),
        NEVER,
        stretch.lastSequence() + 1,
        readBytes);
  }

  /** The same where frames are settled by time alone. */
  LaneRun unanswered() {
    patience = UNANSWERED;
    return this;
  }

  /** The frame to send now; null when there is none, or none may be sent. */
  @Nullable Outbound next(long nowNanos) {
    if (nowNanos < pausedUntilNanos) {
      return null;
    }
    Outbound again = nowNanos >= soonestDueNanos ? again(nowNanos) : null;
    if (again != null) {
      return again;
    }
    int most = kind == Kind.ORDERED ? 1 : MAX_WAITING * patience;
    if (waiting.size() >= most || waitingBytes >= MAX_WAITING_BYTES * patience) {
      return null;
    }
    while (true) {
      if (ready.isEmpty()) {
        refill();
      }
      Outbound frame = ready.poll();
      if (frame == null) {
        return null;
      }
      next = frame.lastSequence() + 1;
      if (!isWaiting(frame)) {
        return frame;
      }
    }
  }

  /** The lowest frame whose time has come, from the buffer; one that is gone is forgotten. */
  private @Nullable Outbound again(long nowNanos) {
    for (Sent sent : List.copyOf(waiting.values())) {
      if (sent.dueNanos <= nowNanos) {
        List<Outbound> stored = outbox.read(lane, sent.first, sent.first + 1, 1);
        if (!stored.isEmpty()) {
          return stored.getFirst();
        }
        forget(sent);
      }
    }
    soonestDueNanos = soonest();
    return null;
  }

  private void refill() {
    if (kind != Kind.BOUNDED) {
      long head = outbox.head(lane);
      if (next < head) {
        ready.addAll(outbox.read(lane, next, head, readBytes));
        if (ready.isEmpty() && kind == Kind.LIVE) {
          next = head; // what was stored there is lost or settled already
        }
      }
    } else if (!exhausted) {
      ready.addAll(outbox.read(lane, next, before, readBytes));
      exhausted = ready.isEmpty();
    }
  }

  /** Whether what it sends next is live. */
  boolean isLive() {
    return next >= liveFrom;
  }

  /** The number from which on frames are live; {@link #NEVER} where none is. */
  long liveFrom() {
    return liveFrom;
  }

  /** The number from which on nothing was sent. */
  long next() {
    return next;
  }

  /**
   * Looks through the backlog once more, up to that number, for what stayed behind: a read may have
   * failed, a settlement may have found no room. Does nothing while the first look goes on.
   */
  void lookAgain(long upTo) {
    if (exhausted && kind == Kind.BOUNDED) {
      before = Math.max(before, upTo);
      next = from;
      exhausted = false;
    }
  }

  boolean isWaiting(Outbound frame) {
    return waiting.containsKey(frame.firstSequence());
  }

  /** Whether the frame was sent before, and nobody put it off. */
  boolean lacksAnswer(Outbound frame) {
    Sent sent = waiting.get(frame.firstSequence());
    return sent != null && !sent.putOff;
  }

  /** Notes that the frame was handed to the link. */
  Sent sent(Outbound frame) {
    Sent sent = waiting.get(frame.firstSequence());
    if (sent == null) {
      sent = new Sent(frame);
      waiting.put(sent.first, sent);
      waitingBytes += sent.bytes;
    }
    sent.attempts++;
    sent.putOff = false;
    sent.dueNanos = NEVER;
    return sent;
  }

  /** Sets when a frame is sent again, unless it was settled meanwhile. */
  void due(Sent sent, long dueNanos) {
    if (waiting.get(sent.first) == sent) {
      sent.dueNanos = dueNanos;
      soonestDueNanos = Math.min(soonestDueNanos, dueNanos);
    }
  }

  /**
   * Puts a frame off that the far side or the server does not take now, and the run with it: its
   * order is kept, and who is overloaded is left alone for longer each time.
   */
  void putOff(Sent sent, long minNanos, long maxNanos, long nowNanos) {
    if (nowNanos >= pausedUntilNanos) {
      refusals++;
      pausedUntilNanos = nowNanos + doubled(minNanos, refusals - 1, maxNanos);
    }
    sent.putOff = true;
    due(sent, nowNanos + doubled(minNanos, sent.attempts - 1, maxNanos));
  }

  /** Gives a frame back that cannot be sent now, and sends nothing before that time. */
  void hold(Outbound frame, long untilNanos) {
    ready.addFirst(frame);
    next = frame.firstSequence();
    pausedUntilNanos = untilNanos;
  }

  /** Notes that the far side takes frames of this run. */
  void welcome() {
    refusals = 0;
  }

  /** {@code nanos} doubled so many times, at most {@code maxNanos}. */
  static long doubled(long nanos, int times, long maxNanos) {
    return Math.min(maxNanos, nanos << Math.min(times, 20));
  }

  /** The frame that begins with that number, where it was sent and not settled; else null. */
  @Nullable Sent waiting(long first) {
    return waiting.get(first);
  }

  /** The frames that were sent and lie in the range as a whole. */
  List<Sent> within(long first, long last) {
    return waiting.subMap(first, true, last, true).values().stream()
        .filter(s -> s.last <= last)
        .toList();
  }

  /** Every frame that was sent and not settled. */
  List<Sent> waiting() {
    return List.copyOf(waiting.values());
  }

  /** Whether a frame waits that was sent more than once or is to be sent again. */
  boolean hasRetries() {
    return waiting.values().stream().anyMatch(s -> s.attempts > 1 || s.putOff);
  }

  int waitingCount() {
    return waiting.size();
  }

  void forget(Sent sent) {
    if (waiting.remove(sent.first, sent)) {
      waitingBytes -= sent.bytes;
    }
  }

  /** When time alone makes something fit to be sent, after now; {@link #NEVER} for not. */
  long wakeNanos(long nowNanos) {
    if (pausedUntilNanos > nowNanos) {
      return pausedUntilNanos;
    }
    return soonestDueNanos > nowNanos ? soonestDueNanos : NEVER;
  }

  private long soonest() {
    long soonest = NEVER;
    for (Sent sent : waiting.values()) {
      soonest = Math.min(soonest, sent.dueNanos);
    }
    return soonest;
  }
}
