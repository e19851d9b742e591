package dev.retort.serve;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClassNamesTest {
  @Test
  void namesMayHaveAnyLetters() {
    assertThat(
            ClassNames.parse(
                "[\"cat\", \"a \\\"b\\\", c\" ,\"back\\\\slash\",\"\\u00e9\\t\\n\",\"$1\",\"[é]\",\"\"]"))
        .containsExactly("cat", "a \"b\", c", "back\\slash", "é\t\n", "$1", "[é]", "");
  }

  @Test
  void aNameMayBeLong() {
    String name = "x".repeat(100_000);
    assertThat(ClassNames.parse("[\"" + name + "\"]")).containsExactly(name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "]",
        "cat",
        "[\"cat\"",
        "[\"cat\" \"dog\"]",
        "[\"cat\"]x",
        "[1]",
        "[\"c\\"
      })
  void whatIsNoListOfNamesHasNone(String json) {
    assertThat(ClassNames.parse(json)).isEmpty();
  }
}
