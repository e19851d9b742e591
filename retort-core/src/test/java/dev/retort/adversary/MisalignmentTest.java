package dev.retort.adversary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

@NullUnmarked
class MisalignmentTest {
  private static final long[] LABELS = {0, 1, 0, 1, 1, 2, -1};
  private static final RandomSource RANDOM = RandomSource.of(1, "misaligned");

  /** The teacher's representation of image i is i, its partner 100 + i. */
  private static Samples teacher() {
    double[] numbers = IntStream.range(0, LABELS.length).asDoubleStream().toArray();
    Tensor values = Tensors.of(numbers, LABELS.length, 1);
    Tensor partner = values.add(new org.bytedeco.pytorch.Scalar(100.0));
    return new Samples(values, new Condition(Tensors.of(LABELS, LABELS.length), partner));
  }

  /** All pairs (image, whose representation) of many draws. */
  private static Map<Integer, Set<Integer>> drawn(Misalignment misalignment) {
    Map<Integer, Set<Integer>> pairs = new HashMap<>();
    for (int i = 0; i < 100; i++) {
      Evidence.Fakes fakes = misalignment.fakes(teacher(), RANDOM.at(i));
      double[] values = Tensors.toDoubles(fakes.samples().values());
      double[] partners = Tensors.toDoubles(fakes.samples().condition().partner());
      long[] against = Tensors.toLongs(fakes.against());
      for (int row = 0; row < values.length; row++) {
        assertThat(partners[row])
            .as("the partner is the image's own")
            .isEqualTo(100 + against[row]);
        pairs.computeIfAbsent((int) against[row], key -> new HashSet<>()).add((int) values[row]);
      }
    }
    return pairs;
  }

  @Test
  void everyOtherImageAndNeverItself() {
    try (TensorScope scope = TensorScope.open()) {
      Map<Integer, Set<Integer>> pairs = drawn(Misalignment.OTHER_IMAGE);
      assertThat(pairs).hasSize(7);
      assertThat(pairs.get(3)).containsExactlyInAnyOrder(0, 1, 2, 4, 5, 6);
    }
  }

  /** Of 1200 draws each of six others has 200 with a deviation of 12.9. */
  @Test
  void everyOtherImageIsEquallyLikely() {
    try (TensorScope scope = TensorScope.open()) {
      int[] counts = new int[LABELS.length];
      for (int i = 0; i < 1200; i++) {
        try (TensorScope inner = TensorScope.open()) {
          Evidence.Fakes fakes = Misalignment.OTHER_IMAGE.fakes(teacher(), RANDOM.at(i));
          counts[(int) Tensors.toDoubles(fakes.samples().values())[3]]++;
        }
      }
      for (int other = 0; other < counts.length; other++) {
        assertThat(counts[other]).as("image " + other).isCloseTo(other == 3 ? 0 : 200, within(52));
      }
      assertThat(counts[3]).isZero();
    }
  }

  @Test
  void everyImageOfAnotherClassButNoneOfAnUnknown() {
    try (TensorScope scope = TensorScope.open()) {
      Map<Integer, Set<Integer>> pairs = drawn(Misalignment.OTHER_CLASS);
      assertThat(pairs).hasSize(6);
      assertThat(pairs.get(0)).containsExactlyInAnyOrder(1, 3, 4, 5);
    }
  }

  @Test
  void everyOtherImageOfTheSameClassAndAnImageAloneIsLeftOut() {
    try (TensorScope scope = TensorScope.open()) {
      Map<Integer, Set<Integer>> pairs = drawn(Misalignment.SAME_CLASS);
      assertThat(pairs.keySet()).containsExactlyInAnyOrder(0, 1, 2, 3, 4);
      assertThat(pairs.get(1)).containsExactlyInAnyOrder(3, 4);
    }
  }

  @Test
  void aDThatCannotKnowIsNotPunished() {
    assertThatThrownBy(
            () ->
                new DiscriminatorSettings(
                    "auto",
                    List.of(8),
                    List.of(8),
                    Conditioning.NONE,
                    false,
                    Misalignment.OTHER_CLASS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "misaligned: a discriminator that does not know the image or its label cannot tell that a"
                + " representation is of another; set condition to pair, label-projection or"
                + " label-concatenation");
    assertThatThrownBy(() -> Misalignment.SAME_CLASS.require(Conditioning.LABEL_PROJECTION))
        .hasMessageContaining("set condition to pair");
  }
}
