package dev.tidegate.drivers.coap;

import dev.tidegate.drivers.coap.payload.Payload;
import java.util.concurrent.TimeUnit;
import org.eclipse.californium.core.config.CoapConfig;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.core.network.ExtendedCoapStackFactory;
import org.eclipse.californium.core.network.InMemoryMessageExchangeStore;
import org.eclipse.californium.core.network.Outbox;
import org.eclipse.californium.core.network.TokenGenerator;
import org.eclipse.californium.core.network.deduplication.NoDeduplicator;
import org.eclipse.californium.core.network.stack.BaseCoapStack;
import org.eclipse.californium.core.network.stack.BlockwiseLayer;
import org.eclipse.californium.core.network.stack.CoapStack;
import org.eclipse.californium.core.network.stack.ExchangeCleanupLayer;
import org.eclipse.californium.core.network.stack.Layer;
import org.eclipse.californium.core.network.stack.ObserveLayer;
import org.eclipse.californium.core.network.stack.ReliabilityLayer;
import org.eclipse.californium.elements.EndpointContextMatcher;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.californium.elements.config.SystemConfig;
import org.eclipse.californium.elements.config.UdpConfig;

/**
 * Californium's stack for UDP with our gate beneath it.
 *
 * <pre>
 *   Deliverer            Client
 *   ExchangeCleanupLayer frees what is over
 *   ObserveLayer         RFC 7641
 *   BlockwiseLayer       RFC 7959
 *   ReliabilityLayer     RFC 7252 section 4: retransmits requests, acknowledges
 *   AckGate              holds acknowledgements until what they are for is durable
 *   matcher, UDP         Doorway
 * </pre>
 */
final class GatedStack extends BaseCoapStack {
  private GatedStack(
      String tag,
      Configuration config,
      EndpointContextMatcher matcher,
      Outbox outbox,
      AckGate gate) {
    super(outbox);
    setLayers(
        new Layer[] {
          new ExchangeCleanupLayer(config),
          new ObserveLayer(config),
          new BlockwiseLayer(tag, false, config, matcher),
          new ReliabilityLayer(config),
          gate
        });
  }

  /** Everything from memory: Californium writes no properties file, and starts no more threads. */
  static Configuration configuration() {
    Configuration config =
        new Configuration(SystemConfig.DEFINITIONS, CoapConfig.DEFINITIONS, UdpConfig.DEFINITIONS);
    config.set(UdpConfig.UDP_RECEIVER_THREAD_COUNT, 1);
    config.set(UdpConfig.UDP_SENDER_THREAD_COUNT, 1);
    config.set(UdpConfig.UDP_CONNECTOR_OUT_CAPACITY, 1_024);
    config.set(CoapConfig.PROTOCOL_STAGE_THREAD_COUNT, 1);
    config.set(CoapConfig.MAX_RESOURCE_BODY_SIZE, Payload.MAX_BYTES);
    config.set(CoapConfig.PREFERRED_BLOCK_SIZE, 1_024);
    config.set(CoapConfig.BLOCKWISE_STATUS_LIFETIME, 60, TimeUnit.SECONDS);
    return config;
  }

  /** An endpoint of that socket whose lowest layer is that gate. */
  static CoapEndpoint endpoint(
      String name, Configuration config, Doorway doorway, TokenGenerator tokens, AckGate gate) {
    // Retransmissions are the gate's business; see there.
    InMemoryMessageExchangeStore exchanges = new InMemoryMessageExchangeStore(name, config, tokens);
    exchanges.setDeduplicator(new NoDeduplicator());
    return CoapEndpoint.builder()
        .setConfiguration(config)
        .setConnector(doorway)
        .setTokenGenerator(tokens)
        .setMessageExchangeStore(exchanges)
        .setCoapStackFactory(new Factory(gate))
        .setLoggingTag(name)
        .build();
  }

  /** Makes the one stack of the endpoint that this gate belongs to. */
  private record Factory(AckGate gate) implements ExtendedCoapStackFactory {
    @Override
    public CoapStack createCoapStack(
        String protocol,
        String tag,
        Configuration config,
        EndpointContextMatcher matcher,
        Outbox outbox,
        Object customStackArgument) {
      return new GatedStack(tag, config, matcher, outbox, gate);
    }

    @Override
    @SuppressWarnings("deprecation") // the older half of the interface, which must be there
    public CoapStack createCoapStack(
        String protocol,
        String tag,
        Configuration config,
        Outbox outbox,
        Object customStackArgument) {
      throw new UnsupportedOperationException("Californium 3.1 and later pass a matcher");
    }
  }
}
