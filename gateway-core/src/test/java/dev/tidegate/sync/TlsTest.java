package dev.tidegate.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.config.SyncConfig;
import dev.tidegate.testkit.ManualClock;
import dev.tidegate.timekeeping.SystemClock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import javax.net.ServerSocketFactory;
import javax.net.ssl.SSLServerSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS, and the credentials that a connection is opened with. */
final class TlsTest {
  @TempDir Path folder;

  private Pki pki() {
    return new Pki(folder);
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
    pki().authority("ca");
    pki().authority("strange");
    KeyStore server = pki().signed("ca", "server");
    pki().signed("ca", "gateway");
    pki().signed("strange", "stranger");
    try (ScriptedBroker broker = good(pki().asking(server, "ca"));
        Workbench bench =
            new Workbench(
                folder.resolve("d1"), new SystemClock(), as(broker.uri(), "ca", "gateway", null))) {
      bench.alarms(2);
      bench.until("the frames", () -> bench.count("pubacks") == 3);
    }
    refusedAs("stranger", pki().asking(server, "ca"), "(certificate_required)");
  }

  /** Without it, the operator would read that a socket is closed, and look at the network. */
  @Test
  void aCertificateThatTheServerRefusesIsNamed() throws Exception {
    pki().authority("ca");
    KeyStore server = pki().signed("ca", "server");
    pki().signed("ca", "late", "-startdate", "-20d", "-validity", "10");
    refusedAs("late", pki().asking(server, "ca"), "(certificate_unknown)");
    refusedAs(null, pki().asking(server, "ca"), "(certificate_required)");
  }

  /** The server refuses who shows that certificate, or none, and the operator is told why. */
  private void refusedAs(@Nullable String name, ServerSocketFactory sockets, String alert)
      throws Exception {
    try (ScriptedBroker broker = good(sockets)) {
      SyncConfig config =
          name == null
              ? config(broker.uri(), null, folder.resolve("ca.pem"))
              : as(broker.uri(), "ca", name, null);
      try (Workbench bench =
          new Workbench(Files.createTempDirectory(folder, "data"), new SystemClock(), config)) {
        for (int times = 1; times <= 5; times++) { // whoever notices it first
          long failures = times;
          bench.until("the refusal", () -> bench.losses() >= failures);
          String reason = bench.sync.status().reason();
          assertTrue(reason.startsWith("the server wants a certificate"), reason);
          assertTrue(reason.contains(alert), reason);
          assertTrue(reason.contains("sync.certificate-file"), reason);
        }
        assertEquals(0, bench.count("connects"));
      }
    }
  }

  /** Without it, a broker whose certificate ended last week would go on being believed. */
  @Test
  void anExpiredServerIsRefused() throws Exception {
    pki().authority("ca");
    KeyStore server = pki().signed("ca", "server", "-startdate", "-20d", "-validity", "10");
    pki().signed("ca", "gateway");
    refused(
        as(URI.create("mqtts://x"), "ca", "gateway", null), pki().asking(server, "ca"), "Expired");
  }

  /** Without it, a stolen broker key could be used for as long as its certificate lasts. */
  @Test
  void aRevokedServerIsRefusedAndOneThatIsNotIsSpokenTo() throws Exception {
    pki().authority("ca");
    KeyStore server = pki().signed("ca", "server");
    KeyStore stolen = pki().signed("ca", "stolen");
    pki().signed("ca", "gateway");
    pki().revoke("ca", Pki.certificate(stolen));
    SyncConfig config = as(URI.create("mqtts://x"), "ca", "gateway", "ca.crl");
    refused(config, pki().asking(stolen, "ca"), "revoked");
    try (ScriptedBroker broker = good(pki().asking(server, "ca"));
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
    pki().authority("ca");
    KeyStore server = pki().signed("ca", "server");
    X509Certificate first = Pki.certificate(pki().signed("ca", "gateway"));
    X509Certificate second = Pki.certificate(pki().signed("ca", "gateway2"));
    List<Object> shown = new CopyOnWriteArrayList<>();
    ManualClock clock = new ManualClock();
    try (ScriptedBroker broker =
            new ScriptedBroker(
                "mqtts",
                pki().asking(server, "ca"),
                peer -> {
                  peer.accept();
                  shown.add(peer.certificate());
                  peer.grant();
                  peer.takeAll();
                });
        Workbench bench =
            new Workbench(
                folder.resolve("d4"), clock, patient(as(broker.uri(), "ca", "gateway", null)))) {
      bench.until("the connection", () -> bench.sync.status().online());
      assertEquals(List.of(first), shown);
      clock.advance(61 * Workbench.SECOND);
      bench.settle();
      assertEquals(1, bench.count("connects"), "nothing was renewed");
      replace("gateway2.key", "gateway.key");
      replace("gateway2.crt", "gateway.crt");
      clock.advance(61 * Workbench.SECOND);
      bench.until("the renewal", () -> bench.losses() == 1);
      clock.advance(Workbench.SECOND);
      bench.until("the second connection", () -> bench.count("connects") == 2);
      bench.alarms(1);
      bench.until("a frame", () -> bench.count("acked-frames") + bench.count("pubacks") >= 3);
      assertEquals(List.of(first, second), shown, "as the server saw them");
      assertEquals("CN=gateway2", second.getSubjectX500Principal().getName());
    }
  }

  /** With a time of last year, as a backup that is put back has. */
  private void replace(String from, String to) throws IOException {
    Path made = Files.copy(folder.resolve(from), folder.resolve(from + ".new"));
    Files.setLastModifiedTime(made, FileTime.fromMillis(1_700_000_000_000L));
    Files.move(made, folder.resolve(to), StandardCopyOption.REPLACE_EXISTING);
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
    ServerSocketFactory sockets = pki().server("good", "ip:127.0.0.1");
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
    ServerSocketFactory sockets = pki().server("other", "dns:broker.example");
    refused(sockets, folder.resolve("other.pem"), "127.0.0.1");
  }

  /** Without it, the authority file would be decoration. */
  @Test
  void aServerOfAnUnknownAuthorityIsRefused() throws Exception {
    pki().server("known", "ip:127.0.0.1");
    ServerSocketFactory sockets = pki().server("unknown", "ip:127.0.0.1");
    refused(sockets, folder.resolve("known.pem"), "certification path");
    refused(sockets, null, "certification path");
  }

  /** Without it, a certificate would be shown in the clear to whoever speaks the older version. */
  @Test
  void aServerThatSpeaksAnOlderVersionAloneIsRefused() throws Exception {
    ServerSocketFactory sockets = pki().server("old", "ip:127.0.0.1");
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
    LinkedBlockingQueue<String> seen = new LinkedBlockingQueue<>();
    try (ScriptedBroker broker =
            new ScriptedBroker(
                peer -> {
                  ScriptedBroker.Packet connect = peer.read();
                  seen.add(new String(connect.body(), StandardCharsets.ISO_8859_1));
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

  /** Without it, a user name could not come with its password from where both are kept. */
  @Test
  void aUserNameOfAFileIsReadAnewWhenItChanges() throws Exception {
    Path password = Files.writeString(folder.resolve("password"), "s3cret\n");
    Path name = folder.resolve("name");
    LinkedBlockingQueue<String> seen = new LinkedBlockingQueue<>();
    ManualClock clock = new ManualClock();
    try (ScriptedBroker broker =
        new ScriptedBroker(
            peer -> {
              seen.add(new String(peer.read().body(), StandardCharsets.ISO_8859_1));
              peer.raw(0x20, 3, 0, 0, 0);
              peer.grant();
              peer.takeAll();
            })) {
      SyncConfig config =
          patient(config(broker.uri(), password, null))
              .with(new SyncConfig.Identity(null, null, null, name));
      try (Workbench bench = new Workbench(folder.resolve("data"), clock, config)) {
        bench.until("a failure", () -> bench.count("connect-failures") == 1);
        String reason = bench.sync.status().reason();
        assertTrue(reason.startsWith("sync.username-file " + name), reason);
        Files.writeString(name, "plant-7\n");
        clock.advance(Workbench.SECOND);
        bench.until("the connection", () -> bench.sync.status().online());
        String first = String.valueOf(seen.poll());
        assertTrue(first.endsWith("\u0007plant-7\u0000\u0006s3cret"), first);
        Files.writeString(name, "plant-8\n");
        Files.setLastModifiedTime(name, FileTime.fromMillis(1_700_000_000_000L));
        clock.advance(61 * Workbench.SECOND);
        bench.until("the renewal", () -> bench.losses() == 2);
        clock.advance(Workbench.SECOND);
        bench.until("the second connection", () -> bench.count("connects") == 2);
        String second = String.valueOf(seen.poll());
        assertTrue(second.endsWith("\u0007plant-8\u0000\u0006s3cret"), second);
      }
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
