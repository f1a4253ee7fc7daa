package dev.tidegate.sync.link;

/** What a link tells the sync thread, through the {@link Mailbox}. */
public sealed interface LinkEvent {
  /** The link that tells; an event of a link that was thrown away is ignored. */
  MqttLink link();

  /**
   * The server accepted the connection (CONNACK 0x00).
   *
   * @param receiveMaximum publishes that the server takes unacknowledged, 1 to 65,535 (MQTT 5,
   *     3.2.2.3.3)
   * @param maximumPacketBytes largest packet that the server takes (3.2.2.3.6)
   * @param maximumQos 0, 1 or 2 (3.2.2.3.4)
   * @param keepAliveSeconds the keep-alive in force: ours, or the server's (3.2.2.3.14)
   */
  record Up(
      MqttLink link,
      int receiveMaximum,
      long maximumPacketBytes,
      int maximumQos,
      int keepAliveSeconds)
      implements LinkEvent {}

  /** The server answered the subscription: the granted QoS, or a reason code from 0x80 on. */
  record Subscribed(MqttLink link, int reasonCode) implements LinkEvent {}

  /** The server answered a publish: below 0x80 it has taken it over. */
  record PubAck(MqttLink link, long id, int reasonCode) implements LinkEvent {}

  /**
   * A message came. The payload is not shared with anyone.
   *
   * @param receipt what {@link MqttLink#acknowledge} needs
   */
  @SuppressWarnings("ArrayRecordComponent") // ownership passes with the event
  record Message(MqttLink link, String topic, byte[] payload, Receipt receipt)
      implements LinkEvent {}

  /** The packet identifier and the QoS of a message (MQTT 5, 3.3.1.2 and 3.3.2.2). */
  record Receipt(int id, int qos) {}

  /** What a message asked for is stored: now the server may be told that it came. */
  record Stored(MqttLink link, Receipt receipt) implements LinkEvent {}

  /** The connection failed, was refused, or broke: the link is of no use any more. */
  record Lost(MqttLink link, String reason) implements LinkEvent {}
}
