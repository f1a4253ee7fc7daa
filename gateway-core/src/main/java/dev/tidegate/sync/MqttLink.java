package dev.tidegate.sync;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One connection to an MQTT server, used once and thrown away. Called by the sync thread alone; no
 * method waits for the network. What comes of a call arrives in the {@link Mailbox}.
 */
interface MqttLink {
  /** Begins to connect: {@link LinkEvent.Up} or {@link LinkEvent.Lost} follows. */
  void connect();

  /** Subscribes with QoS 1, without retained messages: {@link LinkEvent.Subscribed} follows. */
  void subscribe(String filter);

  /** Publishes with QoS 1: {@link LinkEvent.PubAck} with the same id follows. */
  void publish(long id, Outgoing message);

  /** Tells the server that a message is taken over (PUBACK): once for each. */
  void acknowledge(LinkEvent.Receipt receipt);

  /** When bytes last moved. */
  Pulse pulse();

  /**
   * Lets go of the connection and of every thread behind it; events already on their way may still
   * arrive.
   *
   * @param politely says DISCONNECT first, so that the server drops the will; waits for the socket
   *     at most {@value #FAREWELL_MILLIS} ms
   */
  void close(boolean politely);

  int FAREWELL_MILLIS = 250;

  /**
   * A message to publish.
   *
   * @param contentType MQTT 5 content type (3.3.2.3.9); null for none
   * @param properties MQTT 5 user properties (3.3.2.3.7)
   */
  @SuppressWarnings("ArrayRecordComponent") // a frame is megabytes; nobody changes it
  record Outgoing(
      String topic,
      byte[] payload,
      boolean retained,
      @Nullable String contentType,
      Map<String, String> properties) {}
}
