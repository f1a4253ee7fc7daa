package dev.tidegate.gateway;

import dev.tidegate.driver.Sink.Receipt;
import dev.tidegate.flow.CommandResult;
import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Event;
import dev.tidegate.flow.Journal;
import dev.tidegate.flow.Lane;
import dev.tidegate.twin.Twin;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tells the twin on the way what is stored and changes how things stand: what became of commands,
 * and whether devices answer (docs/spec/wire.md, "State"). Owned by the pipeline's thread.
 */
final class ReportedJournal implements Journal {
  private final Journal journal;
  private final Twin twin;
  private final Set<String> actuators;

  /**
   * @param actuators names of the points that may be written
   */
  ReportedJournal(Journal journal, Twin twin, Set<String> actuators) {
    this.journal = journal;
    this.twin = twin;
    this.actuators = Set.copyOf(actuators);
  }

  @Override
  public void append(Lane lane, Entry entry, @Nullable Receipt receipt) {
    switch (entry) {
      case CommandResult result when result.outcome().isFinal() -> report(result);
      case Event event -> {
        Boolean answers = event.answers();
        if (answers != null) {
          twin.report("devices/" + event.subject(), answers ? "online" : "lost");
        }
      }
      default -> {}
    }
    journal.append(lane, entry, receipt);
  }

  /** Tells what an earlier run left, before anything of this one. */
  void recall(CommandResult result) {
    report(result);
  }

  private void report(CommandResult result) {
    if (!actuators.contains(result.subject())) {
      return; // it is answered by its result alone
    }
    String path = "actuators/" + result.subject();
    twin.report(path + "/command", result.id());
    twin.report(path + "/status", (double) result.status());
    twin.report(path + "/message", result.message());
    if (result.isInForce()) {
      twin.report(path + "/value", result.value());
    }
  }
}
