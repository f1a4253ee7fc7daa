package dev.tidegate.sync.link;

/**
 * What to subscribe to.
 *
 * @param topic a topic filter (MQTT 5, 4.7)
 * @param retained whether messages that are retained come too (3.8.3.1)
 */
public record Filter(String topic, boolean retained) {
  @Override
  public String toString() {
    return topic;
  }
}
