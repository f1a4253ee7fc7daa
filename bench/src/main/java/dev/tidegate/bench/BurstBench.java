package dev.tidegate.bench;

import dev.tidegate.demo.EmbeddedBroker;
import dev.tidegate.timekeeping.SystemClock;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;

/**
 * What reaches a host of messages with QoS 0 that a broker gets at once, and at a pace: the host
 * takes 50 MB/s. With the embedded broker.
 *
 * <p>Run: {@code mvn -q -pl bench -am -Pbench process-classes -Dbench=BurstBench}.
 */
public final class BurstBench {
  private static final int HOST_NANOS_PER_KB = 20_000;
  private static final int BYTES = 20_000_000;
  private static final List<Integer> SIZES = List.of(2_048, 16_384, 49_152);

  /** Bytes a second; 0: at once. */
  private static final List<Integer> RATES = List.of(0, 4_000_000, 1_000_000, 128_000);

  private static final SystemClock CLOCK = new SystemClock();
  private static final Semaphore NEVER = new Semaphore(0);

  private BurstBench() {}

  /** Measures and prints. */
  public static void main(String[] args) throws Exception {
    try (EmbeddedBroker broker = EmbeddedBroker.start(0)) {
      URI uri = broker.uri();
      for (int size : SIZES) {
        for (int rate : RATES) {
          int count = Math.max(10, (rate == 0 ? BYTES : Math.min(BYTES, rate * 5)) / size);
          System.out.printf(
              Locale.ROOT,
              "%,6d bytes each, %s: %,d of %,d arrived%n",
              size,
              rate == 0 ? "at once" : "%,d bytes a second".formatted(rate),
              arrived(uri, size, rate, count),
              count);
        }
      }
    }
    System.exit(0); // the libraries' threads
  }

  private static int arrived(URI uri, int size, int rate, int count) throws Exception {
    AtomicInteger arrived = new AtomicInteger();
    MqttAsyncClient host = client(uri, "host");
    host.setCallback(new Host(arrived));
    host.subscribe("burst/#", 1).waitForCompletion();
    MqttAsyncClient sender = client(uri, "sender");
    byte[] payload = new byte[size];
    long start = CLOCK.monotonicNanos();
    for (int i = 0; i < count; i++) {
      if (rate > 0) {
        pauseUntil(start + (long) ((double) i * size / rate * 1e9));
      }
      sender.publish("burst/a", payload, 0, false).waitForCompletion();
    }
    int before = -1;
    while (before != arrived.get()) { // until nothing comes any more
      before = arrived.get();
      pauseUntil(CLOCK.monotonicNanos() + 1_500_000_000L);
    }
    for (MqttAsyncClient each : List.of(host, sender)) {
      each.disconnectForcibly(0, 100, true);
      each.close(true);
    }
    return before;
  }

  private static MqttAsyncClient client(URI uri, String id) throws MqttException {
    MqttAsyncClient client =
        new MqttAsyncClient(
            "tcp://" + uri.getHost() + ":" + uri.getPort(), id, new MemoryPersistence());
    MqttConnectionOptions options = new MqttConnectionOptions();
    options.setCleanStart(true);
    client.connect(options).waitForCompletion();
    return client;
  }

  private static void pauseUntil(long nanos) throws InterruptedException {
    long wait = nanos - CLOCK.monotonicNanos();
    if (wait > 0 && NEVER.tryAcquire(wait, TimeUnit.NANOSECONDS)) {
      throw new IllegalStateException("nobody releases it");
    }
  }

  /** Counts, at its own pace. */
  private record Host(AtomicInteger arrived) implements MqttCallback {
    @Override
    public void messageArrived(String topic, MqttMessage message) {
      long end =
          CLOCK.monotonicNanos() + (long) message.getPayload().length * HOST_NANOS_PER_KB / 1_024;
      while (CLOCK.monotonicNanos() < end) {
        Thread.onSpinWait();
      }
      arrived.incrementAndGet();
    }

    @Override
    public void disconnected(MqttDisconnectResponse response) {}

    @Override
    public void mqttErrorOccurred(MqttException e) {}

    @Override
    public void deliveryComplete(IMqttToken token) {}

    @Override
    public void connectComplete(boolean reconnect, String server) {}

    @Override
    public void authPacketArrived(int reasonCode, MqttProperties properties) {}
  }
}
