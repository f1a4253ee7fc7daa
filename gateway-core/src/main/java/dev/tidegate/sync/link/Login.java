package dev.tidegate.sync.link;

import dev.tidegate.config.SyncConfig;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * What one connection is opened with. The files are read anew for each, so that a renewed password
 * or authority needs no restart.
 *
 * @param host name or address, also what the server's certificate must be for
 * @param port 1 to 65,535
 * @param clientId MQTT client id
 * @param keepAliveSeconds 1 to 65,535 (MQTT 5, 3.1.2.10)
 * @param connectSeconds longest wait for TCP, and for each read of the TLS handshake
 * @param username null for none
 * @param password null for none
 * @param tls null for none
 * @param dscp differentiated services code point of every packet, 0 to 63
 * @param will what the server publishes when it loses us
 */
@SuppressWarnings("ArrayRecordComponent") // made once, used once
public record Login(
    String host,
    int port,
    String clientId,
    int keepAliveSeconds,
    int connectSeconds,
    @Nullable String username,
    byte @Nullable [] password,
    @Nullable SSLSocketFactory tls,
    int dscp,
    Outgoing will) {
  private static final long SECOND_NANOS = 1_000_000_000L;
  private static final int MAX_PASSWORD_BYTES = 4096;
  private static final int MAX_CONNECT_SECONDS = 30;

  /**
   * Reads what the configuration points to.
   *
   * @throws IOException when a file cannot be read or used; the message names file and key
   */
  public static Login of(SyncConfig config, URI broker, String gatewayId, Outgoing will)
      throws IOException {
    String host = broker.getHost() == null ? "" : broker.getHost();
    if (host.startsWith("[")) {
      host = host.substring(1, host.length() - 1);
    }
    boolean secured = secured(broker);
    int port = broker.getPort() > 0 ? broker.getPort() : secured ? 8883 : 1883;
    return new Login(
        host,
        port,
        gatewayId,
        keepAliveSeconds(config),
        Math.clamp(seconds(config.ackTimeoutNanos()), 1, MAX_CONNECT_SECONDS),
        username(config),
        config.passwordFile() == null
            ? null
            : Tls.secret(config.passwordFile(), MAX_PASSWORD_BYTES, "sync.password-file"),
        secured ? Tls.of(config) : null,
        config.limits().dscp(),
        will);
  }

  private static @Nullable String username(SyncConfig config) throws IOException {
    Path file = config.identity().usernameFile();
    if (file == null) {
      return config.username();
    }
    byte[] name = Tls.secret(file, MAX_PASSWORD_BYTES, "sync.username-file");
    return new String(name, StandardCharsets.UTF_8);
  }

  /** Whether the address asks for TLS. */
  static boolean secured(URI broker) {
    return "mqtts".equalsIgnoreCase(broker.getScheme());
  }

  /** The keep-alive in MQTT's whole seconds, rounded up. */
  static int keepAliveSeconds(SyncConfig config) {
    return Math.clamp(seconds(config.keepAliveNanos()), 1, 65_535);
  }

  private static long seconds(long nanos) {
    return (nanos + SECOND_NANOS - 1) / SECOND_NANOS;
  }
}
