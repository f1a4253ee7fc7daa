package dev.tidegate.config.yaml;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything found wrong with one file while it is read, up to {@link #MAX_LISTED} problems and as
 * many warnings. Owned by one thread.
 */
public final class Findings {
  /** Where the looking stops: a person reads the first few, and a hostile file has no end. */
  public static final int MAX_LISTED = 1_000;

  private static final int EXCERPT_CHARACTERS = 100;
  private static final int MESSAGE_CHARACTERS = 400;

  private final Path file;
  private final List<Problem> problems = new ArrayList<>();
  private final List<Problem> warnings = new ArrayList<>();
  private final Spelling spelling = new Spelling();
  private List<String> lines = List.of();
  private boolean stopped;
  private int unread;

  public Findings(Path file) {
    this.file = file;
  }

  /** The folder at which the file's relative paths start; absolute. */
  public Path folder() {
    Path parent = file.toAbsolutePath().normalize().getParent();
    return parent == null ? file.toAbsolutePath().normalize() : parent;
  }

  public void add(Place place, String wrong) {
    add(place, wrong, null, null);
  }

  public void add(Place place, String wrong, String expected) {
    add(place, wrong, expected, null);
  }

  /** Notes one problem; see {@link Problem} for the parts. */
  public void add(
      Place place, String wrong, @Nullable String expected, @Nullable String suggestion) {
    if (isFull()) {
      stopped = true;
      return;
    }
    problems.add(problem(place, wrong, expected, suggestion));
  }

  /** Notes something that works but is hardly meant. */
  public void warn(Place place, String wrong, @Nullable String expected) {
    if (warnings.size() < MAX_LISTED) {
      warnings.add(problem(place, wrong, expected, null));
    }
  }

  /** The one of the allowed words that was probably meant; null when none is near. */
  public @Nullable String nearest(String word, Collection<String> allowed) {
    return spelling.nearest(word, allowed);
  }

  /** How many problems were found so far. */
  public int count() {
    return problems.size();
  }

  /** Whether there is no use in looking further. */
  public boolean isFull() {
    return problems.size() >= MAX_LISTED;
  }

  /** Whether something was wrong beyond what is listed. */
  public boolean isCutShort() {
    return stopped;
  }

  /** Notes that a value was passed over because it was found wrong when the file was read. */
  public void passOver() {
    unread++;
  }

  /** How many problems were found and values passed over so far: unchanged is sound. */
  public int troubles() {
    return problems.size() + unread;
  }

  /** The problems in the order of the file. */
  public List<Problem> problems() {
    return problems.stream().sorted(Problem.BY_PLACE).toList();
  }

  /** The warnings in the order of the file. */
  public List<Problem> warnings() {
    return warnings.stream().sorted(Problem.BY_PLACE).toList();
  }

  void lines(List<String> lines) {
    this.lines = lines;
  }

  private Problem problem(
      Place place, String wrong, @Nullable String expected, @Nullable String suggestion) {
    return new Problem(
        file,
        place.line(),
        place.column(),
        Problem.escaped(wrong, MESSAGE_CHARACTERS),
        expected == null ? null : Problem.escaped(expected, MESSAGE_CHARACTERS),
        suggestion == null ? null : Problem.escaped(suggestion, MESSAGE_CHARACTERS),
        excerpt(place));
  }

  /** The line around the place, and a caret below it; long lines are cut on both sides. */
  private String excerpt(Place place) {
    if (place.line() > lines.size()) {
      return "";
    }
    String line = lines.get(place.line() - 1);
    int at = place.column() - 1;
    int skip = Math.max(0, at - EXCERPT_CHARACTERS / 2);
    StringBuilder shown = new StringBuilder();
    line.codePoints()
        .skip(skip)
        .limit(EXCERPT_CHARACTERS)
        .forEach(c -> shown.appendCodePoint(c == '\t' ? ' ' : Problem.isPrintable(c) ? c : '?'));
    return shown.isEmpty() ? "" : shown + "\n" + " ".repeat(at - skip) + "^";
  }
}
