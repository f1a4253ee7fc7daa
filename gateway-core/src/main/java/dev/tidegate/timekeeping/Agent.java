package dev.tidegate.timekeeping;

/**
 * One loop of the gateway. A thread drives it in the daemon; a test steps it.
 *
 * <p>All methods but {@link #name()} are called by the one thread that owns the agent.
 */
public interface Agent extends AutoCloseable {
  /** The thread's name: {@code pipeline}, {@code buffer}, {@code infer}, {@code sync}. */
  String name();

  /**
   * Does what is due. Where nothing is, waits for work at most {@code maxWaitNanos}; 0 never waits.
   *
   * @return how many pieces of work were done; 0 means idle
   * @throws InterruptedException when the thread was asked to end while it waited
   */
  int step(long maxWaitNanos) throws InterruptedException;

  /** Finishes what must not be left half done, and lets go. Called once, after the last step. */
  @Override
  void close();
}
