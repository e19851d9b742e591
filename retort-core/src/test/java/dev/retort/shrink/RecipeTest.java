package dev.retort.shrink;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import org.junit.jupiter.api.Test;

/** Protects that YAML can be read back where the machine's language has digits of its own. */
class RecipeTest {
  @Test
  void itsNumbersAreTheSameInEveryLanguage() {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.forLanguageTag("fa-IR-u-nu-arabext"));
      // 2,160,000 images shown are 48 passes over 45,000.
      assertThat(Recipe.of(45_000, 10, false).yaml())
          .contains("epochs: 48\n", "batchSize: 128\n", "learningRate: 0.1\n", "views: 4\n");
    } finally {
      Locale.setDefault(before);
    }
  }
}
