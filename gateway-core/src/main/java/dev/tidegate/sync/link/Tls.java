package dev.tidegate.sync.link;

import dev.tidegate.config.SyncConfig;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.CRL;
import java.security.cert.CRLException;
import java.security.cert.CertStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.X509CertSelector;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import javax.net.ssl.CertPathTrustManagerParameters;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * Makes TLS of files in PEM: authorities, revocation lists, and the gateway's own certificate and
 * key. The files are read anew for each connection, so that what was renewed needs no restart.
 */
final class Tls {
  /** The only version that is spoken (RFC 8446). */
  static final String VERSION = "TLSv1.3";

  private static final int MAX_BYTES = 1 << 20;
  private static final char[] NO_SECRET = {};

  private static final String ALERT = "Received fatal alert:";
  private static final Set<String> OF_OUR_CERTIFICATE =
      Set.of(
          "bad_certificate",
          "unsupported_certificate",
          "certificate_revoked",
          "certificate_expired",
          "certificate_unknown",
          "unknown_ca",
          "access_denied",
          "certificate_required");

  private Tls() {}

  /**
   * What makes sockets for the configured authorities and certificate.
   *
   * @throws IOException when a file cannot be read or used; the message names file and key
   */
  static SSLSocketFactory of(SyncConfig config) throws IOException {
    SyncConfig.Identity identity = config.identity();
    try {
      SSLContext context = SSLContext.getInstance(VERSION);
      context.init(keys(identity), trust(config.caFile(), identity.crlFile()), null);
      return context.getSocketFactory();
    } catch (GeneralSecurityException e) {
      throw new IOException("TLS cannot be set up: " + e.getMessage(), e);
    }
  }

  /**
   * A failure of TLS in words: where the server said something of our certificate (RFC 8446, 6.2),
   * also what to look at.
   */
  static String words(String message) {
    int at = message.indexOf(ALERT);
    if (at < 0) {
      return "TLS: " + message;
    }
    String alert = message.substring(at + ALERT.length()).strip();
    return OF_OUR_CERTIFICATE.contains(alert)
        ? "the server wants a certificate that it trusts ("
            + alert
            + "): check sync.certificate-file, its dates, and the server's authorities"
        : "the server ended TLS with the alert " + alert;
  }

  private static TrustManager @Nullable [] trust(@Nullable Path caFile, @Nullable Path crlFile)
      throws IOException, GeneralSecurityException {
    if (caFile == null) {
      return null; // the JDK's
    }
    KeyStore trusted = empty();
    int count = 0;
    for (Certificate authority : certificates(caFile, "sync.ca-file")) {
      trusted.setCertificateEntry("ca-" + count++, authority);
    }
    if (crlFile == null) {
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(trusted);
      return factory.getTrustManagers();
    }
    PKIXBuilderParameters checked = new PKIXBuilderParameters(trusted, new X509CertSelector());
    checked.setRevocationEnabled(true);
    checked.addCertStore(
        CertStore.getInstance("Collection", new CollectionCertStoreParameters(lists(crlFile))));
    TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
    factory.init(new CertPathTrustManagerParameters(checked));
    return factory.getTrustManagers();
  }

  private static KeyManager @Nullable [] keys(SyncConfig.Identity identity)
      throws IOException, GeneralSecurityException {
    Path certificateFile = identity.certificateFile();
    Path keyFile = identity.keyFile();
    if (certificateFile == null || keyFile == null) {
      return null;
    }
    Certificate[] chain =
        certificates(certificateFile, "sync.certificate-file").toArray(Certificate[]::new);
    KeyStore own = empty();
    own.setKeyEntry("gateway", key(keyFile), NO_SECRET, chain);
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(own, NO_SECRET);
    return factory.getKeyManagers();
  }

  private static KeyStore empty() throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }

  private static PrivateKey key(Path file) throws IOException, GeneralSecurityException {
    String pem = new String(bounded(file, MAX_BYTES, "sync.key-file"), StandardCharsets.US_ASCII);
    String begin = "-----BEGIN PRIVATE KEY-----";
    int from = pem.indexOf(begin);
    int to = pem.indexOf("-----END PRIVATE KEY-----");
    if (from < 0 || to < from) {
      throw new IOException(
          "sync.key-file "
              + file
              + " holds no key in PKCS #8: turn it into one with 'openssl pkcs8 -topk8 -nocrypt'");
    }
    try {
      PKCS8EncodedKeySpec encoded =
          new PKCS8EncodedKeySpec(
              Base64.getMimeDecoder().decode(pem.substring(from + begin.length(), to)));
      for (String algorithm : List.of("EC", "RSA", "Ed25519")) {
        PrivateKey key = key(algorithm, encoded);
        if (key != null) {
          return key;
        }
      }
    } catch (IllegalArgumentException e) {
      throw new IOException("sync.key-file " + file + " is damaged: " + e.getMessage(), e);
    }
    throw new IOException("sync.key-file " + file + " holds a key of none of EC, RSA, Ed25519");
  }

  /** The key; null when it is one of another algorithm. */
  private static @Nullable PrivateKey key(String algorithm, PKCS8EncodedKeySpec encoded)
      throws GeneralSecurityException {
    try {
      return KeyFactory.getInstance(algorithm).generatePrivate(encoded);
    } catch (InvalidKeySpecException e) {
      return null;
    }
  }

  private static Collection<? extends CRL> lists(Path file) throws IOException {
    byte[] pem = bounded(file, MAX_BYTES, "sync.crl-file");
    try (InputStream in = new ByteArrayInputStream(pem)) {
      return CertificateFactory.getInstance("X.509").generateCRLs(in);
    } catch (CRLException | CertificateException e) {
      throw new IOException(
          "sync.crl-file " + file + " is no PEM file of revocation lists: " + e.getMessage(), e);
    }
  }

  private static Collection<? extends Certificate> certificates(Path file, String key)
      throws IOException {
    byte[] pem = bounded(file, MAX_BYTES, key);
    try (InputStream in = new ByteArrayInputStream(pem)) {
      Collection<? extends Certificate> all =
          CertificateFactory.getInstance("X.509").generateCertificates(in);
      if (all.isEmpty()) {
        throw new IOException(key + " " + file + " holds no certificate");
      }
      return all;
    } catch (CertificateException e) {
      throw new IOException(
          key + " " + file + " is not a PEM file of certificates: " + e.getMessage(), e);
    }
  }

  /** The file's bytes, without line ends behind them. */
  static byte[] secret(Path file, int maxBytes, String key) throws IOException {
    byte[] bytes = bounded(file, maxBytes, key);
    int end = bytes.length;
    while (end > 0 && (bytes[end - 1] == '\n' || bytes[end - 1] == '\r')) {
      end--;
    }
    return Arrays.copyOf(bytes, end);
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
