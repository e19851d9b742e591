package dev.retort.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.retort.distill.ObjectiveSettings;
import dev.retort.engine.Device;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Two ranks at half the batch are one at the whole: of each way in which an objective meets the
 * ranks one method. {@link RankEquality} has them all, and four ranks.
 */
@NullUnmarked
class RankEqualityTest {
  private static final String FIXED = "weight: {gradientRatio: , fixed: 1, start: 0, full: 0}";

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource(
      delimiter = '|',
      value = {
        // Each rank's mean over its own images.
        "hinton                 | ''",
        // Distances among all images of the batch.
        "rkd                    | ''",
        // A memory of all ranks' images.
        "crd                    | ''",
        // Batch normalisation in the connector, and classes' running means.
        "kd-plus-plus           | ''",
        // Discriminators' gradients, and norms over all images.
        "adversarial-pair       | ''",
        // A discriminator of the parameters, which all ranks have.
        "adversarial-weights    | ''",
        // Noise, former representations and interpolation, drawn for the batch.
        "adversarial            | - adversary: {distribution: {gaussian: {sigma: 0.1}}, replay: 16, penalty: {gradientPenalty: 1}, "
            + FIXED
            + "}",
      })
  void twoRanksAreOne(String method, String more) throws Exception {
    assertEqual(method, more, true);
  }

  /** The ranks then take all images together: of these, and of the parameters. */
  @ParameterizedTest(name = "{0} {1}")
  @CsvSource(
      delimiter = '|',
      value = {
        // Slow: Adam's first steps, of one size whatever the gradient, make rounding grow.
        "adversarial-pair        | - adversary: {learningRate: 0.0003}",
        // Measured against the rest at a layer from which the logits come.
        "adversarial             | - adversary: {learningRate: 0.0003, on: [embedding], weight: {start: 0, full: 0}}",
        "adversarial-weights     | - adversary: {weight: {adaptiveBeta: , gradientRatio: 0.3, start: 0, full: 0}}",
      })
  void twoRanksAreOneWhereSomeImagesHaveNoLabel(String method, String more) throws Exception {
    assertEqual(method, more, false);
  }

  @Test
  void theDifferenceIsRelativeToATensorsNorm() {
    // The first has the norm 5 and is 0.5 apart; the second is equal.
    Map<String, double[]> one = Map.of("a", new double[] {3, 4}, "b", new double[] {7});
    Map<String, double[]> two = Map.of("a", new double[] {3, 4.5}, "b", new double[] {7});
    Map<String, double[]> lost = Map.of("a", new double[] {3, Double.NaN}, "b", new double[] {7});

    assertThat(RankEquality.difference(one, one)).isZero();
    assertThat(RankEquality.difference(one, two)).isCloseTo(0.1, within(1e-15));
    assertThat(RankEquality.difference(one, lost)).isInfinite();
  }

  @Test
  void whatOneSideLacksIsNotEqual() {
    Map<String, double[]> one = Map.of("a", new double[] {1});
    Map<String, double[]> more = Map.of("a", new double[] {1}, "b", new double[] {2});
    Map<String, double[]> longer = Map.of("a", new double[] {1, 2});

    assertNotCompared(one, more);
    assertNotCompared(more, one);
    assertNotCompared(one, longer);
    assertNotCompared(Map.of(), Map.of());
  }

  private static void assertNotCompared(Map<String, double[]> one, Map<String, double[]> other) {
    assertThatThrownBy(() -> RankEquality.difference(one, other))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void theLastLineSaysThatNothingWasComparedOnAGpu() throws Exception {
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);

    assertThat(RankEquality.run(List.of("cross-entropy"), false, out)).isZero();

    assertThat(said.toString(StandardCharsets.UTF_8).lines())
        .last()
        .asString()
        .isEqualTo(
            "equal: of 1 methods, one rank with two and four on the CPU;"
                + " nothing on a GPU, for there is none");
  }

  @Test
  void aGpuThatIsAskedForAndNotThereIsAFailure() throws Exception {
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);

    assertThat(RankEquality.run(List.of("--gpu", "cross-entropy"), false, out)).isEqualTo(2);

    assertThat(said.toString(StandardCharsets.UTF_8))
        .isEqualToIgnoringNewLines("there is no GPU that Retort can use, so nothing was compared");
  }

  private static void assertEqual(String method, String more, boolean labelled) throws Exception {
    List<ObjectiveSettings> objectives = RankEquality.objectives(method, more);
    Map<String, double[]> one = RankEquality.train(objectives, 1, Device.CPU, labelled);
    Map<String, double[]> two = RankEquality.train(objectives, 2, Device.CPU, labelled);
    assertThat(RankEquality.difference(one, two)).isLessThan(RankEquality.BOUND);
  }
}
