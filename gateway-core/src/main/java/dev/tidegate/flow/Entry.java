package dev.tidegate.flow;

import dev.tidegate.reading.Sample;

/** What a lane stores: every record gets the next sequence number of its lane. */
public sealed interface Entry
    permits Entry.Measured, Summary, Event, Decision, LossRecord, ClockCorrection, CommandResult {
  /** When it happened, nanoseconds on the gateway's timeline. */
  long atNanos();

  /** A conditioned sample, as the raw lane keeps it. */
  record Measured(Sample sample) implements Entry {
    @Override
    public long atNanos() {
      return sample.sourceNanos();
    }
  }
}
