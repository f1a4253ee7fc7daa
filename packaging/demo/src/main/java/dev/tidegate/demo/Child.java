package dev.tidegate.demo;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A Java process of the demo: same JDK, same class path, the flags of the launcher. Owned by the
 * thread that started it.
 */
public final class Child implements AutoCloseable {
  /** Where the launcher has the native libraries, which the child is to find there as well. */
  private static final List<String> PASSED_ON =
      List.of("onnxruntime.native.path", "org.sqlite.lib.path", "org.sqlite.lib.name");

  private final Process process;

  private Child(Process process) {
    this.process = process;
  }

  /** Starts a process whose output goes where ours goes. */
  static Child shown(Class<?> main, List<String> arguments) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command(main, arguments));
    builder.redirectOutput(ProcessBuilder.Redirect.INHERIT);
    builder.redirectError(ProcessBuilder.Redirect.INHERIT);
    return new Child(builder.start());
  }

  /** Starts a process that says {@code ready ADDRESS} on its standard output. */
  static Ready announced(Class<?> main, List<String> arguments) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command(main, arguments));
    builder.redirectError(ProcessBuilder.Redirect.INHERIT);
    Process process = builder.start();
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    String line = out.readLine();
    if (line == null || !line.startsWith("ready ")) {
      process.destroyForcibly();
      throw new IOException(main.getSimpleName() + " did not start: it said '" + line + "'");
    }
    Thread.ofPlatform().daemon(true).name("drain").start(() -> drain(out));
    return new Ready(new Child(process), line.substring("ready ".length()).strip());
  }

  /**
   * A process that is ready.
   *
   * @param address where it can be reached
   */
  record Ready(Child child, String address) {}

  long pid() {
    return process.pid();
  }

  /** Whether it ended within that time. */
  boolean awaitEnd(long millis) throws InterruptedException {
    return process.waitFor(millis, TimeUnit.MILLISECONDS);
  }

  /** What it ended with; only once it has ended. */
  int exitCode() {
    return process.exitValue();
  }

  /** Asks it to end (SIGTERM), and makes it end when it has not within 40 s. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(40, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  private static List<String> command(Class<?> main, List<String> arguments) {
    return command(main, List.of(), arguments);
  }

  /**
   * The command line that runs that program as the launcher would.
   *
   * @param flags further ones for the JVM
   */
  public static List<String> command(Class<?> main, List<String> flags, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xms16m",
            "-Xmx192m",
            "-Xss512k",
            "-XX:+ExitOnOutOfMemoryError",
            "--enable-native-access=ALL-UNNAMED",
            "--illegal-native-access=deny",
            "--sun-misc-unsafe-memory-access=deny"));
    for (String name : PASSED_ON) {
      String value = System.getProperty(name);
      if (value != null) {
        command.add("-D" + name + "=" + value);
      }
    }
    command.addAll(flags);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(arguments);
    return command;
  }

  private static void drain(BufferedReader out) {
    try {
      while (out.readLine() != null) {
        // a full pipe would stop the process
      }
    } catch (IOException e) {
      // it has ended
    }
  }
}
