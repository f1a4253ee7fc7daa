package dev.tidegate.sync.link;

import dev.tidegate.config.SyncConfig;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Arrays;
import java.util.Collection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
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
  private static final int MAX_CA_BYTES = 1 << 20;
  private static final int MAX_CONNECT_SECONDS = 30;

  /**
   * Reads what the configuration points to.
   *
   * @throws IOException when a file cannot be read or used; the message names file and key
   */
  public static Login of(SyncConfig config, URI broker, String gatewayId, Outgoing will) throws IOException {
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
        config.username(),
        config.passwordFile() == null ? null : password(config.passwordFile()),
        secured ? tls(config.caFile()) : null,
        config.limits().dscp(),
        will);
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

  private static byte[] password(Path file) throws IOException {
    byte[] bytes = bounded(file, MAX_PASSWORD_BYTES, "sync.password-file");
    int end = bytes.length;
    while (end > 0 && (bytes[end - 1] == '\n' || bytes[end - 1] == '\r')) {
      end--;
    }
    return Arrays.copyOf(bytes, end);
  }

  private static SSLSocketFactory tls(@Nullable Path caFile) throws IOException {
    try {
      if (caFile == null) {
        return SSLContext.getDefault().getSocketFactory();
      }
      KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
      trusted.load(null, null);
      int count = 0;
      for (Certificate authority : certificates(caFile)) {
        trusted.setCertificateEntry("ca-" + count++, authority);
      }
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(trusted);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context.getSocketFactory();
    } catch (GeneralSecurityException e) {
      throw new IOException("TLS cannot be set up: " + e.getMessage(), e);
    }
  }

  private static Collection<? extends Certificate> certificates(Path caFile) throws IOException {
    byte[] pem = bounded(caFile, MAX_CA_BYTES, "sync.ca-file");
    try (InputStream in = new java.io.ByteArrayInputStream(pem)) {
      Collection<? extends Certificate> all =
          CertificateFactory.getInstance("X.509").generateCertificates(in);
      if (all.isEmpty()) {
        throw new IOException("sync.ca-file " + caFile + " holds no certificate");
      }
      return all;
    } catch (CertificateException e) {
      throw new IOException(
          "sync.ca-file " + caFile + " is not a PEM file of certificates: " + e.getMessage(), e);
    }
  }

  private static byte[] bounded(Path file, int maxBytes, String key) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(maxBytes + 1);
      if (bytes.length > maxBytes) {
        throw new IOException(key + " " + file + " is larger than " + maxBytes + " bytes");
      }
      return bytes;
    } catch (IOException e) {
      String why = e.getMessage();
      throw why != null && why.startsWith(key)
          ? e
          : new IOException(key + " " + file + " cannot be read: " + e, e);
    }
  }
}
