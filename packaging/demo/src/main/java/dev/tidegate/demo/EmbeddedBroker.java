package dev.tidegate.demo;

import dev.tidegate.cli.Logs;
import io.moquette.BrokerConstants;
import io.moquette.broker.Server;
import io.moquette.broker.config.IConfig;
import io.moquette.broker.config.MemoryConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.util.Properties;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * An MQTT 5 broker (Moquette) on the loopback interface, for the demo and the tests. Keeps
 * everything in memory, writes no file and calls nobody: persistence, telemetry and metrics are
 * off.
 *
 * <p>What it cannot is pinned by {@code EmbeddedBrokerTest}: it tells no maximum packet size; it
 * answers a publish that nobody is subscribed to like any other; and it publishes a will without
 * retaining it, so that who subscribes later does not learn of it.
 */
public final class EmbeddedBroker implements AutoCloseable {
  private static final String LOOPBACK = "127.0.0.1";
  private static final int MAX_PACKET_BYTES = 2 << 20;

  private static final int TRIES = 10;

  /** Held, since the logging system forgets loggers that nobody holds. */
  private static final Logger MOQUETTE = Logger.getLogger("io.moquette");

  private static final Logger ACCEPTOR =
      Logger.getLogger(MOQUETTE.getName() + ".broker.NewNettyAcceptor");

  static {
    MOQUETTE.setLevel(Level.SEVERE); // it tells at length how it starts, stops, and loses clients
    ACCEPTOR.setLevel(Level.OFF); // a taken port is thrown as well
  }

  private final Server server;
  private final int port;

  private EmbeddedBroker(Server server, int port) {
    this.server = server;
    this.port = port;
  }

  /**
   * Starts a broker.
   *
   * @param port 0 for any free one
   * @throws IOException when the port cannot be had
   */
  public static EmbeddedBroker start(int port) throws IOException {
    if (port != 0) {
      return startOn(port);
    }
    // Moquette can choose a port itself, but then tells it unsafely from another thread.
    IOException last = new IOException("no free port");
    for (int i = 0; i < TRIES; i++) {
      try {
        return startOn(freePort());
      } catch (IOException e) {
        last = e; // taken by someone else since: the next one
      }
    }
    throw last;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static EmbeddedBroker startOn(int port) throws IOException {
    Properties properties = new Properties();
    properties.setProperty(IConfig.HOST_PROPERTY_NAME, LOOPBACK);
    properties.setProperty(IConfig.PORT_PROPERTY_NAME, Integer.toString(port));
    properties.setProperty(IConfig.PERSISTENCE_ENABLED_PROPERTY_NAME, "false");
    properties.setProperty(IConfig.ENABLE_TELEMETRY_NAME, "false");
    properties.setProperty(IConfig.ALLOW_ANONYMOUS_PROPERTY_NAME, "true");
    properties.setProperty(IConfig.BUFFER_FLUSH_MS_PROPERTY_NAME, "immediate");
    properties.setProperty(IConfig.NETTY_MAX_BYTES_PROPERTY_NAME, "" + MAX_PACKET_BYTES);
    properties.setProperty(BrokerConstants.NETTY_TCP_NODELAY_PROPERTY_NAME, "true");
    Server server = new Server();
    try {
      server.startServer(new MemoryConfig(properties));
    } catch (RuntimeException e) {
      server.stopServer();
      throw new IOException("no broker can be started on " + LOOPBACK + ":" + port, e);
    }
    return new EmbeddedBroker(server, port);
  }

  /** The port that it listens on. */
  public int port() {
    return port;
  }

  /** Where clients connect to. */
  public URI uri() {
    return URI.create("mqtt://" + LOOPBACK + ":" + port());
  }

  @Override
  public void close() {
    server.stopServer();
  }

  /**
   * Runs a broker until standard input ends: {@code EmbeddedBroker [--port N]}. Prints {@code ready
   * mqtt://127.0.0.1:PORT} once it listens.
   */
  public static void main(String[] args) throws IOException {
    Logs.toStandardError(Level.WARNING);
    int port = 0;
    if (args.length == 2 && args[0].equals("--port")) {
      port = Integer.parseInt(args[1]);
    } else if (args.length != 0) {
      System.err.println("usage: EmbeddedBroker [--port N]");
      System.exit(2);
    }
    try (EmbeddedBroker broker = start(port)) {
      System.out.println("ready " + broker.uri());
      while (System.in.read() >= 0) {
        // Nothing is expected to be said; the end of input ends the broker.
      }
    }
    System.exit(0);
  }
}
