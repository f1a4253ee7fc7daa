package dev.tidegate.buffer;

import dev.tidegate.buffer.crash.Disk;
import dev.tidegate.flow.Lane;
import dev.tidegate.flow.LossRecord;

/**
 * What a process of the crash tests says of itself between its steps, where no cut can take it
 * away: {@code E epoch}, {@code A lane n} (handed in), {@code R lane n} (receipt given), {@code D
 * lane from to} (about to be settled), {@code L lane from to} (a loss record in a frame about to be
 * settled), {@code X n} (the nth alarm is in it), {@code P phase} (what it is at).
 */
final class CrashMarks {
  private final Disk disk;

  CrashMarks(Disk disk) {
    this.disk = disk;
  }

  void epoch(String epoch) {
    disk.mark("E " + epoch);
  }

  void appended(Lane lane, long n) {
    disk.mark("A " + lane.word() + " " + n);
  }

  void receipt(Lane lane, long n) {
    disk.mark("R " + lane.word() + " " + n);
  }

  void settled(Lane lane, long from, long to) {
    disk.mark("D " + lane.word() + " " + from + " " + to);
  }

  void carried(LossRecord loss) {
    disk.mark("L " + loss.lane().word() + " " + loss.firstSequence() + " " + loss.lastSequence());
  }

  void alarm(long n) {
    disk.mark("X " + n);
  }

  void phase(String phase) {
    disk.mark("P " + phase);
  }
}
