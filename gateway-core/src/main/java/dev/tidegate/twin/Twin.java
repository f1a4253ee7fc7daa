package dev.tidegate.twin;

import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * A gateway's half of its twin: what it reports, and what is desired of it. Safe for use by any
 * thread.
 *
 * <pre>
 *   report ──▶ reported ──delta──▶ the other side      desired ◀──delta── the other side
 *                  ◀──through──                              ──through──▶
 * </pre>
 *
 * <p>One delta is on its way at a time. It goes again, as large as it is by then, when nobody has
 * said within {@code retryNanos} up to where it is known; the next one after twice as long, up to
 * {@value #MOST_DOUBLINGS} times, since a far side that never says so does not read it either.
 */
public final class Twin {
  private static final int MOST_DOUBLINGS = 9;

  private final Document reported;
  private final Mirror desired = new Mirror();
  private final long retryNanos;
  private final CopyOnWriteArrayList<Runnable> listeners = new CopyOnWriteArrayList<>();
  private long known;
  private long sentThrough;
  private long sentNanos;
  private int unanswered;
  private boolean isOpen;
  private boolean isToTellAll;

  /**
   * @param era of what is reported
   * @param retryNanos how long the other side may take to answer
   */
  public Twin(Era era, long retryNanos) {
    this.reported = new Document(era);
    this.retryNanos = retryNanos;
  }

  /** The document of what is reported. */
  public Era era() {
    return reported.era();
  }

  /** Reports a property; tells the listeners where that is a change. */
  public void report(String path, Object value) {
    if (change(path, value)) {
      listeners.forEach(Runnable::run);
    }
  }

  /** Reports that there is no such property any more. */
  public void retract(String path) {
    if (removed(path)) {
      listeners.forEach(Runnable::run);
    }
  }

  private synchronized boolean removed(String path) {
    long before = reported.revision();
    reported.remove(path);
    return reported.revision() > before;
  }

  private synchronized boolean change(String path, Object value) {
    long before = reported.revision();
    reported.set(path, value);
    return reported.revision() > before;
  }

  /** Has the listener called after each change, by whoever made it; it must only hand over. */
  public void onChange(Runnable listener) {
    listeners.add(listener);
  }

  /** A new connection: what the other side knows is asked for by telling it what changed. */
  public synchronized void begin() {
    isOpen = false;
  }

  /** All that is reported is sent again, whatever the other side is known to have. */
  public synchronized void tellAll() {
    isToTellAll = true;
  }

  /** What is to be sent now; null for nothing. */
  public synchronized @Nullable Delta next(long nowNanos) {
    if (nowNanos < dueNanos()) {
      return null;
    }
    if (isToTellAll) {
      isToTellAll = false;
      known = 0;
      unanswered = 0;
    }
    isOpen = true;
    sentNanos = nowNanos;
    Delta delta = reported.since(known);
    sentThrough = delta.through();
    unanswered++;
    return delta;
  }

  /** When something is to be sent, as far as is known now; {@link Long#MAX_VALUE} for never. */
  public synchronized long dueNanos() {
    if (isOpen && !isToTellAll) {
      return sentThrough > known || reported.revision() > sentThrough
          ? sentNanos + (sentThrough > known ? patienceNanos() : 0)
          : Long.MAX_VALUE;
    }
    return Long
        .MIN_VALUE; // the first of a connection also asks what is known, the whole is asked for
  }

  private long patienceNanos() {
    return retryNanos << Math.clamp(unanswered - 1L, 0, MOST_DOUBLINGS);
  }

  /** The other side says up to where it knows what is reported; 0 where it knows nothing of it. */
  public synchronized void known(Era era, long through) {
    known = era.equals(reported.era()) && through <= reported.revision() ? through : 0;
    answered();
  }

  /** The other side knows nothing of what is reported. */
  public synchronized void unknown() {
    known = 0;
    answered();
  }

  private void answered() {
    unanswered = 0;
    if (known < sentThrough) {
      sentNanos -= retryNanos; // it lacks something: at once
    }
  }

  /** What was desired did not get through: it is to be told again as a whole. */
  public synchronized void forgetDesired() {
    desired.forget();
  }

  /** What is desired anew by a delta of the other side. */
  public synchronized Map<String, Property> desire(Delta delta) {
    return desired.apply(delta);
  }

  /** What is desired, as far as it is known. */
  public synchronized Map<String, Object> desired() {
    return desired.values();
  }

  /** The document of desired properties that is known; null for none. */
  public synchronized @Nullable Era desiredEra() {
    return desired.era();
  }

  /** Up to where it is known. */
  public synchronized long desiredThrough() {
    return desired.through();
  }
}
