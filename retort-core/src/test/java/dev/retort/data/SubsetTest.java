package dev.retort.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retort.engine.RandomSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SubsetTest {
  private static final int IMAGES = 1000;
  private static final RandomSource RANDOM = RandomSource.of(1, "subset");

  /** Ten classes one after the other, as a folder of pictures has them. */
  private static Dataset inTheOrderOfItsClasses() {
    ImageShape shape = new ImageShape(1, 1, 1);
    int[] labels = IntStream.range(0, IMAGES).map(i -> i / 100).toArray();
    return new InMemoryDataset(
        "made",
        List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9"),
        shape,
        new byte[IMAGES],
        labels);
  }

  /** 200 of 1,000: 20 of each class, with a standard deviation of 3.8. */
  @Test
  void imagesDrawnAtRandomAreOfAllClasses() {
    Dataset drawn = Subset.drawn(inTheOrderOfItsClasses(), 200, RANDOM);
    Map<Integer, Integer> counts = new HashMap<>();
    IntStream.range(0, drawn.size()).forEach(i -> counts.merge(drawn.label(i), 1, Integer::sum));
    assertThat(drawn.size()).isEqualTo(200);
    assertThat(counts).hasSize(10);
    assertThat(counts.values()).allMatch(count -> count >= 5 && count <= 35);
  }

  @Test
  void theyKeepTheirOrderAndNoneIsThereTwice() {
    Dataset drawn = Subset.drawn(inTheOrderOfItsClasses(), 200, RANDOM);
    int[] numbers = IntStream.range(0, drawn.size()).map(drawn::number).toArray();
    assertThat(numbers).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void whereThereAreNoMoreTheWholeIsTaken() {
    Dataset whole = inTheOrderOfItsClasses();
    assertThat(Subset.drawn(whole, IMAGES, RANDOM)).isSameAs(whole);
  }
}
