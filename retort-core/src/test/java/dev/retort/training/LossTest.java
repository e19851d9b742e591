package dev.retort.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retort.distill.Objective;
import dev.retort.distill.Step;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

@NullUnmarked
class LossTest {
  /** A term that is always the same. */
  private record Constant(String name, double weight, float value) implements Objective {
    @Override
    public Tensor loss(Step step) {
      return Tensors.of(new float[] {value});
    }
  }

  @Test
  void aTermOfMoreThanAHundredTimesTheRestIsAnAlarm() {
    try (TensorScope scope = TensorScope.open()) {
      // 2 · 60 against 1 + 0.1 · 1: 109 times
      assertThat(
              alarms(new Constant("a", 2, 60), new Constant("b", 1, 1), new Constant("c", 0.1, 1)))
          .containsExactly(
              "the term a is more than a hundred times the rest of the loss, which hardly"
                  + " counts; lower its weight, unless validation images prefer it so");
      assertThat(
              alarms(new Constant("a", 2, 54), new Constant("b", 1, 1), new Constant("c", 0.1, 1)))
          .isEmpty();
      assertThat(alarms(new Constant("alone", 1000, 60))).isEmpty();
    }
  }

  /** As the mean of a logarithm that goes from 2 to −1, on its way. */
  @Test
  void aTermThatMayBeNegativeIsNoMeasureOfTheRest() {
    Objective signed =
        new Objective() {
          @Override
          public String name() {
            return "signed";
          }

          @Override
          public boolean isAtLeastZero() {
            return false;
          }

          @Override
          public Tensor loss(Step step) {
            return Tensors.of(new float[] {0.001f});
          }
        };
    try (TensorScope scope = TensorScope.open()) {
      assertThat(alarms(signed, new Constant("labels", 1, 0.5f))).isEmpty();
    }
  }

  private static List<String> alarms(Objective... objectives) {
    Loss loss = new Loss(List.of(objectives), Tensors.of(new float[1], 1));
    loss.beginEpoch(0);
    Step step = new Step(null, null, null, null, 0, 0.5, RandomSource.of(1, "step"));
    for (int i = 0; i < 3; i++) {
      loss.count(loss.of(step));
    }
    return loss.alarms();
  }
}
