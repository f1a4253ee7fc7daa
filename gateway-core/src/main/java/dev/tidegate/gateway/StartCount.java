package dev.tidegate.gateway;

import dev.tidegate.twin.Era;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** Counts the starts over a data folder, so that what is reported by this one is told apart. */
final class StartCount {
  private static final String FILE = "starts";

  private StartCount() {}

  /**
   * The era of this start; durable before it is used.
   *
   * @param epoch of the database
   * @param run random id of this run: stands in where the count cannot be kept
   */
  static Era next(Path folder, String epoch, String run) {
    Path file = folder.resolve(FILE);
    Path fresh = folder.resolve(FILE + ".new");
    try {
      long number = Files.exists(file) ? Long.parseLong(Files.readString(file).strip()) + 1 : 1;
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
      return new Era(epoch, number);
    } catch (IOException | NumberFormatException e) {
      return new Era(run, 1); // a document of its own: the far side begins anew
    }
  }
}
