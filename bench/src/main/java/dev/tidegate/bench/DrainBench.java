package dev.tidegate.bench;

import dev.tidegate.buffer.Buffer;
import dev.tidegate.cli.Tidegate;
import dev.tidegate.config.BufferConfig;
import dev.tidegate.demo.EmbeddedBroker;
import dev.tidegate.demo.NoDelaySockets;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.Outbound;
import dev.tidegate.frame.FrameCodec;
import dev.tidegate.frame.FrameException;
import dev.tidegate.frame.FrameHeader;
import dev.tidegate.health.Counters;
import dev.tidegate.health.Faults;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Reading;
import dev.tidegate.time.Clock;
import dev.tidegate.time.TimeQuality;
import dev.tidegate.timekeeping.SystemClock;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;

/**
 * Back after an outage: a gateway process that starts over 1,000,000 buffered records, its broker a
 * process of its own, the far side one that acknowledges within 10 ms. Said are the time from the
 * process's start to the first acknowledgement, when the first live frame came, how old live frames
 * were at most on arrival, and how fast the backlog drained.
 *
 * <p>Beside it, in the same run: the bare Paho client in a fresh JVM with the same flags, which
 * publishes the same frames from memory to the same broker, with the same window, and knows no
 * acknowledgement but the broker's. Rates count frames from the first to the last one that arrived
 * at the same subscriber.
 *
 * <p>Run: {@code mvn -q -pl bench -am -Pbench process-classes -Dbench=DrainBench}.
 */
public final class DrainBench {
  private static final int RECORDS = 1_000_000;
  private static final int A_COMMIT =
      512; // what is smaller is merged while it waits, and makes fewer frames
  private static final int ROUNDS = 5;
  private static final int WINDOW = 64;
  private static final long DEADLINE_SECONDS = 60;
  private static final SystemClock CLOCK = new SystemClock();
  private static final String OLD_BOOT = "6f8f57ca-1f0b-4a5c-9f5e-5b3c8a3d9c10";

  private DrainBench() {}

  /** Measures and prints. */
  public static void main(String[] args) throws Exception {
    Path folder = Files.createDirectories(Path.of(args[0]));
    Path full = Files.createTempDirectory(folder, "drain");
    int frames = fill(full.resolve("data"), full.resolve("frames"));
    System.out.printf(
        Locale.ROOT,
        "%,d records in %,d frames, %,d bytes%n",
        RECORDS,
        frames,
        Files.size(full.resolve("frames")) - 4L * frames);
    double[] first = new double[ROUNDS];
    double[] ratio = new double[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
      Process broker = start(EmbeddedBroker.class, "--port", "0");
      String uri = "tcp://" + line(broker, "ready mqtt://").substring("ready mqtt://".length());
      try (FarSide far = new FarSide(uri)) {
        double raw = raw(uri, full.resolve("frames"), far, frames);
        Path here = copy(full, folder, round);
        Drained drained = drain(here, uri, "", far, frames);
        first[round] = drained.firstAckMillis;
        ratio[round] = drained.framesPerSecond / raw;
        System.out.printf(
            Locale.ROOT,
            "round %d: first ack after %,.0f ms, first live frame after %,.0f ms, live at most %,.0f"
                + " ms old; drained in %,.2f s, %,.0f frames/s, %,.0f records/s; raw client %,.0f"
                + " frames/s; ratio %.2f%n",
            round,
            drained.firstAckMillis,
            drained.firstLiveMillis,
            drained.oldestLiveMillis,
            frames / drained.framesPerSecond,
            drained.framesPerSecond,
            drained.framesPerSecond * RECORDS / frames,
            raw,
            ratio[round]);
        if (round == 0) {
          long bytes = Files.size(full.resolve("frames"));
          long rate = Math.max(64_000, bytes / 20);
          here = copy(full, folder, 100);
          drained = drain(here, uri, ", backlog-rate: " + rate / 1000 + "KB", far, frames);
          System.out.printf(
              Locale.ROOT,
              "paced to %,d B/s: %,.0f B/s of frames, live at most %,.0f ms old%n",
              rate / 1000 * 1000,
              drained.framesPerSecond * (bytes - 4.0 * frames) / frames,
              drained.oldestLiveMillis);
        }
      } finally {
        broker.destroy();
        broker.waitFor(30, TimeUnit.SECONDS);
      }
    }
    System.out.printf(
        Locale.ROOT,
        "median: first acknowledgement %,.0f ms after the process's start, drain %.2f of the raw"
            + " client's rate%n",
        median(first),
        median(ratio));
  }

  // what lies on the disk

  private static int fill(Path data, Path copies) throws Exception {
    System.setProperty(Buffer.UNSAFE_DURABILITY, "none"); // only while the backlog is made
    long[] nanos = {CLOCK.wallNanos() - 86_400_000_000_000L};
    Clock clock =
        new Clock() {
          @Override
          public long monotonicNanos() {
            return nanos[0];
          }

          @Override
          public long wallNanos() {
            return nanos[0];
          }

          @Override
          public TimeQuality quality() {
            return TimeQuality.SYNCHRONISED;
          }
        };
    Random random = new Random(1);
    int frames = 0;
    try (Buffer buffer =
            Buffer.open(
                data,
                BufferConfig.defaults(),
                "bench",
                OLD_BOOT,
                clock,
                random,
                new Counters(),
                new Faults(clock));
        DataOutputStream out =
            new DataOutputStream(new java.io.BufferedOutputStream(Files.newOutputStream(copies)))) {
      for (int i = 0; i < RECORDS; i++) {
        double value = Math.rint(1e3 * (20 + random.nextGaussian())) / 1e3;
        PointId point = PointId.of("pump", "p" + i % 8);
        buffer.append(
            Lane.RAW,
            new Entry.Measured(Reading.good(point, nanos[0] + i % A_COMMIT * 1_900_000L, value)),
            null);
        if (i % A_COMMIT == A_COMMIT - 1 || i == RECORDS - 1) {
          buffer.step(0);
          nanos[0] += 1_000_000_000L;
          buffer.step(0);
        }
      }
      long from = 1;
      List<Outbound> some = buffer.read(Lane.RAW, from, Long.MAX_VALUE, 1 << 20);
      while (!some.isEmpty()) {
        for (Outbound frame : some) {
          out.writeInt(frame.frame().length);
          out.write(frame.frame());
          frames++;
        }
        from = some.getLast().lastSequence() + 1;
        some = buffer.read(Lane.RAW, from, Long.MAX_VALUE, 1 << 20);
      }
    }
    System.clearProperty(Buffer.UNSAFE_DURABILITY);
    return frames;
  }

  private static Path copy(Path full, Path folder, int round) throws IOException {
    Path here = Files.createTempDirectory(folder, "round-" + round + "-");
    Files.createDirectory(here.resolve("data"));
    for (String name : List.of("buffer.db", "buffer.mark")) {
      Files.copy(full.resolve("data").resolve(name), here.resolve("data").resolve(name));
    }
    return here;
  }

  // the gateway

  private record Drained(
      double firstAckMillis,
      double firstLiveMillis,
      double oldestLiveMillis,
      double framesPerSecond) {}

  private static Drained drain(Path here, String uri, String more, FarSide far, int frames)
      throws IOException, InterruptedException {
    Path config =
        Files.writeString(
            here.resolve("gateway.yaml"),
            """
            gateway: {id: bench, data: ./data}
            devices:
              - id: pump
                driver: simulator
                poll-every: 100ms
                points: [{id: flow, report: none}]
            windows:
              - {id: w, points: [pump/flow], size: 200ms}
            buffer: {commit-every: 250ms}
            sync: {broker: "%s", tenant: bench, send-window: %d%s}
            """
                .formatted(uri.replace("tcp://", "mqtt://"), WINDOW, more));
    far.expect(frames);
    long began = CLOCK.monotonicNanos();
    Process gateway = start(Tidegate.class, "run", "--config", config.toString());
    boolean all = far.done.tryAcquire(DEADLINE_SECONDS, TimeUnit.SECONDS);
    gateway.destroy();
    gateway.waitFor(30, TimeUnit.SECONDS);
    if (!all) {
      throw new IOException("the backlog did not drain in " + DEADLINE_SECONDS + " s");
    }
    return new Drained(
        (far.firstAckNanos - began) / 1e6,
        (far.firstLiveNanos - began) / 1e6,
        far.oldestLiveNanos / 1e6,
        far.framesPerSecond());
  }

  // the raw client

  private static double raw(String uri, Path frames, FarSide far, int count)
      throws IOException, InterruptedException {
    far.expect(count);
    Process raw = start(Raw.class, uri, frames.toString());
    boolean all = far.done.tryAcquire(DEADLINE_SECONDS, TimeUnit.SECONDS);
    raw.waitFor(30, TimeUnit.SECONDS);
    if (!all) {
      throw new IOException("the raw client did not end in " + DEADLINE_SECONDS + " s");
    }
    return far.framesPerSecond();
  }

  /** Publishes what is in a file as fast as the broker takes it. */
  public static final class Raw {
    private Raw() {}

    /** The broker, and the file. */
    public static void main(String[] args) throws Exception {
      List<byte[]> frames = new ArrayList<>();
      try (DataInputStream in =
          new DataInputStream(
              new java.io.BufferedInputStream(Files.newInputStream(Path.of(args[1]))))) {
        while (true) {
          frames.add(in.readNBytes(in.readInt()));
        }
      } catch (java.io.EOFException e) {
        // all of them
      }
      Semaphore window = new Semaphore(WINDOW);
      MqttAsyncClient client =
          connect(
              args[0],
              "raw",
              new Callbacks() {
                @Override
                public void deliveryComplete(IMqttToken token) {
                  window.release();
                }
              });
      for (byte[] frame : frames) {
        window.acquire();
        client.publish("tg/bench/raw/up/batch", new MqttMessage(frame, 1, false, null));
      }
      window.acquire(WINDOW);
      client.disconnect().waitForCompletion(5_000);
      client.close(true);
      System.exit(0);
    }
  }

  // the far side

  /** Acknowledges every frame, without storing it. Paho's thread takes them in, another answers. */
  private static final class FarSide extends Callbacks implements AutoCloseable {
    private final MqttAsyncClient client;
    private final Thread acknowledging;
    private final List<String> acks = new ArrayList<>();
    private String epoch = "";
    private final Set<Long> backlog = new HashSet<>();
    private final Semaphore done = new Semaphore(0);
    private int wanted;
    private long firstNanos;
    private long lastNanos;
    private volatile long firstAckNanos;
    private volatile long firstLiveNanos;
    private volatile long oldestLiveNanos;

    FarSide(String uri) throws MqttException {
      client = connect(uri, "far", this);
      client.subscribe("tg/bench/+/up/batch", 1).waitForCompletion(5_000);
      acknowledging = Thread.ofPlatform().daemon(true).name("acknowledge").start(this::acknowledge);
    }

    synchronized void expect(int frames) {
      backlog.clear();
      done.drainPermits();
      wanted = frames;
      firstAckNanos = 0;
      firstLiveNanos = 0;
      oldestLiveNanos = 0;
    }

    synchronized double framesPerSecond() {
      return (wanted - 1) / ((lastNanos - firstNanos) / 1e9);
    }

    @Override
    public synchronized void messageArrived(String topic, MqttMessage message)
        throws MqttException, FrameException {
      long now = CLOCK.monotonicNanos();
      FrameHeader header = FrameCodec.header(message.getPayload());
      if (topic.equals("tg/bench/bench/up/batch")) {
        epoch = header.epoch();
        acks.add(
            "{\"lane\":\"%s\",\"first\":%d,\"last\":%d,\"code\":200}"
                .formatted(header.lane().word(), header.firstSequence(), header.lastSequence()));
      }
      if (!header.bootId().equals(OLD_BOOT)) {
        live(header, message.getPayload(), now);
      } else if (backlog.size() < wanted && backlog.add(header.firstSequence())) {
        firstNanos = backlog.size() == 1 ? now : firstNanos;
        lastNanos = now;
        if (backlog.size() == wanted) {
          done.release();
        }
      }
    }

    /** What came within a hundredth of a second is acknowledged together, as a cloud does. */
    private void acknowledge() {
      try {
        while (!Thread.interrupted()) {
          TimeUnit.MILLISECONDS.sleep(10);
          String text = takeAcks();
          if (!text.isEmpty()) {
            client.publish(
                "tg/bench/bench/down",
                new MqttMessage(
                    text.getBytes(StandardCharsets.UTF_8), 1, false, new MqttProperties()));
            firstAckNanos = firstAckNanos == 0 ? CLOCK.monotonicNanos() : firstAckNanos;
          }
        }
      } catch (InterruptedException | MqttException e) {
        // closed
      }
    }

    private synchronized String takeAcks() {
      if (acks.isEmpty()) {
        return "";
      }
      String text =
          "{\"type\":\"ack\",\"epoch\":\"%s\",\"acks\":[%s]}"
              .formatted(epoch, String.join(",", acks));
      acks.clear();
      return text;
    }

    private void live(FrameHeader header, byte[] frame, long now) throws FrameException {
      firstLiveNanos = firstLiveNanos == 0 ? now : firstLiveNanos;
      if (header.lane() == Lane.SUMMARIES && backlog.size() < wanted) {
        long at = FrameCodec.decode(frame).entries().getFirst().atNanos();
        oldestLiveNanos =
            Math.max(oldestLiveNanos, CLOCK.wallNanos() - at - header.wallOffsetNanos());
      }
    }

    @Override
    public void close() throws MqttException {
      acknowledging.interrupt();
      client.disconnectForcibly(0, 1_000, false);
      client.close(true);
    }
  }

  private static class Callbacks implements Ears {

    @Override
    public void messageArrived(String topic, MqttMessage message) throws Exception {}
  }

  private static MqttAsyncClient connect(String uri, String name, MqttCallback callbacks)
      throws MqttException {
    MqttAsyncClient client =
        new MqttAsyncClient(uri, name + "-" + UUID.randomUUID(), new MemoryPersistence());
    client.setCallback(callbacks);
    MqttConnectionOptions options = new MqttConnectionOptions();
    options.setAutomaticReconnect(false);
    options.setCleanStart(true);
    options.setReceiveMaximum(1_000);
    options.setSocketFactory(new NoDelaySockets());
    client.connect(options).waitForCompletion(5_000);
    return client;
  }

  // processes

  private static Process start(Class<?> main, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(StartBench.FLAGS);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  private static String line(Process process, String prefix) throws IOException {
    String line = process.inputReader(StandardCharsets.UTF_8).readLine();
    if (line == null || !line.startsWith(prefix)) {
      throw new IOException("a process ended without saying '" + prefix + "'");
    }
    return line;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
