package dev.retort.system;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The names that someone who mistyped one may have meant. */
public final class NearestNames {
  private static final int HOW_MANY = 3;

  /** Fewer letters are in many names by chance. */
  private static final int LONG_ENOUGH = 4;

  private NearestNames() {}

  /**
   * The nearest known names, nearest first, at most three: those that contain it (of four letters
   * or more), then by the number of letters to insert, delete or replace; upper and lower case are
   * the same.
   */
  public static List<String> of(String name, Collection<String> known) {
    String lower = name.toLowerCase(Locale.ROOT);
    return known.stream()
        .distinct()
        .sorted(
            Comparator.comparing((String candidate) -> !contains(candidate, lower))
                .thenComparingInt(candidate -> distance(lower, candidate.toLowerCase(Locale.ROOT)))
                .thenComparing(Comparator.naturalOrder()))
        .limit(HOW_MANY)
        .toList();
  }

  /**
   * The name that was most likely meant: one that contains what was written, or is contained in it,
   * or differs in a third of its letters at most.
   *
   * @return null if there is none
   */
  public static @Nullable String meant(String name, Collection<String> known) {
    String lower = name.toLowerCase(Locale.ROOT);
    return of(name, known).stream()
        .filter(
            candidate -> {
              String other = candidate.toLowerCase(Locale.ROOT);
              return contains(other, lower)
                  || contains(lower, other)
                  || distance(lower, other) <= Math.max(1, lower.length() / 3);
            })
        .findFirst()
        .orElse(null);
  }

  private static boolean contains(String candidate, String lower) {
    return lower.length() >= LONG_ENOUGH && candidate.toLowerCase(Locale.ROOT).contains(lower);
  }

  /** Levenshtein's edit distance. */
  private static int distance(String from, String to) {
    int[] row = new int[to.length() + 1];
    for (int j = 0; j <= to.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= to.length(); j++) {
        int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[to.length()];
  }
}
