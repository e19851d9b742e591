package dev.retort.study;

import java.util.List;
import java.util.stream.Collectors;

/** A table in Markdown. */
public final class MarkdownTable {
  private MarkdownTable() {}

  /** A row of a table in Markdown; a bar in a cell, as in a file's name, would divide it. */
  public static String row(List<String> cells) {
    return cells.stream()
        .map(cell -> cell.replace("|", "\\|"))
        .collect(Collectors.joining(" | ", "| ", " |"));
  }
}
