package dev.tidegate.testkit;

import dev.tidegate.driver.DriverException;
import dev.tidegate.driver.Sink;
import dev.tidegate.reading.Sample;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/** A sink that keeps all it is handed, in order. Safe for use by any thread. */
public final class CollectingSink implements Sink {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<Sample> samples = new ArrayList<>();
  private final List<DriverException> troubles = new ArrayList<>();
  private final List<Receipt> receipts = new ArrayList<>();
  private int room = Integer.MAX_VALUE;

  @Override
  public void accept(Sample sample) {
    change(() -> take(sample));
  }

  @Override
  public void accept(Sample sample, Receipt receipt) {
    change(
        () -> {
          take(sample);
          receipts.add(receipt);
        });
  }

  @Override
  public int room() {
    lock.lock();
    try {
      return room;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void trouble(DriverException trouble) {
    change(() -> troubles.add(trouble));
  }

  /** From now on {@link #room()} is that many, less one for each sample handed in. */
  public void room(int samples) {
    change(() -> room = samples);
  }

  /** All samples so far, oldest first. */
  public List<Sample> samples() {
    lock.lock();
    try {
      return List.copyOf(samples);
    } finally {
      lock.unlock();
    }
  }

  /** All troubles so far, oldest first. */
  public List<DriverException> troubles() {
    lock.lock();
    try {
      return List.copyOf(troubles);
    } finally {
      lock.unlock();
    }
  }

  /** How many receipts wait for {@link #makeDurable()}. */
  public int receiptsWaiting() {
    lock.lock();
    try {
      return receipts.size();
    } finally {
      lock.unlock();
    }
  }

  /** Tells every waiting receipt, once, that its sample is durable; on the calling thread. */
  public void makeDurable() {
    List<Receipt> told;
    lock.lock();
    try {
      told = List.copyOf(receipts);
      receipts.clear();
    } finally {
      lock.unlock();
    }
    told.forEach(Receipt::durable);
  }

  /** Forgets samples and troubles. */
  public void clear() {
    change(
        () -> {
          samples.clear();
          troubles.clear();
        });
  }

  /**
   * Waits until at least so many samples are there.
   *
   * @return false when the deadline passed first
   */
  public boolean awaitSamples(int count, Duration deadline) throws InterruptedException {
    return await(sink -> sink.samples.size() >= count, deadline);
  }

  /**
   * Waits until a trouble is there.
   *
   * @return false when the deadline passed first
   */
  public boolean awaitTrouble(Duration deadline) throws InterruptedException {
    return await(sink -> !sink.troubles.isEmpty(), deadline);
  }

  private boolean await(Predicate<CollectingSink> condition, Duration deadline)
      throws InterruptedException {
    long leftNanos = TimeUnit.NANOSECONDS.convert(deadline);
    lock.lock();
    try {
      while (!condition.test(this)) {
        if (leftNanos <= 0) {
          return false;
        }
        leftNanos = changed.awaitNanos(leftNanos);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  private void take(Sample sample) {
    samples.add(sample);
    if (room > 0 && room < Integer.MAX_VALUE) {
      room--;
    }
  }

  private void change(Runnable change) {
    lock.lock();
    try {
      change.run();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
