package dev.tidegate.config.yaml;

import java.util.Collection;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Finds the word that was probably meant, by the restricted Damerau-Levenshtein distance (optimal
 * string alignment): a letter more, less or other, or two neighbours swapped, count one each.
 *
 * <p>The work for one file is bounded: after {@link #MAX_COMPARISONS} comparisons nothing more is
 * guessed. Owned by one thread.
 */
final class Spelling {
  /** Comparisons for one file, of words of up to {@link #MAX_WORD} characters. */
  static final int MAX_COMPARISONS = 20_000;

  private static final int MAX_WORD = 140;

  private int comparisons;

  /** The nearest of the allowed words, the first among equals; null when none is near. */
  @Nullable String nearest(String word, Collection<String> allowed) {
    if (word.isEmpty() || word.length() > MAX_WORD) {
      return null;
    }
    String meant = normal(word);
    int limit = meant.length() <= 3 ? 1 : meant.length() <= 6 ? 2 : 3;
    String best = null;
    for (String candidate : allowed) {
      if (++comparisons > MAX_COMPARISONS) {
        return best;
      }
      int distance = distance(meant, normal(candidate), limit);
      if (distance <= limit && distance < candidate.length()) {
        best = candidate;
        limit = distance - 1;
        if (limit < 0) {
          return best;
        }
      }
    }
    return best;
  }

  int comparisons() {
    return comparisons;
  }

  private static String normal(String word) {
    return word.toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The distance, or some number above the limit when it is above the limit. */
  static int distance(String left, String right, int limit) {
    if (Math.abs(left.length() - right.length()) > limit || right.length() > MAX_WORD) {
      return limit + 1;
    }
    int same = 0; // a common start costs nothing, and names on one device have a long one
    int shorter = Math.min(left.length(), right.length());
    while (same < shorter && left.charAt(same) == right.charAt(same)) {
      same++;
    }
    String a = left.substring(same);
    String b = right.substring(same);
    int[] before = new int[b.length() + 1];
    int[] last = new int[b.length() + 1];
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      last[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      row[0] = i;
      int least = i;
      for (int j = 1; j <= b.length(); j++) {
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        row[j] = Math.min(Math.min(row[j - 1], last[j]) + 1, last[j - 1] + change);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          row[j] = Math.min(row[j], before[j - 2] + 1);
        }
        least = Math.min(least, row[j]);
      }
      if (least > limit) {
        return limit + 1;
      }
      int[] spare = before;
      before = last;
      last = row;
      row = spare;
    }
    return last[b.length()];
  }
}
