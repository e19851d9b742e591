package dev.retort.distill;

import java.util.List;
import java.util.Set;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;

/**
 * Transformed teacher matching (Zheng and Yang 2024, "Knowledge Distillation Based on Transformed
 * Teacher Matching", section 3): KL(p_t^γ / Σ p_t^γ ‖ softmax(z_s)), summed over classes, mean over
 * images. The power γ = 1/T is the temperature on the teacher's side; the student has none, and no
 * T² scales the sum.
 *
 * @param weight the factor of the term
 * @param gamma γ, from 0.001 to 100
 */
public record Ttm(double weight, double gamma) implements Objective {

  /**
   * YAML: {@code ttm: {gamma: 0.1, weight: 45, crossEntropy: 1}}, those of the authors' only
   * example, VGG-13 and VGG-8 on CIFAR-100.
   */
  @NullUnmarked
  public record Settings(
      @Nullable Double gamma, @Nullable Double weight, @Nullable Double crossEntropy)
      implements ObjectiveSettings {
    public Settings {
      gamma = ObjectiveSettings.power("gamma", gamma == null ? 0.1 : gamma);
      weight = ObjectiveSettings.notNegative("weight", weight == null ? 45.0 : weight);
      crossEntropy =
          ObjectiveSettings.notNegative("crossEntropy", crossEntropy == null ? 1.0 : crossEntropy);
    }

    @Override
    public List<Objective> build(Pairing pairing) {
      return CrossEntropy.beside(new Ttm(weight, gamma), crossEntropy);
    }
  }

  @Override
  public String name() {
    return "ttm";
  }

  @Override
  public Set<String> teacherTaps() {
    return Set.of("logits");
  }

  @Override
  public boolean isMeanOverImages() {
    return true;
  }

  @Override
  public Tensor loss(Step step) {
    return loss(step.student().logits(), step.teacher().logits(), gamma);
  }

  /**
   * The mean over images.
   *
   * @param student logits {@code [N, classes]}
   * @param teacher logits {@code [N, classes]}
   * @return a scalar
   */
  public static Tensor loss(Tensor student, Tensor teacher, double gamma) {
    return perImage(student, teacher, gamma).mean();
  }

  /** The divergence of each image, {@code [N]}. */
  static Tensor perImage(Tensor student, Tensor teacher, double gamma) {
    // A softmax of γ·z_t is the power of the softmax of z_t, renormalised, and does not underflow.
    Tensor logP = torch.log_softmax(teacher.mul(new Scalar(gamma)), 1);
    Tensor logQ = torch.log_softmax(student, 1);
    return logP.exp().mul(logP.sub(logQ)).sum(1);
  }
}
