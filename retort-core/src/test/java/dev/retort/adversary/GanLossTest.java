package dev.retort.adversary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.retort.distill.GoldenCase;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@NullUnmarked
class GanLossTest {
  @TestFactory
  Stream<DynamicTest> lossesAndGradientsAreThoseOfThePapers() {
    return GoldenCase.tests(
        "gan-losses",
        golden -> {
          List<String> name = List.of(golden.name().split(" ", -1));
          GanLoss loss = GanLoss.valueOf(name.get(0).replace('-', '_').toUpperCase(Locale.ROOT));
          Tensor teacher = golden.tensor("teacher");
          Tensor student = golden.tensor("student");
          return name.get(1).equals("student")
              ? loss.student(student, () -> teacher)
              : loss.discriminator(teacher, student, golden.number("real_target"));
        });
  }

  @ParameterizedTest
  @EnumSource
  void everyStudentPrefersToBeTakenForTheTeacher(GanLoss loss) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor student = Tensors.of(new double[] {-2, -0.5, 0, 0.5, 0.9}, 5).set_requires_grad(true);
      Tensor teacher = Tensors.of(new double[] {1, 1, 1, 1, 1}, 5);
      loss.student(student, () -> teacher).backward();
      assertThat(Arrays.stream(Tensors.toDoubles(student.grad()))).allMatch(slope -> slope < 0);
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyDiscriminatorPrefersToTellThemApart(GanLoss loss) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor teacher = Tensors.of(new double[] {-0.5, 0, 0.5}, 3).set_requires_grad(true);
      Tensor student = Tensors.of(new double[] {0.75, 0.5, 0.25}, 3).set_requires_grad(true);
      loss.discriminator(teacher, student, 1).backward();
      assertThat(Arrays.stream(Tensors.toDoubles(teacher.grad()))).allMatch(slope -> slope < 0);
      assertThat(Arrays.stream(Tensors.toDoubles(student.grad()))).allMatch(slope -> slope > 0);
    }
  }

  /** 2 log 2 is the loss of D = 1/2: BCE as the mean of both sides is log 2. */
  @Test
  void anUndecidedDiscriminatorPaysTwiceLogTwo() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor undecided = Tensors.of(new double[] {0, 0, 0}, 3);
      for (double target : new double[] {1, 0.9}) {
        assertThat(Tensors.toDouble(GanLoss.TALK.discriminator(undecided, undecided, target)))
            .isCloseTo(2 * Math.log(2), within(1e-15));
      }
    }
  }

  /** Where both networks are equally likely, the threshold is what the best D answers. */
  @Test
  void theThresholdIsTheBestAnswerWhereBothNetworksAreEquallyLikely() {
    try (TensorScope scope = TensorScope.open()) {
      for (GanLoss loss : GanLoss.values()) {
        double target = loss.hasTargets() ? 0.9 : 1;
        double threshold = loss.threshold(target);
        if (loss == GanLoss.RELATIVISTIC || loss == GanLoss.WASSERSTEIN_GP) {
          assertThat(threshold).as(loss.toString()).isNaN();
        } else {
          Tensor answer = Tensors.of(new double[] {threshold}, 1).set_requires_grad(true);
          loss.discriminator(answer, answer, target).backward();
          assertThat(Tensors.toDoubles(answer.grad())[0])
              .as(loss.toString())
              .isCloseTo(0, within(1e-15));
        }
      }
    }
  }
}
