package dev.tidegate.config;

import dev.tidegate.reading.PointId;
import java.util.List;

/**
 * One window, computed for each of its points separately. Windows are aligned: they start at whole
 * multiples of the slide since the Unix epoch on the gateway's timeline.
 *
 * @param id the window's name
 * @param points what is summarised
 * @param sizeNanos length of a window
 * @param slideNanos from the start of one window to the start of the next: equal to the size for a
 *     tumbling window, a whole fraction of it for a sliding one
 * @param latenessNanos how long after its end a window still takes samples
 */
public record WindowConfig(
    String id, List<PointId> points, long sizeNanos, long slideNanos, long latenessNanos) {
  public WindowConfig {
    points = List.copyOf(points);
    if (slideNanos <= 0 || sizeNanos % slideNanos != 0 || latenessNanos < 0) {
      throw new IllegalArgumentException(
          "size " + sizeNanos + " ns is no whole multiple of slide " + slideNanos + " ns");
    }
  }
}
