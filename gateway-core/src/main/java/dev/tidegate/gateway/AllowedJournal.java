package dev.tidegate.gateway;

import dev.tidegate.driver.Sink.Receipt;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Event;
import dev.tidegate.flow.Journal;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.Summary;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the values of points that must not leave the gateway out of what is stored to be sent:
 * their readings, their summaries, and the events about them. They are conditioned, summarised and
 * scored as any other; what is left out got no number, and is counted. Owned by the pipeline's
 * thread.
 *
 * <p>A device that waits for a receipt of such a reading gets it at once: the gateway has used it,
 * and keeps nothing of it.
 */
final class AllowedJournal implements Journal {
  private final Journal journal;
  private final Set<String> points;
  private final Set<String> allowed;
  private final LongAdder kept;

  /**
   * @param points all points
   * @param allowed those whose values may leave
   * @param kept counts what was left out
   */
  AllowedJournal(Journal journal, Set<String> points, Set<String> allowed, LongAdder kept) {
    this.journal = journal;
    this.points = points;
    this.allowed = allowed;
    this.kept = kept;
  }

  @Override
  public void append(Lane lane, Entry entry, @Nullable Receipt receipt) {
    String point =
        switch (entry) {
          case Entry.Measured measured -> measured.sample().point().name();
          case Summary summary -> summary.point().name();
          case Event event -> points.contains(event.subject()) ? event.subject() : null;
          default -> null;
        };
    if (point == null || allowed.contains(point)) {
      journal.append(lane, entry, receipt);
      return;
    }
    kept.increment();
    if (receipt != null) {
      receipt.durable();
    }
  }
}
