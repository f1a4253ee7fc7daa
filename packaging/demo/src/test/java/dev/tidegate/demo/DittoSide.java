package dev.tidegate.demo;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import org.eclipse.ditto.base.model.signals.Signal;
import org.jspecify.annotations.Nullable;

/**
 * A {@link DittoTwin} at a broker, with the faults of a real one: what is lost, late, answered
 * twice or refused is up to the test. Its own thread does everything; {@link #ask} waits for it.
 */
final class DittoSide implements AutoCloseable {
  /** What becomes of a message. */
  sealed interface Fault {
    /** It is applied and answered. */
    record None() implements Fault {}

    /** It never comes. */
    record Drop() implements Fault {}

    /** It is applied, and nobody hears of it. */
    record LoseAnswer() implements Fault {}

    /** It is applied and answered twice. */
    record Duplicate() implements Fault {}

    /** It is applied after so many further messages have come. */
    record Delay(int messages) implements Fault {}

    /** It is not applied; this is the answer. */
    record Answer(Signal<?> signal) implements Fault {}
  }

  private final DittoTwin twin;
  private final CloudLink link;
  private final String down;
  private final Function<Signal<?>, Fault> faults;
  private final Deque<Late> late = new ArrayDeque<>();
  private final ConcurrentLinkedQueue<String> sayings = new ConcurrentLinkedQueue<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Thread thread;
  private volatile boolean closing;
  private volatile @Nullable Throwable failure;
  private int messages;

  private record Late(int at, Signal<?> signal) {}

  DittoSide(URI broker, String prefix, DittoTwin twin, Function<Signal<?>, Fault> faults) {
    this.twin = twin;
    this.faults = faults;
    this.link = new CloudLink(broker, prefix + "/up");
    this.down = prefix + "/down";
    this.thread = Thread.ofPlatform().name("ditto").daemon(true).start(this::run);
  }

  /** Waits until the condition holds, looking after each message. */
  void await(String what, BooleanSupplier condition) throws InterruptedException {
    long left = 60_000_000_000L;
    lock.lockInterruptibly();
    try {
      while (!condition.getAsBoolean()) {
        if (left <= 0) {
          throw new AssertionError("not in time: " + what);
        }
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Looks at the twin while nothing changes it. */
  <T> T ask(Supplier<T> question) {
    lock.lock();
    try {
      return question.get();
    } finally {
      lock.unlock();
    }
  }

  /** Says something to the gateway. */
  void say(String json) {
    sayings.add(json);
  }

  void awaitConnected() throws InterruptedException {
    if (!link.awaitConnected(30_000_000_000L)) {
      throw new AssertionError("the twin does not connect");
    }
  }

  private void run() {
    try {
      while (!closing) {
        CloudLink.Arrived arrived = link.next(20_000_000L);
        lock.lock();
        try {
          if (arrived != null) {
            messages++;
            take(DittoTwin.read(arrived.payload()));
            changed.signalAll();
          }
          while (!late.isEmpty() && (arrived == null || late.getFirst().at() <= messages)) {
            answer(twin.take(late.removeFirst().signal()));
          }
        } finally {
          lock.unlock();
        }
        for (String said = sayings.poll(); said != null; said = sayings.poll()) {
          link.publish(down, said);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error e) {
      failure = e;
    } finally {
      link.close();
    }
  }

  private void take(Signal<?> signal) {
    switch (faults.apply(signal)) {
      case Fault.None n -> answer(twin.take(signal));
      case Fault.Drop d -> {}
      case Fault.LoseAnswer l -> twin.take(signal);
      case Fault.Duplicate d -> {
        Signal<?> answer = twin.take(signal);
        answer(answer);
        answer(answer);
      }
      case Fault.Delay delay -> late.add(new Late(messages + delay.messages(), signal));
      case Fault.Answer answer -> answer(answer.signal());
    }
  }

  private void answer(@Nullable Signal<?> signal) {
    if (signal != null) {
      link.publish(down, DittoTwin.write(signal));
    }
  }

  /** Bytes of the text as they go over the wire. */
  static byte[] bytes(String json) {
    return json.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    closing = true;
    try {
      thread.join(10_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (failure != null) {
      throw new AssertionError("the twin failed", failure);
    }
  }
}
