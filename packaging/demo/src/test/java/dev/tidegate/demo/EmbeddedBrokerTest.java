package dev.tidegate.demo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.eclipse.paho.mqttv5.common.packet.UserProperty;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the embedded broker can of MQTT 5, and what it cannot: each line is relied on, or noted. */
final class EmbeddedBrokerTest {
  private static final long SECONDS = 10;

  @TempDir static Path folder;

  private static TestBroker broker;

  @BeforeAll
  static void start() throws Exception {
    broker = TestBroker.start(TestBroker.Kind.EMBEDDED, folder);
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  /** A client, and what came to it. */
  private static final class Client implements AutoCloseable, MqttCallback {
    final MqttAsyncClient client;
    final BlockingQueue<MqttMessage> messages = new LinkedBlockingQueue<>();
    final BlockingQueue<Integer> disconnects = new LinkedBlockingQueue<>();
    final MqttProperties connack;

    Client(String id, MqttConnectionOptions options) throws MqttException {
      client = new MqttAsyncClient(uri(), id, new MemoryPersistence());
      client.setCallback(this);
      IMqttToken token = client.connect(options);
      token.waitForCompletion(SECONDS * 1_000);
      connack = token.getResponseProperties();
    }

    private static String uri() {
      return "tcp://127.0.0.1:" + broker.port();
    }

    int code(IMqttToken token) throws MqttException {
      token.waitForCompletion(SECONDS * 1_000);
      int[] codes = token.getReasonCodes();
      return codes == null || codes.length == 0 ? 0 : codes[0];
    }

    @Nullable MqttMessage next() throws InterruptedException {
      return messages.poll(SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void disconnected(MqttDisconnectResponse response) {
      disconnects.add(response.getReturnCode());
    }

    @Override
    public void mqttErrorOccurred(MqttException e) {}

    @Override
    public void messageArrived(String topic, MqttMessage message) {
      messages.add(message);
    }

    @Override
    public void deliveryComplete(IMqttToken token) {}

    @Override
    public void connectComplete(boolean reconnect, String server) {}

    @Override
    public void authPacketArrived(int code, MqttProperties properties) {}

    @Override
    public void close() {
      try {
        client.disconnectForcibly(0, 1, false);
        client.close(true);
      } catch (MqttException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private static MqttConnectionOptions options() {
    MqttConnectionOptions options = new MqttConnectionOptions();
    options.setCleanStart(true);
    options.setSessionExpiryInterval(0L);
    return options;
  }

  private static MqttMessage message(String text, boolean retained) {
    MqttProperties properties = new MqttProperties();
    properties.setContentType("text/plain");
    properties.setUserProperties(List.of(new UserProperty("lane", "raw")));
    return new MqttMessage(text.getBytes(StandardCharsets.UTF_8), 1, retained, properties);
  }

  /** Without it, the demo would run on MQTT 3.1.1 without anyone noticing. */
  @Test
  void itAnswersAnMqtt5ConnectWithProperties() throws Exception {
    try (Client client = new Client("a", options())) {
      assertNotNull(client.connack, "CONNACK has properties: this is MQTT 5");
      assertEquals(true, client.connack.isRetainAvailable());
    }
  }

  /** Pins what it does not tell: whoever relies on it must ask another broker. */
  @Test
  void itTellsNoMaximumPacketSize() throws Exception {
    try (Client client = new Client("a2", options())) {
      assertNull(client.connack.getMaximumPacketSize());
    }
  }

  /** Without it, frames would arrive without lane and epoch on the outside. */
  @Test
  void itCarriesUserPropertiesAndContentType() throws Exception {
    try (Client from = new Client("b1", options());
        Client to = new Client("b2", options())) {
      assertEquals(1, to.code(to.client.subscribe("t/props", 1)));
      from.code(from.client.publish("t/props", message("x", false)));
      MqttMessage got = to.next();
      assertNotNull(got);
      assertEquals("text/plain", got.getProperties().getContentType());
      assertEquals(
          List.of(new UserProperty("lane", "raw")), got.getProperties().getUserProperties());
    }
  }

  /** Without it, a batch as large as the buffer makes them would end the connection. */
  @Test
  void itCarriesAMebibyte() throws Exception {
    try (Client from = new Client("c1", options());
        Client to = new Client("c2", options())) {
      to.code(to.client.subscribe("t/large", 1));
      byte[] large = new byte[1 << 20];
      large[large.length - 1] = 7;
      MqttMessage message = new MqttMessage(large, 1, false, new MqttProperties());
      assertTrue(from.code(from.client.publish("t/large", message)) < 0x80);
      MqttMessage got = to.next();
      assertNotNull(got);
      assertArrayEquals(large, got.getPayload());
    }
  }

  /** Pins that it does not say 0x10, which it may leave out (3.4.2.1): silence is timed out. */
  @Test
  void itDoesNotSayThatNobodyIsSubscribed() throws Exception {
    try (Client from = new Client("d1", options())) {
      assertEquals(0, from.code(from.client.publish("t/nobody", message("x", false))));
    }
  }

  /** Without it, the far side would not learn that a gateway is gone. Pins that it forgets it. */
  @Test
  void itPublishesTheWillAndDoesNotRetainIt() throws Exception {
    MqttConnectionOptions options = options();
    byte[] gone = "gone".getBytes(StandardCharsets.UTF_8);
    options.setWill("t/will", new MqttMessage(gone, 1, true, new MqttProperties()));
    try (Client watching = new Client("e1", options());
        Client late = new Client("e2", options())) {
      watching.code(watching.client.subscribe("t/will", 1));
      new Client("e3", options).close(); // without DISCONNECT
      MqttMessage got = watching.next();
      assertNotNull(got);
      assertArrayEquals(gone, got.getPayload());
      late.code(late.client.subscribe("t/will", 1));
      late.code(late.client.subscribe("t/after", 1));
      late.code(late.client.publish("t/after", message("after", false)));
      MqttMessage first = late.next();
      assertNotNull(first);
      assertEquals("after", new String(first.getPayload(), StandardCharsets.UTF_8));
    }
  }

  /** Without it, a session of before would bring messages that nobody asked for (3.1.2.11.2). */
  @Test
  void aSessionThatExpiresAtOnceIsGone() throws Exception {
    try (Client first = new Client("f1", options())) {
      first.code(first.client.subscribe("t/session", 1));
    }
    MqttConnectionOptions again = options();
    again.setCleanStart(false);
    try (Client second = new Client("f1", again);
        Client from = new Client("f2", options())) {
      second.code(second.client.subscribe("t/other", 1));
      from.code(from.client.publish("t/session", message("old", false)));
      from.code(from.client.publish("t/other", message("new", false)));
      MqttMessage got = second.next();
      assertNotNull(got);
      assertEquals("new", new String(got.getPayload(), StandardCharsets.UTF_8));
    }
  }

  /** Without it, two gateways with one id would not know of each other (0x8E). */
  @Test
  void aSecondClientWithTheSameIdTakesOver() throws Exception {
    try (Client first = new Client("g1", options());
        Client second = new Client("g1", options())) {
      assertNotNull(first.disconnects.poll(SECONDS, TimeUnit.SECONDS), "the first one is told");
      assertTrue(second.client.isConnected());
    }
  }

  /** Without it, the demo would leave files where it was started. */
  @Test
  void itWritesNoFile() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(), files.toList(), "its working directory");
    }
  }

  /** Without it, a taken port would look like a broker that runs. */
  @Test
  void aTakenPortIsAnError() {
    assertThrows(IOException.class, () -> EmbeddedBroker.start(broker.port()));
  }

  /** Without it, a caller who asks for any port would not learn which. */
  @Test
  void aFreePortIsFoundAndTold() throws Exception {
    try (EmbeddedBroker one = EmbeddedBroker.start(0)) {
      assertTrue(one.port() > 0);
      assertEquals("mqtt://127.0.0.1:" + one.port(), one.uri().toString());
    }
  }
}
