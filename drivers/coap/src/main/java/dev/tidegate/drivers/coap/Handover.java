package dev.tidegate.drivers.coap;

import dev.tidegate.driver.Sink;
import dev.tidegate.drivers.coap.payload.Decoded;
import dev.tidegate.drivers.coap.payload.Payload;
import dev.tidegate.reading.Reading;
import dev.tidegate.time.Clock;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.californium.core.coap.Response;

/** Takes the readings out of a response, into the sink, and sees to its acknowledgement. */
final class Handover {
  private Handover() {}

  /**
   * Hands every reading in; the last one to become durable releases the acknowledgement. May run on
   * any thread, for one response at a time.
   */
  static void hand(
      Client client,
      Resource resource,
      Response response,
      AckGate.Held held,
      long arrivalNanos,
      Clock clock,
      Sink sink) {
    byte[] payload = response.getPayload();
    Decoded decoded =
        Payload.decode(
            payload == null ? new byte[0] : payload,
            response.getOptions().getContentFormat(),
            resource.extracts(),
            arrivalNanos,
            clock);
    if (held == AckGate.Held.NOTHING) {
      decoded.readings().forEach(sink::accept);
    } else {
      AtomicInteger missing = new AtomicInteger(decoded.readings().size());
      for (Reading reading : decoded.readings()) {
        sink.accept(
            reading,
            () -> {
              if (missing.decrementAndGet() == 0) {
                client.release(held);
              }
            });
      }
    }
    if (!decoded.complaints().isEmpty()) {
      int more = decoded.complaints().size() - 1;
      sink.trouble(
          client
              .troubleOf(resource)
              .undecodable(
                  decoded.complaints().getFirst() + (more > 0 ? " (and " + more + " more)" : "")));
    }
  }
}
