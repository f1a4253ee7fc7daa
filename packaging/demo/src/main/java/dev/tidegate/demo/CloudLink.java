package dev.tidegate.demo;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.jspecify.annotations.Nullable;

/**
 * The cloud side's connections to the broker, one after another. Nothing depends on any of them:
 * what is lost with one is sent again by the gateway.
 *
 * <p>Owned by the cloud's thread; Paho's threads only put into the queue, and wait when it is full,
 * which holds the broker back.
 */
final class CloudLink {
  private static final int QUEUE_FRAMES = 256;
  private static final long RETRY_MILLIS = 100;
  private static final long ANSWER_MILLIS = 3_000;
  private static final int KEEP_ALIVE_SECONDS = 5;

  /** Held, since the logging system forgets loggers that nobody holds. */
  private static final Logger PAHO = Logger.getLogger("org.eclipse.paho.mqttv5.client");

  static {
    PAHO.setLevel(Level.OFF); // a broker that goes is part of the show
  }

  private final URI broker;
  private final List<String> filters;
  private final BlockingQueue<Arrived> arrived = new LinkedBlockingQueue<>(QUEUE_FRAMES);
  private final CountDownLatch connectedOnce = new CountDownLatch(1);
  private @Nullable MqttAsyncClient client;
  private volatile boolean usable;

  /** A message and where it came from. */
  @SuppressWarnings("ArrayRecordComponent") // ownership passes with the record
  record Arrived(String topic, byte[] payload) {}

  CloudLink(URI broker, String... filters) {
    this.broker = broker;
    this.filters = List.of(filters);
  }

  /** The next message, connecting first where that is needed; null when none came in time. */
  @Nullable Arrived next(long waitNanos) throws InterruptedException {
    if (!usable && !connect()) {
      return arrived.poll(RETRY_MILLIS, TimeUnit.MILLISECONDS);
    }
    return arrived.poll(waitNanos, TimeUnit.NANOSECONDS);
  }

  void drainTo(List<Arrived> to, int max) {
    arrived.drainTo(to, max);
  }

  boolean awaitConnected(long timeoutNanos) throws InterruptedException {
    return connectedOnce.await(timeoutNanos, TimeUnit.NANOSECONDS);
  }

  private boolean connect() {
    close();
    try {
      MqttAsyncClient made =
          new MqttAsyncClient(
              "tcp://" + broker.getHost() + ":" + broker.getPort(),
              "cloud-" + UUID.randomUUID(),
              new MemoryPersistence());
      client = made;
      made.setCallback(new Callbacks(made));
      MqttConnectionOptions options = new MqttConnectionOptions();
      options.setAutomaticReconnect(false);
      options.setCleanStart(true);
      options.setKeepAliveInterval(KEEP_ALIVE_SECONDS);
      options.setConnectionTimeout(2);
      options.setSocketFactory(new NoDelaySockets());
      made.connect(options).waitForCompletion(ANSWER_MILLIS);
      usable = true;
      for (String filter : filters) {
        made.subscribe(filter, 1).waitForCompletion(ANSWER_MILLIS);
      }
      connectedOnce.countDown();
      return true;
    } catch (MqttException e) {
      close(); // tried again in a moment, for as long as the cloud side runs
      return false;
    }
  }

  /** Publishes where there is a connection; an answer that is lost is asked for again. */
  void publish(String topic, String json) {
    MqttAsyncClient used = client;
    if (used == null || !usable) {
      return;
    }
    try {
      used.publish(
          topic,
          new MqttMessage(json.getBytes(StandardCharsets.UTF_8), 1, false, new MqttProperties()));
    } catch (MqttException e) {
      usable = false;
    }
  }

  void close() {
    usable = false;
    MqttAsyncClient used = client;
    client = null;
    if (used == null) {
      return;
    }
    try {
      used.disconnectForcibly(0, 1, false);
      used.close(true);
    } catch (MqttException e) {
      // It is thrown away: there is nothing to undo.
      usable = false;
    }
    arrived.clear(); // lets go of a callback that waits for room; the gateway sends it again
  }

  private final class Callbacks implements MqttCallback {
    private final MqttAsyncClient of;

    Callbacks(MqttAsyncClient of) {
      this.of = of;
    }

    @Override
    public void disconnected(MqttDisconnectResponse response) {
      if (of.equals(client)) {
        usable = false;
      }
    }

    @Override
    public void mqttErrorOccurred(MqttException e) {
      usable = false;
    }

    @Override
    public void messageArrived(String topic, MqttMessage message) throws InterruptedException {
      arrived.put(new Arrived(topic, message.getPayload()));
    }

    @Override
    public void deliveryComplete(IMqttToken token) {}

    @Override
    public void connectComplete(boolean reconnect, String server) {}

    @Override
    public void authPacketArrived(int reasonCode, MqttProperties properties) {}
  }
}
