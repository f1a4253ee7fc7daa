package dev.tidegate.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.config.SyncConfig;
import dev.tidegate.timekeeping.SystemClock;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.concurrent.TimeUnit;
import javax.net.ServerSocketFactory;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS, and the credentials that a connection is opened with. */
final class TlsTest {
  private static final String SECRET = "changeit";

  @TempDir Path folder;

  /** A key for a host, made with the JDK's keytool; leaves HOST.p12 and HOST.pem. */
  private ServerSocketFactory server(String name, String subject) throws Exception {
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
  private void authority(String name) throws Exception {
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
            .formatted(label, java.util.Base64.getMimeEncoder().encodeToString(der), label));
  }

  /** A key with a certificate of that authority, and only that: leaves NAME.crt and NAME.key. */
  private KeyStore signed(String authority, String name, String... more) throws Exception {
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
    String[] all = java.util.Arrays.copyOf(make, make.length + more.length);
    System.arraycopy(more, 0, all, make.length, more.length);
    keytool(all);
    KeyStore from = store();
    java.security.Key key = from.getKey(name, SECRET.toCharArray());
    KeyStore own = KeyStore.getInstance("PKCS12");
    own.load(null, null);
    own.setKeyEntry("k", key, SECRET.toCharArray(), from.getCertificateChain(name));
    pem(name, "crt", "CERTIFICATE", from.getCertificate(name).getEncoded());
    pem(name, "key", "PRIVATE KEY", key.getEncoded());
    return own;
  }

  /** A server with that key that asks its clients for certificates of that authority. */
  private ServerSocketFactory asking(KeyStore keys, String authority) throws Exception {
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, SECRET.toCharArray());
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    try (InputStream in = Files.newInputStream(folder.resolve(authority + ".pem"))) {
      trusted.setCertificateEntry(
          "ca", java.security.cert.CertificateFactory.getInstance("X.509").generateCertificate(in));
    }
    javax.net.ssl.TrustManagerFactory trust =
        javax.net.ssl.TrustManagerFactory.getInstance(
            javax.net.ssl.TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLSv1.3");
    context.init(managers.getKeyManagers(), trust.getTrustManagers(), null);
    javax.net.ssl.SSLServerSocketFactory sockets = context.getServerSocketFactory();
    return new ServerSocketFactory() {
      @Override
      public java.net.ServerSocket createServerSocket(int port, int backlog, InetAddress at)
          throws IOException {
        javax.net.ssl.SSLServerSocket made =
            (javax.net.ssl.SSLServerSocket) sockets.createServerSocket(port, backlog, at);
        made.setNeedClientAuth(true);
        return made;
      }

      @Override
      public java.net.ServerSocket createServerSocket(int port) {
        throw new UnsupportedOperationException("sockets are made for an address");
      }

      @Override
      public java.net.ServerSocket createServerSocket(int port, int backlog) {
        throw new UnsupportedOperationException("sockets are made for an address");
      }
    };
  }

  private SyncConfig as(URI broker, String ca, String name, @Nullable String crl) {
    return config(broker, null, folder.resolve(ca + ".pem"))
        .with(
            new SyncConfig.Identity(
                folder.resolve(name + ".crt"),
                folder.resolve(name + ".key"),
                crl == null ? null : folder.resolve(crl)));
  }

  /** Without it, a broker that asks for certificates could not be used, or would ask in vain. */
  @Test
  void aClientCertificateIsShownAndAnotherAuthoritysIsRefused() throws Exception {
    authority("ca");
    authority("strange");
    KeyStore server = signed("ca", "server");
    signed("ca", "gateway");
    signed("strange", "stranger");
    try (ScriptedBroker broker = good(asking(server, "ca"));
        Workbench bench =
            new Workbench(
                folder.resolve("d1"), new SystemClock(), as(broker.uri(), "ca", "gateway", null))) {
      bench.alarms(2);
      bench.until("the frames", () -> bench.count("pubacks") == 3);
    }
    try (ScriptedBroker broker = good(asking(server, "ca"));
        Workbench bench =
            new Workbench(
                folder.resolve("d2"),
                new SystemClock(),
                as(broker.uri(), "ca", "stranger", null))) {
      bench.until("a refusal", () -> bench.count("connect-failures") + bench.losses() >= 1);
      assertEquals(0, bench.count("pubacks"));
    }
  }

  /** Without it, a broker whose certificate ended last week would go on being believed. */
  @Test
  void anExpiredServerIsRefused() throws Exception {
    authority("ca");
    KeyStore server = signed("ca", "server", "-startdate", "-20d", "-validity", "10");
    signed("ca", "gateway");
    refused(as(URI.create("mqtts://x"), "ca", "gateway", null), asking(server, "ca"), "Expired");
  }

  /** Without it, a stolen broker key could be used for as long as its certificate lasts. */
  @Test
  void aRevokedServerIsRefusedAndOneThatIsNotIsSpokenTo() throws Exception {
    authority("ca");
    KeyStore server = signed("ca", "server");
    KeyStore stolen = signed("ca", "stolen");
    signed("ca", "gateway");
    String serial =
        ((java.security.cert.X509Certificate) stolen.getCertificate("k"))
            .getSerialNumber()
            .toString();
    keytool(
        "-gencrl",
        "-rfc",
        "-alias",
        "ca",
        "-keystore",
        pki().toString(),
        "-id",
        serial,
        "-file",
        folder.resolve("ca.crl").toString());
    SyncConfig config = as(URI.create("mqtts://x"), "ca", "gateway", "ca.crl");
    refused(config, asking(stolen, "ca"), "revoked");
    try (ScriptedBroker broker = good(asking(server, "ca"));
        Workbench bench =
            new Workbench(
                folder.resolve("d3"),
                new SystemClock(),
                as(broker.uri(), "ca", "gateway", "ca.crl"))) {
      bench.until("the connection", () -> bench.sync.status().online());
    }
  }

  private void refused(SyncConfig pattern, ServerSocketFactory sockets, String word)
      throws Exception {
    try (ScriptedBroker broker = good(sockets);
        Workbench bench =
            new Workbench(
                Files.createTempDirectory(folder, "data"),
                new SystemClock(),
                config(broker.uri(), null, pattern.caFile()).with(pattern.identity()))) {
      bench.until("the refusal", () -> bench.count("connect-failures") >= 1);
      assertTrue(bench.sync.status().reason().contains(word), bench.sync.status()::reason);
      assertEquals(0, bench.count("connects"));
    }
  }

  /** Without it, a renewed certificate would need a restart, and so stop local work. */
  @Test
  void whatIsRenewedIsUsedWithinAMinuteWithoutARestart() throws Exception {
    authority("ca");
    KeyStore server = signed("ca", "server");
    signed("ca", "gateway");
    dev.tidegate.testkit.ManualClock clock = new dev.tidegate.testkit.ManualClock();
    try (ScriptedBroker broker = good(asking(server, "ca"));
        Workbench bench =
            new Workbench(
                folder.resolve("d4"), clock, patient(as(broker.uri(), "ca", "gateway", null)))) {
      bench.until("the connection", () -> bench.sync.status().online());
      clock.advance(61 * Workbench.SECOND);
      bench.settle();
      assertEquals(1, bench.count("connects"), "nothing was renewed");
      signed("ca", "gateway2");
      Files.copy(
          folder.resolve("gateway2.key"),
          folder.resolve("gateway.key"),
          java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      Files.copy(
          folder.resolve("gateway2.crt"),
          folder.resolve("gateway.crt"),
          java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      clock.advance(61 * Workbench.SECOND);
      bench.until("the renewal", () -> bench.losses() == 1);
      clock.advance(Workbench.SECOND);
      bench.until("the second connection", () -> bench.count("connects") == 2);
      bench.alarms(1);
      bench.until("a frame", () -> bench.count("acked-frames") + bench.count("pubacks") >= 3);
    }
  }

  /** The same with times that a clock that is moved by hand does not run into. */
  private static SyncConfig patient(SyncConfig c) {
    return new SyncConfig(
            c.broker(),
            c.tenant(),
            c.topics(),
            c.sendWindow(),
            c.batchBytes(),
            3_600 * Workbench.SECOND,
            3_600 * Workbench.SECOND,
            c.reconnectMinNanos(),
            c.reconnectMaxNanos(),
            c.username(),
            c.passwordFile(),
            c.caFile())
        .with(c.identity());
  }

  private static void keytool(String... args) throws Exception {
    String[] command = new String[args.length + 3];
    command[0] = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
    System.arraycopy(args, 0, command, 1, args.length);
    command[args.length + 1] = "-storepass";
    command[args.length + 2] = SECRET;
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    assertTrue(process.waitFor(60, TimeUnit.SECONDS), "keytool hangs");
    String said =
        new String(
            process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    assertEquals(0, process.exitValue(), said);
  }

  private static ScriptedBroker good(ServerSocketFactory sockets) throws Exception {
    return new ScriptedBroker(
        "mqtts",
        sockets,
        peer -> {
          peer.accept();
          peer.grant();
          peer.takeAll();
        });
  }

  private static SyncConfig config(URI broker, @Nullable Path password, @Nullable Path ca) {
    SyncConfig c = Workbench.quick(broker);
    return new SyncConfig(
        broker,
        c.tenant(),
        c.topics(),
        c.sendWindow(),
        c.batchBytes(),
        c.ackTimeoutNanos(),
        c.keepAliveNanos(),
        c.reconnectMinNanos(),
        c.reconnectMaxNanos(),
        password == null ? null : "gw",
        password,
        ca);
  }

  /** Without it, mqtts would not work at all, or only with authorities of the JDK. */
  @Test
  void aServerOfATrustedAuthorityIsSpokenTo() throws Exception {
    ServerSocketFactory sockets = server("good", "ip:127.0.0.1");
    try (ScriptedBroker broker = good(sockets);
        Workbench bench =
            new Workbench(
                folder.resolve("data"),
                new SystemClock(),
                config(broker.uri(), null, folder.resolve("good.pem")))) {
      bench.alarms(5);
      bench.until("the frames", () -> bench.count("pubacks") == 6);
    }
  }

  /** Without it, anyone with any certificate could stand in for the broker. */
  @Test
  void aServerWithAnotherHostsCertificateIsRefused() throws Exception {
    ServerSocketFactory sockets = server("other", "dns:broker.example");
    refused(sockets, folder.resolve("other.pem"), "127.0.0.1");
  }

  /** Without it, the authority file would be decoration. */
  @Test
  void aServerOfAnUnknownAuthorityIsRefused() throws Exception {
    server("known", "ip:127.0.0.1");
    ServerSocketFactory sockets = server("unknown", "ip:127.0.0.1");
    refused(sockets, folder.resolve("known.pem"), "certification path");
    refused(sockets, null, "certification path");
  }

  /** Without it, a certificate would be shown in the clear to whoever speaks the older version. */
  @Test
  void aServerThatSpeaksAnOlderVersionAloneIsRefused() throws Exception {
    ServerSocketFactory sockets = server("old", "ip:127.0.0.1");
    ServerSocketFactory older =
        new ServerSocketFactory() {
          @Override
          public ServerSocket createServerSocket(int port, int backlog, InetAddress address)
              throws IOException {
            SSLServerSocket made =
                (SSLServerSocket) sockets.createServerSocket(port, backlog, address);
            made.setEnabledProtocols(new String[] {"TLSv1.2"});
            return made;
          }

          @Override
          public ServerSocket createServerSocket(int port) throws IOException {
            return createServerSocket(port, 64, InetAddress.getLoopbackAddress());
          }

          @Override
          public ServerSocket createServerSocket(int port, int backlog) throws IOException {
            return createServerSocket(port, backlog, InetAddress.getLoopbackAddress());
          }
        };
    refused(older, folder.resolve("old.pem"), "protocol");
  }

  private void refused(ServerSocketFactory sockets, @Nullable Path ca, String word)
      throws Exception {
    try (ScriptedBroker broker = good(sockets);
        Workbench bench =
            new Workbench(
                Files.createTempDirectory(folder, "data"),
                new SystemClock(),
                config(broker.uri(), null, ca))) {
      bench.until("the refusals", () -> bench.count("connect-failures") >= 2);
      assertTrue(bench.sync.status().reason().contains(word), bench.sync.status()::reason);
      assertEquals(0, bench.count("connects"));
    }
  }

  /** Without it, a missing credential would stop the gateway instead of being waited for. */
  @Test
  void aPasswordIsReadAnewForEachConnectionAndWaitedFor() throws Exception {
    Path password = folder.resolve("password");
    java.util.concurrent.LinkedBlockingQueue<String> seen =
        new java.util.concurrent.LinkedBlockingQueue<>();
    try (ScriptedBroker broker =
            new ScriptedBroker(
                peer -> {
                  ScriptedBroker.Packet connect = peer.read();
                  seen.add(
                      new String(connect.body(), java.nio.charset.StandardCharsets.ISO_8859_1));
                  peer.raw(0x20, 3, 0, 0, 0);
                  peer.grant();
                  peer.takeAll();
                });
        Workbench bench =
            new Workbench(
                folder.resolve("data"), new SystemClock(), config(broker.uri(), password, null))) {
      bench.until("a failure", () -> bench.count("connect-failures") >= 1);
      assertTrue(
          bench.sync.status().reason().startsWith("sync.password-file " + password),
          bench.sync.status()::reason);
      Files.writeString(password, "s3cret\n");
      bench.until("the connection", () -> bench.sync.status().online());
      assertTrue(String.valueOf(seen.poll()).endsWith("\u0002gw\u0000\u0006s3cret"));
    }
  }

  /** Without it, a wrong file could pass as no authority, and no authority as trust. */
  @Test
  void aFileThatHoldsNoCertificateIsNamed() throws Exception {
    Path ca = Files.writeString(folder.resolve("ca.pem"), "not a certificate");
    try (Workbench bench =
        new Workbench(
            folder.resolve("data"),
            new SystemClock(),
            config(URI.create("mqtts://127.0.0.1:1"), null, ca))) {
      bench.until("a failure", () -> bench.count("connect-failures") >= 1);
      assertTrue(bench.sync.status().reason().startsWith("sync.ca-file " + ca));
    }
  }
}
