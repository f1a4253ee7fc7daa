package dev.tidegate.buffer.crash;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * One entry of the log that {@code disk.c} writes; its layout is drawn there.
 *
 * @param kind what was done
 * @param name which file, within the folder; empty for the folder itself
 * @param other the new name, where it was renamed
 * @param offset where it was written, or its new size
 * @param data what was written, or the text of a mark; must not be changed
 */
@SuppressWarnings("ArrayRecordComponent") // megabytes of them, read only
public record Step(Kind kind, String name, String other, long offset, byte[] data) {
  /** What a process can do to a folder. */
  public enum Kind {
    CREATE,
    WRITE,
    TRUNCATE,
    SYNC,
    FAILED_SYNC,
    RENAME,
    UNLINK,
    MARK;

    static Kind of(byte letter) throws IOException {
      return switch (letter) {
        case 'C' -> CREATE;
        case 'W' -> WRITE;
        case 'T' -> TRUNCATE;
        case 'S' -> SYNC;
        case 'F' -> FAILED_SYNC;
        case 'R' -> RENAME;
        case 'U' -> UNLINK;
        case 'M' -> MARK;
        default -> throw new IOException("no step of disk.c: " + letter);
      };
    }
  }

  /** The text of a mark. */
  public String text() {
    return new String(data, StandardCharsets.UTF_8);
  }

  /** Reads a whole log. */
  public static List<Step> read(Path log) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(log)).order(ByteOrder.LITTLE_ENDIAN);
    List<Step> steps = new ArrayList<>();
    while (in.hasRemaining()) {
      Kind kind = Kind.of(in.get());
      int nameLength = in.getShort();
      int otherLength = in.getShort();
      long offset = in.getLong();
      int dataLength = in.getInt();
      String name = new String(bytes(in, nameLength), StandardCharsets.UTF_8);
      String other = new String(bytes(in, otherLength), StandardCharsets.UTF_8);
      steps.add(new Step(kind, name, other, offset, bytes(in, dataLength)));
    }
    return steps;
  }

  private static byte[] bytes(ByteBuffer in, int length) {
    byte[] bytes = new byte[length];
    in.get(bytes);
    return bytes;
  }

  @Override
  public String toString() {
    return kind + " " + name + (other.isEmpty() ? "" : " to " + other) + " at " + offset;
  }
}
