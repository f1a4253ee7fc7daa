package dev.tidegate.local;

import dev.tidegate.time.Clock;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * One line each way over a socket, with a deadline for the whole of it. Owned by the thread that
 * made it, as is its socket, which does not block any more.
 */
final class Exchange implements AutoCloseable {
  /** How the reading of a line ended. */
  enum End {
    /** With a line end. */
    LINE,
    /** The other side closed before one came: what there is of it is not worth an answer. */
    GONE,
    /** None came in time. */
    SILENT,
    /** None came within the bytes that it may have. */
    TOO_LONG
  }

  /**
   * What was read.
   *
   * @param text the line without its end; empty unless there is one
   */
  record Said(End end, String text) {}

  private final SocketChannel channel;
  private final Clock clock;
  private final Selector selector;

  Exchange(SocketChannel channel, Clock clock) throws IOException {
    this.channel = channel;
    this.clock = clock;
    try {
      channel.configureBlocking(false);
      selector = Selector.open();
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /** Reads up to the first line end; what follows it stays unread. */
  Said read(int mostBytes, Duration within) throws IOException {
    long deadlineNanos = clock.monotonicNanos() + within.toNanos();
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    ByteBuffer some = ByteBuffer.allocate(8_192);
    while (true) {
      int got = channel.read(some.clear());
      if (got < 0) {
        return new Said(End.GONE, "");
      }
      for (int i = 0; i < got; i++) {
        byte next = some.get(i);
        if (next == '\n') {
          return new Said(End.LINE, line.toString(StandardCharsets.UTF_8));
        }
        if (line.size() == mostBytes) {
          return new Said(End.TOO_LONG, "");
        }
        line.write(next);
      }
      if (!await(SelectionKey.OP_READ, deadlineNanos)) {
        return new Said(End.SILENT, "");
      }
    }
  }

  /** Writes a line; false when the other side did not take all of it in time. */
  boolean write(byte[] line, Duration within) throws IOException {
    long deadlineNanos = clock.monotonicNanos() + within.toNanos();
    ByteBuffer left = ByteBuffer.allocate(line.length + 1).put(line).put((byte) '\n').flip();
    channel.write(left);
    while (left.hasRemaining()) {
      if (!await(SelectionKey.OP_WRITE, deadlineNanos)) {
        return false;
      }
      channel.write(left);
    }
    return true;
  }

  private boolean await(int operation, long deadlineNanos) throws IOException {
    long leftMillis = (deadlineNanos - clock.monotonicNanos()) / 1_000_000;
    if (leftMillis <= 0) {
      return false;
    }
    SelectionKey key = channel.keyFor(selector);
    if (key == null) {
      channel.register(selector, operation);
    } else {
      key.interestOps(operation);
    }
    int ready = selector.select(leftMillis);
    selector.selectedKeys().clear();
    return ready > 0;
  }

  @Override
  public void close() throws IOException {
    selector.close();
    channel.close();
  }
}
