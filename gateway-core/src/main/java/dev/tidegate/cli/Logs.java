package dev.tidegate.cli;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.logging.ConsoleHandler;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * Log lines on standard error: under systemd with the journal's priority in front (sd-daemon(3)),
 * elsewhere with the time of day.
 */
public final class Logs {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss").withZone(ZoneOffset.UTC);

  private Logs() {}

  /** Sends everything from {@code level} on to standard error, and nothing anywhere else. */
  public static void toStandardError(Level level) {
    LogManager.getLogManager().reset();
    Handler handler = new ConsoleHandler();
    boolean journal = System.getenv("JOURNAL_STREAM") != null;
    handler.setFormatter(
        new Formatter() {
          @Override
          public String format(LogRecord entry) {
            return line(entry, journal);
          }
        });
    handler.setLevel(level);
    Logger root = Logger.getLogger("");
    root.addHandler(handler);
    root.setLevel(Level.WARNING);
    named("tidegate").setLevel(level);
    named("dev.tidegate").setLevel(level);
    // our own faults say it once and better; these repeat themselves on every reconnect
    named("org.eclipse.paho").setLevel(Level.OFF);
    named("org.eclipse.californium").setLevel(Level.SEVERE);
  }

  private static final java.util.List<Logger> KEPT = new java.util.ArrayList<>();

  /** A logger that is kept: its level is lost when it is garbage collected. */
  private static Logger named(String name) {
    Logger logger = Logger.getLogger(name);
    KEPT.add(logger);
    return logger;
  }

  static String line(LogRecord entry, boolean journal) {
    StringBuilder line = new StringBuilder();
    if (journal) {
      line.append('<').append(priority(entry.getLevel())).append('>');
    } else {
      line.append(TIME.format(Instant.ofEpochMilli(entry.getMillis()))).append("  ");
    }
    Level level = entry.getLevel();
    if (level.intValue() >= Level.WARNING.intValue()) {
      line.append(level.intValue() < Level.SEVERE.intValue() ? "warning: " : "error: ");
    }
    line.append(new SimpleText().formatMessage(entry));
    Throwable thrown = entry.getThrown();
    if (thrown != null) {
      line.append(": ").append(thrown);
      for (StackTraceElement at : thrown.getStackTrace()) {
        line.append("\n    at ").append(at);
      }
    }
    return line.append('\n').toString();
  }

  private static int priority(Level level) {
    int value = level.intValue();
    return value >= Level.SEVERE.intValue()
        ? 3
        : value >= Level.WARNING.intValue() ? 4 : value >= Level.INFO.intValue() ? 6 : 7;
  }

  private static final class SimpleText extends Formatter {
    @Override
    public String format(LogRecord entry) {
      return formatMessage(entry);
    }
  }
}
