package dev.tidegate.demo;

import dev.tidegate.flow.Lane;
import dev.tidegate.frame.Frame;
import dev.tidegate.frame.FrameCodec;
import dev.tidegate.frame.FrameException;
import dev.tidegate.frame.FrameHeader;
import dev.tidegate.time.Clock;
import dev.tidegate.timekeeping.SystemClock;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A small cloud: takes frames from a broker, stores them, and says so to the gateway that sent them
 * (docs/spec/wire.md). Frames that arrive together share one write to disk and one answer.
 *
 * <p>Threads: one of its own does everything; the figures {@link #say} and {@link #reply} are for
 * any thread.
 */
public final class CloudSide implements AutoCloseable {
  private static final int MAX_TOGETHER = 64;
  private static final int MAX_DELAYED = 10_000;
  private static final int MAX_SAYINGS = 256;
  private static final long IDLE_NANOS = 50_000_000L;
  private static final long CLOSE_MILLIS = 5_000;

  private final CloudLink link;
  private final CloudStore store;
  private final Watcher watcher;
  private final Clock clock = new SystemClock();
  private final PriorityQueue<Delayed> delayed =
      new PriorityQueue<>(Comparator.comparingLong(Delayed::atNanos));
  private final BlockingQueue<Saying> sayings = new ArrayBlockingQueue<>(MAX_SAYINGS);
  private final CloudTwins twins = new CloudTwins();
  private final AtomicLong unreadable = new AtomicLong();
  private final Thread thread;
  private volatile Policy policy = header -> Reply.STORED;
  private volatile boolean closing;

  /** What to do with a frame: the switch for tests. */
  @FunctionalInterface
  public interface Policy {
    Reply reply(FrameHeader header);
  }

  /**
   * An answer.
   *
   * @param store whether the frame is stored
   * @param code what the gateway is told
   * @param times how often it is told: 0 keeps silent
   * @param delayNanos how much later
   */
  public record Reply(boolean store, int code, int times, long delayNanos) {
    /** Stored, and said so at once. */
    public static final Reply STORED = new Reply(true, 200, 1, 0);

    /** Stored, and not said. */
    public static final Reply SILENT = new Reply(true, 200, 0, 0);

    /** Not stored, and said so. */
    public static Reply refused(int code) {
      return new Reply(false, code, 1, 0);
    }
  }

  /** Told of each frame once it is durable, before it is acknowledged, on the cloud's thread. */
  @FunctionalInterface
  public interface Watcher {
    /**
     * @param fresh false for a frame that was stored before
     * @param bytes the frame as it came; must not be changed
     */
    void stored(FrameHeader header, boolean fresh, byte[] bytes);
  }

  private record Ack(Lane lane, long first, long last, int code) {}

  private record Delayed(long atNanos, String downTopic, String epoch, Ack ack) {}

  private record Saying(String topic, String json) {}

  private record Address(String downTopic, String epoch) {}

  private CloudSide(URI broker, String gateways, CloudStore store, Watcher watcher) {
    this.link = new CloudLink(broker, gateways + "/up/batch", gateways + "/up");
    this.store = store;
    this.watcher = watcher;
    this.thread = Thread.ofPlatform().name("cloud").daemon(true).unstarted(this::run);
  }

  /**
   * Starts, and keeps connecting until {@link #close}.
   *
   * @param broker {@code mqtt://host:port}
   * @param gateways filter for the prefixes of the gateways' topics: {@code tg/default/+}
   * @param store where frames go; stays the caller's to close
   */
  public static CloudSide start(URI broker, String gateways, CloudStore store, Watcher watcher) {
    CloudSide cloud = new CloudSide(broker, gateways, store, watcher);
    cloud.thread.start();
    return cloud;
  }

  /** Starts without a watcher. */
  public static CloudSide start(URI broker, String gateways, CloudStore store) {
    return start(broker, gateways, store, (header, fresh, bytes) -> {});
  }

  /** Sets what is done with frames from now on. */
  public void reply(Policy next) {
    policy = next;
  }

  /** Waits until frames can arrive; false when that took longer. */
  public boolean awaitConnected(long timeoutNanos) throws InterruptedException {
    return link.awaitConnected(timeoutNanos);
  }

  /**
   * Says something to a gateway, once, if there is a connection: what it is to hear is said again
   * until it answers. For any thread.
   *
   * @param prefix what the gateway's topics start with
   * @param json a message of docs/spec/wire.md, "Down"
   * @return false when too much waits to be said
   */
  public boolean say(String prefix, String json) {
    return sayings.offer(new Saying(prefix + "/down", json));
  }

  /**
   * Sets what a property of a gateway is to be: told until it is known. For any thread.
   *
   * @param prefix what the gateway's topics start with
   * @param path the name of a point that can be written
   */
  public void desire(String prefix, String path, Object value) {
    twins.of(prefix).report(path, value);
  }

  /** What a gateway reports of itself, as far as it is known. For any thread. */
  public Map<String, Object> reported(String prefix) {
    return twins.of(prefix).desired();
  }

  /** How often a gateway has told all that it reports, and not a change alone. For any thread. */
  public int wholeDocuments(String prefix) {
    return twins.wholes(prefix);
  }

  /** Messages that were no frames. */
  public long unreadable() {
    return unreadable.get();
  }

  /** The books as they are now. */
  public CloudStore.Verdict verdict() {
    return store.verdict();
  }

  public CloudStore store() {
    return store;
  }

  private void run() {
    try {
      while (!closing) {
        long next = delayed.isEmpty() ? IDLE_NANOS : delayed.peek().atNanos() - now();
        CloudLink.Arrived first = link.next(Math.clamp(next, 0, IDLE_NANOS));
        if (first != null) {
          List<CloudLink.Arrived> together = new ArrayList<>();
          together.add(first);
          link.drainTo(together, MAX_TOGETHER - 1);
          take(together);
        }
        for (Saying said = sayings.poll(); said != null; said = sayings.poll()) {
          link.publish(said.topic(), said.json());
        }
        sendDelayed();
        twins.speak(now(), link::publish);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // close() asked
    } catch (IOException e) {
      // Nothing that cannot be stored may be acknowledged: the cloud side ends here.
      System.err.println("cloud: the store cannot be written, nothing more is taken: " + e);
    } finally {
      link.close();
    }
  }

  private void take(List<CloudLink.Arrived> together) throws IOException {
    Map<Address, List<Ack>> acks = new LinkedHashMap<>();
    List<Runnable> watched = new ArrayList<>();
    for (CloudLink.Arrived arrived : together) {
      if (arrived.topic().endsWith("/up")) {
        if (!twins.hear(arrived.topic(), arrived.payload())) {
          unreadable.incrementAndGet();
        }
        continue;
      }
      Frame frame;
      try {
        frame = FrameCodec.decode(arrived.payload());
      } catch (FrameException e) {
        unreadable.incrementAndGet();
        continue;
      }
      FrameHeader header = frame.header();
      Reply reply = policy.reply(header);
      if (reply.store()) {
        boolean fresh = store.add(frame, arrived.payload());
        watched.add(() -> watcher.stored(header, fresh, arrived.payload()));
      }
      answer(arrived, header, reply, acks);
    }
    store.force();
    watched.forEach(Runnable::run);
    acks.forEach((to, list) -> link.publish(to.downTopic(), json(to.epoch(), list)));
  }

  private void answer(
      CloudLink.Arrived arrived, FrameHeader header, Reply reply, Map<Address, List<Ack>> acks) {
    Ack ack = new Ack(header.lane(), header.firstSequence(), header.lastSequence(), reply.code());
    String topic = arrived.topic();
    String down = topic.substring(0, topic.length() - "/up/batch".length()) + "/down";
    for (int i = 0; i < reply.times(); i++) {
      if (reply.delayNanos() == 0) {
        acks.computeIfAbsent(new Address(down, header.epoch()), a -> new ArrayList<>()).add(ack);
      } else if (delayed.size() < MAX_DELAYED) {
        delayed.add(new Delayed(now() + reply.delayNanos(), down, header.epoch(), ack));
      }
    }
  }

  private void sendDelayed() {
    while (!delayed.isEmpty() && delayed.peek().atNanos() <= now()) {
      Delayed due = delayed.remove();
      link.publish(due.downTopic(), json(due.epoch(), List.of(due.ack())));
    }
  }

  private long now() {
    return clock.monotonicNanos();
  }

  private static String json(String epoch, List<Ack> acks) {
    StringBuilder json = new StringBuilder(64 + 64 * acks.size());
    json.append("{\"type\":\"ack\",\"epoch\":\"").append(epoch).append("\",\"acks\":[");
    String comma = "";
    for (Ack ack : acks) {
      json.append(comma)
          .append(
              "{\"lane\":\"%s\",\"first\":%d,\"last\":%d,\"code\":%d}"
                  .formatted(ack.lane().word(), ack.first(), ack.last(), ack.code()));
      comma = ",";
    }
    return json.append("]}").toString();
  }

  @Override
  public void close() {
    closing = true; // no interrupt: it would close the store's file under the thread's hands
    try {
      thread.join(CLOSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
