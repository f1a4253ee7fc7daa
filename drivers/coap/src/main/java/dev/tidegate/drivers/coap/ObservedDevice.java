package dev.tidegate.drivers.coap;

import dev.tidegate.driver.DriverException;
import dev.tidegate.driver.Sink;
import dev.tidegate.driver.Subscribable;
import dev.tidegate.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A device whose resources are observed.
 *
 * <p>The subscription fails when no resource takes an observer. When some do, the others are
 * reported as trouble and tried again, each by itself.
 *
 * <p>Owned by the device's bus thread.
 */
final class ObservedDevice implements Subscribable {
  /** What the endpoint's own deadline may be late by. */
  private static final long MARGIN_NANOS = 500_000_000;

  private final Client client;
  private final List<Resource> resources;
  private final Pacing pacing;
  private final Clock clock;
  private final List<Observation> observations = new ArrayList<>();

  ObservedDevice(Client client, List<Resource> resources, Pacing pacing, Clock clock) {
    this.client = client;
    this.resources = resources;
    this.pacing = pacing;
    this.clock = clock;
  }

  Client client() {
    return client;
  }

  @Override
  public void subscribe(Sink sink) throws DriverException {
    for (Resource resource : resources) {
      Observation observation = new Observation(client, resource, pacing, clock, sink);
      observations.add(observation);
      client.execute(observation::begin);
    }
    List<DriverException> failures = new ArrayList<>();
    for (int i = 0; i < resources.size(); i++) {
      try {
        await(observations.get(i), resources.get(i));
      } catch (DriverException e) {
        failures.add(e);
      }
    }
    if (failures.size() == resources.size()) {
      end();
      throw failures.getFirst();
    }
    failures.forEach(sink::trouble);
  }

  private void await(Observation observation, Resource resource) throws DriverException {
    try {
      var _ = observation.first().get(client.timeoutNanos() + MARGIN_NANOS, TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof DriverException why) {
        throw why;
      }
      throw new IllegalStateException(e);
    } catch (TimeoutException _) {
      throw client.troubleOf(resource).silent(client.timeoutNanos());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw client.troubleOf(resource).interrupted();
    }
  }

  private void end() {
    for (Observation observation : observations) {
      client.execute(observation::end);
    }
  }

  @Override
  public void close() {
    end();
    client.close();
  }
}
