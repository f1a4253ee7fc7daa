package dev.tidegate.gateway;

import dev.tidegate.timekeeping.Agent;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The platform thread that drives one agent: steps it until told to stop, works off what is left,
 * and closes it. All threads of the gateway's own are made here; a driver may have more (the CoAP
 * driver: one worker per device), and so may a client library.
 *
 * <p>{@code start} and {@code stop} are called by the composing thread.
 */
final class AgentThread {
  private static final Logger LOG = LoggerFactory.getLogger("tidegate");

  /** How long an idle agent waits before it looks whether it has been stopped. */
  private static final long IDLE_NANOS = Duration.ofMillis(100).toNanos();

  /** How many steps an agent gets for what is left when it is stopped. */
  private static final int LAST_STEPS = 100_000;

  private final Agent agent;
  private final Thread thread;
  private final boolean worksOff;
  private final Consumer<Throwable> defect;
  private volatile boolean stopping;

  /**
   * @param worksOff whether the agent, once stopped, gets steps for what is left; a source does not
   * @param defect told when the agent threw what it must not throw; the process should end
   */
  AgentThread(Agent agent, boolean worksOff, Consumer<Throwable> defect) {
    this.agent = agent;
    this.worksOff = worksOff;
    this.defect = defect;
    // below 512 KiB ONNX Runtime crashes
    this.thread =
        Thread.ofPlatform()
            .name(agent.name())
            .daemon(true)
            .stackSize(512 << 10)
            .unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /** Tells the agent to finish, and returns at once. */
  void ask() {
    stopping = true;
  }

  /**
   * Lets the agents finish together and waits for them; after {@code patience} interrupts those
   * that are still busy, and after as long again gives them up.
   *
   * @return whether all have ended by themselves
   */
  static boolean stop(List<AgentThread> threads, Duration patience) {
    threads.forEach(AgentThread::ask);
    try {
      if (awaitEnd(threads, patience)) {
        return true;
      }
      for (AgentThread busy : threads) {
        if (busy.thread.isAlive()) {
          LOG.warn("thread {} is still busy after {}: interrupted", busy.agent.name(), patience);
          busy.thread.interrupt();
        }
      }
      awaitEnd(threads, patience);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    for (AgentThread busy : threads) {
      if (busy.thread.isAlive()) {
        LOG.error("thread {} does not end: left behind", busy.agent.name());
      }
    }
    return false;
  }

  /** Waits for all of them, together no longer than {@code patience}, in a hundred slices. */
  private static boolean awaitEnd(List<AgentThread> threads, Duration patience)
      throws InterruptedException {
    Duration slice = patience.dividedBy(100);
    int slices = 100;
    for (AgentThread thread : threads) {
      while (!thread.thread.join(slice)) {
        if (--slices <= 0) {
          return false;
        }
      }
    }
    return true;
  }

  private void run() {
    try {
      work();
      agent.close();
    } catch (Throwable e) {
      defect.accept(e); // not closed: what broke must not write its last words into the buffer
    }
  }

  private void work() {
    try {
      while (!stopping) {
        agent.step(IDLE_NANOS);
      }
      for (int i = 0; worksOff && i < LAST_STEPS && agent.step(0) > 0; i++) {
        // works off what is left
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
