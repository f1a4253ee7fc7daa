package dev.tidegate.drivers.replay;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The name that was likely meant by a misspelt one. */
final class Nearest {
  private static final int LONGEST = 64;

  private Nearest() {}

  /** The candidate with the fewest edits, upper and lower case alike; null where none is near. */
  static @Nullable String to(String name, List<String> candidates) {
    String best = null;
    int fewest = Math.max(1, name.length() / 3) + 1;
    for (String candidate : candidates) {
      int edits = edits(name.toLowerCase(Locale.ROOT), candidate.toLowerCase(Locale.ROOT));
      if (edits < fewest) {
        fewest = edits;
        best = candidate;
      }
    }
    return best;
  }

  /** Levenshtein's distance; texts beyond {@link #LONGEST} characters are never near. */
  private static int edits(String a, String b) {
    if (a.length() > LONGEST || b.length() > LONGEST) {
      return Integer.MAX_VALUE;
    }
    int[] above = new int[b.length() + 1];
    for (int j = 0; j < above.length; j++) {
      above[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] row = new int[above.length];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        int swap = above[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(swap, Math.min(above[j], row[j - 1]) + 1);
      }
      above = row;
    }
    return above[b.length()];
  }
}
