package dev.tidegate.flow;

/**
 * The far side's wish to have what an on-request lane recorded during a stretch of time.
 *
 * @param id the far side's own word for it, 1 to 64 characters; the answers carry it
 * @param lane the lane
 * @param fromNanos first nanosecond of the stretch, wall time since 1970-01-01T00:00Z
 * @param toNanos last nanosecond of it
 */
public record ReplayRequest(String id, Lane lane, long fromNanos, long toNanos) {
  public ReplayRequest {
    if (id.isEmpty() || id.length() > 64 || toNanos < fromNanos) {
      throw new IllegalArgumentException("no request: " + id + ", " + fromNanos + " to " + toNanos);
    }
  }
}
