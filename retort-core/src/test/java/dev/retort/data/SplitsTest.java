package dev.retort.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SplitsTest {
  private static final ImageShape SHAPE = new ImageShape(1, 1, 1);

  private static Dataset images(int... labels) {
    return new InMemoryDataset(
        "made", List.of("a", "b", "c"), SHAPE, new byte[labels.length], labels);
  }

  /** An IDX file whose labels begin at 1 has a class 0 that nothing is of. */
  @Test
  void aClassThatAPartLacksIsNamed() {
    Splits splits =
        new Splits(
            "made",
            images(0, 0, 1),
            images(1, Dataset.UNLABELLED),
            images(),
            SHAPE,
            new ChannelStatistics(new float[1], new float[] {1}));
    List<String> warnings = new ArrayList<>();
    splits.warnOfGaps(splits.counts(), warnings);
    assertThat(warnings)
        .containsExactly(
            "made has no training image of c (of 0 in all)",
            "made has no validation image of a (of 2 in all), c (of 0 in all)");
  }
}
