package dev.tidegate.gateway;

import java.util.List;
import java.util.Map;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Lets the log say more, or less, for a limited time, and sets it back by itself. Safe for use by
 * any thread.
 */
final class LogLevel {
  private static final Map<String, Level> LEVELS =
      Map.of("debug", Level.FINE, "info", Level.INFO, "warning", Level.WARNING);

  /** Held, since the logging system forgets loggers that nobody holds. */
  private static final List<Logger> OURS =
      List.of(Logger.getLogger("tidegate"), Logger.getLogger("dev.tidegate"));

  private @Nullable Before before;
  private long untilNanos;

  /** What to go back to. */
  private record Before(Map<Logger, Level> loggers, Map<Handler, Level> handlers) {}

  /**
   * Sets the level until then; another call replaces the level and the time.
   *
   * @param word debug, info or warning
   * @return false for any other word: nothing was changed
   */
  synchronized boolean set(String word, long until) {
    Level level = LEVELS.get(word);
    if (level == null) {
      return false;
    }
    List<Handler> handlers = List.of(Logger.getLogger("").getHandlers());
    if (before == null) {
      before =
          new Before(
              OURS.stream().collect(Collectors.toMap(l -> l, LogLevel::effective)),
              handlers.stream().collect(Collectors.toMap(h -> h, Handler::getLevel)));
    }
    OURS.forEach(logger -> logger.setLevel(level));
    handlers.forEach(handler -> handler.setLevel(level));
    untilNanos = until;
    return true;
  }

  private static Level effective(Logger logger) {
    return Stream.iterate(logger, l -> l != null, Logger::getParent)
        .map(Logger::getLevel)
        .flatMap(Stream::ofNullable)
        .findFirst()
        .orElse(Level.INFO);
  }

  /** Sets it back when its time is over. */
  synchronized void tick(long nowNanos) {
    if (before != null && nowNanos >= untilNanos) {
      before.loggers.forEach(Logger::setLevel);
      before.handlers.forEach(Handler::setLevel);
      before = null;
    }
  }
}
