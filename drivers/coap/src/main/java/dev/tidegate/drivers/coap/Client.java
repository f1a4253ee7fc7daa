package dev.tidegate.drivers.coap;

import dev.tidegate.driver.DriverException;
import dev.tidegate.driver.DriverException.Kind;
import dev.tidegate.drivers.coap.payload.Payload;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.californium.core.coap.MessageObserverAdapter;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.californium.core.coap.Token;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.core.network.Exchange;
import org.eclipse.californium.core.network.RandomTokenGenerator;
import org.eclipse.californium.core.network.TokenGenerator.Scope;
import org.eclipse.californium.core.network.interceptors.MessageInterceptorAdapter;
import org.eclipse.californium.core.server.MessageDeliverer;
import org.eclipse.californium.elements.AddressEndpointContext;
import org.eclipse.californium.elements.config.Configuration;
import org.jspecify.annotations.Nullable;

/**
 * The CoAP endpoint of one device: asks its resources, each request with a deadline, and routes
 * answers and notifications to whom they belong, by token.
 *
 * <p><b>Threads.</b> Three: Californium's UDP receiver and sender, and one worker that runs its
 * whole protocol stack and everything in this package that says "the endpoint's thread". The
 * methods may be called by any thread.
 *
 * <p><b>Limits.</b> At most {@link #MAX_IN_FLIGHT} requests are under way at once, the others wait
 * their turn; a waiting one keeps its deadline. RFC 7252 section 4.7 sets one (NSTART) as the
 * default; with one, a resource that is silent would stop the others.
 */
final class Client implements AutoCloseable {
  /** Told what became of a request, and of the notifications after it. On the endpoint's thread. */
  interface Answers {
    /**
     * @param held to be {@linkplain #release released} once what the response says is durable
     */
    void answered(Response response, AckGate.Held held);

    void failed(DriverException why);

    /** The device has given up on a message that was never acknowledged. */
    default void givenUp() {}
  }

  private record Observer(Resource resource, Answers answers) {}

  static final int MAX_IN_FLIGHT = 4;
  private static final long GOODBYE_MILLIS = 300;
  private static final System.Logger LOG = System.getLogger(Client.class.getName());

  private final String name;
  private final Peer peer;
  private final boolean confirmable;
  private final long timeoutNanos;
  private final Counts counts = new Counts();
  private final Worker worker;
  private final Doorway doorway;
  private final RandomTokenGenerator tokens;
  private final AckGate gate;
  private final CoapEndpoint endpoint;

  // Owned by the endpoint's thread.
  private final Map<Token, Call> calls = new HashMap<>();
  private final Map<Token, Observer> observers = new HashMap<>();
  private final ArrayDeque<Call> waiting = new ArrayDeque<>();
  private int inFlight;

  private Client(
      String name,
      Peer peer,
      InetSocketAddress address,
      boolean confirmable,
      long timeoutNanos,
      boolean untilDurable) {
    this.name = name;
    this.peer = peer;
    this.confirmable = confirmable;
    this.timeoutNanos = timeoutNanos;
    this.worker = new Worker(name);
    Configuration config = GatedStack.configuration();
    this.doorway = new Doorway(config, address, worker, counts);
    this.tokens = new RandomTokenGenerator(config);
    this.gate = new AckGate(untilDurable, counts, this::givenUp);
    this.endpoint = GatedStack.endpoint(name, config, doorway, tokens, gate);
    endpoint.setExecutors(worker.executor(), worker.executor());
    endpoint.addInterceptor(new Screen());
    endpoint.setMessageDeliverer(new Deliverer());
  }

  /**
   * Looks the device's address up and opens a socket on a port of the system's choice.
   *
   * @param name the device's id
   * @throws DriverException when the host is unknown, or there is no socket
   */
  static Client open(
      String name, Peer peer, boolean confirmable, long timeoutNanos, boolean untilDurable)
      throws DriverException {
    InetSocketAddress address = peer.resolve(name);
    Client client = new Client(name, peer, address, confirmable, timeoutNanos, untilDurable);
    try {
      client.endpoint.start();
    } catch (IOException e) {
      client.worker.close();
      throw new DriverException(
          Kind.TRANSIENT,
          "device '" + name + "': no UDP socket could be opened (" + e.getMessage() + ")",
          e);
    }
    client.worker.every(AckGate.SWEEP_SECONDS, client::sweep);
    return client;
  }

  /** The words for what goes wrong with that resource. */
  Trouble troubleOf(Resource resource) {
    return new Trouble(name, peer, resource);
  }

  long timeoutNanos() {
    return timeoutNanos;
  }

  Counts counts() {
    return counts;
  }

  /** The port on which the device's datagrams arrive. */
  int localPort() {
    return endpoint.getAddress().getPort();
  }

  /** Runs a task on the endpoint's thread; once closed, no more. */
  void execute(Runnable task) {
    worker.execute(task);
  }

  /** Runs a task on the endpoint's thread after that time; once closed, never. */
  Future<?> after(long millis, Runnable task) {
    return worker.after(millis, task);
  }

  /**
   * Asks once (RFC 7252 section 5.8.1). Exactly one of the two answers follows within the timeout.
   */
  void get(Resource resource, Answers answers) {
    execute(
        () -> enqueue(new Call(resource, tokens.createToken(Scope.SHORT_TERM), false, answers)));
  }

  /** A token for {@link #observe}. */
  Token newToken() {
    return tokens.createToken(Scope.LONG_TERM);
  }

  /**
   * Registers as an observer, or renews a registration of the same token (RFC 7641 section 3.3.1).
   * On the endpoint's thread. Notifications keep coming until {@link #forget}.
   */
  void observe(Resource resource, Token token, Answers answers) {
    observers.put(token, new Observer(resource, answers));
    enqueue(new Call(resource, token, true, answers));
  }

  /** Drops an observation; what it still sends is rejected. On the endpoint's thread. */
  void forget(Token token) {
    observers.remove(token);
    endpoint.cancelObservation(token);
  }

  /** Acknowledges what was held: it is durable, or there was nothing in it to store. */
  void release(AckGate.Held held) {
    if (held != AckGate.Held.NOTHING) {
      execute(() -> gate.release(held));
    }
  }

  /** Ages what is remembered of the device's messages. On the endpoint's thread. */
  void sweep() {
    gate.sweep();
  }

  /** Says goodbye to what it observes, without waiting for an answer, and frees everything. */
  @Override
  public void close() {
    if (worker.isClosed()) {
      return;
    }
    CountDownLatch gone = new CountDownLatch(1);
    execute(() -> goodbye(gone));
    try {
      var _ = gone.await(GOODBYE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    endpoint.destroy();
    worker.close();
    LOG.log(System.Logger.Level.DEBUG, "{0} closed: {1}", peer, counts);
  }

  /** RFC 7641 section 3.6: a GET of the same token with the Observe option set to 1. */
  private void goodbye(CountDownLatch gone) {
    List<Call> left = new ArrayList<>(calls.values());
    left.addAll(waiting);
    waiting.clear();
    left.forEach(call -> call.fail(call.trouble.closed()));
    Map<Token, Observer> leaving = Map.copyOf(observers);
    AtomicInteger unsent = new AtomicInteger(leaving.size());
    if (leaving.isEmpty()) {
      gone.countDown();
    }
    leaving.forEach(
        (token, observer) -> {
          forget(token);
          Request request = request(observer.resource);
          request.setConfirmable(false);
          request.setToken(token);
          request.setObserveCancel();
          request.addMessageObserver(
              new MessageObserverAdapter() {
                @Override
                public void onSent(boolean retransmission) {
                  if (unsent.decrementAndGet() == 0) {
                    gone.countDown();
                  }
                }
              });
          endpoint.sendRequest(request);
        });
  }

  private Request request(Resource resource) {
    Request request = Request.newGet();
    request.setConfirmable(confirmable);
    request.setDestinationContext(new AddressEndpointContext(doorway.device()));
    request.setMaxResourceBodySize(Payload.MAX_BYTES);
    if (!peer.isLiteral()) {
      request.getOptions().setUriHost(peer.host()); // RFC 7252 section 5.10.1
    }
    resource.address(request.getOptions());
    return request;
  }

  private void enqueue(Call call) {
    call.deadline = after(timeoutNanos / 1_000_000, () -> call.fail(call.silence()));
    waiting.add(call);
    next();
  }

  private void next() {
    while (inFlight < MAX_IN_FLIGHT && !waiting.isEmpty()) {
      inFlight++;
      waiting.remove().send();
    }
  }

  private void givenUp(Token token) {
    Observer observer = observers.get(token);
    if (observer != null) {
      observer.answers.givenUp();
    }
  }

  /** One request until it is answered or given up. Owned by the endpoint's thread. */
  private final class Call extends MessageObserverAdapter {
    private final Resource resource;
    private final Token token;
    private final boolean observing;
    private final Answers answers;
    private final Trouble trouble;
    private @Nullable Future<?> deadline;
    private @Nullable Request request;
    private boolean done;

    Call(Resource resource, Token token, boolean observing, Answers answers) {
      this.resource = resource;
      this.token = token;
      this.observing = observing;
      this.answers = answers;
      this.trouble = troubleOf(resource);
    }

    void send() {
      calls.put(token, this);
      Request asking = request(resource);
      asking.setToken(token);
      if (observing) {
        asking.setObserve();
      }
      asking.addMessageObserver(this);
      request = asking;
      endpoint.sendRequest(asking);
    }

    DriverException silence() {
      return trouble.silent(timeoutNanos);
    }

    void succeed(Response response, AckGate.Held held) {
      if (finish()) {
        answers.answered(response, held);
      }
    }

    void fail(DriverException why) {
      if (finish()) {
        Request asked = request;
        if (asked != null) {
          asked.cancel();
        }
        if (why.kind() == Kind.TRANSIENT || why.kind() == Kind.UNPLUGGED) {
          doorway.lookAgain(name, peer);
        }
        answers.failed(why);
      }
    }

    private boolean finish() {
      if (done) {
        return false;
      }
      done = true;
      Future<?> timer = deadline;
      if (timer != null) {
        timer.cancel(false);
      }
      if (request == null) {
        waiting.remove(this);
      } else {
        calls.remove(token, this);
        inFlight--;
        next();
      }
      return true;
    }

    @Override
    public void onReject() {
      execute(() -> fail(trouble.reset()));
    }

    @Override
    public void onTimeout() {
      execute(() -> fail(silence()));
    }

    @Override
    public void onSendError(Throwable error) {
      execute(() -> fail(trouble.unsendable(error)));
    }

    @Override
    public void onResponseHandlingError(Throwable error) {
      execute(() -> fail(trouble.unreadable(error)));
    }
  }

  /** Turns repeated messages away before Californium sees them. */
  private final class Screen extends MessageInterceptorAdapter {
    @Override
    public void receiveResponse(Response response) {
      if (gate.isRepeated(response)) {
        response.setCanceled(true);
      }
    }
  }

  /** The top of the stack. */
  private final class Deliverer implements MessageDeliverer {
    @Override
    public void deliverRequest(Exchange exchange) {
      exchange.sendReject(); // none gets past the doorway
    }

    @Override
    public void deliverResponse(Exchange exchange, Response response) {
      AckGate.Held held = gate.take(exchange);
      Token token = exchange.getRequest().getToken();
      exchange.getRequest().setResponse(response); // Californium's own book-keeping
      Call call = calls.get(token);
      Observer observer = observers.get(token);
      if (call != null) {
        Worker.run(() -> call.succeed(response, held));
      } else if (observer != null) {
        Worker.run(() -> observer.answers.answered(response, held));
      }
    }
  }
}
