package dev.tidegate.cli;

import dev.tidegate.buffer.BufferException;
import dev.tidegate.buffer.DamagedException;
import dev.tidegate.config.GatewayConfig;
import dev.tidegate.driver.Driver;
import dev.tidegate.flow.Account;
import dev.tidegate.gateway.Drivers;
import dev.tidegate.gateway.Gateway;
import dev.tidegate.health.Faults;
import dev.tidegate.timekeeping.TrustedClock;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tidegate run}: the daemon. */
@Command(
    name = "run",
    description = "Runs the gateway until it is told to stop (SIGTERM, Ctrl-C).",
    mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
  private static final Logger LOG = LoggerFactory.getLogger("tidegate");

  /** How long the process waits for a clean stop once it was told to end. */
  private static final long STOP_SECONDS = 30;

  private static final long MAX_PAUSE_SECONDS = 300;

  /** What broke first in the gateway that runs. */
  private final AtomicReference<@Nullable Throwable> defect = new AtomicReference<>();

  @Option(
      names = "--config",
      required = true,
      paramLabel = "FILE",
      description = "the configuration, one YAML file")
  @Nullable Path file;

  @Option(
      names = "--status-every",
      paramLabel = "SECONDS",
      description = "prints a line about what is going on every so many seconds; 0: never",
      defaultValue = "0")
  int statusEvery;

  @Option(
      names = "--stop-with-input",
      description = "stops when its standard input ends: for a program that starts the gateway")
  boolean stopWithInput;

  @Override
  public Integer call() throws InterruptedException {
    List<Driver> drivers = Drivers.installed();
    Optional<GatewayConfig> loaded = CheckCommand.load(file, drivers);
    if (loaded.isEmpty()) {
      return Exit.CONFIG;
    }
    CountDownLatch stop = new CountDownLatch(1);
    CountDownLatch stopped = new CountDownLatch(1);
    if (!StopSignal.listen(() -> awaitStop(stop, stopped))) {
      Runtime.getRuntime().addShutdownHook(new Thread(() -> awaitStop(stop, stopped), "stop"));
    }
    if (stopWithInput) {
      Thread.ofPlatform().daemon(true).name("input").start(() -> awaitInputEnd(stop));
    }
    TrustedClock clock = TrustedClock.system(loaded.get().data());
    try {
      Gateway gateway = runUntil(stop, loaded.get(), drivers, clock);
      gateway.close();
      summary(gateway);
      if (defect.get() != null) { // while it was closed
        Runtime.getRuntime().halt(Exit.DEFECT);
      }
      return gateway.account().balances() ? Exit.OK : Exit.FAILED;
    } catch (BufferException e) {
      LOG.error("{}", e.getMessage());
      return Exit.NO_DATA;
    } finally {
      stopped.countDown();
    }
  }

  /**
   * Runs gateways until the process is told to stop: a further one whenever a buffer file broke
   * under the one before. Returns the last, still running.
   */
  private Gateway runUntil(
      CountDownLatch stop, GatewayConfig config, List<Driver> drivers, TrustedClock clock)
      throws BufferException, InterruptedException {
    SplittableRandom random = new SplittableRandom(new SecureRandom().nextLong());
    for (int restarts = 0; ; restarts++) {
      // 0 s for the first, then longer: a card that breaks every file must not fill itself at once
      stop.await(Math.min(MAX_PAUSE_SECONDS, 10L * Math.max(0, restarts - 1)), TimeUnit.SECONDS);
      Semaphore end = new Semaphore(0);
      Thread.ofPlatform().daemon(true).name("await-stop").start(() -> awaitThen(stop, end));
      Gateway gateway =
          Gateway.start(
              config,
              drivers,
              clock,
              random.split(),
              thrown -> {
                if (defect.compareAndSet(null, thrown)) {
                  end.release();
                }
              });
      LOG.info("gateway {} runs with {} devices", config.id(), config.devices().size());
      if (statusEvery > 0) {
        System.out.println("running");
      }
      report(gateway, clock, end);
      Throwable thrown = defect.get();
      if (thrown == null) {
        LOG.info("stopping: what is left is stored and, where the link is up, delivered");
        return gateway;
      }
      if (!(thrown instanceof DamagedException)) {
        LOG.error("a stage broke; the process ends, systemd starts it again", thrown);
        // what is committed is safe; nothing else is trusted
        Runtime.getRuntime().halt(Exit.DEFECT);
      }
      LOG.error("{}; the gateway starts anew", thrown.getMessage());
      gateway.close();
      defect.set(null);
    }
  }

  private void report(Gateway gateway, TrustedClock clock, Semaphore end)
      throws InterruptedException {
    if (statusEvery <= 0) {
      end.acquire();
      return;
    }
    StatusLine line = new StatusLine(gateway.counters(), clock.monotonicNanos());
    for (int printed = 0; !end.tryAcquire(statusEvery, TimeUnit.SECONDS); printed++) {
      if (printed % 20 == 0) {
        System.out.println(StatusLine.HEADER);
      }
      Account account = gateway.account();
      System.out.println(
          line.next(clock.monotonicNanos(), clock.wallNanos(), account, gateway.turnedAway()));
    }
  }

  private static void summary(Gateway gateway) {
    for (Faults.Fault fault : gateway.faults().open()) {
      System.out.println(
          "open fault   " + fault.where() + ": " + fault.message() + " (" + fault.count() + "×)");
    }
    if (gateway.faults().turnedAway() > 0) {
      System.out.println(
          "open fault   and " + gateway.faults().turnedAway() + " more that were not kept");
    }
    System.out.println(StatusLine.account(gateway.account(), gateway.turnedAway()));
    System.out.flush();
  }

  private static void awaitThen(CountDownLatch stop, Semaphore end) {
    try {
      stop.await();
      end.release();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void awaitInputEnd(CountDownLatch stop) {
    try {
      while (System.in.read() >= 0) {
        // nothing is expected to be said
      }
    } catch (IOException e) {
      // as good as its end
    }
    stop.countDown();
  }

  private static void awaitStop(CountDownLatch stop, CountDownLatch stopped) {
    stop.countDown();
    try {
      if (!stopped.await(STOP_SECONDS, TimeUnit.SECONDS)) {
        System.err.println("no clean stop within " + STOP_SECONDS + " s: ending all the same");
        Runtime.getRuntime().halt(Exit.FAILED);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
