package dev.retort.distill;

import dev.retort.engine.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Transformed teacher matching (Zheng and Yang 2024, "Knowledge Distillation Based on Transformed
 * Teacher Matching", section 3): KL(p_t^γ / Σ p_t^γ ‖ softmax(z_s)), summed over classes, mean over
 * images. The power γ = 1/T is the temperature on the teacher's side; the student has none, and no
 * T² scales the sum.
 *
 * @param gamma γ, from 0.001 to 100
 * @param weight the factor of the term
 * @param crossEntropy the weight of the student's error on the labels beside it; 0 for none
 * @see <a href="https://arxiv.org/abs/2402.11148">Knowledge Distillation Based on Transformed
 *     Teacher Matching</a>
 */
public record Ttm(double gamma, double weight, double crossEntropy) implements LogitLoss {
  /** γ and weight are those of the authors' only example, VGG-13 and VGG-8 on CIFAR-100. */
  public static final ObjectiveKind KIND =
      new ObjectiveKind(
          "ttm",
          new Ttm(0.1, 45, 1),
          "a power of the teacher's probabilities, at the student's temperature 1",
          "Zheng and Yang 2024, section 3");

  public Ttm {
    ObjectiveSettings.power("gamma", gamma);
    ObjectiveSettings.weights(weight, crossEntropy);
  }

  @Override
  public String name() {
    return KIND.name();
  }

  @Override
  public Tensor loss(Tensor student, Tensor teacher) {
    return perImage(student, teacher, gamma).mean();
  }

  /** The divergence of each image, {@code [N]}. */
  static Tensor perImage(Tensor student, Tensor teacher, double gamma) {
    // A softmax of γ·z_t is the power of the softmax of z_t, renormalised, and does not underflow.
    Tensor logP = torch.log_softmax(Tensors.scaled(teacher, gamma), 1);
    Tensor logQ = torch.log_softmax(student, 1);
    return Hinton.divergence(logP, logQ).sum(1);
  }
}
