package dev.tidegate.sync.plain;

import dev.tidegate.flow.Lane;
import dev.tidegate.flow.Outbound;
import dev.tidegate.sync.binding.Binding;
import dev.tidegate.sync.binding.DownMessages;
import dev.tidegate.sync.binding.Incoming;
import dev.tidegate.sync.binding.Topics;
import dev.tidegate.sync.link.Filter;
import dev.tidegate.sync.link.Outgoing;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Frames as they are stored, each in one message. Owned by the sync thread. */
public final class PlainBinding implements Binding {
  static final String CONTENT_TYPE = "application/vnd.tidegate.frame";

  private final Topics topics;
  private final String gatewayId;
  private final String epoch;

  /**
   * @param epoch of the database
   */
  public PlainBinding(Topics topics, String gatewayId, String epoch) {
    this.topics = topics;
    this.gatewayId = gatewayId;
    this.epoch = epoch;
  }

  @Override
  public void begin() {} // an acknowledgement names its frames

  @Override
  public List<Filter> subscriptions() {
    return List.of(new Filter(topics.down(), false));
  }

  @Override
  public Outgoing will() {
    return state("offline");
  }

  @Override
  public List<Outgoing> births() {
    return List.of(state("online"));
  }

  @Override
  public Outgoing farewell() {
    return state("offline");
  }

  /** The status message: docs/spec/wire.md, "Status". The ids are free of quotes and escapes. */
  private Outgoing state(String word) {
    String json =
        "{\"state\":\"%s\",\"gateway\":\"%s\",\"epoch\":\"%s\"}".formatted(word, gatewayId, epoch);
    byte[] payload = json.getBytes(StandardCharsets.UTF_8);
    return new Outgoing(topics.status(), payload, 1, true, "application/json", Map.of());
  }

  /** The far side keeps every frame, and orders by number. */
  @Override
  public boolean isOrdered(Lane lane) {
    return false;
  }

  @Override
  public String destination(Lane lane) {
    return topics.batch();
  }

  @Override
  public List<Outgoing> pack(Outbound frame, boolean isLate) {
    Map<String, String> properties = new LinkedHashMap<>();
    properties.put("lane", frame.lane().word());
    properties.put("first", Long.toString(frame.firstSequence()));
    properties.put("last", Long.toString(frame.lastSequence()));
    properties.put("epoch", frame.epoch());
    return List.of(new Outgoing(topics.batch(), frame.frame(), 1, false, CONTENT_TYPE, properties));
  }

  @Override
  public Incoming read(String topic, byte[] payload) {
    return DownMessages.read(payload);
  }
}
