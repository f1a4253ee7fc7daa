package dev.tidegate.demo;

import dev.tidegate.timekeeping.SystemClock;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A TCP proxy with the faults of a bad link: few bytes a second, latency, connections that freeze
 * without an end, and connections that are cut in the middle of a packet.
 */
final class SlowWire implements AutoCloseable {
  private static final long UNLIMITED = Long.MAX_VALUE;
  private static final int PIECE_BYTES = 1024;

  private final ServerSocket server;
  private final int target;
  private final SystemClock clock = new SystemClock();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final List<Pair> pairs = new CopyOnWriteArrayList<>();
  private final AtomicLong cutAfterBytes = new AtomicLong(UNLIMITED);
  private volatile long bytesPerSecond = UNLIMITED;
  private volatile long latencyMillis;

  SlowWire(int target) throws IOException {
    this.target = target;
    this.server = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
    Thread.ofPlatform().name("wire-accept").daemon(true).start(this::accept);
  }

  URI uri() {
    return URI.create("mqtt://127.0.0.1:" + server.getLocalPort());
  }

  /** From now on, each way of each connection. */
  void bytesPerSecond(long rate) {
    bytesPerSecond = rate;
  }

  /** Each piece waits that long, each way. */
  void latencyMillis(long millis) {
    latencyMillis = millis;
  }

  /** Cuts the connection, once, after so many more bytes towards the broker. */
  void cutAfter(long bytes) {
    cutAfterBytes.set(bytes);
  }

  /** Lets the connections that there are carry nothing more, without closing them. */
  void freeze() {
    pairs.forEach(p -> p.frozen = true);
  }

  private void accept() {
    try {
      while (true) {
        Socket client = server.accept();
        Socket broker = new Socket();
        try {
          broker.connect(
              new java.net.InetSocketAddress(InetAddress.getLoopbackAddress(), target), 2_000);
        } catch (IOException e) {
          client.close();
          continue;
        }
        client.setTcpNoDelay(true);
        broker.setTcpNoDelay(true);
        client.setReceiveBufferSize(16 << 10);
        Pair pair = new Pair(client, broker);
        pairs.add(pair);
        Thread.ofPlatform().daemon(true).start(() -> pair.carry(client, broker, true));
        Thread.ofPlatform().daemon(true).start(() -> pair.carry(broker, client, false));
      }
    } catch (IOException e) {
      closed.countDown(); // the server socket was closed
    }
  }

  @Override
  public void close() throws IOException {
    closed.countDown();
    server.close();
    for (Pair pair : new ArrayList<>(pairs)) {
      pair.close();
    }
  }

  private final class Pair {
    private final Socket client;
    private final Socket broker;
    private volatile boolean frozen;

    Pair(Socket client, Socket broker) {
      this.client = client;
      this.broker = broker;
    }

    private void carry(Socket from, Socket to, boolean up) {
      byte[] piece = new byte[PIECE_BYTES];
      try {
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        long freeNanos = clock.monotonicNanos();
        int count = in.read(piece);
        while (count >= 0) {
          long now = clock.monotonicNanos();
          freeNanos = Math.max(freeNanos, now) + (long) (count * 1e9 / bytesPerSecond);
          long wait = freeNanos - now + TimeUnit.MILLISECONDS.toNanos(latencyMillis);
          if (wait > 0 && closed.await(wait, TimeUnit.NANOSECONDS)) {
            break;
          }
          if (frozen) {
            closed.await();
            break;
          }
          long left = up ? cutAfterBytes.addAndGet(-count) : UNLIMITED;
          if (left < 0) {
            cutAfterBytes.set(UNLIMITED);
            out.write(piece, 0, (int) Math.max(0, count + left));
            break;
          }
          out.write(piece, 0, count);
          count = in.read(piece);
        }
      } catch (IOException e) {
        frozen = true; // one side went: the other follows below
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      close();
    }

    private void close() {
      pairs.remove(this);
      for (Socket socket : List.of(client, broker)) {
        try {
          socket.close();
        } catch (IOException e) {
          frozen = true; // gone already
        }
      }
    }
  }
}
