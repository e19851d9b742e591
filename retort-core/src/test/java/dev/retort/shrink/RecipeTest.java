package dev.retort.shrink;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import org.junit.jupiter.api.Test;

class RecipeTest {
  /** The language's own digits could not be read back. */
  @Test
  void itsNumbersAreTheSameInEveryLanguage() {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.forLanguageTag("fa-IR-u-nu-arabext"));
      // 6,480,000 images shown are 144 passes over 45,000.
      assertThat(Recipe.of(45_000, 10, false).yaml())
          .contains("epochs: 144\n", "batchSize: 128\n", "learningRate: 0.1\n", "views: 4\n");
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void picturesAreCroppedAndArraysShifted() {
    assertThat(Recipe.of(5_000, 10, true).yaml())
        .contains("augmentation: {flip: random, randomResizedCrop: {area: [0.3, 1]}}\n");
    assertThat(Recipe.of(5_000, 10, false).yaml())
        .contains("augmentation: {shift: 4, flip: random}\n");
  }
}
