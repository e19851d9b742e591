package dev.retort.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class StratifiedSplitTest {
  /** 40 images of class 0, 20 of class 1, 3 of class 2, 1 of class 3, and 6 without a label. */
  private static final int[] LABELS = labels(40, 20, 3, 1);

  @Test
  void everyClassGivesTheSameShareAtLeastOneAndNeverItsLast() {
    int[] chosen = StratifiedSplit.choose(LABELS, 0.1, 5, "validation");

    assertThat(counts(chosen)).containsExactly(4, 2, 1, 0);
    assertThat(counts(StratifiedSplit.choose(LABELS, 0.99, 5, "test")))
        .containsExactly(39, 19, 2, 0);
    assertThat(chosen).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void theSeedAndThePurposeDecideWhich() {
    int[] chosen = StratifiedSplit.choose(LABELS, 0.5, 5, "validation");

    assertThat(StratifiedSplit.choose(LABELS, 0.5, 5, "validation")).isEqualTo(chosen);
    assertThat(StratifiedSplit.choose(LABELS, 0.5, 6, "validation")).isNotEqualTo(chosen);
    assertThat(StratifiedSplit.choose(LABELS, 0.5, 5, "test")).isNotEqualTo(chosen);
  }

  @Test
  void aShareOfNothingChoosesNothingAndOneOfAllIsRefused() {
    assertThat(StratifiedSplit.choose(LABELS, 0, 5, "validation")).isEmpty();
    assertThatThrownBy(() -> StratifiedSplit.choose(LABELS, 1, 5, "validation"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static int[] counts(int[] chosen) {
    int[] counts = new int[4];
    Arrays.stream(chosen).forEach(i -> counts[LABELS[i]]++);
    return counts;
  }

  private static int[] labels(int... sizes) {
    int[] labels = new int[Arrays.stream(sizes).sum() + 6];
    Arrays.fill(labels, Dataset.UNLABELLED);
    int at = 0;
    for (int label = 0; label < sizes.length; label++) {
      Arrays.fill(labels, at, at += sizes[label], label);
    }
    return labels;
  }
}
