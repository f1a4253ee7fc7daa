package dev.tidegate.gateway;

import dev.tidegate.driver.Sink.Receipt;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Journal;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.Leaving;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what must not leave the gateway out of what is stored to be sent. It is conditioned,
 * summarised and scored as anything else; what is left out got no number, and is counted. Owned by
 * the pipeline's thread.
 *
 * <p>A device that waits for a receipt of such a reading gets it at once: the gateway has used it,
 * and keeps nothing of it.
 */
final class AllowedJournal implements Journal {
  private final Journal journal;
  private final Leaving leaving;
  private final LongAdder kept;

  /**
   * @param leaving what may be stored
   * @param kept counts what was left out
   */
  AllowedJournal(Journal journal, Leaving leaving, LongAdder kept) {
    this.journal = journal;
    this.leaving = leaving;
    this.kept = kept;
  }

  @Override
  public void append(Lane lane, Entry entry, @Nullable Receipt receipt) {
    Entry may = leaving.of(entry);
    if (may != null) {
      journal.append(lane, may, receipt);
      return;
    }
    kept.increment();
    if (receipt != null) {
      receipt.durable();
    }
  }
}
