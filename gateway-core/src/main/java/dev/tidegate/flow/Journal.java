package dev.tidegate.flow;

import dev.tidegate.driver.Sink.Receipt;
import org.jspecify.annotations.Nullable;

/**
 * The way into the buffer. Called by the pipeline thread alone; waits for room when the buffer is
 * behind, so that pressure reaches the intake, which counts what it turns away.
 */
public interface Journal {
  /**
   * Hands one record in. It is durable, and has its sequence number, at the latest {@code
   * commit-every} later; a record of the {@link Lane#ALARMS} lane at once.
   *
   * @param receipt called on the buffer's thread once the record is durable; null when nobody waits
   */
  void append(Lane lane, Entry entry, @Nullable Receipt receipt);
}
