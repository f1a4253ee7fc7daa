package dev.tidegate.drivers.replay;

import dev.tidegate.reading.PointId;
import dev.tidegate.reading.Quality;
import dev.tidegate.reading.Reading;
import dev.tidegate.reading.Value;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A CSV file with a header, a column of times and columns of values, read row by row at its
 * original times.
 *
 * <pre>{@code
 * try (Recording recording = Recording.open(file, Recording.Layout.AUTO)) {
 *   int flow = recording.column("Volume Flow RateRMS");
 *   while (recording.next()) {
 *     use(recording.timeNanos(), recording.value(flow));
 *   }
 * }
 * }</pre>
 *
 * <p>A row that is too long, has another count of cells than the header, or no time is left out and
 * counted; it never ends the recording. Rows come in the order of the file, whatever their times.
 * Memory is bounded by the longest row (64 Ki characters). Used by one thread.
 */
public final class Recording implements Closeable {
  private final Path file;
  private final CsvRows rows;
  private final List<String> names;
  private final int timeCell;
  private TimeFormat format;
  private long timeNanos;
  private long goodRows;
  private long badRows;
  private @Nullable String firstBad;

  /**
   * How the file is laid out.
   *
   * @param separator between cells, 0: the one of comma, semicolon and tab that the header has most
   * @param timeColumn the column of times, null: the first
   * @param timeFormat how times are written
   */
  public record Layout(char separator, @Nullable String timeColumn, TimeFormat timeFormat) {
    /** Everything told by the file itself. */
    public static final Layout AUTO = new Layout('\0', null, TimeFormat.AUTO);
  }

  /** What one step brought. */
  enum Step {
    ROW,
    BAD_ROW,
    END
  }

  private Recording(Path file, CsvRows rows, List<String> names, int timeCell, TimeFormat format) {
    this.file = file;
    this.rows = rows;
    this.names = List.copyOf(names);
    this.timeCell = timeCell;
    this.format = format;
  }

  /**
   * Opens a recording and reads its header.
   *
   * @throws BadRecordingException when the header does not fit; the message says why
   * @throws IOException when the file cannot be read
   */
  public static Recording open(Path file, Layout layout) throws IOException {
    CsvRows rows = new CsvRows(file);
    try {
      char separator = rows.separator(layout.separator());
      if (!rows.next()) {
        throw new BadRecordingException(file + " is empty: its first line must name the columns");
      }
      if (rows.cells() < 2) {
        throw new BadRecordingException(
            file
                + " has a header that "
                + (rows.isTooLong()
                    ? "is longer than " + CsvRows.ROW_CHARS + " characters"
                    : "names one column only, taken apart at '" + separator + "'")
                + ": a time and one value at least are needed");
      }
      List<String> names = new ArrayList<>();
      for (int cell = 0; cell < rows.cells(); cell++) {
        names.add(rows.text(cell));
      }
      String timeColumn = layout.timeColumn();
      int timeCell = timeColumn == null ? 0 : only(file, names, timeColumn);
      return new Recording(file, rows, names, timeCell, layout.timeFormat());
    } catch (IOException | RuntimeException e) {
      rows.close();
      throw e;
    }
  }

  /** The names of all columns but the one of times, in the order of the file. */
  public List<String> columns() {
    List<String> values = new ArrayList<>(names);
    values.remove(timeCell);
    return values;
  }

  /**
   * The number by which {@link #value}, {@link #isEmpty} and {@link #text} know a column.
   *
   * @throws BadRecordingException when no column has that name, or two have; the message suggests
   *     what may have been meant
   */
  public int column(String name) throws BadRecordingException {
    return only(file, names, name);
  }

  private static int only(Path file, List<String> names, String name) throws BadRecordingException {
    int first = names.indexOf(name);
    if (first < 0) {
      String near = Nearest.to(name, names);
      throw new BadRecordingException(
          file
              + " has no column '"
              + name
              + "'"
              + (near == null ? "" : ", did you mean '" + near + "'?")
              + "; it has "
              + String.join(", ", names.subList(0, Math.min(20, names.size())))
              + (names.size() > 20 ? ", and " + (names.size() - 20) + " more" : ""));
    }
    if (names.lastIndexOf(name) != first) {
      throw new BadRecordingException(file + " has two columns '" + name + "'");
    }
    return first;
  }

  /**
   * Moves on to the next good row.
   *
   * @return false at the end of the file
   * @throws IOException when the file cannot be read any more
   */
  public boolean next() throws IOException {
    Step step = step();
    while (step == Step.BAD_ROW) {
      step = step();
    }
    return step == Step.ROW;
  }

  /** Moves on by one row, good or bad. */
  Step step() throws IOException {
    if (!rows.next()) {
      return Step.END;
    }
    String wrong = null;
    if (rows.isTooLong()) {
      wrong = "it is longer than " + CsvRows.ROW_CHARS + " characters";
    } else if (rows.cells() != names.size()) {
      wrong = "it has " + rows.cells() + " cells, and the header " + names.size();
    } else {
      String time = rows.text(timeCell);
      TimeFormat resolved = format.resolve(time);
      timeNanos = resolved.parse(time);
      if (timeNanos == TimeFormat.NO_TIME) {
        wrong = "'" + abbreviated(time) + "' is no time (" + format.id() + ")";
      } else {
        format = resolved;
      }
    }
    if (wrong == null) {
      goodRows++;
      return Step.ROW;
    }
    badRows++;
    if (firstBad == null) {
      firstBad = "line " + rows.line() + " of " + file + ": " + wrong;
    }
    return Step.BAD_ROW;
  }

  private static String abbreviated(String text) {
    return text.length() > 40 ? text.substring(0, 40) + "…" : text;
  }

  /** When the row was recorded, nanoseconds since the Unix epoch. */
  public long timeNanos() {
    return timeNanos;
  }

  /** Whether nothing was recorded in that column of the row. */
  public boolean isEmpty(int column) {
    return rows.text(column).isEmpty();
  }

  /** The number in that column of the row; NaN when it is empty or no finite number. */
  public double value(int column) {
    return rows.number(column);
  }

  /** What stands in that column of the row, without quotes. */
  public String text(int column) {
    return rows.text(column);
  }

  /**
   * What the row says about a point: a good reading, {@link Quality#BAD_NOT_A_NUMBER} with NaN for
   * what is no number, null for an empty cell.
   *
   * @param sourceNanos the time to give it, {@link #timeNanos()} or another
   */
  public @Nullable Reading reading(int column, PointId point, long sourceNanos) {
    double value = value(column);
    if (!Double.isNaN(value)) {
      return Reading.good(point, sourceNanos, value);
    }
    return isEmpty(column)
        ? null
        : new Reading(point, sourceNanos, Value.of(Double.NaN), Quality.BAD_NOT_A_NUMBER);
  }

  /** The line of the file on which the row starts, from 1. */
  public long line() {
    return rows.line();
  }

  /** How many good rows were read so far. */
  public long goodRows() {
    return goodRows;
  }

  /** How many rows were left out so far. */
  public long badRows() {
    return badRows;
  }

  /** Where and why the first row was left out; null while none was. */
  public @Nullable String firstBad() {
    return firstBad;
  }

  @Override
  public void close() throws IOException {
    rows.close();
  }
}
