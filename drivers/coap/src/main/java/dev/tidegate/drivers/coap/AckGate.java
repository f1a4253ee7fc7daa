package dev.tidegate.drivers.coap;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.Consumer;
import org.eclipse.californium.core.coap.CoAP;
import org.eclipse.californium.core.coap.EmptyMessage;
import org.eclipse.californium.core.coap.Message;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.californium.core.coap.Token;
import org.eclipse.californium.core.network.Exchange;
import org.eclipse.californium.core.network.stack.AbstractLayer;
import org.eclipse.californium.elements.EndpointContext;
import org.jspecify.annotations.Nullable;

/**
 * The lowest layer of the stack: holds the acknowledgement of a confirmable notification, or of a
 * confirmable separate response, until what it said is durable.
 *
 * <pre>
 *   device                    AckGate        ReliabilityLayer … BlockwiseLayer      Observation
 *     | CON, MID 7, "21.5"       |                    |                                |
 *     |-------------------------&gt;| remember 7         |                                |
 *     |                          |-------------------&gt;|------------------------------&gt;| accept(
 *     |                          |&lt;--- ACK 7 ---------|                                |  sample,
 *     | CON, MID 7 again (2 s)   | keep it            |                                |  receipt)
 *     |-------------------------&gt;| drop: not stored   |                                |
 *     |                          |&lt;--------------------------------- release(7) ------| durable()
 *     |&lt;-- ACK 7 ----------------|                    |                                |
 *     | CON, MID 7 (ACK lost)    |                    |                                |
 *     |-------------------------&gt;| ACK 7 again        |                                |
 * </pre>
 *
 * <p><b>Retransmissions.</b> It stands in for Californium's deduplication (RFC 7252 section 4.5),
 * which takes two messages of one id for the same even when they differ, and would so acknowledge,
 * unseen, what a restarted device says under the ids of its former life. Here a message is the same
 * when the whole datagram is. One that differs is new.
 *
 * <p><b>What is not held.</b> Errors, which carry nothing to store, and the blocks of a separate
 * response before its last: held, they would keep the device from sending the next (NSTART, section
 * 4.7).
 *
 * <p><b>Limits.</b> A message is remembered for 248 s (EXCHANGE_LIFETIME is 247 s, section 4.8.2),
 * the newest {@link #MAX_REMEMBERED} of them. One that was not released within 93 s
 * (MAX_TRANSMIT_WAIT) is never acknowledged: the device has given up by then, and may have dropped
 * its observer with it (RFC 7641 section 4.5), so the observation is told to register again.
 *
 * <p><b>Concurrency.</b> Owned by the endpoint's thread.
 */
final class AckGate extends AbstractLayer {
  static final int MAX_REMEMBERED = 4_096;
  static final long SWEEP_SECONDS = 31;
  private static final int GIVEN_UP_AGE = 3;
  private static final int FORGOTTEN_AGE = 8;

  /**
   * One confirmable message of the device and what has become of its acknowledgement. Owned by the
   * endpoint's thread; kept for as long as the message may come again.
   */
  static final class Held {
    /** Stands for a message that nobody waits to see acknowledged. */
    static final Held NOTHING = new Held(Token.EMPTY, 0, true);

    /** Whose message it is. */
    final Token token;

    /** Hash of the whole datagram: tells a retransmission from a new message of the same id. */
    final int fingerprint;

    boolean released;

    /** Whether the acknowledgement has gone out, so that a retransmission gets it again. */
    boolean acknowledged;

    /** How many sweeps of the gate it has seen. */
    int age;

    /** The acknowledgement that waits, and its exchange. */
    @Nullable EmptyMessage ack;

    @Nullable Exchange exchange;

    Held(Token token, int fingerprint, boolean released) {
      this.token = token;
      this.fingerprint = fingerprint;
      this.released = released;
    }
  }

  private record Key(InetSocketAddress peer, int mid) {}

  private final boolean untilDurable;
  private final Counts counts;
  private final Consumer<Token> onGivenUp;
  private final LinkedHashMap<Key, Held> remembered = new LinkedHashMap<>();

  /** What was received and has not been delivered yet: its blocks are still being fetched. */
  private final IdentityHashMap<Exchange, Held> undelivered = new IdentityHashMap<>();

  /**
   * @param untilDurable false: everything is acknowledged when received
   * @param onGivenUp told the token whose message the device has given up on
   */
  AckGate(boolean untilDurable, Counts counts, Consumer<Token> onGivenUp) {
    this.untilDurable = untilDurable;
    this.counts = counts;
    this.onGivenUp = onGivenUp;
  }

  /**
   * Whether the message has come before; if so it goes no further, and is acknowledged again when
   * it had been. Asked before Californium looks for the exchange, which may be over by then, and
   * again here: between the two another of its kind may have come through.
   */
  boolean isRepeated(Response response) {
    if (response.getType() != CoAP.Type.CON) {
      return false;
    }
    Held known = remembered.get(key(response.getSourceContext(), response));
    if (known == null || known.fingerprint != fingerprint(response)) {
      return false;
    }
    counts.duplicates.increment();
    if (known.acknowledged) {
      super.sendEmptyMessage(null, EmptyMessage.newACK(response));
    }
    return true;
  }

  @Override
  public void receiveResponse(Exchange exchange, Response response) {
    if (isRepeated(response)) {
      return;
    }
    if (response.getType() == CoAP.Type.CON) {
      boolean last = !response.getOptions().hasBlock2() || !response.getOptions().getBlock2().isM();
      boolean said = response.isSuccess() && (last || response.isNotification());
      remember(exchange, response, untilDurable && said);
    }
    super.receiveResponse(exchange, response);
  }

  private void remember(Exchange exchange, Response response, boolean holds) {
    Held message = new Held(response.getToken(), fingerprint(response), !holds);
    Key key = key(response.getSourceContext(), response);
    Held former = remembered.remove(key); // first, so that the new one stands at the end
    if (former != null) {
      former.released = true; // its id is taken: an acknowledgement would now be for the new one
      former.ack = null;
    }
    remembered.put(key, message);
    if (holds) {
      undelivered.put(exchange, message);
    }
    if (remembered.size() > MAX_REMEMBERED) {
      Iterator<Held> oldest = remembered.values().iterator();
      undelivered.values().remove(oldest.next());
      oldest.remove();
      counts.forgotten.increment();
    }
  }

  @Override
  public void sendEmptyMessage(@Nullable Exchange exchange, EmptyMessage message) {
    Held known = remembered.get(key(message.getDestinationContext(), message));
    if (known != null && message.getType() == CoAP.Type.ACK && !known.released) {
      known.ack = message;
      known.exchange = exchange;
      return;
    }
    if (known != null && message.getType() == CoAP.Type.ACK) {
      known.acknowledged = true;
    }
    super.sendEmptyMessage(exchange, message);
  }

  /** What waits on the response that this exchange is about to deliver; given out once. */
  Held take(Exchange exchange) {
    Held held = undelivered.remove(exchange);
    return held == null ? Held.NOTHING : held;
  }

  /** Lets the acknowledgement go, now or as soon as there is one. */
  void release(Held held) {
    if (held.released) {
      return;
    }
    held.released = true;
    EmptyMessage ack = held.ack;
    if (ack != null) {
      held.acknowledged = true;
      super.sendEmptyMessage(held.exchange, ack);
    }
    held.ack = null;
    held.exchange = null;
  }

  /** Called every {@link #SWEEP_SECONDS}. */
  void sweep() {
    List<Token> givenUp = new ArrayList<>();
    Iterator<Held> oldest = remembered.values().iterator();
    while (oldest.hasNext()) {
      Held held = oldest.next();
      held.age++;
      if (held.age == GIVEN_UP_AGE && !held.released) {
        undelivered.values().remove(held);
        held.ack = null;
        held.exchange = null;
        counts.unacknowledged.increment();
        givenUp.add(held.token);
      }
      if (held.age >= FORGOTTEN_AGE) {
        oldest.remove();
      }
    }
    givenUp.forEach(onGivenUp);
  }

  private static int fingerprint(Response response) {
    return Arrays.hashCode(response.getBytes());
  }

  private static Key key(EndpointContext peer, Message message) {
    return new Key(peer.getPeerAddress(), message.getMID());
  }
}
