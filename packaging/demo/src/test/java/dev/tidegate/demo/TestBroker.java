package dev.tidegate.demo;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assertions;

/** A broker in a process of its own, which a test stops, kills and starts again on its port. */
final class TestBroker implements AutoCloseable {
  private static final List<Path> MOSQUITTO =
      List.of(Path.of("/usr/sbin/mosquitto"), Path.of("/usr/local/sbin/mosquitto"));
  private static final long START_SECONDS = 30;
  private static final int FIRST_PORT = 20_000;
  private static final int PORT_COUNT = 12_000;
  private static final AtomicInteger PORTS =
      new AtomicInteger((int) (ProcessHandle.current().pid() % PORT_COUNT));

  private final Kind kind;
  private final Path folder;
  private final int port;
  private Process process;

  /** The brokers that tests run against. */
  enum Kind {
    EMBEDDED,
    MOSQUITTO;

    /** Those that are there; says which is not. */
    static Stream<Kind> available() {
      if (mosquitto() == null) {
        System.out.println("mosquitto is not installed: the tests with it are left out");
        return Stream.of(EMBEDDED);
      }
      return Stream.of(values());
    }
  }

  private TestBroker(Kind kind, Path folder, int port, Process process) {
    this.kind = kind;
    this.folder = folder;
    this.port = port;
    this.process = process;
  }

  static TestBroker start(Kind kind, Path folder) throws IOException, InterruptedException {
    int port = freePort();
    return new TestBroker(kind, folder, port, launch(kind, folder, port));
  }

  URI uri() {
    return URI.create("mqtt://127.0.0.1:" + port);
  }

  int port() {
    return port;
  }

  /** Ends it as an operator would. */
  void stop() throws IOException, InterruptedException {
    if (kind == Kind.EMBEDDED) {
      process.getOutputStream().close();
    } else {
      process.destroy();
    }
    Assertions.assertTrue(process.waitFor(START_SECONDS, TimeUnit.SECONDS), "broker still runs");
  }

  /** SIGKILL. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    Assertions.assertTrue(process.waitFor(START_SECONDS, TimeUnit.SECONDS), "broker still runs");
  }

  void startAgain() throws IOException, InterruptedException {
    process = launch(kind, folder, port);
  }

  @Override
  public void close() {
    process.destroyForcibly();
    process.onExit().orTimeout(START_SECONDS, TimeUnit.SECONDS).join();
  }

  private static Process launch(Kind kind, Path folder, int port)
      throws IOException, InterruptedException {
    return switch (kind) {
      case EMBEDDED ->
          ready(
              new ProcessBuilder(
                  java(),
                  "-XX:+UseSerialGC",
                  "-XX:TieredStopAtLevel=1",
                  "-Xmx256m",
                  "-cp",
                  System.getProperty("java.class.path"),
                  EmbeddedBroker.class.getName(),
                  "--port",
                  Integer.toString(port)),
              folder,
              "ready ");
      case MOSQUITTO -> {
        Path config = folder.resolve("mosquitto.conf");
        Files.writeString(
            config,
            """
            listener %d 127.0.0.1
            allow_anonymous true
            persistence false
            set_tcp_nodelay true
            """
                .formatted(port));
        yield ready(
            new ProcessBuilder(String.valueOf(mosquitto()), "-v", "-c", config.toString()),
            folder,
            " running");
      }
    };
  }

  private static Process ready(ProcessBuilder builder, Path folder, String word)
      throws IOException, InterruptedException {
    Process process = builder.directory(folder.toFile()).redirectErrorStream(true).start();
    BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    Thread.ofPlatform()
        .daemon(true)
        .start(
            () -> {
              try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
                String line = out.readLine();
                while (line != null) {
                  if (line.contains(word) || lines.size() < 20) {
                    lines.add(line);
                  }
                  line = out.readLine();
                }
              } catch (IOException e) {
                lines.add("its output broke off: " + e);
              }
            });
    StringBuilder said = new StringBuilder();
    while (true) {
      String line = lines.poll(START_SECONDS, TimeUnit.SECONDS);
      if (line == null) {
        process.destroyForcibly();
        throw new IOException("the broker did not come up: " + said);
      }
      said.append(line).append('\n');
      if (line.contains(word)) {
        return process;
      }
    }
  }

  static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  /**
   * A port that nobody else takes while its broker is down: not one of those that the system hands
   * out (from 32,768 on), and another one for each broker.
   */
  private static int freePort() throws IOException {
    while (true) {
      int port = FIRST_PORT + PORTS.getAndIncrement() % PORT_COUNT;
      try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (BindException e) {
        Assertions.assertTrue(PORTS.get() < 2 * PORT_COUNT, "no free port: " + e);
      }
    }
  }

  private static @Nullable Path mosquitto() {
    return MOSQUITTO.stream().filter(Files::isExecutable).findFirst().orElse(null);
  }
}
