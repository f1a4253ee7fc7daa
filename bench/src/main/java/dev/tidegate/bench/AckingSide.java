package dev.tidegate.bench;

import dev.tidegate.demo.NoDelaySockets;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.eclipse.paho.mqttv5.common.packet.UserProperty;

/** Acknowledges every frame, and remembers which. */
final class AckingSide implements Ears {
  final Set<String> stored = ConcurrentHashMap.newKeySet();
  private final URI broker;
  private MqttAsyncClient client;

  AckingSide(URI broker) throws MqttException {
    this.broker = broker;
    client = connect();
  }

  private MqttAsyncClient connect() throws MqttException {
    MqttAsyncClient made =
        new MqttAsyncClient(
            "tcp://" + broker.getHost() + ":" + broker.getPort(), "far", new MemoryPersistence());
    made.setCallback(this);
    MqttConnectionOptions options = new MqttConnectionOptions();
    options.setCleanStart(true);
    options.setAutomaticReconnect(false);
    options.setSocketFactory(new NoDelaySockets());
    options.setReceiveMaximum(60_000);
    made.connect(options).waitForCompletion(30_000);
    made.subscribe("tg/default/+/up/batch", 1).waitForCompletion(30_000);
    return made;
  }

  void again() throws MqttException {
    close();
    client = connect();
  }

  void close() throws MqttException {
    client.disconnectForcibly(0, 1, false);
    client.close(true);
  }

  @Override
  public void messageArrived(String topic, MqttMessage message) throws MqttException {
    String first = "";
    String epoch = "";
    for (UserProperty property : message.getProperties().getUserProperties()) {
      first = property.getKey().equals("first") ? property.getValue() : first;
      epoch = property.getKey().equals("epoch") ? property.getValue() : epoch;
    }
    stored.add(epoch + "/" + first);
    String json =
        "{\"type\":\"ack\",\"epoch\":\"%s\",\"acks\":[{\"lane\":\"events\",\"first\":%s,\"last\":%s,\"code\":200}]}"
            .formatted(epoch, first, first);
    client.publish(
        topic.replace("/up/batch", "/down"),
        new MqttMessage(json.getBytes(StandardCharsets.UTF_8), 0, false, new MqttProperties()));
  }
}
