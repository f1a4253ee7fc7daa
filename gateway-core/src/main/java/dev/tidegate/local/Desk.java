package dev.tidegate.local;

import dev.tidegate.health.Counters;
import dev.tidegate.health.Faults;
import dev.tidegate.time.Clock;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Answers on a Unix socket in the data folder, one {@link Question} a connection: the caller sends
 * a line, gets a line, and the connection ends. Only the gateway's own user and root may connect.
 * Whoever asks nothing in time, or nothing that can be answered, gets {@code {"error":"..."}}, and
 * is counted in {@code local.turned-away}.
 *
 * <p>Threads: one of its own, {@code local}, which lets callers in, and at most {@value
 * #MAX_CALLERS} more, one for each caller, each with a deadline for the question, for what answers
 * it, and for the answer to be taken. Opened and closed by the gateway's composing thread.
 */
public final class Desk implements AutoCloseable {
  /** The socket's name in the data folder. */
  public static final String SOCKET = "tidegate.sock";

  /** So many are served at a time; the next one is told to come again. */
  static final int MAX_CALLERS = 8;

  /** How long a caller may take to ask, and again to take the answer. */
  static final Duration DEADLINE = Duration.ofSeconds(1);

  private static final String WHERE = "local";
  private static final long PAUSE_NANOS = 1_000_000_000L;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Path path;
  private final Supplier<Report> report;
  private final Function<Question.Write, WriteAnswer> writes;
  private final Duration deadline;
  private final Clock clock;
  private final Faults faults;
  private final LongAdder turnedAway;
  private final LongAdder gone;
  private final ThreadPoolExecutor callers;
  private @Nullable ServerSocketChannel server;

  /** What a caller gets whose question is not answered. */
  private record Complaint(String error) {}

  private Desk(
      Path path,
      Supplier<Report> report,
      Function<Question.Write, WriteAnswer> writes,
      Duration deadline,
      Clock clock,
      Counters counters,
      Faults faults) {
    this.path = path;
    this.report = report;
    this.writes = writes;
    this.deadline = deadline;
    this.clock = clock;
    this.faults = faults;
    turnedAway = counters.of("local.turned-away");
    gone = counters.of("local.callers-gone");
    callers =
        new ThreadPoolExecutor(
            0,
            MAX_CALLERS,
            10,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            Thread.ofPlatform().name(WHERE + "-", 1).daemon(true).factory());
  }

  /**
   * Opens the desk; where that fails, a fault says why, and the gateway goes on without.
   *
   * @param folder the data folder, which this process holds: what lies there under the socket's
   *     name is of an earlier run
   * @param report how the gateway stands; called by several threads
   * @param writes carries a write out and answers within a minute; called by several threads, and
   *     interrupted at the close
   */
  public static Desk open(
      Path folder,
      Supplier<Report> report,
      Function<Question.Write, WriteAnswer> writes,
      Clock clock,
      Counters counters,
      Faults faults) {
    return open(folder, report, writes, DEADLINE, clock, counters, faults);
  }

  /** The same with another deadline. */
  static Desk open(
      Path folder,
      Supplier<Report> report,
      Function<Question.Write, WriteAnswer> writes,
      Duration deadline,
      Clock clock,
      Counters counters,
      Faults faults) {
    Desk desk = new Desk(folder.resolve(SOCKET), report, writes, deadline, clock, counters, faults);
    try {
      desk.listen();
    } catch (IOException | IllegalArgumentException | UnsupportedOperationException e) {
      faults.raise(
          WHERE,
          "no-desk",
          "'tidegate status' and 'tidegate write' cannot ask this gateway: the socket "
              + desk.path
              + " cannot be made ("
              + e.getMessage()
              + "); a path of more than 100 characters is too long for it: shorten gateway.data");
    }
    return desk;
  }

  private void listen() throws IOException {
    Files.deleteIfExists(path);
    ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server = channel;
    channel.bind(UnixDomainSocketAddress.of(path), 2 * MAX_CALLERS);
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
    Thread.ofPlatform().name(WHERE).daemon(true).start(() -> letIn(channel));
  }

  private void letIn(ServerSocketChannel channel) {
    while (channel.isOpen()) {
      try {
        Exchange caller = new Exchange(channel.accept(), clock);
        try {
          callers.execute(() -> serve(caller));
        } catch (RejectedExecutionException e) {
          try (caller) {
            tell(caller, complain("too many ask at once: try again in a moment"));
          }
        }
      } catch (IOException e) {
        if (channel.isOpen()) {
          faults.raise(WHERE, "caller", "a caller could not be let in (" + e.getMessage() + ")");
          LockSupport.parkNanos(PAUSE_NANOS); // no file left to open, most likely
        }
      }
    }
  }

  private void serve(Exchange caller) {
    try (caller) { // also where the answer cannot be made: then there is none
      Exchange.Said said = caller.read(Question.MAX_BYTES, deadline);
      switch (said.end()) {
        case LINE -> tell(caller, answer(said.text()));
        case SILENT ->
            tell(caller, complain("nothing was asked within " + deadline.toMillis() + " ms"));
        case TOO_LONG ->
            tell(
                caller,
                complain("a question is one line of at most " + Question.MAX_BYTES + " bytes"));
        case GONE -> {
          gone.increment();
        }
      }
    } catch (IOException e) {
      gone.increment();
    }
  }

  private Object answer(String line) {
    Question question;
    try {
      question = Question.parse(line);
    } catch (IllegalArgumentException e) {
      return complain(String.valueOf(e.getMessage()));
    }
    return switch (question) {
      case Question.Status _ -> report.get();
      case Question.Write write -> writes.apply(write);
    };
  }

  private Complaint complain(String sentence) {
    turnedAway.increment();
    return new Complaint(sentence);
  }

  private void tell(Exchange caller, Object answer) throws IOException {
    if (!caller.write(JSON.writeValueAsBytes(answer), deadline)) {
      gone.increment();
    }
  }

  /** Lets nobody in any more; who waits is answered. */
  @Override
  public void close() {
    try {
      if (server != null) {
        server.close();
      }
      Files.deleteIfExists(path);
    } catch (IOException e) {
      faults.raise(WHERE, "close-failed", "the socket " + path + " stays: " + e.getMessage());
    }
    callers.shutdownNow();
    try {
      if (!callers.awaitTermination(2 * deadline.toMillis(), TimeUnit.MILLISECONDS)) {
        gone.increment();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
