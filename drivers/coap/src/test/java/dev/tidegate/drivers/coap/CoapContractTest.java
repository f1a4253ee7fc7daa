package dev.tidegate.drivers.coap;

import dev.tidegate.driver.DeviceConfig;
import dev.tidegate.driver.Driver;
import dev.tidegate.testkit.DeviceSketch;
import dev.tidegate.testkit.DriverContract;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import org.eclipse.californium.core.coap.CoAP;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;

/** The driver keeps the contract, observing and polling. */
class CoapContractTest {
  @Nested
  class Observing extends Contract {
    Observing() {
      super("observe");
    }
  }

  @Nested
  class Polling extends Contract {
    Polling() {
      super("poll");
    }
  }

  @SuppressWarnings("NullAway.Init") // start() runs before each test
  abstract static class Contract extends DriverContract {
    private final String mode;
    private LoopServer server;
    private DatagramSocket silent;

    Contract(String mode) {
      this.mode = mode;
    }

    @BeforeEach
    void start() throws IOException {
      server =
          new LoopServer(0, LoopServer.Thing.text("t", "1").observable(CoAP.Type.CON).maxAge(1));
      silent = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    }

    @AfterEach
    void stop() {
      server.close();
      silent.close();
    }

    /** As the service loader makes it, with its pauses shortened where they count. */
    @Override
    protected Driver driver() {
      return new CoapDriver(TestPacing.quick());
    }

    @Override
    protected DeviceConfig config(String deviceId) {
      return at(deviceId, server.uri());
    }

    @Override
    protected @Nullable DeviceConfig missing(String deviceId) {
      return at(deviceId, "coap://127.0.0.1:" + silent.getLocalPort());
    }

    @Override
    protected boolean breakDevices() {
      server.close();
      return true;
    }

    private DeviceConfig at(String deviceId, String uri) {
      return DeviceSketch.of(driver(), deviceId)
          .set("uri", uri)
          .set("mode", mode)
          .set("timeout", "500ms")
          .point("t")
          .config();
    }
  }
}
