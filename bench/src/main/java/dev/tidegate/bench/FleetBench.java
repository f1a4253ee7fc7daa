package dev.tidegate.bench;

import dev.tidegate.config.SyncConfig;
import dev.tidegate.demo.Child;
import dev.tidegate.demo.EmbeddedBroker;
import dev.tidegate.flow.Command;
import dev.tidegate.flow.Inbox;
import dev.tidegate.health.Counters;
import dev.tidegate.health.Faults;
import dev.tidegate.sync.Sync;
import dev.tidegate.timekeeping.SystemClock;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A fleet that loses its broker: 1,000 sessions, each with a connection of its own, and a broker
 * that is killed and started again on its port. Said is how many connects the broker saw in its
 * busiest second, for several values of {@code sync.reconnect.spread}, how long it took until all
 * were back, and whether each record that any of them stored meanwhile arrived. Ends with 1 when a
 * record is missing, or when the busiest second saw more than {@value #MOST} times as many connects
 * as the fleet divided by the spread.
 *
 * <p>Run: {@code mvn -q -pl bench -am -Pbench process-classes -Dbench=FleetBench}.
 */
public final class FleetBench {
  private static final int SESSIONS = Integer.getInteger("sessions", 1_000);
  private static final long SECOND = 1_000_000_000L;
  private static final SystemClock CLOCK = new SystemClock();
  private static final int RECORDS = 3;

  /** Of the mean: 1.6 by the pauses, and what chance and a broker that is slow for a second add. */
  private static final double MOST = 2.5;

  private FleetBench() {}

  /** Measures and prints. */
  public static void main(String[] args) throws Exception {
    boolean isGood = true;
    for (long spread : new long[] {0, 5, 10, 30}) {
      isGood &= run(spread * SECOND);
    }
    System.exit(isGood ? 0 : 1); // the libraries' threads do not end by themselves
  }

  /** Whether everything arrived, in good order. */
  private static boolean run(long spreadNanos) throws Exception {
    Process broker = broker(0);
    String address = ready(broker);
    URI uri = URI.create(address);
    AckingSide far = new AckingSide(uri);
    List<Session> sessions = new ArrayList<>();
    for (int i = 0; i < SESSIONS; i++) {
      sessions.add(new Session(uri, "gateway-" + i, spreadNanos, i));
    }
    until(sessions, () -> sessions.stream().allMatch(s -> s.sync.status().online()), 300);
    hold(sessions, 12); // a keep-alive of 10 s: the connections have held
    broker.destroyForcibly().waitFor();
    long down = CLOCK.monotonicNanos();
    sessions.forEach(s -> s.outbox.store(RECORDS, 100));
    hold(sessions, 2);
    broker = broker(uri.getPort());
    ready(broker);
    far.again();
    Map<Long, Integer> perSecond = new TreeMap<>();
    Set<Session> back = ConcurrentHashMap.newKeySet();
    until(
        sessions,
        () -> {
          for (Session session : sessions) {
            if (session.sync.status().online() && back.add(session)) {
              perSecond.merge((CLOCK.monotonicNanos() - down) / SECOND, 1, Integer::sum);
            }
          }
          return back.size() == SESSIONS;
        },
        600);
    double seconds = (CLOCK.monotonicNanos() - down) / (double) SECOND;
    until(sessions, () -> sessions.stream().allMatch(s -> s.outbox.isEmpty()), 120);
    int most = perSecond.values().stream().max(Integer::compare).orElse(0);
    System.out.printf(
        Locale.ROOT,
        "spread %2d s: %,d sessions, all back after %.1f s; at most %d connects/s, %.0f on average"
            + " while they came; %,d records stored meanwhile, %,d arrived, %,d missing%n",
        spreadNanos / SECOND,
        SESSIONS,
        seconds,
        most,
        SESSIONS / (double) Math.max(1, perSecond.size()),
        SESSIONS * RECORDS,
        far.stored.size(),
        (long) SESSIONS * RECORDS - far.stored.size());
    long missing = (long) SESSIONS * RECORDS - far.stored.size();
    double bound = spreadNanos == 0 ? SESSIONS : MOST * SESSIONS * SECOND / spreadNanos;
    boolean isGood = missing == 0 && most <= bound;
    if (!isGood) {
      System.out.printf(
          Locale.ROOT,
          "  FAILED: %d missing, %d connects/s of at most %.0f%n",
          missing,
          most,
          bound);
    }
    far.close();
    broker.destroyForcibly().waitFor(); // a thousand farewells would take minutes
    return isGood;
  }

  private static Process broker(int port) throws IOException {
    return new ProcessBuilder(
            Child.command(EmbeddedBroker.class, List.of(), List.of("--port", "" + port)))
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private static String ready(Process process) throws IOException {
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    String line = out.readLine();
    if (line == null || !line.startsWith("ready ")) {
      throw new IOException("the broker did not start: " + line);
    }
    return line.substring("ready ".length()).strip();
  }

  private interface Condition {
    boolean holds();
  }

  private static void until(List<Session> sessions, Condition condition, int seconds)
      throws InterruptedException {
    long end = CLOCK.monotonicNanos() + seconds * SECOND;
    while (!condition.holds()) {
      if (CLOCK.monotonicNanos() > end) {
        throw new IllegalStateException("not within " + seconds + " s");
      }
      step(sessions);
    }
  }

  private static void hold(List<Session> sessions, int seconds) throws InterruptedException {
    long end = CLOCK.monotonicNanos() + seconds * SECOND;
    while (CLOCK.monotonicNanos() < end) {
      step(sessions);
    }
  }

  private static final Semaphore NEVER = new Semaphore(0);

  private static void step(List<Session> sessions) throws InterruptedException {
    for (Session session : sessions) {
      session.sync.step(0);
    }
    if (NEVER.tryAcquire(2, TimeUnit.MILLISECONDS)) {
      throw new IllegalStateException("nobody releases it");
    }
  }

  /** One gateway's link. */
  private static final class Session {
    final MemoryOutbox outbox;
    final Sync sync;

    Session(URI broker, String id, long spreadNanos, int seed) {
      outbox = new MemoryOutbox(id);
      SyncConfig c = SyncConfig.to(broker);
      SyncConfig config =
          new SyncConfig(
                  broker,
                  c.tenant(),
                  c.topics(),
                  c.sendWindow(),
                  c.batchBytes(),
                  c.ackTimeoutNanos(),
                  10 * SECOND,
                  c.reconnectMinNanos(),
                  c.reconnectMaxNanos(),
                  null,
                  null,
                  null)
              .spread(spreadNanos);
      sync =
          new Sync(
              config,
              id,
              outbox,
              new NoInbox(),
              CLOCK,
              new Random(seed),
              new Counters(),
              new Faults(CLOCK));
    }
  }

  static final class NoInbox implements Inbox {
    @Override
    public boolean receive(Command command, Runnable stored) {
      return false;
    }

    @Override
    public void onCommand(Consumer<Received> executor) {}
  }
}
