package dev.tidegate.drivers.coap;

import dev.tidegate.driver.DriverException;
import dev.tidegate.driver.Sink;
import dev.tidegate.time.Clock;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.californium.core.coap.Token;
import org.eclipse.californium.core.observe.ObserveNotificationOrderer;
import org.jspecify.annotations.Nullable;

/**
 * One resource under observation (RFC 7641), registered again for as long as it takes.
 *
 * <pre>
 *              answered                   Max-Age and grace over, or the device gave up on us
 *   Registering --------&gt; Observing ----------------------------------------&gt; Registering (renew)
 *    ^      | failed         | error, or no observer any more
 *    |      v                v
 *    +--- Pausing &lt;----------+       1 to 60 s, longer with each failure in a row
 * </pre>
 *
 * <p>A renewal keeps the token, so that a device which still knows us only refreshes its list
 * (section 3.3.1); after a failure a new token is used.
 *
 * <p>Owned by the endpoint's thread; {@link #first} may be read by any.
 */
final class Observation implements Client.Answers {
  private sealed interface State {}

  private record Registering(Token token) implements State {}

  private record Observing(Token token, Future<?> lapse, long sinceNanos) implements State {}

  private record Pausing(Future<?> end) implements State {}

  private record Ended() implements State {}

  private final Client client;
  private final Resource resource;
  private final Pacing pacing;
  private final Clock clock;
  private final Sink sink;
  private final Trouble trouble;
  private final CompletableFuture<Boolean> first = new CompletableFuture<>();

  private State state = new Ended();
  private @Nullable ObserveNotificationOrderer order;
  private int failures;

  Observation(Client client, Resource resource, Pacing pacing, Clock clock, Sink sink) {
    this.client = client;
    this.resource = resource;
    this.pacing = pacing;
    this.clock = clock;
    this.sink = sink;
    this.trouble = client.troubleOf(resource);
  }

  /** Done with the first answer: true when the device observes, the reason when it does not. */
  CompletableFuture<Boolean> first() {
    return first;
  }

  /** Registers for the first time. */
  void begin() {
    register(client.newToken());
  }

  /** No more: nothing reaches the sink afterwards. */
  void end() {
    stopTimer();
    state = new Ended();
  }

  @Override
  public void answered(Response response, AckGate.Held held) {
    if (state instanceof Ended) {
      return;
    }
    if (response.getCode() != ResponseCode.CONTENT) {
      client.release(held);
      retreat(trouble.refused(response));
      return;
    }
    if (!isNew(response)) {
      client.counts().stale.increment();
      client.release(held);
      return;
    }
    if (response.getOptions().hasObserve()) {
      settle(response);
      Handover.hand(client, resource, response, held, clock.monotonicNanos(), clock, sink);
      first.complete(true);
    } else {
      // Section 4.1: a device that takes no observer answers as if it had just been asked.
      Handover.hand(client, resource, response, held, clock.monotonicNanos(), clock, sink);
      retreat(trouble.unobservable());
    }
  }

  @Override
  public void failed(DriverException why) {
    if (!(state instanceof Ended)) {
      retreat(why);
    }
  }

  @Override
  public void givenUp() {
    renew();
  }

  /** RFC 7641 section 3.4: whether nothing newer has been taken; the first one always is. */
  private boolean isNew(Response response) {
    ObserveNotificationOrderer known = order;
    if (known != null) {
      return known.isNew(response);
    }
    Integer number = response.getOptions().getObserve();
    if (number != null) {
      order = new ObserveNotificationOrderer(number);
    }
    return true;
  }

  private void register(Token token) {
    // The device may have restarted and count from the start again.
    order = null;
    state = new Registering(token);
    client.observe(resource, token, this);
  }

  private void settle(Response response) {
    Token token = token();
    long since =
        state instanceof Observing observing ? observing.sinceNanos : clock.monotonicNanos();
    stopTimer();
    if (token != null) {
      long lapse = pacing.lapseMillis(response.getOptions().getMaxAge());
      state = new Observing(token, client.after(lapse, this::renew), since);
    }
  }

  private void renew() {
    if (state instanceof Observing observing) {
      stopTimer();
      register(observing.token);
    }
  }

  private void retreat(DriverException why) {
    boolean lasted =
        state instanceof Observing observing
            && clock.monotonicNanos() - observing.sinceNanos >= pacing.longestMillis() * 1_000_000;
    failures = lasted ? 1 : failures + 1;
    Token token = token();
    stopTimer();
    if (token != null) {
      client.forget(token);
    }
    state = new Pausing(client.after(pacing.pauseMillis(failures), this::begin));
    if (!first.completeExceptionally(why)) {
      sink.trouble(why);
    }
  }

  private @Nullable Token token() {
    return switch (state) {
      case Registering registering -> registering.token;
      case Observing observing -> observing.token;
      case Pausing _, Ended _ -> null;
    };
  }

  private void stopTimer() {
    switch (state) {
      case Observing observing -> observing.lapse.cancel(false);
      case Pausing pausing -> pausing.end.cancel(false);
      case Registering _, Ended _ -> {}
    }
  }
}
