package dev.tidegate.reading;

/** What a device hands over: one reading, or a run of values taken at a fixed step. */
public sealed interface Sample permits Reading, Waveform {
  PointId point();

  Quality quality();

  /**
   * When the first value was taken at the source: nanoseconds on the gateway's timeline ({@link
   * dev.tidegate.time.Clock#monotonicNanos()}).
   */
  long sourceNanos();
}
