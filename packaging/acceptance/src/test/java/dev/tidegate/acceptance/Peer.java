package dev.tidegate.acceptance;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * A real process of the test: its output is kept line by line, and it ends with the test. Safe for
 * use by any thread.
 */
final class Peer implements AutoCloseable {
  private final String name;
  private final Process process;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<String> lines = new ArrayList<>();
  private final Thread reader;
  private boolean ended;

  private Peer(String name, Process process, Function<Process, InputStream> output) {
    this.name = name;
    this.process = process;
    this.reader =
        Thread.ofPlatform()
            .daemon(true)
            .name("peer-" + name)
            .start(() -> read(output.apply(process)));
  }

  /** Starts a main class of the test's class path, with the gateway's own JVM flags. */
  static Peer java(Class<?> main, List<String> flags, String... arguments) throws IOException {
    return start(
        main.getSimpleName(),
        new ProcessBuilder(command(main, flags, arguments)).redirectErrorStream(true));
  }

  /** The same with more on its class path, before the rest. */
  static Peer java(Path more, Class<?> main, String... arguments) throws IOException {
    List<String> command = command(main, List.of(), arguments);
    int at = command.indexOf("-cp") + 1;
    command.set(at, more + java.io.File.pathSeparator + command.get(at));
    return start(main.getSimpleName(), new ProcessBuilder(command).redirectErrorStream(true));
  }

  /** The same, with its standard output, byte by byte, in a file; its lines are the other ones. */
  static Peer javaInto(Path out, Class<?> main, String... arguments) throws IOException {
    return start(
        main.getSimpleName(),
        new ProcessBuilder(command(main, List.of(), arguments)).redirectOutput(out.toFile()));
  }

  /** Starts any program. */
  static Peer start(String name, ProcessBuilder builder) throws IOException {
    return new Peer(
        name,
        builder.start(),
        builder.redirectOutput().type() == ProcessBuilder.Redirect.Type.PIPE
            ? Process::getInputStream
            : Process::getErrorStream);
  }

  private static List<String> command(Class<?> main, List<String> flags, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // a process that is killed leaves its unpacked native libraries behind: where 'clean' finds
    // them
    Path left = Repository.ROOT.resolve("packaging/acceptance/target/tmp").toAbsolutePath();
    left.toFile().mkdirs();
    command.add("-Djava.io.tmpdir=" + left);
    command.addAll(
        List.of(
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xmx192m",
            "-Xss512k",
            "--enable-native-access=ALL-UNNAMED",
            "--illegal-native-access=deny",
            "--sun-misc-unsafe-memory-access=deny"));
    command.addAll(flags);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(arguments));
    return command;
  }

  /** The rest of the first line that starts so. */
  String await(String prefix, Duration deadline) throws InterruptedException {
    return awaitLine(line -> line.startsWith(prefix), prefix, deadline)
        .substring(prefix.length())
        .strip();
  }

  /** The first line that is wanted; {@code what} names it in the complaint. */
  String awaitLine(Predicate<String> wanted, String what, Duration deadline)
      throws InterruptedException {
    long left = deadline.toNanos();
    lock.lockInterruptibly();
    try {
      while (true) {
        for (String line : lines) {
          if (wanted.test(line)) {
            return line;
          }
        }
        if (ended || left <= 0) {
          throw new AssertionError(
              name + " did not say '" + what + "' within " + deadline + "; it said:\n" + text());
        }
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Everything said so far. */
  List<String> lines() {
    lock.lock();
    try {
      return List.copyOf(lines);
    } finally {
      lock.unlock();
    }
  }

  String text() {
    return String.join("\n", lines());
  }

  /** Waits that long for its end; whether it ended. */
  boolean awaitEnd(Duration deadline) throws InterruptedException {
    return process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** kill -9, and waits until it is gone. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
    reader.join(Duration.ofSeconds(5));
  }

  /** SIGTERM; what it ended with. */
  int terminate(Duration deadline) throws InterruptedException {
    process.toHandle().destroy(); // Process.destroy() would close its output before it has spoken
    return end(deadline);
  }

  /** Closes its standard input; what it ended with. */
  int closeInput(Duration deadline) throws IOException, InterruptedException {
    process.getOutputStream().close();
    return end(deadline);
  }

  /** Waits for its own end; what it ended with. */
  int end(Duration deadline) throws InterruptedException {
    if (!awaitEnd(deadline)) {
      throw new AssertionError(name + " did not end within " + deadline + ":\n" + text());
    }
    reader.join(Duration.ofSeconds(5));
    return process.exitValue();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  private void read(InputStream output) {
    try (BufferedReader in =
        new BufferedReader(new InputStreamReader(output, StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        add(line);
      }
    } catch (IOException e) {
      // killed
    } finally {
      end();
    }
  }

  private void end() {
    lock.lock();
    try {
      ended = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void add(String line) {
    lock.lock();
    try {
      lines.add(line);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
