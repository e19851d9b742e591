package dev.retort.distill;

import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Hinton's loss on standardised logits (Sun et al. 2024, "Logit Standardization in Knowledge
 * Distillation", algorithm 1): {@link Hinton#loss} of Z(z_s) and Z(z_t). Z subtracts a vector's
 * mean over classes and divides by its standard deviation. So the student has to follow the
 * teacher's relations among classes, and not the scale of its logits. The gradient goes through the
 * student's mean and deviation.
 *
 * <p>The paper divides the variance by the number of classes; its code divides by one less and adds
 * 1e-7 to the deviation. We follow the code. Where all logits of the student are equal, that 1e-7
 * is all that is left in the denominator, and the gradient is up to 1e7 times as large.
 *
 * <p>Of two classes nothing is left but which logit is larger: the standardised logits are 1/√2 and
 * −1/√2 whatever the network says, and the gradient is 0 up to that 1e-7. Take {@link Hinton}'s
 * loss there.
 *
 * @param temperature T, from 0.01 to 1000, in units of a standard deviation
 * @param weight the factor of the term
 * @param crossEntropy the weight of the student's error on the labels beside it; 0 for none
 * @see <a href="https://arxiv.org/abs/2403.01427">Logit Standardization in Knowledge
 *     Distillation</a>
 */
public record HintonStandardized(double temperature, double weight, double crossEntropy)
    implements LogitLoss {
  /**
   * T and weight are the authors' {@code --base-temp 2 --kd-weight 9}, those of ResNet-56 and
   * ResNet-20 on CIFAR-100; the cross-entropy is mdistiller's.
   */
  public static final ObjectiveKind KIND =
      new ObjectiveKind(
          "hinton-standardized",
          new HintonStandardized(2, 9, 0.1),
          "the teacher's logits, z-scored image by image, by Hinton's loss",
          "Sun et al. 2024, algorithm 1",
          List.of("lskd"));

  private static final double EPSILON = 1e-7;

  public HintonStandardized {
    ObjectiveSettings.temperature("temperature", temperature);
    ObjectiveSettings.weights(weight, crossEntropy);
  }

  @Override
  public String name() {
    return KIND.name();
  }

  /** The mean over images; there are at least two classes. */
  @Override
  public Tensor loss(Tensor student, Tensor teacher) {
    return Hinton.loss(standardized(student), standardized(teacher), temperature);
  }

  /**
   * Every row minus its mean, divided by its standard deviation.
   *
   * @param logits {@code [N, classes]}
   * @return the same shape
   */
  static Tensor standardized(Tensor logits) {
    Tensor deviation = logits.std(new long[] {1}, true, true);
    return logits.sub(logits.mean(1).unsqueeze(1)).div(deviation.add(new Scalar(EPSILON)));
  }
}
