package dev.tidegate.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.health.Faults;
import dev.tidegate.testkit.ManualClock;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The operator's question, and what stands in its way. */
class DeskTest {
  private static final Report REPORT =
      new Report(
          "g1",
          7,
          2,
          100,
          0,
          0,
          1,
          new Report.Clock("synchronised", 5, 0),
          new Report.Link("offline", 3, "the broker did not answer \"connect\""),
          List.of(new Report.Lane("raw", 10, 5, 4, 1, 99, 1_000, 168, 12.5, 80, 60)),
          new Report.Traffic(1, 2.5, -1, -1),
          new Report.Traffic(3, 4.5, -1, 1_000),
          List.of(new Report.Fault("sync", "down", 3, "a", "b")));

  @TempDir Path folder;
  private final Faults faults = new Faults(new ManualClock());

  // Without it an operator could not tell how a gateway stands without stopping it.
  @Test
  void whoAsksGetsTheReportAndTheNextOneToo() throws Exception {
    try (Desk _ = Desk.open(folder, () -> REPORT, faults)) {
      for (int i = 0; i < 5; i++) {
        assertEquals(REPORT, Desk.parse(Desk.ask(folder)));
      }
      assertEquals(
          "rw-------",
          java.nio.file.attribute.PosixFilePermissions.toString(
              Files.getPosixFilePermissions(folder.resolve(Desk.SOCKET))));
    }
    assertFalse(Files.exists(folder.resolve(Desk.SOCKET)));
    assertThrows(IOException.class, () -> Desk.ask(folder));
    assertEquals(List.of(), faults.open());
  }

  // Without it a caller that asks and goes would end the answers for all others.
  @Test
  void aCallerThatGoesAtOnceDoesNotStopTheNext() throws Exception {
    try (Desk _ = Desk.open(folder, () -> REPORT, faults)) {
      for (int i = 0; i < 20; i++) {
        try (SocketChannel rude = SocketChannel.open(StandardProtocolFamily.UNIX)) {
          rude.connect(UnixDomainSocketAddress.of(folder.resolve(Desk.SOCKET)));
        }
      }
      assertEquals(REPORT, Desk.parse(Desk.ask(folder)));
    }
  }

  // Without it a kill would leave a socket behind that the next start stumbles over.
  @Test
  void whatAKilledGatewayLeftIsReplaced() throws Exception {
    Files.writeString(folder.resolve(Desk.SOCKET), "stale");
    try (Desk _ = Desk.open(folder, () -> REPORT, faults)) {
      assertEquals(REPORT, Desk.parse(Desk.ask(folder)));
    }
  }

  // Without it a long path would keep the gateway from starting, or from being asked, unsaid.
  @Test
  void aPathThatIsTooLongIsAFaultAndNoMore() throws Exception {
    Path deep = Files.createDirectories(folder.resolve("d".repeat(120)));
    Desk.open(deep, () -> REPORT, faults).close();
    assertEquals(1, faults.open().size());
    assertTrue(faults.open().getFirst().message().contains("shorten gateway.data"));
  }
}
