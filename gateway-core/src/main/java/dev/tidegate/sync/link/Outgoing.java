package dev.tidegate.sync.link;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A message to publish.
 *
 * @param qos 0 or 1
 * @param contentType MQTT 5 content type (3.3.2.3.9); null for none
 * @param properties MQTT 5 user properties (3.3.2.3.7)
 */
@SuppressWarnings("ArrayRecordComponent") // a frame is megabytes; nobody changes it
public record Outgoing(
    String topic,
    byte[] payload,
    int qos,
    boolean retained,
    @Nullable String contentType,
    Map<String, String> properties) {
  private static final int PACKET_BYTES = 16;
  private static final int PROPERTY_BYTES = 5;

  /** A message with QoS 1 that is not retained. */
  public static Outgoing of(String topic, byte[] payload, String contentType) {
    return new Outgoing(topic, payload, 1, false, contentType, Map.of());
  }

  /** What it takes on the link at most, TCP and TLS left out. */
  public long packetBytes() {
    long bytes = PACKET_BYTES + payload.length + 3L * topic.length();
    bytes += contentType == null ? 0 : PROPERTY_BYTES + contentType.length();
    for (Map.Entry<String, String> property : properties.entrySet()) {
      bytes += PROPERTY_BYTES + 3L * (property.getKey().length() + property.getValue().length());
    }
    return bytes;
  }
}
