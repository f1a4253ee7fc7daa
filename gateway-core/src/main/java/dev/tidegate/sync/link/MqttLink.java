package dev.tidegate.sync.link;

import dev.tidegate.time.Clock;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/**
 * One connection to an MQTT server, used once and thrown away. Called by the sync thread alone; no
 * method waits for the network. What comes of a call arrives in the {@link Mailbox}.
 */
public interface MqttLink {
  /** Begins to connect: {@link LinkEvent.Up} or {@link LinkEvent.Lost} follows. */
  void connect();

  /** Subscribes with QoS 1: {@link LinkEvent.Subscribed} follows, with the worst answer. */
  void subscribe(List<Filter> filters);

  /**
   * Publishes: {@link LinkEvent.PubAck} with the same id follows, for QoS 0 as soon as the message
   * was written.
   */
  void publish(long id, Outgoing message);

  /** Tells the server that a message is taken over (PUBACK): once for each. */
  void acknowledge(LinkEvent.Receipt receipt);

  /**
   * Asks the server for a sign of life, by ending a subscription that there is not: Paho pings a
   * server to which it writes, and which need not answer that, only after up to two keep-alives.
   */
  void probe();

  /** When bytes last moved. */
  Pulse pulse();

  /**
   * Lets go of the connection and of every thread behind it; events already on their way may still
   * arrive.
   *
   * @param parting what is said before; waits for the socket at most {@value #FAREWELL_MILLIS} ms
   */
  void close(Parting parting);

  /** How a connection is left. */
  enum Parting {
    /** Without a word: the server publishes the will. */
    CUT,
    /** DISCONNECT with reason code 0x00: the server drops the will (MQTT 5, 3.14.2.1). */
    WITHOUT_WILL,
    /** DISCONNECT with reason code 0x04: the server publishes the will as well. */
    WITH_WILL
  }

  int FAREWELL_MILLIS = 250;

  /** Largest message of the far side that is taken. */
  int MAX_MESSAGE_BYTES = 64 << 10;

  /**
   * A link that is not connected yet.
   *
   * @param mailbox where what comes of it arrives
   * @param meters what it counts
   */
  static MqttLink of(Login login, Mailbox mailbox, Clock clock, Meters meters) {
    return new PahoLink(login, mailbox, clock, meters);
  }

  /**
   * What a link counts.
   *
   * @param bytesIn what came, above TLS
   * @param bytesOut what went
   * @param dropped messages for which there was no room
   */
  record Meters(LongAdder bytesIn, LongAdder bytesOut, LongAdder dropped) {}
}
