package dev.tidegate.sync;

import dev.tidegate.flow.Command;
import dev.tidegate.flow.Inbox;
import dev.tidegate.sync.binding.Binding;
import dev.tidegate.sync.binding.Incoming;
import dev.tidegate.sync.link.LinkEvent;
import dev.tidegate.sync.link.Mailbox;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Takes on what the far side says: acknowledgements for the session, commands for the inbox. What
 * it asks of the connection itself is left to whoever owns that. Owned by the sync thread.
 */
final class Reception {
  private final Binding binding;
  private final Inbox inbox;
  private final Mailbox mailbox;
  private final Tally tally;
  private final Troubles troubles;
  private final String gatewayId;

  /** What is left to do about a message. */
  sealed interface Then {
    /** The server may be told that it came. */
    record Confirm() implements Then {}

    /** Nothing yet: its commands are being stored, and {@link LinkEvent.Stored} follows. */
    record Wait() implements Then {}

    /** Everything is to be told anew. */
    record TellAnew() implements Then {}

    /** Frames may go from now on. */
    record Begin() implements Then {}

    /** The connection is to be left. */
    record Leave(String reason) implements Then {}
  }

  /**
   * @param mailbox where it is put that commands are stored
   */
  Reception(
      Binding binding,
      Inbox inbox,
      Mailbox mailbox,
      Tally tally,
      Troubles troubles,
      String gatewayId) {
    this.binding = binding;
    this.inbox = inbox;
    this.mailbox = mailbox;
    this.tally = tally;
    this.troubles = troubles;
    this.gatewayId = gatewayId;
  }

  /** Takes a message on that came during the session. */
  Then take(Session session, LinkEvent.Message message, long now) {
    tally.downMessages.increment();
    switch (read(message)) {
      case Incoming.Acks acks -> acknowledged(session, acks, message.topic(), now);
      case Incoming.Progress progress -> session.progress(progress, now);
      case Incoming.Commanded commanded -> {
        return commanded(commanded.commands(), message);
      }
      case Incoming.Reborn r -> {
        return new Then.TellAnew();
      }
      case Incoming.Ready r -> {
        return new Then.Begin();
      }
      case Incoming.Leave leave -> {
        return new Then.Leave(leave.reason());
      }
      case Incoming.Nothing n -> {}
      case Incoming.Unreadable u -> {
        tally.downUnreadable.increment();
        troubles.raise(
            "unreadable-message",
            "messages on "
                + message.topic()
                + " do not fit the wire format and are ignored ("
                + u.why()
                + "): check who publishes there",
            now);
      }
    }
    return new Then.Confirm();
  }

  /** The far side is not trusted: a message that breaks its reader is one that cannot be read. */
  private Incoming read(LinkEvent.Message message) {
    try {
      return binding.read(message.topic(), message.payload());
    } catch (RuntimeException e) {
      return new Incoming.Unreadable("it breaks the reader: " + e.getClass().getSimpleName());
    }
  }

  private void acknowledged(Session session, Incoming.Acks acks, String topic, long now) {
    if (session.isForeign(acks.epoch())) {
      tally.acksForeign.increment();
      troubles.raise(
          "foreign-acknowledgement",
          "acknowledgements for another database arrive on "
              + topic
              + " and are ignored: check that no two gateways share the id "
              + gatewayId,
          now);
    } else {
      acks.acks().forEach(ack -> session.acknowledged(ack, now));
    }
  }

  private Then commanded(List<Command> commands, LinkEvent.Message message) {
    LinkEvent.Stored stored = new LinkEvent.Stored(message.link(), message.receipt());
    AtomicInteger open = new AtomicInteger(commands.size());
    for (Command command : commands) {
      tally.commands.increment();
      boolean taken =
          inbox.receive(
              command,
              () -> {
                if (open.decrementAndGet() == 0) {
                  mailbox.offer(stored);
                }
              });
      if (!taken) {
        tally.downDropped.increment(); // no result follows, and so the issuer asks again
        binding.untaken();
        return new Then.Confirm();
      }
    }
    return new Then.Wait();
  }
}
