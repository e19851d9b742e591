package dev.retort.adversary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.retort.ProviderOnClassPath;
import dev.retort.distill.Pairing;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.State;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A discriminator from outside, as docs/extending.md has it, and what happens to wrong names. */
@NullUnmarked
class DiscriminatorProviderTest {

  /** d = a Σ h², with one parameter a. */
  public static final class Quadratic implements DiscriminatorProvider {
    @Override
    public String name() {
      return "quadratic";
    }

    @Override
    public Discriminator create(
        DiscriminatorSettings settings, long[] shape, int classes, State state) {
      state.constant("a", 0.25, 1);
      return new Discriminator() {
        @Override
        public State state() {
          return state;
        }

        @Override
        public Judgement judge(Tensor h, Condition condition, Map<String, Tensor> theta) {
          return Judgement.of(h.square().sum(1).mul(theta.get("a")));
        }
      };
    }
  }

  /** Has a name of ours. */
  public static final class Impostor implements DiscriminatorProvider {
    @Override
    public String name() {
      return "mlp";
    }

    @Override
    public Discriminator create(
        DiscriminatorSettings settings, long[] shape, int classes, State state) {
      throw new AssertionError("never asked");
    }
  }

  private static MadeStep step() {
    Tensor teacher = Tensors.of(new double[] {1, 0, 0, 0, 2, 0}, 2, 3);
    Tensor student = Tensors.of(new double[] {2, 1, 0, 1, 1, 1}, 2, 3);
    return MadeStep.ofLogits(teacher, student.set_requires_grad(true), 0);
  }

  @Test
  void itJudgesAndLearnsLikeOneOfOurs() {
    try (TensorScope scope = TensorScope.open()) {
      MadeStep made = step();
      Adversary adversary =
          MadeSettings.adversary(
              "on: [logits], loss: logit, discriminator: {architecture: quadratic}",
              made.pairing());
      assertThat(Tensors.toDouble(adversary.loss(made.step())))
          .isCloseTo(-0.25 * (5 + 3) / 2, within(1e-12));
      adversary.learn(made.step());
      Tensor a = adversary.checkpointed().get("discriminator.a");
      assertThat(Tensors.toDouble(a)).as("the student's are longer").isLessThan(0.25);
    }
  }

  @Test
  void anUnknownArchitectureIsAnsweredWithThoseThatThereAre() {
    try (TensorScope scope = TensorScope.open()) {
      AdversarySettings settings =
          MadeSettings.adversary("on: [logits], discriminator: {architecture: transformer}");
      assertThatThrownBy(() -> settings.build(step().pairing()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "there is no discriminator architecture 'transformer'; there are [auto, mlp,"
                  + " convolutional, quadratic]");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"auto", "mlp", "transformer"})
  void aNameOfOursIsRefusedWhateverIsAskedFor(String architecture, @TempDir Path jar)
      throws IOException {
    refused(
        architecture,
        jar,
        Impostor.class.getName(),
        Impostor.class.getName() + " offers the discriminator mlp, a name that is taken already");
  }

  @Test
  void aProviderThatCannotBeUsedIsNamed(@TempDir Path jar) throws IOException {
    refused("mlp", jar, "no.such.Provider", "no.such.Provider");
  }

  private static void refused(String architecture, Path jar, String provider, String sentence)
      throws IOException {
    try (TensorScope scope = TensorScope.open()) {
      AdversarySettings settings =
          MadeSettings.adversary(
              "on: [logits], discriminator: {architecture: " + architecture + "}");
      Pairing pairing = step().pairing();
      ProviderOnClassPath.during(
          jar,
          DiscriminatorProvider.class,
          provider,
          () ->
              assertThatThrownBy(() -> settings.build(pairing))
                  .isInstanceOf(IllegalArgumentException.class)
                  .hasMessageContaining(sentence));
    }
  }

  @Test
  void aConvolutionNeedsAMap() {
    try (TensorScope scope = TensorScope.open()) {
      AdversarySettings settings =
          MadeSettings.adversary("on: [logits], discriminator: {architecture: convolutional}");
      assertThatThrownBy(() -> settings.build(step().pairing()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("reads maps, not vectors of 3 values");
    }
  }
}
