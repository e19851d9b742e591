package dev.retort.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TableTest {
  /** A cat in Chinese takes two columns, and a letter with its accent behind it one. */
  @Test
  void columnsAreAlignedAsATerminalShowsThem() {
    Table table =
        new Table("class", "right %").row("\u732b", "80.0").row("e\u0301te", "7.0").row("dog", "–");
    assertThat(table.lines())
        .containsExactly(
            "class  right %", "\u732b        80.0", "e\u0301te        7.0", "dog          –");
  }

  @Test
  void aBoundIsANumber() {
    assertThat(new Table("p").row("< 0.0001").row("0.5000").lines())
        .containsExactly("       p", "< 0.0001", "  0.5000");
  }
}
