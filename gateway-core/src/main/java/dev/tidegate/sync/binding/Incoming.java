package dev.tidegate.sync.binding;

import dev.tidegate.flow.Command;
import dev.tidegate.flow.Lane;
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
   * The far side asks for actions.
   *
   * @param commands what it asks for, at least one
   */
  record Commanded(List<Command> commands) implements Incoming {}

  /** The far side has to be told everything anew. */
  record Reborn() implements Incoming {}

  /** Frames may be sent from now on, after the births. */
  record Ready() implements Incoming {}

  /**
   * The connection is to be left, and another one made.
   *
   * @param reason why, for people
   */
  record Leave(String reason) implements Incoming {}

  /** A message that is none of ours, and no mistake. */
  record Nothing() implements Incoming {}

  /**
   * A message that has no effect, and that nobody should send.
   *
   * @param why for people, one line; of what the sender wrote, no more than a key's name
   */
  record Unreadable(String why) implements Incoming {
    /** It is not what the far side may say at all. */
    public Unreadable() {
      this("it is none of what is described there");
    }
  }

  /**
   * What became of the records of one lane from first to last.
   *
   * @param code 200 to 299 and 400 to 599, with HTTP's meaning (RFC 9110, 15)
   * @param reason in the far side's words, one line; may be empty
   * @param fate what follows from it
   */
  record Ack(Lane lane, long first, long last, int code, String reason, Fate fate) {
    /** With the fate that follows from the code alone. */
    public Ack(Lane lane, long first, long last, int code, String reason) {
      this(lane, first, last, code, reason, Fate.of(code));
    }

    /** Whether the far side has them. */
    public boolean stored() {
      return fate == Fate.STORED;
    }

    /** Whether sending the same frame again later may help. */
    public boolean worthAnotherTry() {
      return fate == Fate.LATER;
    }
  }

  /** What follows from an answer. */
  enum Fate {
    /** The far side has them, and the buffer may forget. */
    STORED,
    /** They are sent again. */
    LATER,
    /** The far side will never take them. */
    NEVER;

    /** What a code says: 2xx, then 408, 424 and 5xx, then the rest. */
    static Fate of(int code) {
      if (code < 300) {
        return STORED;
      }
      return code == 408 || code == 424 || code >= 500 ? LATER : NEVER;
    }
  }
}
