package dev.tidegate.acquisition;

import dev.tidegate.flow.Entry;
import dev.tidegate.health.Counters;
import dev.tidegate.reading.PointId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The bounded queue between the bus threads and the pipeline thread: first in, first out.
 *
 * <h2>Overflow</h2>
 *
 * <p>When {@code capacity} samples wait and another one comes, the oldest waiting sample of the
 * same point gives way; a point that has none waiting costs the oldest sample of all. So a fast
 * point cannot push a slow one out. Each sample that gave way is counted in {@code intake.dropped},
 * and its receipt is never called. Events and decisions never give way to samples; beyond {@value
 * #MAX_EVENTS} of them, further ones are turned away and counted in {@code intake.events-dropped}.
 *
 * <h2>Concurrency</h2>
 *
 * <p>{@code offer} from any thread, {@code drain} from the pipeline thread; one lock, held for a
 * few pointer writes.
 *
 * <pre>
 *   first → [a1] → [b1] → [a2] → [a3] → last         every node: next, previous
 *            a: [a1] ─────→ [a2] → [a3]              and the next one of its point
 * </pre>
 */
public final class Intake {
  static final int MAX_EVENTS = 1024;

  private static final class Node {
    final Arrival arrival;
    final @Nullable PointId point;
    @Nullable Node previous;
    @Nullable Node next;
    @Nullable Node nextOfPoint;

    Node(Arrival arrival, @Nullable PointId point) {
      this.arrival = arrival;
      this.point = point;
    }
  }

  /** The waiting samples of one point, oldest first. */
  private static final class Waiting {
    @Nullable Node first;
    @Nullable Node last;
  }

  private final int capacity;
  private final LongAdder dropped;
  private final LongAdder eventsDropped;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition filled = lock.newCondition();
  private final Map<PointId, Waiting> byPoint = new HashMap<>();
  private @Nullable Node first;
  private @Nullable Node last;
  private int samples;
  private int events;

  /**
   * @param capacity samples that may wait, 1 and above
   */
  public Intake(int capacity, Counters counters) {
    if (capacity < 1) {
      throw new IllegalArgumentException("capacity " + capacity);
    }
    this.capacity = capacity;
    this.dropped = counters.of("intake.dropped");
    this.eventsDropped = counters.of("intake.events-dropped");
  }

  /** Hands a sample in; never waits. */
  public void offer(Arrival.Sampled sampled) {
    PointId point = sampled.sample().point();
    lock.lock();
    try {
      Waiting waiting = byPoint.computeIfAbsent(point, p -> new Waiting());
      if (samples == capacity) {
        dropOldest(waiting.first != null ? waiting : oldestOfAll());
      }
      Node node = new Node(sampled, point);
      append(node);
      if (waiting.last == null) {
        waiting.first = node;
      } else {
        waiting.last.nextOfPoint = node;
      }
      waiting.last = node;
      samples++;
      filled.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Hands an event or a decision in; never waits. */
  public void offer(Entry entry) {
    lock.lock();
    try {
      if (events >= MAX_EVENTS) {
        eventsDropped.increment();
        return;
      }
      append(new Node(new Arrival.Happened(entry), null));
      events++;
      filled.signal();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Hands in a command, or what became of a write; never waits, and is never turned away: there are
   * at most as many as the inbox holds open, and one write each.
   */
  public void offer(Arrival.Commanded command) {
    offerUncounted(command);
  }

  /** The same for what became of a write. */
  public void offer(Arrival.Wrote wrote) {
    offerUncounted(wrote);
  }

  private void offerUncounted(Arrival arrival) {
    lock.lock();
    try {
      append(new Node(arrival, null));
      events++;
      filled.signal();
    } finally {
      lock.unlock();
    }
  }

  /** How many samples can be handed in now without dropping any. */
  public int room() {
    lock.lock();
    try {
      return capacity - samples;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Moves up to {@code max} arrivals to the end of {@code into}, oldest first. Where nothing waits,
   * waits for the first at most {@code maxWaitNanos}.
   *
   * @return how many were moved
   */
  public int drain(List<? super Arrival> into, int max, long maxWaitNanos)
      throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = maxWaitNanos;
      while (first == null && left > 0) {
        left = filled.awaitNanos(left);
      }
      int moved = 0;
      for (Node node = first; node != null && moved < max; node = first) {
        into.add(node.arrival);
        remove(node);
        moved++;
      }
      return moved;
    } finally {
      lock.unlock();
    }
  }

  private Waiting oldestOfAll() {
    for (Node node = first; node != null; node = node.next) {
      if (node.point != null) {
        return waiting(node.point);
      }
    }
    throw new IllegalStateException("full, and no sample waits");
  }

  private Waiting waiting(PointId point) {
    Waiting waiting = byPoint.get(point);
    if (waiting == null) {
      throw new IllegalStateException("no queue for " + point);
    }
    return waiting;
  }

  private void dropOldest(Waiting waiting) {
    Node oldest = waiting.first;
    if (oldest == null) {
      throw new IllegalStateException("nothing waits");
    }
    remove(oldest);
    dropped.increment();
  }

  private void append(Node node) {
    node.previous = last;
    if (last == null) {
      first = node;
    } else {
      last.next = node;
    }
    last = node;
  }

  /** Takes a node out of the queue; a sample is always the oldest of its point. */
  private void remove(Node node) {
    if (node.previous == null) {
      first = node.next;
    } else {
      node.previous.next = node.next;
    }
    if (node.next == null) {
      last = node.previous;
    } else {
      node.next.previous = node.previous;
    }
    if (node.point == null) {
      events--;
      return;
    }
    samples--;
    Waiting waiting = waiting(node.point);
    waiting.first = node.nextOfPoint;
    if (waiting.first == null) {
      waiting.last = null;
    }
  }
}
