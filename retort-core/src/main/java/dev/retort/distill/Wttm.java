package dev.retort.distill;

import dev.retort.engine.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Weighted transformed teacher matching (Zheng and Yang 2024, section 4): {@link Ttm}'s divergence
 * of each image times U_γ(p_t) = Σ p_t^γ, which is the larger, the smoother the teacher's
 * probabilities are; mean over images. The weights are not normalised over the batch: they lie
 * between 1 and classes^(1−γ) for γ ≤ 1.
 *
 * @param gamma γ, from 0.001 to 100
 * @param weight the factor of the term
 * @param crossEntropy the weight of the student's error on the labels beside it; 0 for none
 * @see <a href="https://arxiv.org/abs/2402.11148">Knowledge Distillation Based on Transformed
 *     Teacher Matching</a>
 */
record Wttm(double gamma, double weight, double crossEntropy) implements LogitLoss {
  /**
   * γ and weight are those of the authors' only example, where they stand beside CRD. {@link Ttm}'s
   * 45 would be multiplied by U_γ, to hundreds.
   */
  public static final ObjectiveKind KIND =
      new ObjectiveKind(
          "wttm",
          new Wttm(0.2, 4, 1),
          "as ttm, with images weighted by how smooth the teacher's answer is",
          "Zheng and Yang 2024, section 4");

  public Wttm {
    ObjectiveSettings.power("gamma", gamma);
    ObjectiveSettings.weights(weight, crossEntropy);
  }

  @Override
  public String name() {
    return KIND.name();
  }

  @Override
  public Tensor loss(Tensor student, Tensor teacher) {
    Tensor smoothness = Tensors.scaled(torch.log_softmax(teacher, 1), gamma).exp().sum(1);
    return Ttm.perImage(student, teacher, gamma).mul(smoothness).mean();
  }
}
