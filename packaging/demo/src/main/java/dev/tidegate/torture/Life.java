package dev.tidegate.torture;

import dev.tidegate.demo.Child;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * One process, from its start to its end, and what it said meanwhile. Started, asked and ended by
 * one thread; a second one reads what it says.
 */
final class Life implements AutoCloseable {
  /** Of what a process says, so much is kept. */
  private static final int MAX_LINES = 100_000;

  private final Process process;
  private final List<String> lines = new ArrayList<>();
  private long flashBytes;

  private Life(Process process) {
    this.process = process;
    Thread.ofPlatform().daemon(true).name("reads-" + process.pid()).start(this::read);
  }

  /** Starts that program as the launcher would, with further flags for its JVM. */
  static Life start(Class<?> main, List<String> flags, String... arguments) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(Child.command(main, flags, List.of(arguments)));
    builder.redirectErrorStream(true);
    return new Life(builder.start());
  }

  private void read() {
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      String line = out.readLine();
      while (line != null) {
        synchronized (this) {
          if (lines.size() < MAX_LINES) {
            lines.add(line);
          }
          notifyAll();
        }
        line = out.readLine();
      }
    } catch (IOException e) {
      ended(e);
    }
  }

  private synchronized void ended(IOException why) {
    lines.add("(no more can be read: " + why.getMessage() + ")");
    notifyAll();
  }

  /** What it has said so far. */
  synchronized List<String> lines() {
    return List.copyOf(lines);
  }

  /**
   * Waits until it says a line like that, from the given line on.
   *
   * @return the line; empty when it did not within that time, or has ended
   */
  synchronized String await(Predicate<String> like, int from, long millis)
      throws InterruptedException {
    int at = from;
    long left = millis;
    while (true) {
      while (at < lines.size()) {
        String line = lines.get(at++);
        if (like.test(line)) {
          return line;
        }
      }
      if (left <= 0 || !process.isAlive()) {
        return "";
      }
      wait(Math.min(left, 100));
      left -= 100;
    }
  }

  /** Lets it be for that long; returns at once when it ends. */
  boolean endsWithin(long millis) throws InterruptedException {
    return process.waitFor(millis, TimeUnit.MILLISECONDS);
  }

  /** SIGKILL, after a last look at what it has written. */
  void kill() throws InterruptedException {
    look();
    process.destroyForcibly();
    process.waitFor(10, TimeUnit.SECONDS);
  }

  /** SIGTERM; SIGKILL when that is not enough. */
  void stop(long millis) throws InterruptedException {
    look();
    process.toHandle().destroy(); // Process.destroy would close its output as well
    if (!process.waitFor(millis, TimeUnit.MILLISECONDS)) {
      kill();
    }
  }

  /**
   * What the process has caused to be written to disks, as of the last look: proc(5), write_bytes.
   */
  long flashBytes() {
    return flashBytes;
  }

  private void look() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/io"))) {
        if (line.startsWith("write_bytes: ")) {
          flashBytes = Long.parseLong(line.substring("write_bytes: ".length()).strip());
        }
      }
    } catch (IOException e) {
      flashBytes = Math.max(flashBytes, 0); // it has ended, or this system does not say
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
