package dev.tidegate.sync.sparkplug;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * The number that ties a death to its birth: 0 to 255, one more for each connection, over restarts
 * too. Kept in a small file, which is written before the number is used. Owned by one thread.
 */
public final class BirthCount {
  private final Path file;
  private int last;

  /**
   * @param folder the gateway's data folder
   */
  public BirthCount(Path folder) {
    this.file = folder.resolve("sparkplug.bdseq");
    this.last = read(file);
  }

  private static int read(Path file) {
    try {
      String text = Files.readString(file).strip();
      int value = Integer.parseInt(text);
      return value >= 0 && value <= 255 ? value : 255;
    } catch (IOException | NumberFormatException e) {
      return 255; // the first one is 0; a number that is lost costs a host one stale death
    }
  }

  /** The next number; where it cannot be stored it counts all the same, until the next start. */
  int next() {
    last = (last + 1) % 256;
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    try (FileChannel out =
        FileChannel.open(
            fresh,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      out.write(ByteBuffer.wrap((last + "\n").getBytes(StandardCharsets.US_ASCII)));
      out.force(true);
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      // the buffer beside it raises the fault of a disk that cannot be written
      return last;
    }
    return last;
  }
}
