package dev.retort.adversary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.State;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

@NullUnmarked
class ConditioningTest {
  private static final Tensor NO_PARTNER = null;

  private static Condition labelled(long... labels) {
    return new Condition(Tensors.of(labels, labels.length), NO_PARTNER);
  }

  private static LayeredDiscriminator linear(Conditioning conditioning, long width, int classes) {
    return new LayeredDiscriminator(
        false,
        width,
        List.of(),
        conditioning,
        classes,
        false,
        new State(ScalarType.Double, RandomSource.of(1, "linear")));
  }

  @Test
  void aPairIsBothAndTheirDifference() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor h = Tensors.of(new double[] {1, 2, 3, 4}, 2, 2);
      Tensor c = Tensors.of(new double[] {5, 5, 1, 0}, 2, 2);
      Tensor input = Conditioning.PAIR.input(h, new Condition(null, c), 3);
      assertThat(Tensors.toDoubles(input)).containsExactly(1, 2, 5, 5, -4, -3, 3, 4, 1, 0, 2, 4);
      assertThat(Conditioning.PAIR.inputs(2, 3)).isEqualTo(6);
    }
  }

  @Test
  void theLabelStandsBesideAVectorAndWithoutOneNothing() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor h = Tensors.of(new double[] {7, 8}, 2, 1);
      Tensor input = Conditioning.LABEL_CONCATENATION.input(h, labelled(2, -1), 3);
      assertThat(Tensors.toDoubles(input)).containsExactly(7, 0, 0, 1, 8, 0, 0, 0);
    }
  }

  @Test
  void theLabelStandsBesideAMapAtEveryPosition() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor h = Tensors.of(new double[] {1, 2, 3, 4}, 1, 1, 2, 2);
      Tensor input = Conditioning.LABEL_CONCATENATION.input(h, labelled(1), 2);
      assertThat(input.shape()).containsExactly(1, 3, 2, 2);
      assertThat(Tensors.toDoubles(input)).containsExactly(1, 2, 3, 4, 0, 0, 0, 0, 1, 1, 1, 1);
    }
  }

  @Test
  void theProjectionAddsTheProductWithTheLabelsVector() {
    try (TensorScope scope = TensorScope.open()) {
      LayeredDiscriminator d = linear(Conditioning.LABEL_PROJECTION, 2, 3);
      Map<String, Tensor> theta = d.state().parameters();
      double[] w = Tensors.toDoubles(theta.get("head.weight"));
      double b = Tensors.toDouble(theta.get("head.bias"));
      double[] v = Tensors.toDoubles(theta.get("head.classes.weight"));
      Tensor h = Tensors.of(new double[] {2, -1, 3, 5}, 2, 2);
      double[] logits = Tensors.toDoubles(d.judge(h, labelled(1, -1), theta).logits());
      assertThat(logits[0]).isCloseTo(2 * (w[0] + v[2]) - (w[1] + v[3]) + b, within(1e-14));
      assertThat(logits[1]).isCloseTo(3 * w[0] + 5 * w[1] + b, within(1e-14));
    }
  }

  /** The cross-entropy over the 2C classes is that of the two sides plus that of the label. */
  @Test
  void ofTheClassHeadLogitAndClassErrorAddUpToTheCrossEntropyOverBothNetworksClasses() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor outputs = MadeStep.normal("outputs", 0, 4, 6);
      long[] labels = {0, 2, 1, 1};
      Judgement judged = Conditioning.ofClasses(outputs, labelled(labels), 3);
      double[] logProbabilities = Tensors.toDoubles(torch.log_softmax(outputs, 1));
      double[] asTeacher = Tensors.toDoubles(torch.softplus(judged.logits().neg()));
      double[] asStudent = Tensors.toDoubles(torch.softplus(judged.logits()));
      double[] error = Tensors.toDoubles(judged.classError());
      for (int i = 0; i < 4; i++) {
        int label = 6 * i + (int) labels[i];
        assertThat(asTeacher[i] + error[i]).isCloseTo(-logProbabilities[label], within(1e-12));
        assertThat(asStudent[i] + error[i]).isCloseTo(-logProbabilities[label + 3], within(1e-12));
      }
    }
  }

  @Test
  void withoutALabelTheClassHeadTellsTheSidesApartAndNoClassIsWrong() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor outputs = Tensors.of(new double[] {0, Math.log(3), 0, 0}, 1, 4);
      Judgement judged = Conditioning.ofClasses(outputs, labelled(-1), 2);
      assertThat(Tensors.toDoubles(judged.logits())[0]).isCloseTo(Math.log(2), within(1e-14));
      assertThat(Tensors.toDoubles(judged.classError())[0]).isCloseTo(0, within(1e-14));
    }
  }
}
