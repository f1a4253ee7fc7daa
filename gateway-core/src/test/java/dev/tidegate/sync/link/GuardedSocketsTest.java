package dev.tidegate.sync.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidegate.testkit.ManualClock;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;

/** How the one socket of a connection is set. */
final class GuardedSocketsTest {
  private final ManualClock clock = new ManualClock();

  /** Without it, the network would not know our packets from others. */
  @Test
  void everyPacketCarriesTheCodePoint() throws Exception {
    for (int dscp : new int[] {0, 10, 46}) {
      try (ServerSocket server = new ServerSocket(0)) {
        Pulse pulse = new Pulse(clock, new LongAdder(), new LongAdder());
        GuardedSockets sockets = new GuardedSockets(null, dscp, pulse, () -> {});
        try (Socket socket = sockets.createSocket()) {
          socket.connect(server.getLocalSocketAddress(), 5_000);
          assertEquals(dscp << 2, socket.getTrafficClass(), "as the system has it");
        }
      }
    }
  }

  /** Without it, an alarm would wait for the acknowledgement of what went before it. */
  @Test
  void nothingWaitsToBeSentWithWhatFollows() throws Exception {
    try (ServerSocket server = new ServerSocket(0)) {
      Pulse pulse = new Pulse(clock, new LongAdder(), new LongAdder());
      GuardedSockets sockets = new GuardedSockets(null, 0, pulse, () -> {});
      try (Socket socket = sockets.createSocket()) {
        socket.connect(server.getLocalSocketAddress(), 5_000);
        assertTrue(socket.getTcpNoDelay(), "as the system has it");
      }
    }
  }
}
