package dev.retort.study.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retort.engine.RandomSource;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class SearchSpaceTest {
  @Test
  void eachPartOfARangeIsDrawnFromOnce() {
    double[] drawn = SearchSpace.stratified(11, RandomSource.of(5, "test"));
    Arrays.sort(drawn);
    for (int i = 0; i < 11; i++) {
      assertThat(drawn[i] * 11).isBetween((double) i, i + 1.0);
    }
  }
}
