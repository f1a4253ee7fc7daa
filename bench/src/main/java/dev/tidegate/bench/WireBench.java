package dev.tidegate.bench;

import dev.tidegate.buffer.Buffer;
import dev.tidegate.config.BufferConfig;
import dev.tidegate.config.DeviceEntry;
import dev.tidegate.config.GatewayConfig;
import dev.tidegate.config.PointConfig;
import dev.tidegate.config.SyncConfig;
import dev.tidegate.config.SyncConfig.FarSide;
import dev.tidegate.demo.EmbeddedBroker;
import dev.tidegate.demo.NoDelaySockets;
import dev.tidegate.driver.DeviceConfig;
import dev.tidegate.driver.Settings;
import dev.tidegate.drivers.simulator.Channel;
import dev.tidegate.drivers.simulator.Plant;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Lane;
import dev.tidegate.frame.FrameCodec;
import dev.tidegate.frame.FrameException;
import dev.tidegate.frame.FrameHeader;
import dev.tidegate.health.Counters;
import dev.tidegate.health.Faults;
import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Reading;
import dev.tidegate.sync.Bindings;
import dev.tidegate.sync.Sync;
import dev.tidegate.time.Clock;
import dev.tidegate.timekeeping.SystemClock;
import dev.tidegate.twin.Era;
import dev.tidegate.twin.Twin;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;

/**
 * Bytes on the wire for one reading, in each binding, MQTT included and TCP not: the simulated
 * plant's seven sensors, once a second for half an hour, a commit a second. Once as it comes, and
 * once as the backlog of an outage; beside one JSON message for each reading.
 *
 * <p>Run: {@code mvn -q -pl bench -am -Pbench process-classes -Dbench=WireBench}.
 */
public final class WireBench {
  private static final int SECONDS = Integer.getInteger("seconds", 1_800);
  private static final long SECOND = 1_000_000_000L;
  private static final Clock CLOCK = new SystemClock();
  private static final List<Channel> SENSORS =
      List.of(
          Channel.SPEED,
          Channel.VALVE,
          Channel.FLOW,
          Channel.PRESSURE,
          Channel.CURRENT,
          Channel.VIBRATION,
          Channel.MOTOR_TEMP);
  private static final Semaphore NEVER = new Semaphore(0);

  private WireBench() {}

  /** Measures and prints. */
  public static void main(String[] args) throws Exception {
    Path folder = Files.createDirectories(Path.of(args[0]));
    System.out.printf(
        Locale.ROOT,
        "%,d readings; one JSON message each: %.0f bytes a reading%n",
        SECONDS * SENSORS.size(),
        json());
    List<FarSide> bindings =
        List.of(
            new FarSide.Plain(),
            new FarSide.Plain(Set.of("raw")),
            new FarSide.Ditto("org.example", "org.example:gateways"),
            new FarSide.SparkplugB("Plant 1", null, false),
            new FarSide.SparkplugB(
                "Plant 1",
                null,
                false,
                List.of(new SyncConfig.AssetTemplate("Pump", List.of("pump")))));
    for (FarSide far : bindings) {
      System.out.printf(
          Locale.ROOT,
          "%-60s live %6.1f, backlog %6.1f bytes a reading%n",
          far,
          bytes(folder, far, true),
          bytes(folder, far, false));
    }
    System.exit(0); // the libraries' threads
  }

  /** What each reading would take in a message of its own: fixed header, topic, id, properties. */
  private static double json() {
    Plant plant = new Plant(7, List.of());
    long bytes = 0;
    for (int second = 0; second < SECONDS; second++) {
      plant.advanceTo(second * SECOND);
      for (Channel channel : SENSORS) {
        String payload =
            "{\"point\":\"pump/%s\",\"time\":\"%s\",\"value\":%s,\"quality\":\"good\"}"
                .formatted(
                    channel.id(),
                    Instant.ofEpochSecond(1_790_000_000L + second),
                    plant.value(channel));
        bytes += 2 + 2 + "tg/default/plant-7/up".length() + 2 + 1 + payload.length();
      }
    }
    return bytes / (double) (SECONDS * SENSORS.size());
  }

  private static GatewayConfig config(Path data, SyncConfig sync) {
    List<PointConfig> points =
        SENSORS.stream().map(c -> PointConfig.plain(new PointId("pump/" + c.id()))).toList();
    DeviceConfig device =
        new DeviceConfig(
            "pump",
            Settings.NONE,
            points.stream().map(p -> new DeviceConfig.Point(p.id(), null, Settings.NONE)).toList(),
            SECOND);
    return new GatewayConfig(
        "plant-7",
        data,
        List.of(new DeviceEntry("simulator", device, DeviceEntry.OnError.RETRY, points)),
        List.of(),
        List.of(),
        BufferConfig.defaults(),
        sync);
  }

  private static double bytes(Path folder, FarSide far, boolean live) throws Exception {
    Path data = Files.createTempDirectory(folder, "wire");
    Counters counters = new Counters();
    try (EmbeddedBroker broker = EmbeddedBroker.start(0);
        Answers answers = new Answers(broker.uri())) {
      answers.check();
      SyncConfig to = SyncConfig.to(broker.uri()).with(far);
      GatewayConfig config = config(data, to);
      Faults faults = new Faults(CLOCK);
      Random random = new Random(1);
      try (Buffer buffer =
          Buffer.open(
              data,
              often(),
              "plant-7",
              UUID.randomUUID().toString(),
              CLOCK,
              random,
              counters,
              faults)) {
        Twin twin = new Twin(new Era(buffer.epoch(), 1), SECOND);
        Sync sync =
            new Sync(
                to,
                "plant-7",
                Bindings.of(config, to, twin, buffer.epoch(), "run", CLOCK),
                buffer,
                buffer,
                CLOCK,
                random,
                counters,
                faults);
        if (live) {
          until(sync, buffer, () -> counters.value("sync.connects") == 1);
        }
        Plant plant = new Plant(7, List.of());
        long start = CLOCK.monotonicNanos() - SECONDS * SECOND;
        for (int second = 0; second < SECONDS; second++) {
          plant.advanceTo(second * SECOND);
          for (Channel channel : SENSORS) {
            PointId point = new PointId("pump/" + channel.id());
            buffer.append(
                Lane.RAW,
                new Entry.Measured(
                    Reading.good(point, start + second * SECOND, plant.value(channel))),
                null);
          }
          commit(buffer);
          if (live) {
            long published = counters.value("sync.published");
            until(sync, buffer, () -> counters.value("sync.published") > published);
          }
        }
        if (!live) {
          for (int i = 0; i < 200; i++) {
            buffer.step(0); // what lies there is merged
          }
        }
        until(sync, buffer, () -> buffer.head(Lane.RAW) > 1 && isSent(counters, buffer, far));
        double out = counters.value("sync.link-bytes-out");
        sync.close();
        return out / (SECONDS * SENSORS.size());
      }
    }
  }

  /** A commit for each simulated second, without waiting for a real one. */
  private static BufferConfig often() {
    BufferConfig c = BufferConfig.defaults();
    return new BufferConfig(10_000_000L, c.alarms(), c.events(), c.summaries(), c.raw());
  }

  private static boolean isSent(Counters counters, Buffer buffer, FarSide far) {
    long records = buffer.head(Lane.RAW) - 1;
    return far instanceof FarSide.SparkplugB
        ? buffer.read(Lane.RAW, 1, records + 1, 1).isEmpty()
        : counters.value("sync.acked-records") >= records;
  }

  private static void commit(Buffer buffer) throws InterruptedException {
    long head = buffer.head(Lane.RAW);
    while (buffer.head(Lane.RAW) == head) {
      buffer.step(1_000_000);
    }
  }

  private interface Condition {
    boolean holds();
  }

  private static void until(Sync sync, Buffer buffer, Condition condition)
      throws InterruptedException {
    long end = CLOCK.monotonicNanos() + 300 * SECOND;
    while (!condition.holds()) {
      if (CLOCK.monotonicNanos() > end) {
        throw new IllegalStateException("not within 300 s");
      }
      int done = sync.step(0) + buffer.step(0);
      if (done == 0 && NEVER.tryAcquire(200, TimeUnit.MICROSECONDS)) {
        throw new IllegalStateException("nobody releases it");
      }
    }
  }

  /** Says to everything that it is stored, in the words of each binding. */
  private static final class Answers implements Ears, AutoCloseable {
    private static final Pattern ID = Pattern.compile("\"correlation-id\":\"([^\"]*)\"");
    private static final Pattern TOPIC = Pattern.compile("\"topic\":\"([^\"]*)\"");
    private final MqttAsyncClient client;

    Answers(URI broker) throws MqttException {
      client =
          new MqttAsyncClient(
              "tcp://" + broker.getHost() + ":" + broker.getPort(), "far", new MemoryPersistence());
      client.setCallback(this);
      MqttConnectionOptions options = new MqttConnectionOptions();
      options.setCleanStart(true);
      options.setAutomaticReconnect(false);
      options.setSocketFactory(new NoDelaySockets());
      client.connect(options).waitForCompletion(30_000);
      client.subscribe("tg/default/plant-7/up/#", 1).waitForCompletion(30_000);
    }

    void check() {
      if (!client.isConnected()) {
        throw new IllegalStateException("the far side is not connected");
      }
    }

    @Override
    public void messageArrived(String topic, MqttMessage message) throws MqttException {
      String text = new String(message.getPayload(), StandardCharsets.UTF_8);
      String answer;
      if (topic.endsWith("/up/batch")) {
        answer = frame(message.getPayload());
      } else if (text.startsWith("{\"gateway\"")) {
        answer = json(text);
      } else if (text.startsWith("{\"topic\"")) {
        answer = ditto(text);
      } else {
        return; // state
      }
      if (!answer.isEmpty()) {
        client.publish(
            "tg/default/plant-7/down",
            new MqttMessage(
                answer.getBytes(StandardCharsets.UTF_8), 0, false, new MqttProperties()));
      }
    }

    private static String ack(String epoch, String lane, long first, long last) {
      return "{\"type\":\"ack\",\"epoch\":\"%s\",\"acks\":[{\"lane\":\"%s\",\"first\":%d,\"last\":%d,\"code\":200}]}"
          .formatted(epoch, lane, first, last);
    }

    private static String frame(byte[] bytes) {
      try {
        FrameHeader header = FrameCodec.header(bytes);
        return ack(
            header.epoch(), header.lane().word(), header.firstSequence(), header.lastSequence());
      } catch (FrameException e) {
        throw new IllegalStateException(e);
      }
    }

    private static String json(String text) {
      List<String> parts = new ArrayList<>();
      for (String key : List.of("epoch", "lane", "first", "last")) {
        Matcher matcher = Pattern.compile("\"" + key + "\":\"?([^\",]*)").matcher(text);
        parts.add(matcher.find() ? matcher.group(1) : "");
      }
      return ack(
          parts.get(0), parts.get(1), Long.parseLong(parts.get(2)), Long.parseLong(parts.get(3)));
    }

    private static String ditto(String text) {
      Matcher id = ID.matcher(text);
      Matcher to = TOPIC.matcher(text);
      if (!id.find() || !to.find() || text.contains("\"response-required\":false")) {
        return "";
      }
      String topic =
          to.group(1).contains("/live/")
              ? to.group(1).replaceFirst("/live/.*", "/live/acks/tidegate:stored")
              : to.group(1);
      return "{\"topic\":\"%s\",\"headers\":{\"correlation-id\":\"%s\"},\"path\":\"/\",\"status\":204}"
          .formatted(topic, id.group(1));
    }

    @Override
    public void close() throws MqttException {
      client.disconnectForcibly(0, 1, false);
      client.close(true);
    }
  }
}
