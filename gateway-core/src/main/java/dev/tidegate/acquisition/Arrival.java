package dev.tidegate.acquisition;

import dev.tidegate.driver.Sink.Receipt;
import dev.tidegate.flow.Actuators.Written;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Inbox.Received;
import dev.tidegate.reading.Sample;
import org.jspecify.annotations.Nullable;

/** What waits in the intake for the pipeline. */
public sealed interface Arrival {
  /**
   * A sample as its driver gave it.
   *
   * @param arrivalNanos when it was handed in, on the gateway's timeline
   * @param receipt called once it is durable; null when nobody waits
   */
  record Sampled(Sample sample, long arrivalNanos, @Nullable Receipt receipt) implements Arrival {}

  /** Something that needs no conditioning any more: an event of a device, a model's decision. */
  record Happened(Entry entry) implements Arrival {}

  /** A command that is stored and waits to be carried out. */
  record Commanded(Received received) implements Arrival {}

  /** What became of the write of that command. */
  record Wrote(String commandId, Written written) implements Arrival {}
}
