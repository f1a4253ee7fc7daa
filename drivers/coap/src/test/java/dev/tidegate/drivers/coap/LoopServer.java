package dev.tidegate.drivers.coap;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.californium.core.CoapResource;
import org.eclipse.californium.core.CoapServer;
import org.eclipse.californium.core.coap.CoAP;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.californium.core.config.CoapConfig;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.core.server.resources.CoapExchange;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.californium.elements.config.SystemConfig;
import org.eclipse.californium.elements.config.UdpConfig;

/** A real CoAP server on loopback, as any foreign device would be. */
final class LoopServer implements AutoCloseable {
  /** One resource whose content a test sets. */
  static class Thing extends CoapResource {
    private volatile byte[] payload;
    private volatile int contentFormat;
    private volatile CoAP.ResponseCode code = CoAP.ResponseCode.CONTENT;
    private volatile long maxAgeSeconds = 60;
    final AtomicInteger gets = new AtomicInteger();

    Thing(String name, int contentFormat, byte[] payload) {
      super(name);
      this.contentFormat = contentFormat;
      this.payload = payload;
    }

    static Thing text(String name, String payload) {
      return new Thing(name, 0, payload.getBytes(UTF_8));
    }

    Thing observable(CoAP.Type type) {
      setObservable(true);
      setObserveType(type);
      return this;
    }

    Thing maxAge(long seconds) {
      maxAgeSeconds = seconds;
      return this;
    }

    Thing answering(CoAP.ResponseCode now) {
      code = now;
      return this;
    }

    void say(String now) {
      payload = now.getBytes(UTF_8);
      changed();
    }

    void say(int format, byte[] now) {
      contentFormat = format;
      payload = now;
      changed();
    }

    @Override
    public void handleGET(CoapExchange exchange) {
      gets.incrementAndGet();
      Response response = new Response(code);
      if (code == CoAP.ResponseCode.CONTENT) {
        response.getOptions().setContentFormat(contentFormat);
        response.getOptions().setMaxAge(maxAgeSeconds);
        response.setPayload(payload);
      }
      exchange.respond(response);
    }
  }

  private final Worker worker = new Worker("loop-server");
  private final CoapServer server;
  private final CoapEndpoint endpoint;

  /** Starts on that port of 127.0.0.1; 0: one of the system's choice. */
  LoopServer(int port, Thing... things) {
    Configuration config =
        new Configuration(SystemConfig.DEFINITIONS, CoapConfig.DEFINITIONS, UdpConfig.DEFINITIONS);
    config.set(CoapConfig.PROTOCOL_STAGE_THREAD_COUNT, 1);
    config.set(CoapConfig.MAX_RESOURCE_BODY_SIZE, 200_000);
    config.set(CoapConfig.ACK_TIMEOUT, 300, TimeUnit.MILLISECONDS);
    endpoint =
        CoapEndpoint.builder()
            .setConfiguration(config)
            .setInetSocketAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
            .build();
    server = new CoapServer(config);
    server.setExecutors(worker.executor(), worker.executor(), false);
    server.addEndpoint(endpoint);
    server.add(things);
    server.start();
  }

  int port() {
    return endpoint.getAddress().getPort();
  }

  String uri() {
    return "coap://127.0.0.1:" + port();
  }

  @Override
  public void close() {
    server.destroy();
    worker.close();
  }
}
