package dev.tidegate.timekeeping;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * A number in a small file that goes up by one at a time, over restarts and power cuts. Owned by
 * one thread.
 */
public final class DurableCount {
  private final Path file;

  public DurableCount(Path file) {
    this.file = file;
  }

  /** The number that was given last; {@code otherwise} where there is none that can be read. */
  public long last(long otherwise) {
    try {
      long number = Long.parseLong(Files.readString(file).strip());
      return number < 0 ? otherwise : number;
    } catch (IOException | NumberFormatException e) {
      return otherwise;
    }
  }

  /**
   * Stores a number: durable when this returns.
   *
   * @throws IOException when the file cannot be written; the number before it stands
   */
  public void store(long number) throws IOException {
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    try (FileChannel out =
        FileChannel.open(
            fresh,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      out.write(ByteBuffer.wrap((number + "\n").getBytes(StandardCharsets.US_ASCII)));
      out.force(true);
    }
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
