package dev.tidegate.drivers.replay;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The rows of a CSV file as RFC 4180 has them, one at a time: cells may stand in double quotes and
 * then hold separators, line ends and doubled quotes (section 2, rules 5 to 7). Line ends are LF,
 * CRLF or CR; a byte order mark is skipped; empty lines are no rows. UTF-8; what is not becomes
 * U+FFFD. Memory is bounded: a row may have {@link #ROW_CHARS} characters. Used by one thread.
 */
final class CsvRows implements Closeable {
  /** Longest row that is read, in characters; of a longer one, nothing is. */
  static final int ROW_CHARS = 64 * 1024;

  private final Reader reader;
  private final char[] buffer = new char[16 * 1024];
  private int at;
  private int end;
  private char separator;

  private final char[] row = new char[ROW_CHARS];
  private int length;
  private int[] cellEnds = new int[16];
  private int cells;
  private boolean tooLong;
  private long line = 1;
  private long rowLine;

  /** Opens the file; the separator is told apart later, by {@link #separator}. */
  CsvRows(Path file) throws IOException {
    this.reader = new InputStreamReader(Files.newInputStream(file), StandardCharsets.UTF_8);
  }

  /**
   * Takes the separator for the rows to come. For 0 the first line is looked at without being read,
   * and the one of tab, semicolon and comma that stands in it most often, outside quotes, is taken.
   */
  char separator(char wanted) throws IOException {
    if (peek() == '\uFEFF') {
      at++;
    }
    separator = wanted == 0 ? mostFrequent() : wanted;
    return separator;
  }

  private char mostFrequent() {
    char[] candidates = {',', ';', '\t'};
    int[] counts = new int[candidates.length];
    boolean quoted = false;
    for (int i = at; i < end && (quoted || (buffer[i] != '\n' && buffer[i] != '\r')); i++) {
      quoted ^= buffer[i] == '"';
      for (int c = 0; c < candidates.length && !quoted; c++) {
        counts[c] += buffer[i] == candidates[c] ? 1 : 0;
      }
    }
    int best = 0;
    for (int c = 1; c < candidates.length; c++) {
      best = counts[c] > counts[best] ? c : best;
    }
    return candidates[best];
  }

  /**
   * Moves on to the next row that is not empty.
   *
   * @return false at the end of the file
   */
  boolean next() throws IOException {
    do {
      if (peek() < 0) {
        return false;
      }
      readRow();
    } while (cells == 1 && length == 0 && !tooLong);
    return true;
  }

  private void readRow() throws IOException {
    length = 0;
    cells = 0;
    tooLong = false;
    rowLine = line;
    while (true) {
      if (peek() == '"') {
        at++;
        readQuoted();
      }
      int c = readPlain();
      endCell();
      if (c != separator) {
        if (c == '\r' && peek() == '\n') {
          at++;
        }
        line++;
        return;
      }
    }
  }

  /**
   * The inside of quotes, up to and without the closing one. Where it is missing, the row grows too
   * long, and ends with the line in which it did.
   */
  private void readQuoted() throws IOException {
    for (int c = read(); c >= 0; c = read()) {
      if (tooLong && c == '\n') {
        at--;
        return;
      }
      if (c == '"') {
        if (peek() != '"') {
          return;
        }
        at++;
      }
      line += c == '\n' ? 1 : 0;
      add(c);
    }
  }

  /** What stands outside quotes, and the separator, line end or -1 that ended it. */
  private int readPlain() throws IOException {
    while (peek() >= 0) {
      int from = at;
      while (at < end && buffer[at] != separator && buffer[at] != '\n' && buffer[at] != '\r') {
        at++;
      }
      if (length + at - from > ROW_CHARS) {
        tooLong = true;
      } else {
        System.arraycopy(buffer, from, row, length, at - from);
        length += at - from;
      }
      if (at < end) {
        return buffer[at++];
      }
    }
    return -1;
  }

  private void add(int c) {
    if (length < ROW_CHARS) {
      row[length++] = (char) c;
    } else {
      tooLong = true;
    }
  }

  private void endCell() {
    if (cells == cellEnds.length) {
      cellEnds = Arrays.copyOf(cellEnds, cells * 2); // a row's characters bound it
    }
    if (!tooLong) {
      cellEnds[cells++] = length;
    }
  }

  private int read() throws IOException {
    int c = peek();
    at++;
    return c;
  }

  private int peek() throws IOException {
    if (at >= end) {
      end = Math.max(0, reader.read(buffer));
      at = 0;
      if (end == 0) {
        return -1;
      }
    }
    return buffer[at];
  }

  /** How many cells the row has; 0 when it is too long. */
  int cells() {
    return tooLong ? 0 : cells;
  }

  /** Whether the row has more than {@link #ROW_CHARS} characters. */
  boolean isTooLong() {
    return tooLong;
  }

  /** The line of the file on which the row starts, from 1. */
  long line() {
    return rowLine;
  }

  /** The cell's characters without quotes and without blanks at its ends. */
  String text(int cell) {
    return new String(row, start(cell), cellEnds[cell] - start(cell)).strip();
  }

  /** The cell as a number, NaN when it is none; see {@link Decimal}. */
  double number(int cell) {
    return Decimal.parse(row, start(cell), cellEnds[cell]);
  }

  private int start(int cell) {
    return cell == 0 ? 0 : cellEnds[cell - 1];
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }
}
