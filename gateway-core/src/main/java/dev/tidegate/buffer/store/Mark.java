package dev.tidegate.buffer.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/**
 * A second witness of how far the database had come: the number of its last durable commit, in a
 * file beside it.
 *
 * <p>A bit that rots in the write-ahead log makes SQLite take the log's end for torn, and forget
 * every commit behind it without a word. The mark is written after each commit that is durable, and
 * never synchronised, so that it costs next to nothing: it may be older than the database, after a
 * power cut, and then proves nothing; it is never newer. Owned by the buffer's thread.
 */
final class Mark implements AutoCloseable {
  private static final int BYTES = 48;

  private final FileChannel channel;
  private final ByteBuffer line = ByteBuffer.allocate(BYTES);

  private Mark(FileChannel channel) {
    this.channel = channel;
  }

  static Mark open(Path file) throws IOException {
    return new Mark(
        FileChannel.open(file, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE)));
  }

  /** Notes a durable commit of the database with that epoch. */
  void note(String epoch, long commitNumber) throws IOException {
    line.clear();
    line.put(epoch.getBytes(StandardCharsets.US_ASCII));
    line.putLong(commitNumber);
    line.putLong(Sums.of(epoch, commitNumber));
    channel.write(line.flip(), 0);
  }

  /** The number that the mark in that file bears for that database; 0 where it says nothing. */
  static long read(Path file, String epoch) throws IOException {
    if (!Files.exists(file) || Files.size(file) != BYTES) {
      return 0;
    }
    ByteBuffer line = ByteBuffer.wrap(Files.readAllBytes(file));
    byte[] of = new byte[32];
    line.get(of);
    long number = line.getLong();
    boolean isSound =
        epoch.equals(new String(of, StandardCharsets.US_ASCII))
            && line.getLong() == Sums.of(epoch, number);
    return isSound ? number : 0;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
