package dev.tidegate.buffer;

import dev.tidegate.flow.Entry;
import dev.tidegate.flow.Event;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.LossRecord;
import dev.tidegate.frame.RandomEntries;
import dev.tidegate.testkit.ManualClock;

/**
 * The records of the crash tests: the nth record of a lane is a function of the seed, the lane and
 * n, so that a process and whoever looks at what it left agree on every byte without a word.
 */
final class CrashRecords {
  private static final String KIND = "crash";

  private final long seed;

  CrashRecords(long seed) {
    this.seed = seed;
  }

  /** The nth record of that lane, from 1 on. */
  Entry of(Lane lane, long n) {
    if (lane == Lane.ALARMS) {
      // the buffer puts loss records of its own between these, so they say which they are
      return new Event(
          ManualClock.START_NANOS + n, Event.Severity.ALARM, KIND, "pump", "n" + n + " of " + seed);
    }
    RandomEntries entries = new RandomEntries((seed * 31 + lane.word().length()) * 1_000_003 + n);
    Entry entry = entries.of(lane, 1).getFirst();
    while (entry instanceof LossRecord) {
      entry = entries.of(lane, 1).getFirst();
    }
    return entry;
  }

  /** Which alarm of these it is; 0 for a record of the buffer's own. */
  static long alarm(Entry entry) {
    if (entry instanceof Event event && event.kind().equals(KIND)) {
      String message = event.message();
      return Long.parseLong(message.substring(1, message.indexOf(' ')));
    }
    return 0;
  }
}
