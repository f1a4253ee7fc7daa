package dev.tidegate.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.health.LogLines;
import dev.tidegate.testkit.ManualClock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** What a log that was turned up says of the link. */
@Isolated("one log for the whole process")
final class TraceTest {
  private static final String COMMAND =
      "{\"type\":\"command\",\"id\":\"c1\",\"point\":\"pump/speed\",\"value\":150012345}";

  @TempDir Path folder;

  private final BlockingQueue<ScriptedBroker.Peer> peers = new LinkedBlockingQueue<>();

  /** A connection, a command that comes, and a frame that goes. */
  private List<String> lines(Level level, String start) throws Exception {
    try (LogLines log = new LogLines(level);
        ScriptedBroker broker =
            new ScriptedBroker(
                peer -> {
                  peer.accept();
                  peer.grant();
                  peers.add(peer);
                  peer.takeAll();
                });
        Workbench bench =
            new Workbench(
                folder.resolve(level + start.strip()),
                new ManualClock(),
                Workbench.quick(broker.uri()))) {
      bench.until("the connection", () -> bench.count("pubacks") == 1);
      peers.take().say("tg/default/g1/down", 7, COMMAND.getBytes(StandardCharsets.UTF_8));
      bench.until("the command", () -> bench.count("commands") == 1);
      bench.alarms(1);
      bench.until("the frame", () -> bench.count("pubacks") == 2);
      assertFalse(
          log.of("").stream().anyMatch(line -> line.contains("150012345")), "a payload shows");
      return log.of(start);
    }
  }

  // Without it whoever asked for a louder log from afar would wait for lines that nobody writes.
  @Test
  void atDebugEachMessageOfTheLinkIsALine() throws Exception {
    int bytes = COMMAND.length();
    assertEquals(
        List.of("in tg/default/g1/down " + bytes + " bytes, QoS 1"), lines(Level.FINE, "in "));
    List<String> out = lines(Level.FINE, "out ");
    assertTrue(out.getFirst().startsWith("out #1 tg/default/g1/status "), out.toString());
    assertTrue(
        out.getLast().matches("out #2 tg/default/g1/up/batch \\d+ bytes, QoS 1, alarms 1 to 1"),
        out.toString());
    assertEquals(
        List.of("taken #1 success (0x00)", "taken #2 success (0x00), alarms 1 to 1"),
        lines(Level.FINE, "taken "));
    List<String> link = lines(Level.FINE, "link ");
    for (String state : List.of("connects to", "accepted by", "subscribed at", "online at")) {
      assertTrue(link.stream().anyMatch(l -> l.startsWith("link " + state + " mqtt://")), state);
    }
  }

  // Without it a year of ordinary running would fill the journal.
  @Test
  void atInfoTheLinkSaysNothing() throws Exception {
    assertEquals(List.of(), lines(Level.INFO, ""));
  }
}
