package dev.tidegate.drivers.coap;

import dev.tidegate.driver.DriverException;
import dev.tidegate.driver.Pollable;
import dev.tidegate.driver.Sink;
import dev.tidegate.drivers.coap.payload.Extract;
import dev.tidegate.reading.Quality;
import dev.tidegate.reading.Reading;
import dev.tidegate.reading.Value;
import dev.tidegate.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Response;
import org.jspecify.annotations.Nullable;

/**
 * A device whose resources are asked.
 *
 * <p>A resource that fails while another answers gives readings of quality BAD_COMMUNICATION, and
 * is left out for growing pauses, so that its silence does not slow the others down. When every
 * resource fails the poll itself fails, and the gateway decides when to come back.
 *
 * <p>Owned by the device's bus thread.
 */
final class PolledDevice implements Pollable {
  /** What the endpoint's own deadline may be late by. */
  private static final long MARGIN_NANOS = 500_000_000;

  private record Answer(Response response, AckGate.Held held, long arrivalNanos) {}

  /** One resource and how it has fared. */
  private static final class Asked {
    final Resource resource;
    final Trouble trouble;
    int failures;
    long pausedUntilNanos = Long.MIN_VALUE;
    @Nullable DriverException failure;

    Asked(Client client, Resource resource) {
      this.resource = resource;
      this.trouble = client.troubleOf(resource);
    }
  }

  private final Client client;
  private final Pacing pacing;
  private final Clock clock;
  private final List<Asked> all = new ArrayList<>();

  PolledDevice(Client client, List<Resource> resources, Pacing pacing, Clock clock) {
    this.client = client;
    this.pacing = pacing;
    this.clock = clock;
    for (Resource resource : resources) {
      all.add(new Asked(client, resource));
    }
  }

  Client client() {
    return client;
  }

  @Override
  public void poll(Sink sink) throws DriverException {
    List<Asked> due = due();
    List<CompletableFuture<Answer>> answers = new ArrayList<>(due.size());
    for (Asked asked : due) {
      answers.add(ask(asked.resource));
    }
    int good = 0;
    for (int i = 0; i < due.size(); i++) {
      Asked asked = due.get(i);
      try {
        Answer answer = await(answers.get(i), asked);
        take(asked, answer, sink);
        asked.failures = 0;
        asked.failure = null;
        good++;
      } catch (DriverException e) {
        asked.failure = e;
        asked.failures++;
        asked.pausedUntilNanos =
            clock.monotonicNanos() + pacing.pauseMillis(asked.failures) * 1_000_000;
      }
    }
    DriverException first = null;
    for (Asked asked : all) {
      first = first == null ? asked.failure : first;
    }
    if (first == null) {
      return;
    }
    if (good == 0) {
      throw first;
    }
    for (Asked asked : all) {
      if (asked.failure != null) {
        absent(asked, sink);
      }
    }
    sink.trouble(first);
  }

  /** The resources that are not in a pause; all of them when there would be none. */
  private List<Asked> due() {
    long now = clock.monotonicNanos();
    List<Asked> due = all.stream().filter(asked -> asked.pausedUntilNanos <= now).toList();
    boolean working = due.stream().anyMatch(asked -> asked.failure == null);
    return working ? due : all;
  }

  private CompletableFuture<Answer> ask(Resource resource) {
    CompletableFuture<Answer> future = new CompletableFuture<>();
    client.get(
        resource,
        new Client.Answers() {
          @Override
          public void answered(Response response, AckGate.Held held) {
            future.complete(new Answer(response, held, clock.monotonicNanos()));
          }

          @Override
          public void failed(DriverException why) {
            future.completeExceptionally(why);
          }
        });
    return future;
  }

  private Answer await(CompletableFuture<Answer> future, Asked asked) throws DriverException {
    try {
      return future.get(client.timeoutNanos() + MARGIN_NANOS, TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof DriverException why) {
        throw why;
      }
      throw new IllegalStateException(e);
    } catch (TimeoutException _) {
      throw asked.trouble.silent(client.timeoutNanos());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw asked.trouble.interrupted();
    }
  }

  private void take(Asked asked, Answer answer, Sink sink) throws DriverException {
    if (answer.response.getCode() != ResponseCode.CONTENT) {
      client.release(answer.held);
      throw asked.trouble.refused(answer.response);
    }
    Handover.hand(
        client, asked.resource, answer.response, answer.held, answer.arrivalNanos, clock, sink);
  }

  private void absent(Asked asked, Sink sink) {
    for (Extract extract : asked.resource.extracts()) {
      Value none = Value.of(Double.NaN);
      sink.accept(
          new Reading(extract.point(), clock.monotonicNanos(), none, Quality.BAD_COMMUNICATION));
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
