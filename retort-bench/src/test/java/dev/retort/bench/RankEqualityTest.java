package dev.retort.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retort.distill.ObjectiveSettings;
import dev.retort.engine.Device;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.NullUnmarked;
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

  private static void assertEqual(String method, String more, boolean labelled) throws Exception {
    List<ObjectiveSettings> objectives = RankEquality.objectives(method, more);
    Map<String, double[]> one = RankEquality.train(objectives, 1, Device.CPU, labelled);
    Map<String, double[]> two = RankEquality.train(objectives, 2, Device.CPU, labelled);
    assertThat(RankEquality.difference(one, two)).isLessThan(RankEquality.BOUND);
  }
}
