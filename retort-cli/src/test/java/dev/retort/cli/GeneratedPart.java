package dev.retort.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A part of a page in docs that is made from the code: it stands between two comments. {@code
 * -Dretort.pages=write} writes all such parts anew:
 *
 * <pre>
 * mvn -pl retort-cli -am test -Dtest='*PageTest' -Dsurefire.failIfNoSpecifiedTests=false -Dretort.pages=write
 * </pre>
 */
public final class GeneratedPart {
  private static final Path DOCS = Path.of("..", "docs");

  private GeneratedPart() {}

  static String page(String name) throws IOException {
    return Files.readString(DOCS.resolve(name));
  }

  /** Compares the part with what the code gives, or writes it. */
  public static void assertCurrent(String page, String part, String expected) throws IOException {
    String text = page(page);
    String begin = "<!-- %s: begin -->\n".formatted(part);
    String end = "<!-- %s: end -->".formatted(part);
    assertThat(text).contains(begin, end);
    int from = text.indexOf(begin) + begin.length();
    int to = text.indexOf(end);
    String current = "\n" + expected.strip() + "\n\n";
    if ("write".equals(System.getProperty("retort.pages"))) {
      Files.writeString(DOCS.resolve(page), text.substring(0, from) + current + text.substring(to));
    } else {
      assertThat(text.substring(from, to))
          .as("%s of docs/%s; -Dretort.pages=write writes it anew", part, page)
          .isEqualTo(current);
    }
  }

  /** A row of a table; a stroke within a cell would end it. */
  static String row(String... cells) {
    StringBuilder row = new StringBuilder("|");
    for (String cell : cells) {
      row.append(' ').append(cell.replace("|", "\\|")).append(cell.isEmpty() ? "|" : " |");
    }
    return row.append('\n').toString();
  }
}
