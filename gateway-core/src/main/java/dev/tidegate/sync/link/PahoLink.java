package dev.tidegate.sync.link;

import dev.tidegate.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.net.ssl.SSLException;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttActionListener;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttClientException;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.MqttSubscription;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.eclipse.paho.mqttv5.common.packet.UserProperty;
import org.jspecify.annotations.Nullable;

/**
 * A link through Eclipse Paho 1.2.5, with its known faults designed around.
 *
 * <ul>
 *   <li>One client, with memory persistence, per connection: with a clean start, session expiry 0
 *       and nothing reused, the stale topic aliases and in-flight messages that make it reconnect
 *       for ever have nowhere to live.
 *   <li>Callbacks only put into the {@link Mailbox}; none waits, none throws.
 *   <li>An exception that Paho does not expect ends its receiving thread silently (a topic with
 *       U+0000 does): the thread's uncaught-exception handler makes it a lost link.
 *   <li>The maximum packet size is told to the server by {@link Options}, since Paho, when told,
 *       applies ours to what it sends.
 *   <li>A connection that ends while Paho starts its threads would leave one of them looking for
 *       another for ever (issue 850): {@link GuardedSockets} lets nothing be read before something
 *       is written, and until then {@link #close} closes the socket alone.
 *   <li>The socket is closed first, by us, so that no thread of Paho's can hold up {@link #close}.
 * </ul>
 */
final class PahoLink implements MqttLink {
  private static final int RECEIVE_MAXIMUM = 64;
  private static final int WILL_TOO = 4;
  private static final String PROBE = "tidegate/probe";

  /** Held, since the logging system forgets loggers that nobody holds. */
  private static final Logger PAHO = Logger.getLogger("org.eclipse.paho.mqttv5.client");

  static {
    PAHO.setLevel(Level.OFF); // all it could say reaches us through the callbacks
  }

  private final Login login;
  private final Mailbox mailbox;
  private final LongAdder droppedMessages;
  private final Pulse pulse;
  private final GuardedSockets sockets;
  private final AtomicBoolean lost = new AtomicBoolean();
  private volatile boolean up;
  private volatile boolean closed;
  private @Nullable MqttAsyncClient client;

  PahoLink(Login login, Mailbox mailbox, Clock clock, Meters meters) {
    this.login = login;
    this.mailbox = mailbox;
    this.droppedMessages = meters.dropped();
    this.pulse = new Pulse(clock, meters.bytesIn(), meters.bytesOut());
    this.sockets = new GuardedSockets(login.tls(), login.dscp(), pulse, this::watchThread);
  }

  @Override
  public void connect() {
    try {
      String host = login.host().contains(":") ? "[" + login.host() + "]" : login.host();
      MqttAsyncClient made =
          new MqttAsyncClient(
              "tcp://" + host + ":" + login.port(), login.clientId(), new MemoryPersistence());
      made.setManualAcks(true); // a command is acknowledged once it is stored
      client = made;
      made.setCallback(new Callbacks());
      made.connect(options(), null, new Answer(this::connected));
    } catch (MqttException | IllegalArgumentException e) {
      lost("cannot connect: " + describe(e));
    }
  }

  private Options options() {
    Options options = new Options();
    options.setAutomaticReconnect(false);
    options.setCleanStart(true);
    options.setSessionExpiryInterval(0L);
    options.setReceiveMaximum(RECEIVE_MAXIMUM);
    options.setKeepAliveInterval(login.keepAliveSeconds());
    options.setConnectionTimeout(login.connectSeconds());
    options.setSocketFactory(sockets);
    options.setUserName(login.username());
    options.setPassword(login.password());
    Outgoing will = login.will();
    options.setWill(
        will.topic(),
        new MqttMessage(will.payload(), will.qos(), will.retained(), new MqttProperties()));
    return options;
  }

  private void connected(IMqttToken token) {
    up = true;
    MqttProperties told = token.getResponseProperties();
    Integer receiveMaximum = told == null ? null : told.getReceiveMaximum();
    Long maximumPacket = told == null ? null : told.getMaximumPacketSize();
    Integer maximumQos = told == null ? null : told.getMaximumQoS();
    Integer keepAlive = told == null ? null : told.getServerKeepAlive();
    tell(
        new LinkEvent.Up(
            this,
            receiveMaximum == null ? 65_535 : receiveMaximum,
            maximumPacket == null ? Long.MAX_VALUE : maximumPacket,
            maximumQos == null ? 2 : maximumQos,
            keepAlive == null ? login.keepAliveSeconds() : keepAlive));
  }

  @Override
  public void subscribe(List<Filter> filters) {
    MqttSubscription[] subscriptions =
        filters.stream().map(PahoLink::subscription).toArray(MqttSubscription[]::new);
    try {
      connectedClient()
          .subscribe(
              subscriptions,
              null,
              new Answer(t -> tell(new LinkEvent.Subscribed(this, worst(t)))),
              new MqttProperties());
    } catch (MqttException e) {
      if (!isToldBetter(e)) {
        lost("cannot subscribe to " + filters + ": " + describe(e));
      }
    }
  }

  @Override
  public void publish(long id, Outgoing message) {
    MqttProperties properties = new MqttProperties();
    properties.setContentType(message.contentType());
    properties.setUserProperties(
        message.properties().entrySet().stream()
            .map(p -> new UserProperty(p.getKey(), p.getValue()))
            .toList());
    MqttMessage packet =
        new MqttMessage(message.payload(), message.qos(), message.retained(), properties);
    try {
      connectedClient()
          .publish(
              message.topic(),
              packet,
              null,
              new Answer(t -> tell(new LinkEvent.PubAck(this, id, code(t)))));
    } catch (MqttException e) {
      if (!isToldBetter(e)) {
        lost("cannot publish to " + message.topic() + ": " + describe(e));
      }
    }
  }

  @Override
  public void acknowledge(LinkEvent.Receipt receipt) {
    if (receipt.qos() == 0) {
      return;
    }
    try {
      connectedClient().messageArrivedComplete(receipt.id(), receipt.qos());
    } catch (MqttException e) {
      if (!isToldBetter(e)) {
        lost("cannot acknowledge a message: " + describe(e));
      }
    }
  }

  @Override
  public void probe() {
    try {
      connectedClient().unsubscribe(PROBE);
    } catch (MqttException e) {
      if (!isToldBetter(e)) {
        lost("cannot ask the server for a sign of life: " + describe(e));
      }
    }
  }

  @Override
  public Pulse pulse() {
    return pulse;
  }

  @Override
  public void close(Parting parting) {
    closed = true;
    if (!sockets.hasWritten()) {
      sockets.close(); // Paho is still starting its threads, and ends them when it cannot write
      return;
    }
    if (parting == Parting.CUT) {
      sockets.close();
    }
    MqttAsyncClient used = client;
    if (used != null) {
      try {
        switch (parting) {
          case CUT -> used.disconnectForcibly(0, 1, false);
          case WITHOUT_WILL -> used.disconnectForcibly(0, FAREWELL_MILLIS, true);
          case WITH_WILL ->
              used.disconnectForcibly(0, FAREWELL_MILLIS, WILL_TOO, new MqttProperties());
        }
        sockets.close();
        used.close(true);
      } catch (MqttException | RuntimeException e) {
        // The client is thrown away, and its socket is closed below: there is nothing left to undo.
        lost.set(true);
      }
    }
    sockets.close();
    sockets.wakeWriter();
  }

  private MqttAsyncClient connectedClient() {
    if (client == null) {
      throw new IllegalStateException("connect comes first");
    }
    return client;
  }

  /** Called on Paho's receiving thread before it first reads. */
  private void watchThread() {
    Thread.currentThread()
        .setUncaughtExceptionHandler(
            (thread, e) -> lost("the MQTT library gave up on a packet: " + describe(e)));
  }

  private void lost(String reason) {
    if (lost.compareAndSet(false, true)) {
      tell(new LinkEvent.Lost(this, reason));
    }
  }

  /**
   * Whether a failure is only the consequence of a connection that ends: the callback for its end
   * follows, and knows why. Should it not, the link is given up for its silence.
   */
  private boolean isToldBetter(Throwable failure) {
    return up
        && failure instanceof MqttException m
        && switch (m.getReasonCode()) {
          case MqttClientException.REASON_CODE_SERVER_DISCONNECTED,
              MqttClientException.REASON_CODE_CLIENT_NOT_CONNECTED,
              MqttClientException.REASON_CODE_CLIENT_DISCONNECTING ->
              true;
          default -> false;
        };
  }

  private void tell(LinkEvent event) {
    if (!closed && !mailbox.offer(event)) {
      droppedMessages.increment();
      if (event instanceof LinkEvent.Message message) {
        acknowledge(message.receipt()); // or the server would soon send none any more
      }
    }
  }

  private static MqttSubscription subscription(Filter filter) {
    MqttSubscription subscription = new MqttSubscription(filter.topic(), 1);
    if (!filter.retained()) {
      subscription.setRetainHandling(2); // 3.8.3.1: a poisoned retained message comes for ever
    }
    return subscription;
  }

  private static int worst(IMqttToken token) {
    int[] codes = token.getReasonCodes();
    return codes == null ? 0 : Arrays.stream(codes).max().orElse(0);
  }

  private static int code(IMqttToken token) {
    int[] codes = token.getReasonCodes();
    return codes == null || codes.length == 0 ? 0 : codes[0];
  }

  /** The failure in words, from its innermost cause. */
  private static String describe(Throwable failure) {
    Throwable inner = failure;
    for (int depth = 0; inner.getCause() != null && depth < 8; depth++) {
      inner = inner.getCause();
    }
    if (inner instanceof MqttException m) {
      int code = m.getReasonCode();
      return code >= ReasonCode.FAILURE && code <= 0xFF
          ? ReasonCode.name(code)
          : m.getMessage() + " (" + code + ")";
    }
    String text = inner.getMessage();
    if (inner instanceof SSLException && text != null) {
      return Tls.words(Text.oneLine(text));
    }
    String kind = inner.getClass().getSimpleName();
    return text == null ? kind : kind + ": " + Text.oneLine(text);
  }

  private interface OnAnswer {
    void answered(IMqttToken token);
  }

  /** Hands the server's answer over; no answer means that the link is lost. */
  private final class Answer implements MqttActionListener {
    private final OnAnswer then;

    Answer(OnAnswer then) {
      this.then = then;
    }

    @Override
    public void onSuccess(IMqttToken token) {
      then.answered(token);
    }

    @Override
    public void onFailure(IMqttToken token, Throwable failure) {
      if (!isToldBetter(failure)) {
        lost(describe(failure));
      }
    }
  }

  /** Called on Paho's threads. */
  private final class Callbacks implements MqttCallback {
    @Override
    public void disconnected(MqttDisconnectResponse response) {
      MqttException failure = response.getException();
      if (failure != null) {
        lost(describe(failure));
        return;
      }
      String said = response.getReasonString();
      lost(
          "the server disconnected: "
              + ReasonCode.name(response.getReturnCode())
              + (said == null ? "" : ", " + Text.oneLine(said)));
    }

    @Override
    public void mqttErrorOccurred(MqttException failure) {
      lost(describe(failure));
    }

    @Override
    public void messageArrived(String topic, MqttMessage message) {
      byte[] payload = message.getPayload();
      LinkEvent.Receipt receipt = new LinkEvent.Receipt(message.getId(), message.getQos());
      if (topic == null || payload == null || payload.length > MAX_MESSAGE_BYTES) {
        droppedMessages.increment();
        acknowledge(receipt);
        return;
      }
      tell(new LinkEvent.Message(PahoLink.this, topic, payload, receipt));
    }

    @Override
    public void deliveryComplete(IMqttToken token) {}

    @Override
    public void connectComplete(boolean reconnect, String server) {}

    @Override
    public void authPacketArrived(int reasonCode, MqttProperties properties) {
      lost("the server asks for enhanced authentication, which is not configured");
    }
  }

  /**
   * Tells the server the largest packet that we take. Paho's own setting does that too, and then
   * refuses to send more than that, having taken the two directions for each other.
   */
  private static final class Options extends MqttConnectionOptions {
    @Override
    public MqttProperties getConnectionProperties() {
      MqttProperties properties = super.getConnectionProperties();
      properties.setMaximumPacketSize((long) GuardedSockets.MAX_PACKET_BYTES);
      return properties;
    }
  }
}
