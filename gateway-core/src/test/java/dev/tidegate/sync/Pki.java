package dev.tidegate.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import javax.net.ServerSocketFactory;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.TrustManagerFactory;

/** Keys, certificates and authorities in a folder, made with the JDK's keytool. */
final class Pki {
  private static final String SECRET = "changeit";

  private final Path folder;

  Pki(Path folder) {
    this.folder = folder;
  }

  /** A key for a host, made with the JDK's keytool; leaves HOST.p12 and HOST.pem. */
  ServerSocketFactory server(String name, String subject) throws Exception {
    Path store = folder.resolve(name + ".p12");
    keytool(
        "-genkeypair",
        "-keyalg",
        "EC",
        "-alias",
        "k",
        "-dname",
        "CN=" + name,
        "-validity",
        "7",
        "-ext",
        "san=" + subject,
        "-storetype",
        "PKCS12",
        "-keystore",
        store.toString());
    keytool(
        "-exportcert",
        "-rfc",
        "-alias",
        "k",
        "-keystore",
        store.toString(),
        "-file",
        folder.resolve(name + ".pem").toString());
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, SECRET.toCharArray());
    }
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, SECRET.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context.getServerSocketFactory();
  }

  private Path pki() {
    return folder.resolve("pki.p12");
  }

  /** An authority: leaves NAME.pem. */
  void authority(String name) throws Exception {
    keytool(
        "-genkeypair",
        "-keyalg",
        "EC",
        "-alias",
        name,
        "-dname",
        "CN=" + name,
        "-validity",
        "30",
        "-ext",
        "bc:c",
        "-ext",
        "ku=keyCertSign,cRLSign",
        "-storetype",
        "PKCS12",
        "-keystore",
        pki().toString());
    pem(name, "pem", "CERTIFICATE", store().getCertificate(name).getEncoded());
  }

  private KeyStore store() throws Exception {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(pki())) {
      keys.load(in, SECRET.toCharArray());
    }
    return keys;
  }

  private void pem(String name, String kind, String label, byte[] der) throws IOException {
    Files.writeString(
        folder.resolve(name + "." + kind),
        "-----BEGIN %s-----\n%s\n-----END %s-----\n"
            .formatted(label, Base64.getMimeEncoder().encodeToString(der), label));
  }

  /** A key with a certificate of that authority, and only that: leaves NAME.crt and NAME.key. */
  KeyStore signed(String authority, String name, String... more) throws Exception {
    String[] make = {
      "-genkeypair",
      "-keyalg",
      "EC",
      "-alias",
      name,
      "-dname",
      "CN=" + name,
      "-signer",
      authority,
      "-ext",
      "san=ip:127.0.0.1",
      "-keystore",
      pki().toString()
    };
    String[] all = Arrays.copyOf(make, make.length + more.length);
    System.arraycopy(more, 0, all, make.length, more.length);
    keytool(all);
    KeyStore from = store();
    Key key = from.getKey(name, SECRET.toCharArray());
    KeyStore own = KeyStore.getInstance("PKCS12");
    own.load(null, null);
    own.setKeyEntry("k", key, SECRET.toCharArray(), from.getCertificateChain(name));
    pem(name, "crt", "CERTIFICATE", from.getCertificate(name).getEncoded());
    pem(name, "key", "PRIVATE KEY", key.getEncoded());
    return own;
  }

  /** A server with that key that asks its clients for certificates of that authority. */
  ServerSocketFactory asking(KeyStore keys, String authority) throws Exception {
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, SECRET.toCharArray());
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    try (InputStream in = Files.newInputStream(folder.resolve(authority + ".pem"))) {
      trusted.setCertificateEntry(
          "ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLSv1.3");
    context.init(managers.getKeyManagers(), trust.getTrustManagers(), null);
    SSLServerSocketFactory sockets = context.getServerSocketFactory();
    return new ServerSocketFactory() {
      @Override
      public ServerSocket createServerSocket(int port, int backlog, InetAddress at)
          throws IOException {
        SSLServerSocket made = (SSLServerSocket) sockets.createServerSocket(port, backlog, at);
        made.setNeedClientAuth(true);
        return made;
      }

      @Override
      public ServerSocket createServerSocket(int port) {
        throw new UnsupportedOperationException("sockets are made for an address");
      }

      @Override
      public ServerSocket createServerSocket(int port, int backlog) {
        throw new UnsupportedOperationException("sockets are made for an address");
      }
    };
  }

  private static void keytool(String... args) throws Exception {
    String[] command = new String[args.length + 3];
    command[0] = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
    System.arraycopy(args, 0, command, 1, args.length);
    command[args.length + 1] = "-storepass";
    command[args.length + 2] = SECRET;
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    assertTrue(process.waitFor(60, TimeUnit.SECONDS), "keytool hangs");
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.exitValue(), said);
  }

  /** A list on which that certificate is revoked: leaves AUTHORITY.crl. */
  void revoke(String authority, X509Certificate revoked) throws Exception {
    keytool(
        "-gencrl",
        "-rfc",
        "-alias",
        authority,
        "-keystore",
        pki().toString(),
        "-id",
        revoked.getSerialNumber().toString(),
        "-file",
        folder.resolve(authority + ".crl").toString());
  }

  /** The certificate of a key that {@link #signed} made. */
  static X509Certificate certificate(KeyStore own) throws Exception {
    return (X509Certificate) own.getCertificate("k");
  }
}
