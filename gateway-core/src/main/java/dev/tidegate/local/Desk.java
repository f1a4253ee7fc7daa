package dev.tidegate.local;

import dev.tidegate.health.Faults;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Answers on a Unix socket in the data folder, one question a connection: whoever connects gets the
 * report as one JSON document, and the connection ends. Only the gateway's own user and root may
 * connect; nothing is read, so nothing can be asked that harms.
 *
 * <p>Threads: one of its own, which serves one caller after the other; a caller that takes nothing
 * for a second is cut off by the size of the answer, which fits into the socket's buffer, or by the
 * close.
 */
public final class Desk implements AutoCloseable {
  /** The socket's name in the data folder. */
  public static final String SOCKET = "tidegate.sock";

  private static final String WHERE = "local";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Path path;
  private final Supplier<Report> report;
  private final Faults faults;
  private @Nullable ServerSocketChannel server;

  private Desk(Path path, Supplier<Report> report, Faults faults) {
    this.path = path;
    this.report = report;
    this.faults = faults;
  }

  /**
   * Opens the desk; where that fails, a fault says why, and the gateway goes on without.
   *
   * @param folder the data folder, which this process holds: what lies there under the socket's
   *     name is of an earlier run
   */
  public static Desk open(Path folder, Supplier<Report> report, Faults faults) {
    Desk desk = new Desk(folder.resolve(SOCKET), report, faults);
    try {
      desk.listen();
    } catch (IOException | IllegalArgumentException | UnsupportedOperationException e) {
      faults.raise(
          WHERE,
          "no-desk",
          "'tidegate status' cannot ask this gateway: the socket "
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
    channel.bind(UnixDomainSocketAddress.of(path), 4);
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
    Thread.ofPlatform().name(WHERE).daemon(true).start(() -> serve(channel));
  }

  private void serve(ServerSocketChannel channel) {
    while (channel.isOpen()) {
      try (SocketChannel caller = channel.accept()) {
        ByteBuffer answer = ByteBuffer.wrap(JSON.writeValueAsBytes(report.get()));
        caller.configureBlocking(false); // who does not take it has gone
        while (answer.hasRemaining() && caller.write(answer) > 0) {
          // a report fits into the buffer of a socket; what does not is cut
        }
      } catch (IOException e) {
        if (channel.isOpen()) {
          faults.raise(WHERE, "caller", "a caller went before the answer (" + e.getMessage() + ")");
        }
      }
    }
  }

  /**
   * Asks the gateway whose data folder that is.
   *
   * @return its report as JSON
   * @throws IOException when none answers
   */
  public static String ask(Path folder) throws IOException {
    UnixDomainSocketAddress address = UnixDomainSocketAddress.of(folder.resolve(SOCKET));
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(address);
      ByteBuffer answer = ByteBuffer.allocate(1 << 20);
      while (answer.hasRemaining() && channel.read(answer) >= 0) {
        // until the desk ends the connection
      }
      return new String(answer.array(), 0, answer.position(), StandardCharsets.UTF_8);
    }
  }

  /** Reads what {@link #ask} got. */
  public static Report parse(String json) {
    return JSON.readValue(json, Report.class);
  }

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
  }
}
