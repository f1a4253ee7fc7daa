package dev.tidegate.flow;

import java.util.function.Consumer;

/** The way of commands into the buffer, and out of it to whoever carries them out. */
public interface Inbox {
  /**
   * Hands a command in; never waits.
   *
   * @param stored called on the buffer's thread once the command is durable, or known already: only
   *     then the sender may be told that it came
   * @return false when there is no room: it was not taken
   */
  boolean receive(Command command, Runnable stored);

  /**
   * Who carries commands out. Called on the buffer's thread, once for each command that was not
   * started: after its commit, and at the first commit for those of an earlier run; must only hand
   * over.
   */
  void onCommand(Consumer<Received> executor);

  /**
   * A stored command.
   *
   * @param atNanos when it came, on the gateway's timeline of that run
   * @param isOfEarlierRun whether it came before this run of the gateway began, so that nobody
   *     knows by monotonic time how old it is
   */
  record Received(Command command, long atNanos, boolean isOfEarlierRun) {}
}
