package dev.tidegate.demo;

import dev.tidegate.time.Clock;
import dev.tidegate.timekeeping.SystemClock;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.eclipse.tahu.message.SparkplugBPayloadDecoder;
import org.eclipse.tahu.message.SparkplugBPayloadEncoder;
import org.eclipse.tahu.message.model.Metric;
import org.eclipse.tahu.message.model.MetricDataType;
import org.eclipse.tahu.message.model.SparkplugBPayload;
import org.eclipse.tahu.model.MetricDataTypeMap;
import org.jspecify.annotations.Nullable;

/**
 * A host application that takes down all that an edge node says, decoded by Eclipse Tahu, in the
 * order in which it came. Safe for use by any thread.
 */
final class SparkplugHost implements AutoCloseable {
  static final String GROUP = "Plant 1";
  static final String HOST = "scada";
  private static final long WAIT_NANOS = 60_000_000_000L;

  private final Clock clock = new SystemClock();

  private final MqttAsyncClient client;
  private final List<Said> said = new ArrayList<>();
  private final Map<String, MetricDataTypeMap> types = new HashMap<>();
  private final Map<Long, String> names = new HashMap<>();
  private @Nullable Exception failure;
  private long stated = -1;

  /**
   * A message of an edge node.
   *
   * @param verb NBIRTH and so on
   * @param device "" for the node's own
   * @param seq -1 for none
   */
  record Said(
      String verb, String device, int qos, boolean retained, long seq, SparkplugBPayload payload) {
    List<Metric> metrics() {
      return payload.getMetrics();
    }
  }

  SparkplugHost(URI broker) throws MqttException {
    client =
        new MqttAsyncClient(
            "tcp://" + broker.getHost() + ":" + broker.getPort(), "host", new MemoryPersistence());
    client.setCallback(new Ears());
    MqttConnectionOptions options = new MqttConnectionOptions();
    options.setCleanStart(true);
    options.setAutomaticReconnect(true);
    options.setAutomaticReconnectDelay(1, 1);
    options.setMaxReconnectDelay(1_000); // or it would be away for a minute after an outage of one
    client.connect(options).waitForCompletion(30_000);
    client.subscribe("spBv1.0/" + GROUP + "/#", 1).waitForCompletion(30_000);
  }

  /** Says whether the host is there, as the standard has it: retained. */
  void state(boolean online, long timestamp) throws MqttException {
    stated = online ? timestamp : -1;
    state(HOST, online, timestamp);
  }

  /** Says that some other host is there. */
  void state(String host, boolean online, long timestamp) throws MqttException {
    String json = "{\"online\":" + online + ",\"timestamp\":" + timestamp + "}";
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    client
        .publish("spBv1.0/STATE/" + host, new MqttMessage(bytes, 1, true, new MqttProperties()))
        .waitForCompletion(30_000);
  }

  /** Sends a command with one metric. */
  @SuppressWarnings("JavaUtilDate") // Tahu asks for one
  void command(String verb, String target, long timestamp, Metric metric)
      throws MqttException, IOException {
    SparkplugBPayload payload =
        new SparkplugBPayload(new Date(timestamp), new ArrayList<>(List.of(metric)));
    byte[] bytes = new SparkplugBPayloadEncoder().getBytes(payload, false);
    client
        .publish(
            "spBv1.0/" + GROUP + "/" + verb + "/" + target,
            new MqttMessage(bytes, 0, false, new MqttProperties()))
        .waitForCompletion(30_000);
  }

  /** Publishes bytes that are none. */
  void garbage(String verb, String target, byte[] bytes) throws MqttException {
    client
        .publish(
            "spBv1.0/" + GROUP + "/" + verb + "/" + target,
            new MqttMessage(bytes, 0, false, new MqttProperties()))
        .waitForCompletion(30_000);
  }

  synchronized List<Said> said() throws Exception {
    if (failure != null) {
      throw failure;
    }
    return List.copyOf(said);
  }

  List<Said> said(String verb) throws Exception {
    return said().stream().filter(s -> s.verb().equals(verb)).toList();
  }

  /** The name that the last birth gave to an alias. */
  synchronized String name(Metric metric) {
    return metric.hasName() ? metric.getName() : String.valueOf(names.get(metric.getAlias()));
  }

  /** Waits until so many messages were of that kind. */
  synchronized List<Said> await(int count, Predicate<Said> wanted) throws Exception {
    long end = clock.monotonicNanos() + WAIT_NANOS;
    while (true) {
      List<Said> found = said().stream().filter(wanted).toList();
      if (found.size() >= count) {
        return found;
      }
      long left = end - clock.monotonicNanos();
      if (left <= 0) {
        throw new AssertionError(
            "not in time; there were " + said().stream().map(s -> s.verb() + s.seq()).toList());
      }
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
  }

  private synchronized void take(String topic, MqttMessage message) {
    notifyAll();
    String[] parts = topic.split("/", -1);
    String verb = parts[2];
    if (verb.endsWith("CMD")) {
      return;
    }
    String device = parts.length > 4 ? parts[4] : "";
    try {
      MetricDataTypeMap map = types.computeIfAbsent(device, d -> new MetricDataTypeMap());
      SparkplugBPayload payload =
          new SparkplugBPayloadDecoder().buildFromByteArray(message.getPayload(), map);
      if (verb.endsWith("BIRTH")) {
        for (Metric metric : payload.getMetrics()) {
          if (!metric.hasAlias()) {
            continue; // the one that asks for a rebirth
          }
          names.put(metric.getAlias(), metric.getName());
          map.addMetricDataType(metric.getAlias(), metric.getDataType());
        }
      }
      Long seq = payload.getSeq();
      said.add(
          new Said(
              verb,
              device,
              message.getQos(),
              message.isRetained(),
              seq == null ? -1 : seq,
              payload));
    } catch (Exception e) {
      failure = new IllegalStateException("Tahu cannot read " + topic, e);
    }
  }

  /** A metric for a command. */
  static Metric metric(String name, MetricDataType type, @Nullable Object value) throws Exception {
    return new Metric.MetricBuilder(name, type, value).createMetric();
  }

  @Override
  public void close() {
    try {
      client.disconnectForcibly(0, 100, true);
      client.close(true);
    } catch (MqttException e) {
      throw new IllegalStateException(e);
    }
  }

  private final class Ears implements MqttCallback {
    @Override
    public void messageArrived(String topic, MqttMessage message) {
      take(topic, message);
    }

    @Override
    public void disconnected(MqttDisconnectResponse response) {}

    @Override
    public void mqttErrorOccurred(MqttException e) {}

    @Override
    public void deliveryComplete(IMqttToken token) {}

    @Override
    public void connectComplete(boolean reconnect, String server) {
      if (reconnect) {
        try {
          client.subscribe("spBv1.0/" + GROUP + "/#", 1);
          if (stated >= 0) { // a broker that was killed has forgotten it
            byte[] again =
                ("{\"online\":true,\"timestamp\":" + ++stated + "}")
                    .getBytes(StandardCharsets.UTF_8);
            client.publish(
                "spBv1.0/STATE/" + HOST, new MqttMessage(again, 1, true, new MqttProperties()));
          }
        } catch (MqttException e) {
          failure = e;
        }
      }
    }

    @Override
    public void authPacketArrived(int reasonCode, MqttProperties properties) {}
  }
}
