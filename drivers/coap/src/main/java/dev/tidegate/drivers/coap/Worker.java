package dev.tidegate.drivers.coap;

import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The one thread of an endpoint: runs Californium's protocol stack and all that this package keeps
 * about it. Its methods may be called by any thread; once closed they do nothing.
 */
final class Worker implements AutoCloseable {
  private final ScheduledThreadPoolExecutor executor;

  /**
   * @param name the device's id, for the thread's name
   */
  Worker(String name) {
    this.executor =
        new ScheduledThreadPoolExecutor(
            1, task -> Thread.ofPlatform().name("coap-" + name).daemon().unstarted(task));
    // Once closed, what still comes is dropped without a word: Californium would log an error.
    executor.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
    executor.setRemoveOnCancelPolicy(true);
    executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  /** What Californium is given; for nobody else. */
  ScheduledThreadPoolExecutor executor() {
    return executor;
  }

  /** How many tasks and timers wait. */
  int waiting() {
    return executor.getQueue().size();
  }

  void execute(Runnable task) {
    executor.execute(() -> run(task));
  }

  Future<?> after(long millis, Runnable task) {
    return executor.schedule(() -> run(task), millis, TimeUnit.MILLISECONDS);
  }

  void every(long seconds, Runnable task) {
    var _ = executor.scheduleWithFixedDelay(() -> run(task), seconds, seconds, TimeUnit.SECONDS);
  }

  /**
   * Runs a task and hands what it throws, which can only be a defect, to the thread's handler; left
   * alone, the executor and Californium would swallow it.
   */
  static void run(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error e) {
      Thread thread = Thread.currentThread();
      thread.getUncaughtExceptionHandler().uncaughtException(thread, e);
    }
  }

  boolean isClosed() {
    return executor.isShutdown();
  }

  /** Waits up to 1 s for the task that runs; the others never do. */
  @Override
  public void close() {
    executor.shutdownNow();
    try {
      if (!executor.awaitTermination(1, TimeUnit.SECONDS)) {
        System.getLogger(Worker.class.getName())
            .log(System.Logger.Level.WARNING, "a task did not end within 1 s");
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
