package dev.tidegate.frame;

import dev.tidegate.flow.Entry;
import java.util.List;

/**
 * One decoded frame.
 *
 * @param header what it says about all of its records
 * @param entries the records, in the order of their sequence numbers
 */
public record Frame(FrameHeader header, List<Entry> entries) {
  public Frame {
    entries = List.copyOf(entries);
    if (entries.size() != header.count()) {
      throw new IllegalArgumentException(
          header.count() + " records announced, " + entries.size() + " there");
    }
  }
}
