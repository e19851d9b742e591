package dev.retort.distill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.retort.engine.RandomSource;
import java.util.Arrays;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class NegativesTest {
  private static final RandomSource RANDOM = RandomSource.of(1, "negatives");

  @Test
  void theyAreOfOtherClassesAndEachIsDrawnOnce() {
    Negatives negatives = new Negatives(new long[] {0, 1, 0, 2, 1, 0, 2, 2});
    long[] rows = negatives.rows(new int[] {2, 3}, 5, RANDOM);
    assertThat(rows).hasSize(12);
    assertThat(Arrays.copyOfRange(rows, 0, 6))
        .startsWith(2)
        .containsExactlyInAnyOrder(2, 1, 3, 4, 6, 7);
    assertThat(Arrays.copyOfRange(rows, 6, 12))
        .startsWith(3)
        .containsExactlyInAnyOrder(3, 0, 1, 2, 4, 5);
  }

  @Test
  void whatIsLearnedOfTheLabelsGivesTheDrawsOfAFreshTable() {
    Negatives learning = new Negatives(new long[] {0, 1, -1, -1, 1, -1, 2, -1});
    learning.rows(new int[] {0, 1, 6}, 3, RANDOM);
    learning.learn(new long[] {2, 3, 0}, new long[] {0, 2, 0});
    learning.rows(new int[] {2, 3}, 3, RANDOM);
    learning.learn(new long[] {5, 6}, new long[] {0, 1}); // The class of 6 was another before.
    Negatives fresh = new Negatives(new long[] {0, 1, 0, 2, 1, 0, 1, -1});
    for (int count : new int[] {2, 5, 20}) {
      int[] all = {0, 1, 2, 3, 4, 5, 6, 7};
      assertThat(learning.rows(all, count, RANDOM)).isEqualTo(fresh.rows(all, count, RANDOM));
    }
  }

  @Test
  void imagesOfUnknownClassCountAsOthers() {
    Negatives negatives = new Negatives(new long[] {0, 0, -1, -1});
    assertThat(negatives.rows(new int[] {0}, 2, RANDOM)).startsWith(0).contains(2, 3);
    assertThat(negatives.rows(new int[] {2}, 3, RANDOM)).startsWith(2).contains(0, 1, 3);
  }

  @Test
  void fewerImagesThanWantedAreDrawnRepeatedly() {
    Negatives negatives = new Negatives(new long[] {0, 1, 0, 1});
    long[] rows = negatives.rows(new int[] {0}, 100, RANDOM);
    assertThat(Arrays.copyOfRange(rows, 1, 101)).containsOnly(1, 3).contains(1, 3);
  }

  @Test
  void whereAllImagesAreOfOneClassAnImageIsContrastedWithAllOthers() {
    Negatives negatives = new Negatives(new long[] {0, 0, 0});
    assertThat(negatives.rows(new int[] {1}, 2, RANDOM)).startsWith(1).contains(0, 2);
  }

  @Test
  void whatIsDrawnForAnImageDoesNotDependOnTheBatch() {
    Negatives negatives = new Negatives(new long[] {0, 1, 0, 2, 1, 0, 2, 2});
    long[] alone = negatives.rows(new int[] {3}, 3, RANDOM);
    long[] behind = negatives.rows(new int[] {7, 6, 3}, 3, RANDOM);
    assertThat(Arrays.copyOfRange(behind, 8, 12)).isEqualTo(alone);
    assertThat(negatives.rows(new int[] {3}, 3, RANDOM.at(1))).isNotEqualTo(alone);
  }

  @Test
  void everyImageOfAnotherClassIsEquallyLikely() {
    int images = 40;
    long[] labels = LongStream.range(0, images).map(i -> i % 4).toArray();
    Negatives negatives = new Negatives(labels);
    int[] counts = new int[images];
    int draws = 20_000;
    for (int draw = 0; draw < draws; draw++) {
      long[] row = negatives.rows(new int[] {5}, 3, RANDOM.at(draw));
      for (int i = 1; i < row.length; i++) {
        counts[(int) row[i]]++;
      }
    }
    for (int i = 0; i < images; i++) {
      double expected = i % 4 == 1 ? 0 : 3.0 * draws / 30;
      assertThat(counts[i]).isCloseTo((int) expected, within((int) (5 * Math.sqrt(expected))));
    }
  }
}
