package dev.retort.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Protects: recorded outputs find the images of a data set that has some without labels, too. */
class ConcatenationTest {
  private static Dataset made(int images, int... readable) {
    ImageShape shape = new ImageShape(1, 1, 1);
    Dataset whole =
        new InMemoryDataset("made", List.of("a", "b"), shape, new byte[images], new int[images]);
    return new Subset("made", whole, readable);
  }

  /** Of five and of four files: those that cannot be read are counted, too. */
  @Test
  void imagesAreNumberedAsTheirFilesAreAlsoWhereSomeCannotBeRead() {
    Dataset both = new Concatenation(made(5, 0, 2, 4), made(4, 1, 3));

    for (Dataset each : List.of(both, both.framed(new ImageShape(1, 1, 1)))) {
      assertThat(each.size()).isEqualTo(5);
      assertThat(each.numbering().images()).isEqualTo(9);
      assertThat(new int[] {each.number(1), each.number(2), each.number(3), each.number(4)})
          .containsExactly(2, 4, 6, 8);
    }
  }
}
