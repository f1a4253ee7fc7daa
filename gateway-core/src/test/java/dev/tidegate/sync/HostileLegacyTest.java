package dev.tidegate.sync;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.config.SyncConfig;
import dev.tidegate.sync.link.Login;
import dev.tidegate.sync.link.Mailbox;
import dev.tidegate.sync.link.MqttLink;
import dev.tidegate.sync.link.Outgoing;
import dev.tidegate.timekeeping.SystemClock;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * What many ill-behaved connections leave behind, in memory and in threads; how many is {@code
 * -Dtidegate.hostile=1600} in {@code mvn -pl gateway-core -am test -Dtest=HostileLegacyTest
 * -Dsurefire.failIfNoSpecifiedTests=false}.
 */
@Isolated
final class HostileLegacyTest {
  /** Paho takes three tenths of a second to connect: several gateways at a time. */
  private static final int GATEWAYS = 8;

  private static final int WARM = 40;
  private static final int MEASURED = Integer.getInteger("tidegate.hostile", 80);
  private static final int KINDS = 9;

  /** How often the heap is looked at, each time after a connection of each kind. */
  private static final int LOOKS = 5;

  /** What garbage that is not gone yet may come to, and a little for each connection. */
  private static final long BOUND = 300_000 + 1_000L * MEASURED;

  @TempDir Path folder;

  /** Takes the state and a few frames, and then does harm of the kind that is its number's turn. */
  private static void harm(ScriptedBroker.Peer peer) throws IOException {
    int kind = peer.number % KINDS;
    if (kind == 0) {
      peer.read();
      peer.raw(0x20, 3, 0, 0x88, 0); // refused
      return;
    }
    peer.accept(0x22, 0, 10, 0x21, 0, 4); // aliases, and a small window
    if (kind == 1) {
      return; // kicked right after CONNACK
    }
    peer.grant();
    peer.pubAck(peer.publish(), 0);
    switch (kind) {
      case 2 -> peer.say("tg/\0/down", new byte[] {1});
      case 3 -> peer.raw(0x30, 5, 0, 2, 0xc3, 0x28, 0);
      case 4 -> peer.raw(0x30, 0xff, 0xff, 0xff, 0x7f, 0, 1, 'a');
      case 5 -> {
        for (int i = 0; i < 20; i++) {
          peer.say("tg/default/g1/down", new byte[60_000]);
        }
      }
      case 6 -> peer.raw(0xe0, 2, 0x8e, 0);
      case 7 -> peer.raw(0x32, 100, 0, 1); // the beginning of a message
      default -> {
        peer.publish(); // cut with two in flight
        peer.publish();
      }
    }
    if (kind > 1 && kind < 6) {
      peer.raw(0xe0, 0);
    }
  }

  /** Bytes that stay in use between the first connections and the last ones. */
  private static long growth(Path at, boolean isKept) throws Exception {
    List<byte[]> kept = new ArrayList<>();
    AtomicBoolean isGood = new AtomicBoolean();
    AtomicBoolean isQuiet = new AtomicBoolean();
    try (ScriptedBroker broker =
        new ScriptedBroker(
            peer -> {
              if (isGood.get()) {
                peer.accept();
                peer.grant();
                peer.takeAll();
              } else if (isQuiet.get()) {
                peer.accept();
                peer.grant();
                while (isQuiet.get()) {
                  peer.read(); // frames come again and again
                }
              } else {
                harm(peer);
              }
            })) {
      List<Workbench> benches = new ArrayList<>();
      try {
        for (int i = 0; i < GATEWAYS; i++) {
          Path own = Files.createDirectories(at.resolve("gateway-" + i));
          benches.add(new Workbench(own, new SystemClock(), quick(broker)));
          benches.getLast().alarms(8);
        }
        long before = least(benches, broker, WARM, null, isQuiet);
        long after = least(benches, broker, WARM + MEASURED, isKept ? kept : null, isQuiet);
        isGood.set(true);
        if (!isKept) {
          untilAllSend(benches);
        }
        return after - before;
      } finally {
        benches.forEach(Workbench::close);
      }
    }
  }

  /** The state and all frames, after all that. */
  private static void untilAllSend(List<Workbench> benches) throws InterruptedException {
    Map<Workbench, Long> taken = new HashMap<>();
    Predicate<Workbench> hasSent =
        bench -> bench.count("pubacks") - 9 >= taken.getOrDefault(bench, Long.MAX_VALUE);
    while (!benches.stream().allMatch(hasSent)) {
      for (Workbench bench : benches) {
        bench.sync.step(Workbench.MILLI);
        if (bench.sync.status().online()) {
          taken.putIfAbsent(bench, bench.count("pubacks"));
        }
      }
    }
  }

  private static SyncConfig quick(ScriptedBroker broker) {
    return Workbench.config(
        broker.uri(), 16, 2 * Workbench.SECOND, Workbench.MILLI, 2 * Workbench.MILLI);
  }

  private static void until(
      List<Workbench> benches, ScriptedBroker broker, int connects, @Nullable List<byte[]> kept)
      throws InterruptedException {
    while (broker.connects.get() < connects) {
      for (Workbench bench : benches) {
        bench.sync.step(Workbench.MILLI);
      }
      broker.published.clear();
      broker.pubAcks.clear();
      while (kept != null && kept.size() < broker.connects.get() - WARM) {
        kept.add(new byte[16 << 10]);
      }
    }
  }

  /**
   * The least of several looks, each while all gateways are at a server that harms nobody: before,
   * messages of some megabytes may be on their way.
   */
  private static long least(
      List<Workbench> benches,
      ScriptedBroker broker,
      int connects,
      @Nullable List<byte[]> kept,
      AtomicBoolean isQuiet)
      throws InterruptedException {
    long least = Long.MAX_VALUE;
    int quiet = 0; // connections that did no harm
    for (int look = 0; look < LOOKS; look++) {
      until(benches, broker, connects + look * KINDS + quiet, kept);
      int before = broker.connects.get();
      isQuiet.set(true);
      int steps = 0;
      while (steps < 50) {
        boolean isOnline = true;
        for (Workbench bench : benches) {
          bench.sync.step(Workbench.MILLI);
          isOnline &= bench.sync.status().online();
        }
        steps = isOnline ? steps + 1 : 0;
        broker.published.clear();
        broker.pubAcks.clear();
      }
      least = Math.min(least, used());
      isQuiet.set(false);
      quiet += broker.connects.get() - before;
    }
    return least;
  }

  /** Once nothing more goes: what other tests have left may take a few collections. */
  private static long used() {
    long least = Long.MAX_VALUE;
    int same = 0;
    for (int i = 0; i < 40 && same < 4; i++) {
      System.gc();
      long now = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
      same = now > least - 16_384 ? same + 1 : 0;
      least = Math.min(least, now);
    }
    return least;
  }

  /** Without it, a gateway beside a broken server would run for a month and then out of heap. */
  @Test
  @Timeout(600)
  void theyLeaveNothingBehind() throws Exception {
    long growth = growth(folder, false);
    System.out.printf(
        "%,d hostile connections: the heap in use is %,d bytes larger%n", MEASURED, growth);
    assertTrue(growth < BOUND, "heap grows: " + growth);
  }

  /** The control: 16 KiB that each connection leaves would be seen. */
  @Test
  @Timeout(600)
  void whatTheyWouldLeaveIsSeen() throws Exception {
    long growth = growth(folder, true);
    assertTrue(growth > BOUND, "not seen: " + growth);
  }

  /** Without it, threads of thrown-away clients would pile up until the gateway dies. */
  @Test
  void connectionsLeaveNoThreadsBehind() throws Exception {
    long before = mqttThreads();
    try (ScriptedBroker broker =
        new ScriptedBroker(
            peer -> {
              if (peer.number % 3 == 0) {
                return; // before CONNECT is read
              }
              peer.accept();
              if (peer.number % 3 == 1) {
                peer.grant();
              }
            })) {
      Path first = Files.createDirectories(folder.resolve("first"));
      Path second = Files.createDirectories(folder.resolve("second"));
      try (Workbench one = new Workbench(first, new SystemClock(), quick(broker))) {
        try (Workbench other = new Workbench(second, new SystemClock(), quick(broker))) {
          until(List.of(one, other), broker, 24, null);
        }
        one.until("the threads of all but the last ones to end", () -> mqttThreads() <= before + 8);
      }
    }
    assertNoMoreThanBefore(before);
  }

  /** Without it, each stop and each deadline that falls into a connect would leave a thread. */
  @Test
  void aLinkThatIsClosedWhileItBeginsLeavesNoThreadBehind() throws Exception {
    long before = mqttThreads();
    try (ScriptedBroker broker = new ScriptedBroker(ScriptedBroker.Peer::fallSilent)) {
      Outgoing will = Outgoing.of("will", new byte[] {1}, "text/plain");
      SyncConfig config = quick(broker);
      for (int i = 1; i <= 60; i++) {
        MqttLink link =
            MqttLink.of(
                Login.of(config, broker.uri(), Workbench.GATEWAY, will),
                new Mailbox(),
                new SystemClock(),
                new MqttLink.Meters(new LongAdder(), new LongAdder(), new LongAdder()));
        link.connect();
        while (broker.connects.get() < i) {
          Thread.onSpinWait();
        }
        link.close(MqttLink.Parting.CUT);
      }
      assertNoMoreThanBefore(before);
    }
  }

  private static void assertNoMoreThanBefore(long before) {
    long deadline = System.nanoTime() + 20 * Workbench.SECOND;
    while (mqttThreads() > before) {
      assertTrue(System.nanoTime() < deadline, () -> "threads that never end: " + stacks());
      Thread.onSpinWait();
    }
  }

  private static long mqttThreads() {
    return Thread.getAllStackTraces().keySet().stream().filter(HostileLegacyTest::isMqtt).count();
  }

  private static boolean isMqtt(Thread thread) {
    return thread.getName().startsWith("MQTT");
  }

  private static String stacks() {
    StringBuilder text = new StringBuilder();
    Thread.getAllStackTraces()
        .forEach(
            (thread, stack) -> {
              if (isMqtt(thread)) {
                text.append('\n').append(thread);
                for (StackTraceElement frame : stack) {
                  text.append("\n    ").append(frame);
                }
              }
            });
    return text.toString();
  }
}
