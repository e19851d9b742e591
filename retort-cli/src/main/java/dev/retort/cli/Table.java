package dev.retort.cli;

import java.lang.Character.UnicodeBlock;
import java.lang.Character.UnicodeScript;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A table of text with aligned columns: those of numbers to the right. */
final class Table {
  private static final Pattern NUMBER = Pattern.compile("(?:[<>] )?[-+±\\d.,%–]*");

  /** Whose letters take two columns of a terminal. */
  private static final Set<UnicodeScript> WIDE =
      EnumSet.of(
          UnicodeScript.HAN, UnicodeScript.HIRAGANA, UnicodeScript.KATAKANA, UnicodeScript.HANGUL);

  /** Of the forms of two widths, those that take two columns come first. */
  private static final int LAST_FULL_WIDTH = 0xFF60;

  private final List<List<String>> rows = new ArrayList<>();

  /** A table with these titles above its columns. */
  Table(List<String> titles) {
    rows.add(List.copyOf(titles));
  }

  /** A table with these titles above its columns. */
  Table(String... titles) {
    this(List.of(titles));
  }

  /** Adds a row with as many cells as there are titles. */
  Table row(List<String> cells) {
    if (cells.size() != rows.get(0).size()) {
      throw new IllegalArgumentException(
          cells.size() + " cells for " + rows.get(0).size() + " columns");
    }
    rows.add(List.copyOf(cells));
    return this;
  }

  /** Adds a row with as many cells as there are titles. */
  Table row(String... cells) {
    return row(List.of(cells));
  }

  /** The table, line by line, without blanks at the ends of lines. */
  List<String> lines() {
    int columns = rows.get(0).size();
    int[] widths = new int[columns];
    boolean[] numeric = new boolean[columns];
    for (int i = 0; i < columns; i++) {
      int column = i;
      widths[i] = rows.stream().mapToInt(row -> width(row.get(column))).max().orElse(0);
      numeric[i] = isNumeric(column);
    }
    return rows.stream()
        .map(
            row ->
                IntStream.range(0, row.size())
                    .mapToObj(column -> aligned(row.get(column), widths[column], numeric[column]))
                    .collect(Collectors.joining("  "))
                    .stripTrailing())
        .toList();
  }

  private static String aligned(String cell, int width, boolean toTheRight) {
    String blanks = " ".repeat(width - width(cell));
    return toTheRight ? blanks + cell : cell + blanks;
  }

  /** The beginning of a text that takes at most so many columns of a terminal. */
  static String cut(String text, int columns) {
    int end = 0;
    int taken = 0;
    while (end < text.length()) {
      int letter = text.codePointAt(end);
      taken += width(letter);
      if (taken > columns) {
        return text.substring(0, end);
      }
      end += Character.charCount(letter);
    }
    return text;
  }

  /** The columns of a terminal that a text takes. */
  static int width(String text) {
    return text.codePoints().map(Table::width).sum();
  }

  private static int width(int letter) {
    int type = Character.getType(letter);
    if (type == Character.NON_SPACING_MARK
        || type == Character.ENCLOSING_MARK
        || type == Character.FORMAT) {
      return 0;
    }
    boolean wide =
        UnicodeBlock.HALFWIDTH_AND_FULLWIDTH_FORMS.equals(UnicodeBlock.of(letter))
            ? letter <= LAST_FULL_WIDTH
            : WIDE.contains(UnicodeScript.of(letter));
    return wide ? 2 : 1;
  }

  private boolean isNumeric(int column) {
    return rows.size() > 1
        && rows.stream().skip(1).allMatch(row -> NUMBER.matcher(row.get(column)).matches());
  }
}
