package dev.tidegate.sync.link;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * All that the sync thread waits for: events of the link, and that the buffer has committed.
 *
 * <p>Concurrency: any thread puts in and never waits; the sync thread takes out. Bounds: at most
 * {@value #MAX_MESSAGES} messages with {@value #MAX_BYTES} bytes of payload, further ones are
 * turned away; a link's other events are as many as its send window, and three; commits are one
 * flag.
 */
public final class Mailbox {
  public static final int MAX_MESSAGES = 256;
  public static final int MAX_BYTES = 1 << 20;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private final Queue<LinkEvent> events = new ArrayDeque<>();
  private int messages;
  private int bytes;
  private boolean committed;

  /** Notes that there may be new frames to send. */
  public void committed() {
    lock.lock();
    try {
      committed = true;
      arrived.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Puts an event in; false when it is a message and there is no room for it. */
  public boolean offer(LinkEvent event) {
    lock.lock();
    try {
      if (event instanceof LinkEvent.Message m) {
        if (messages >= MAX_MESSAGES || bytes + m.payload().length > MAX_BYTES) {
          return false;
        }
        messages++;
        bytes += m.payload().length;
      }
      events.add(event);
      arrived.signal();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * The next event, whatever the buffer commits meanwhile; null when there is none in that time.
   */
  public @Nullable LinkEvent pollEvent(long waitNanos) throws InterruptedException {
    lock.lock();
    try {
      long left = waitNanos;
      while (events.isEmpty() && left > 0) {
        left = arrived.awaitNanos(left);
      }
      return take();
    } finally {
      lock.unlock();
    }
  }

  /**
   * The next event; null when there is none within that time, or when the buffer has committed
   * meanwhile.
   *
   * @param waitNanos longest wait; 0 never waits
   */
  public @Nullable LinkEvent poll(long waitNanos) throws InterruptedException {
    lock.lock();
    try {
      long left = waitNanos;
      while (events.isEmpty() && !committed && left > 0) {
        left = arrived.awaitNanos(left);
      }
      LinkEvent event = take();
      if (event == null) {
        committed = false;
      }
      return event;
    } finally {
      lock.unlock();
    }
  }

  /** Called with the lock held. */
  private @Nullable LinkEvent take() {
    LinkEvent event = events.poll();
    if (event instanceof LinkEvent.Message m) {
      messages--;
      bytes -= m.payload().length;
    }
    return event;
  }
}
