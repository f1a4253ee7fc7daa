package dev.tidegate.bench;

import dev.tidegate.config.SyncConfig;
import dev.tidegate.demo.Child;
import dev.tidegate.health.Counters;
import dev.tidegate.health.Faults;
import dev.tidegate.sync.Sync;
import dev.tidegate.sync.link.LinkEvent;
import dev.tidegate.sync.link.Login;
import dev.tidegate.sync.link.Mailbox;
import dev.tidegate.sync.link.MqttLink;
import dev.tidegate.sync.link.Outgoing;
import dev.tidegate.timekeeping.SystemClock;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.atomic.LongAdder;

/**
 * Messages a second, and what each costs in CPU, of 100 bytes each with QoS 1 to a Mosquitto on
 * loopback: the C client that comes with it, our link with the same window, our link with its own
 * window, and all of sync with an application on the far side that acknowledges each. In turns,
 * after a warm-up; medians.
 *
 * <p>Run: {@code mvn -q -pl bench -am -Pbench process-classes -Dbench=ClientBench}, with Debian's
 * packages mosquitto and mosquitto-clients.
 */
public final class ClientBench {
  private static final int MESSAGES = Integer.getInteger("messages", 20_000);
  private static final int ROUNDS = Integer.getInteger("rounds", 5);
  private static final int BYTES = 100;

  /** Unacknowledged publishes of mosquitto_pub. */
  private static final int C_WINDOW = 20;

  private static final double SECOND = 1e9;
  private static final SystemClock CLOCK = new SystemClock();

  private ClientBench() {}

  /** One run. */
  private record Run(double perSecond, double cpuMicros) {}

  private interface Way {
    Run run() throws Exception;
  }

  /** Measures and prints; with an address, the far side. */
  public static void main(String[] args) throws Exception {
    if (args.length == 2) {
      AckingSide far = new AckingSide(URI.create(args[1]));
      System.out.println("ready");
      while (System.in.read() >= 0) {
        // until its parent ends
      }
      far.close();
      System.exit(0);
    }
    Path folder = Files.createDirectories(Path.of(args[0]));
    Path lines = folder.resolve("lines");
    Files.write(lines, java.util.Collections.nCopies(MESSAGES, "x".repeat(BYTES)));
    URI broker = URI.create("mqtt://127.0.0.1:" + freePort());
    Process mosquitto = mosquitto(folder, broker.getPort());
    Process far = far(broker);
    try {
      List<String> names =
          List.of(
              "mosquitto_pub, window 20",
              "our link, window 20",
              "our link, window 64",
              "all of sync, each acknowledged by the far side");
      List<Way> ways =
          List.of(
              () -> theirs(broker, lines),
              () -> link(broker, C_WINDOW),
              () -> link(broker, 64),
              () -> sync(broker));
      List<List<Run>> runs = new ArrayList<>();
      for (Way way : ways) {
        way.run(); // warm
        runs.add(new ArrayList<>());
      }
      for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < ways.size(); i++) {
          runs.get(i).add(ways.get(i).run());
        }
      }
      System.out.printf(
          Locale.ROOT, "%,d messages of %d bytes, median of %d runs%n", MESSAGES, BYTES, ROUNDS);
      for (int i = 0; i < ways.size(); i++) {
        List<Run> of = runs.get(i);
        System.out.printf(
            Locale.ROOT,
            "%-48s %,8.0f messages/s, %6.1f us CPU each%n",
            names.get(i),
            median(of.stream().mapToDouble(Run::perSecond).toArray()),
            median(of.stream().mapToDouble(Run::cpuMicros).toArray()));
      }
    } finally {
      far.destroyForcibly().waitFor();
      mosquitto.destroyForcibly().waitFor();
    }
    System.exit(0); // the libraries' threads
  }

  private static double median(double[] values) {
    Arrays.sort(values);
    return values[values.length / 2];
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static Process mosquitto(Path folder, int port) throws IOException {
    Path config = folder.resolve("mosquitto.conf");
    Files.writeString(
        config,
        """
        listener %d 127.0.0.1
        allow_anonymous true
        persistence false
        set_tcp_nodelay true
        max_inflight_messages 0
        max_queued_messages 0
        """
            .formatted(port));
    Process process =
        new ProcessBuilder("mosquitto", "-v", "-c", config.toString())
            .redirectErrorStream(true)
            .start();
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.contains(" running")) {
        Thread.ofPlatform().daemon(true).start(() -> out.lines().forEach(l -> {}));
        return process;
      }
    }
    throw new IOException("mosquitto did not start");
  }

  private static Process far(URI broker) throws IOException {
    Process process =
        new ProcessBuilder(
                Child.command(ClientBench.class, List.of(), List.of("far", broker.toString())))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    if (!"ready".equals(out.readLine())) {
      throw new IOException("the far side did not start");
    }
    return process;
  }

  /** By bash's own account of its child's time. */
  private static Run theirs(URI broker, Path lines) throws Exception {
    Process process =
        new ProcessBuilder(
                "bash",
                "-c",
                "TIMEFORMAT='%R %U %S'; time mosquitto_pub -V mqttv5 -q 1 -l -h 127.0.0.1 -p "
                    + broker.getPort()
                    + " -t bench/up < "
                    + lines)
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    String[] times = said.strip().split(" ", -1);
    if (process.waitFor() != 0 || times.length != 3) {
      throw new IOException("mosquitto_pub failed: " + said);
    }
    double cpu = Double.parseDouble(times[1]) + Double.parseDouble(times[2]);
    return new Run(MESSAGES / Double.parseDouble(times[0]), cpu * 1e6 / MESSAGES);
  }

  private static long cpuNanos() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  private static Run since(long start, long cpu) {
    return new Run(
        MESSAGES / ((CLOCK.monotonicNanos() - start) / SECOND),
        (cpuNanos() - cpu) / 1e3 / MESSAGES);
  }

  private static Run link(URI broker, int window) throws Exception {
    Mailbox mailbox = new Mailbox();
    Outgoing will = Outgoing.of("bench/will", new byte[1], "text/plain");
    MqttLink link =
        MqttLink.of(
            Login.of(SyncConfig.to(broker), broker, "link", will),
            mailbox,
            CLOCK,
            new MqttLink.Meters(new LongAdder(), new LongAdder(), new LongAdder()));
    link.connect();
    expect(mailbox, LinkEvent.Up.class);
    byte[] payload = new byte[BYTES];
    long cpu = cpuNanos();
    long start = CLOCK.monotonicNanos();
    int sent = 0;
    for (int acknowledged = 0; acknowledged < MESSAGES; acknowledged++) {
      while (sent < MESSAGES && sent - acknowledged < window) {
        link.publish(sent++, new Outgoing("bench/up", payload, 1, false, null, java.util.Map.of()));
      }
      expect(mailbox, LinkEvent.PubAck.class);
    }
    Run run = since(start, cpu);
    link.close(MqttLink.Parting.WITHOUT_WILL);
    return run;
  }

  private static void expect(Mailbox mailbox, Class<? extends LinkEvent> kind) throws Exception {
    LinkEvent event = mailbox.pollEvent((long) (30 * SECOND));
    if (!kind.isInstance(event)) {
      throw new IOException("expected " + kind.getSimpleName() + ", and there was " + event);
    }
  }

  private static Run sync(URI broker) throws Exception {
    MemoryOutbox outbox = new MemoryOutbox("bench");
    Counters counters = new Counters();
    Sync sync =
        new Sync(
            SyncConfig.to(broker),
            "bench",
            outbox,
            new FleetBench.NoInbox(),
            CLOCK,
            new Random(1),
            counters,
            new Faults(CLOCK));
    while (!sync.status().online()) {
      sync.step(10_000_000);
    }
    long cpu = cpuNanos();
    long start = CLOCK.monotonicNanos();
    outbox.store(MESSAGES, BYTES);
    while (!outbox.isEmpty()) {
      sync.step(10_000_000);
    }
    Run run = since(start, cpu);
    sync.close();
    return run;
  }
}
