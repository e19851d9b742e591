package dev.retort.distill;

import dev.retort.engine.Tensors;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Distillation of softened probabilities (Hinton, Vinyals and Dean 2015, section 2): T² ·
 * KL(softmax(z_t / T) ‖ softmax(z_s / T)), summed over classes, mean over images. T² keeps the
 * gradient's scale independent of T.
 *
 * @param temperature T, from 0.01 to 1000
 * @param weight the factor of the term
 * @param crossEntropy the weight of the student's error on the labels beside it; 0 for none
 * @see <a href="https://arxiv.org/abs/1503.02531">Distilling the Knowledge in a Neural Network</a>
 */
public record Hinton(double temperature, double weight, double crossEntropy) implements LogitLoss {
  /** The values are RepDistiller's and mdistiller's for CIFAR-100. */
  public static final ObjectiveKind KIND =
      new ObjectiveKind(
          "hinton",
          new Hinton(4, 0.9, 0.1),
          "the teacher's softened probabilities",
          "Hinton, Vinyals and Dean 2015, section 2",
          List.of("kd"));

  public Hinton {
    ObjectiveSettings.temperature("temperature", temperature);
    ObjectiveSettings.weights(weight, crossEntropy);
  }

  @Override
  public String name() {
    return KIND.name();
  }

  @Override
  public Tensor loss(Tensor student, Tensor teacher) {
    return loss(student, teacher, temperature);
  }

  /**
   * The mean over images.
   *
   * @param student logits {@code [N, classes]}
   * @param teacher logits {@code [N, classes]}
   * @return a scalar
   */
  public static Tensor loss(Tensor student, Tensor teacher, double temperature) {
    Tensor logP = torch.log_softmax(Tensors.scaled(teacher, 1 / temperature), 1);
    Tensor logQ = torch.log_softmax(Tensors.scaled(student, 1 / temperature), 1);
    Tensor mean = divergence(logP, logQ).sum(1).mean();
    return Tensors.scaled(mean, temperature * temperature);
  }

  /** The terms p log(p / q) of a divergence KL(p ‖ q), from log p and log q of any one shape. */
  static Tensor divergence(Tensor logP, Tensor logQ) {
    return logP.exp().mul(logP.sub(logQ));
  }
}
