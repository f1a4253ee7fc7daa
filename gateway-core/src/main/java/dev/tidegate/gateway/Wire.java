package dev.tidegate.gateway;

import dev.tidegate.config.SyncConfig;
import dev.tidegate.config.SyncConfig.FarSide;
import dev.tidegate.flow.Lane;

/**
 * What a lane takes on the link, MQTT included, in the words of its far side.
 *
 * <h2>The figures behind it</h2>
 *
 * Of readings: docs/decisions/0016-three-bindings.md, "Bytes on the wire"; what they take as a
 * backlog is the reading's, and the rest of what seven of them take as they come the message's. Of
 * summaries: what the bindings make of windows of one device with 1, 8 and 40 points; {@code
 * ForecastTest} holds all of it against them. Answers are added where there are any.
 *
 * @param frames how often what is stored travels: 0 where it is said in other words
 * @param reading bytes of a reading
 * @param member bytes of a reading that is a member of a template
 * @param summary bytes of a summary
 * @param device bytes of a frame beside its records, for each device in it, both ways
 * @param message bytes of a frame beside all that, both ways
 */
record Wire(
    double frames, double reading, double member, double summary, double device, double message) {
  private static final Wire FRAMES = new Wire(1, 0, 0, 0, 0, 330);
  private static final Wire JSON = new Wire(0, 146, 146, 360, 0, 500);

  /** Base64 within an envelope of 335 bytes, which the answer repeats. */
  private static final Wire DITTO_FRAMES = new Wire(4 / 3.0, 0, 0, 0, 0, 700);

  /** A merge for each thing, 620 bytes with its condition, and its answer. */
  private static final Wire DITTO_MERGES = new Wire(0, 0, 0, 350, 1_000, 0);

  /** Without answers. */
  private static final Wire SPARKPLUG = new Wire(0, 22, 35, 250, 55, 0);

  /** The number that was sent, 65 bytes, and the same from the host. */
  private static final Wire ACKNOWLEDGED = new Wire(0, 22, 35, 250, 55, 150);

  static Wire of(SyncConfig sync, Lane lane) {
    return switch (sync.farSide()) {
      case FarSide.Plain plain -> plain.json().contains(lane.word()) ? JSON : FRAMES;
      case FarSide.Ditto d -> lane == Lane.RAW ? DITTO_FRAMES : DITTO_MERGES;
      case FarSide.SparkplugB far -> far.acknowledged() ? ACKNOWLEDGED : SPARKPLUG;
    };
  }

  /** Bytes beside the records, of so many frames with so many records of some devices. */
  double besides(double frameCount, double records, int devices) {
    return message * frameCount + device * Math.min(frameCount * devices, records);
  }
}
