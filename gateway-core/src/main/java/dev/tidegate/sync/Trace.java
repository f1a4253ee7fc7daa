package dev.tidegate.sync;

import dev.tidegate.flow.Lane;
import dev.tidegate.sync.LaneRun.Sent;
import dev.tidegate.sync.link.LinkEvent;
import dev.tidegate.sync.link.Outgoing;
import dev.tidegate.sync.link.ReasonCode;
import dev.tidegate.sync.link.Text;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What goes over the link, for whoever has turned the log up to look from afar: topics, sizes and
 * numbers, and never what a message says. Costs a comparison where nobody looks. Holds nothing;
 * used by the sync thread.
 */
final class Trace {
  private static final Logger LOG = LoggerFactory.getLogger("tidegate");

  private Trace() {}

  /** The connection is in another state. */
  static void link(String state, String broker, String why) {
    if (LOG.isDebugEnabled()) {
      LOG.debug("link {} {}{}{}", state, broker, why.isEmpty() ? "" : ": ", why);
    }
  }

  /** A message of the far side came. */
  static void in(LinkEvent.Message message) {
    if (LOG.isDebugEnabled()) {
      LOG.debug(
          "in {} {} bytes, QoS {}",
          Text.oneLine(message.topic()),
          message.payload().length,
          message.receipt().qos());
    }
  }

  /** A message goes out, and with it a frame, or a part of one. */
  static void out(long id, Outgoing message, @Nullable LaneRun run, @Nullable Sent frame) {
    if (LOG.isDebugEnabled()) {
      LOG.debug(
          "out #{} {} {} bytes, QoS {}{}",
          id,
          message.topic(),
          message.payload().length,
          message.qos(),
          records(run, frame) + (frame != null && frame.attempts > 1 ? ", again" : ""));
    }
  }

  /** The server answered a publish; one with QoS 0 was written. */
  static void taken(long id, int reasonCode, @Nullable LaneRun run, @Nullable Sent frame) {
    if (LOG.isDebugEnabled()) {
      LOG.debug("taken #{} {}{}", id, ReasonCode.name(reasonCode), records(run, frame));
    }
  }

  /** A frame is settled, or put off, by what the far side said or by its silence. */
  static void settled(Lane lane, Sent frame, int code) {
    if (LOG.isDebugEnabled()) {
      LOG.debug("answer {} for {} {} to {}", code, lane.word(), frame.first, frame.last);
    }
  }

  private static String records(@Nullable LaneRun run, @Nullable Sent frame) {
    return run == null || frame == null
        ? ""
        : ", " + run.lane.word() + " " + frame.first + " to " + frame.last;
  }
}
