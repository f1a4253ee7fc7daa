package dev.tidegate.sync.binding;

import dev.tidegate.flow.Command;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.ReplayRequest;
import dev.tidegate.sync.link.Outgoing;
import java.util.List;

/**
 * What a message of the far side means. The far side is not trusted to write well: whatever does
 * not fit is {@link Unreadable}, as a whole.
 */
public sealed interface Incoming {
  /**
   * What became of frames.
   *
   * @param epoch the database whose frames are meant
   */
  record Acks(String epoch, List<Ack> acks) implements Incoming {}

  /**
   * A part of a frame is stored, and others of the same frame may go now.
   *
   * @param lane the frame's lane
   * @param first the frame's first number
   * @param next what to publish
   */
  record Progress(Lane lane, long first, List<Outgoing> next) implements Incoming {}

  /**
   * The far side asks for what an on-request lane recorded.
   *
   * @param request what it asks for
   */
  record Replay(ReplayRequest request) implements Incoming {}

  /**
   * The far side asks for actions.
   *
   * @param commands what it asks for, at least one
   */
  record Commanded(List<Command> commands) implements Incoming {}

  /** The far side has to be told everything anew. */
  record Reborn() implements Incoming {}

  /** A message that is none of ours, and no mistake. */
  record Nothing() implements Incoming {}

  /** A message that has no effect, and that nobody should send. */
  record Unreadable() implements Incoming {}

  /**
   * What became of the records of one lane from first to last.
   *
   * @param code 200 to 299 and 400 to 599, with HTTP's meaning (RFC 9110, 15)
   * @param reason in the far side's words, one line; may be empty
   */
  record Ack(Lane lane, long first, long last, int code, String reason) {
    /** Whether the far side has them. */
    public boolean stored() {
      return code < 300;
    }

    /** Whether sending the same frame again later may help. */
    public boolean worthAnotherTry() {
      return code == 408 || code == 424 || code >= 500;
    }
  }
}
