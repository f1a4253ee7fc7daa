package dev.tidegate.sync.sparkplug;

import dev.tidegate.timekeeping.DurableCount;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The number that ties a death to its birth: 0 to 255, one more for each connection, over restarts
 * too. Stored before it is used. Owned by one thread.
 */
public final class BirthCount {
  private static final int LARGEST = 255;

  private final DurableCount count;
  private int last;

  /**
   * @param folder the gateway's data folder
   */
  public BirthCount(Path folder) {
    count = new DurableCount(folder.resolve("sparkplug.bdseq"));
    last = (int) Math.min(LARGEST, count.last(LARGEST)); // the first one is 0
  }

  /** The next number; where it cannot be stored it counts all the same, until the next start. */
  int next() {
    last = (last + 1) % (LARGEST + 1);
    try {
      count.store(last);
    } catch (IOException e) {
      return last; // the buffer beside it raises the fault of a disk that cannot be written
    }
    return last;
  }
}
