package dev.retort.distill;

import java.util.List;
import java.util.Set;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;

/**
 * Weighted transformed teacher matching (Zheng and Yang 2024, section 4): {@link Ttm}'s divergence
 * of each image times U_γ(p_t) = Σ p_t^γ, which is the larger, the smoother the teacher's
 * probabilities are; mean over images. The weights are not normalised over the batch: they lie
 * between 1 and classes^(1−γ) for γ ≤ 1.
 *
 * @param weight the factor of the term
 * @param gamma γ, from 0.001 to 100
 */
public record Wttm(double weight, double gamma) implements Objective {

  /**
   * YAML: {@code wttm: {gamma: 0.2, weight: 4, crossEntropy: 1}}, γ and weight being those of the
   * authors' only example, where they stand beside CRD. {@link Ttm}'s 45 would be multiplied by
   * U_γ, to hundreds.
   */
  @NullUnmarked
  public record Settings(
      @Nullable Double gamma, @Nullable Double weight, @Nullable Double crossEntropy)
      implements ObjectiveSettings {
    public Settings {
      gamma = ObjectiveSettings.power("gamma", gamma == null ? 0.2 : gamma);
      weight = ObjectiveSettings.notNegative("weight", weight == null ? 4.0 : weight);
      crossEntropy =
          ObjectiveSettings.notNegative("crossEntropy", crossEntropy == null ? 1.0 : crossEntropy);
    }

    @Override
    public List<Objective> build(Pairing pairing) {
      return CrossEntropy.beside(new Wttm(weight, gamma), crossEntropy);
    }
  }

  @Override
  public String name() {
    return "wttm";
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
    Tensor smoothness = torch.log_softmax(teacher, 1).mul(new Scalar(gamma)).exp().sum(1);
    return Ttm.perImage(student, teacher, gamma).mul(smoothness).mean();
  }
}
