package dev.tidegate.gateway;

import dev.tidegate.driver.Sink.Receipt;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Journal;
import dev.tidegate.flow.Lane;
import dev.tidegate.reading.PointId;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Leaves out raw readings that the budget does not pay for: of each point every n-th is kept, and
 * each for which a device waits. What is left out got no number; it is counted, and a fault says so
 * while it lasts. Owned by the pipeline's thread.
 */
final class BudgetedJournal implements Journal {
  private final Journal journal;
  private final IntSupplier keepOneOf;
  private final LongAdder thinned;
  private final Map<PointId, Integer> seen = new HashMap<>();

  BudgetedJournal(Journal journal, IntSupplier keepOneOf, LongAdder thinned) {
    this.journal = journal;
    this.keepOneOf = keepOneOf;
    this.thinned = thinned;
  }

  @Override
  public void append(Lane lane, Entry entry, @Nullable Receipt receipt) {
    int oneOf = keepOneOf.getAsInt();
    if (oneOf > 1
        && receipt == null
        && entry instanceof Entry.Measured measured
        && seen.merge(measured.sample().point(), 1, (n, one) -> (n + one) % oneOf) != 1) {
      thinned.increment();
      return;
    }
    journal.append(lane, entry, receipt);
  }
}
