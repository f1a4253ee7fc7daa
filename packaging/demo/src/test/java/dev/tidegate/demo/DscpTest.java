package dev.tidegate.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.config.SyncConfig.Limits;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The mark that a network sees, as {@code tcpdump} captures it; left out where that is not
 * installed, or may not capture.
 */
final class DscpTest {
  private static final Pattern MARK = Pattern.compile("IP \\(tos (0x[0-9a-f]+),");
  private static final List<Path> PLACES =
      List.of(Path.of("/usr/bin/tcpdump"), Path.of("/usr/sbin/tcpdump"));

  @TempDir Path folder;

  /** Without it, a network that ranks by the mark would not know the gateway's packets. */
  @ParameterizedTest
  @ValueSource(ints = {0, 10, 46})
  void everyPacketToTheBrokerBearsTheMark(int dscp) throws Exception {
    Path tcpdump = PLACES.stream().filter(Files::isExecutable).findFirst().orElse(null);
    if (tcpdump == null) {
      System.out.println("tcpdump is not installed: the marks of packets are not looked at");
    }
    Assumptions.assumeTrue(tcpdump != null, "tcpdump is not installed");
    try (TestBroker broker = TestBroker.start(TestBroker.Kind.EMBEDDED, folder)) {
      Process capture =
          new ProcessBuilder(
                  String.valueOf(tcpdump),
                  "-i",
                  "lo",
                  "-n",
                  "-v",
                  "-U",
                  "-l",
                  "tcp dst port " + broker.port())
              .redirectErrorStream(true)
              .start();
      try {
        BlockingQueue<String> lines = lines(capture);
        boolean listens = false;
        for (String line = lines.poll(20, TimeUnit.SECONDS); line != null && !listens; ) {
          listens = line.contains("listening on");
          line = listens ? line : lines.poll(2, TimeUnit.SECONDS);
        }
        if (!listens) {
          System.out.println(
              "tcpdump may not capture here: the marks of packets are not looked at");
        }
        Assumptions.assumeTrue(listens, "tcpdump may not capture");
        try (Rig rig = new Rig(Files.createDirectories(folder.resolve("gateway")))) {
          rig.connect(Rig.quick(broker.uri()).with(new Limits(Map.of(), dscp, null)));
          rig.rounds(10);
          rig.await("what was sent", () -> rig.counters.value("sync.pubacks") > 10);
        }
        assertEquals(Set.of("0x" + Integer.toHexString(dscp << 2)), marks(lines));
      } finally {
        capture.destroy();
      }
    }
  }

  /** The marks of at least so many packets as the handshake, CONNECT and ten messages are. */
  private static Set<String> marks(BlockingQueue<String> lines) throws InterruptedException {
    Set<String> marks = new TreeSet<>();
    int packets = 0;
    for (String line = lines.poll(5, TimeUnit.SECONDS);
        line != null;
        line = lines.poll(1, TimeUnit.SECONDS)) {
      Matcher matcher = MARK.matcher(line);
      if (matcher.find()) {
        marks.add(matcher.group(1));
        packets++;
      }
    }
    int seen = packets;
    assertTrue(seen > 12, () -> "hardly any packets: " + seen);
    return marks;
  }

  private static BlockingQueue<String> lines(Process process) {
    BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    Thread.ofPlatform()
        .daemon(true)
        .start(
            () -> {
              try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
                for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                  lines.add(line);
                }
              } catch (IOException e) {
                lines.add("ended: " + e);
              }
            });
    return lines;
  }
}
