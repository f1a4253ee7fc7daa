package dev.tidegate.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.config.SyncConfig;
import dev.tidegate.timekeeping.SystemClock;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.concurrent.TimeUnit;
import javax.net.ServerSocketFactory;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
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
