package dev.tidegate.flow;

import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Quality;
import dev.tidegate.reading.Reading;
import dev.tidegate.reading.Value;

/**
 * What stands in a frame for a record that is stored, and must not leave: it has the record's
 * number and its time, and says nothing.
 */
public final class Withheld {
  private static final String WORD = "withheld";
  private static final PointId POINT = PointId.of(WORD, WORD);

  private Withheld() {}

  /** What stands for that record; the same for the same one. */
  public static Entry of(Entry entry) {
    double none = Double.NaN;
    return switch (entry) {
      case Entry.Measured m ->
          new Entry.Measured(
              new Reading(POINT, m.atNanos(), Value.of(none), Quality.BAD_NOT_A_NUMBER));
      case Summary s ->
          new Summary(
              WORD,
              POINT,
              s.startNanos(),
              s.endNanos(),
              0,
              0,
              0,
              none,
              none,
              none,
              none,
              none,
              none,
              none,
              0);
      default -> new Event(entry.atNanos(), Event.Severity.INFO, WORD, "", "");
    };
  }

  /** Whether it stands for another record. */
  public static boolean is(Entry entry) {
    return entry.equals(of(entry));
  }
}
