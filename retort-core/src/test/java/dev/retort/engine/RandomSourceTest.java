package dev.retort.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** The golden numbers are those of src/test/python/golden_random.py. */
@NullUnmarked
class RandomSourceTest {
  private static final long KEY = 0xfedcba9876543210L;

  /** LibTorch's seeding keeps the lower half of a key, and would make these two one stream. */
  @Test
  void keysThatDifferInTheirUpperHalfGiveDifferentNumbers() {
    try (TensorScope scope = TensorScope.open()) {
      RandomSource one = new RandomSource(5);
      RandomSource other = new RandomSource(5 + (1L << 32));
      assertThat(Tensors.toDoubles(one.uniform(ScalarType.Float, 4)))
          .containsExactly(
              0.7446136474609375, 0.6726585030555725, 0.8037264943122864, 0.890513002872467);
      assertThat(Tensors.toDoubles(other.uniform(ScalarType.Float, 4)))
          .containsExactly(
              0.2314990758895874, 0.5209777355194092, 0.10092848539352417, 0.5536946058273315);
    }
  }

  @Test
  void uniformNumbersAreThoseOfAMersenneTwisterWhoseWordsTheKeyFills() {
    try (TensorScope scope = TensorScope.open()) {
      RandomSource source = new RandomSource(KEY);
      assertThat(Tensors.toDoubles(source.uniform(ScalarType.Double, 3)))
          .containsExactly(0.7181945949705425, 0.4239026025943031, 0.28514528933033045);
      double[] beyondOneTwist = Tensors.toDoubles(source.uniform(ScalarType.Float, 700));
      assertThat(beyondOneTwist[0]).isEqualTo(0.5897743105888367);
      assertThat(beyondOneTwist[699]).isEqualTo(0.12766677141189575);
    }
  }

  @Test
  void normalNumbersAreThoseOfBoxAndMuller() {
    double[] golden = {
      0.9312366739635644, 1.0499134801351009, -0.07046048338854993, 0.05226692264036863,
      0.1424206193750957, 0.6526736318615571, 0.37469304141840853, 0.09453422044970423,
      1.2906879001988893, 0.025273780005562026, 0.8163254485036623, -0.9800239869688422,
      0.9429404690076141, -0.13716083688536426, 0.8557691569482262, -0.881597454977326
    };
    try (TensorScope scope = TensorScope.open()) {
      assertThat(Tensors.toDoubles(new RandomSource(KEY).normal(ScalarType.Double, 16)))
          .containsExactly(golden, within(1e-13));
    }
  }

  /** Fewer than 16 normal numbers take LibTorch's other way, which may keep a spare one. */
  @Test
  void theSameAddressGivesTheSameNumbersHoweverOftenItIsRead() {
    try (TensorScope scope = TensorScope.open()) {
      RandomSource source = RandomSource.of(1, "test").at(3);
      for (ScalarType type : new ScalarType[] {ScalarType.Float, ScalarType.Double}) {
        double[] first = Tensors.toDoubles(source.normal(type, 3));
        assertThat(Tensors.toDoubles(source.normal(type, 3))).containsExactly(first);
        assertThat(first).doesNotHaveDuplicates();
      }
    }
  }

  /** The standard errors are 1/√n, √(2/n), √(15/n), √(96/n) for moments 1 to 4. */
  @Test
  void normalNumbersHaveTheMomentsOfANormalDistribution() {
    int n = 1 << 18;
    try (TensorScope scope = TensorScope.open()) {
      assertMoments(Tensors.toDoubles(RandomSource.of(7, "moments").normal(ScalarType.Float, n)));
    }
  }

  /** What a step draws: some numbers at each of many addresses in a row. */
  @Test
  void theFirstNumbersOfManyAddressesHaveTheseMomentsTooAndDoNotCorrelate() {
    int addresses = 1 << 12;
    int each = 16;
    double[] all = new double[addresses * each];
    double product = 0;
    for (int i = 0; i < addresses; i++) {
      try (TensorScope scope = TensorScope.open()) {
        Tensor drawn = RandomSource.of(7, "moments").at(i).normal(ScalarType.Float, each);
        System.arraycopy(Tensors.toDoubles(drawn), 0, all, i * each, each);
      }
      for (int j = 0; i > 0 && j < each; j++) {
        product += all[i * each + j] * all[(i - 1) * each + j];
      }
    }
    assertMoments(all);
    assertThat(product / all.length).isCloseTo(0, within(4 / Math.sqrt(all.length)));
  }

  @Test
  void aNegativeNumberHasNoPermutation() {
    assertThatThrownBy(() -> RandomSource.of(1, "order").permutation(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("there is no permutation of -1 numbers");
  }

  private static void assertMoments(double[] values) {
    double[] expected = {0, 1, 0, 3};
    double[] variance = {1, 2, 15, 96};
    for (int k = 0; k < 4; k++) {
      int power = k + 1;
      double moment = Arrays.stream(values).map(x -> Math.pow(x, power)).average().orElseThrow();
      assertThat(moment)
          .as("moment " + power)
          .isCloseTo(expected[k], within(4 * Math.sqrt(variance[k] / values.length)));
    }
  }
}
