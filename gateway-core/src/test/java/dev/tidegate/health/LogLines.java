package dev.tidegate.health;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What the gateway logs while this is open, at the level that the test gives. */
public final class LogLines implements AutoCloseable {
  private static final Logger OURS = Logger.getLogger("tidegate");
  private static final Formatter TEXT =
      new Formatter() {
        @Override
        public String format(LogRecord entry) {
          return formatMessage(entry);
        }
      };

  private final Level before = OURS.getLevel();
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord entry) {
          lines.add(TEXT.format(entry));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  /** Listens from now on; tests that use it are {@code @Isolated}, since there is one log. */
  public LogLines(Level level) {
    OURS.addHandler(handler);
    OURS.setLevel(level);
  }

  /** The lines so far that begin so. */
  public List<String> of(String start) {
    return lines.stream().filter(line -> line.startsWith(start)).toList();
  }

  @Override
  public void close() {
    OURS.removeHandler(handler);
    OURS.setLevel(before);
  }
}
