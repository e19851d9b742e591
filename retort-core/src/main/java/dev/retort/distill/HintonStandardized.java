package dev.retort.distill;

import java.util.List;
import java.util.Set;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;

/**
 * Hinton's loss on standardised logits (Sun et al. 2024, "Logit Standardization in Knowledge
 * Distillation", algorithm 1): {@link Hinton#loss} of Z(z_s) and Z(z_t), where Z subtracts a
 * vector's mean over classes and divides by its standard deviation, so that the student has to
 * follow the teacher's relations among classes and not the scale of its logits. The gradient goes
 * through the student's mean and deviation.
 *
 * <p>The paper divides the variance by the number of classes; its code divides by one less and adds
 * 1e-7 to the deviation. We follow the code. Where all logits of the student are equal, that 1e-7
 * is all that is left in the denominator, and the gradient is up to 1e7 times as large.
 *
 * <p>Of two classes nothing is left but which logit is larger: the standardised logits are 1/√2 and
 * −1/√2 whatever the network says, and the gradient is 0 up to that 1e-7. Take {@link Hinton}'s
 * loss there.
 *
 * @param weight the factor of the term
 * @param temperature T, from 0.01 to 1000, in units of a standard deviation
 */
public record HintonStandardized(double weight, double temperature) implements Objective {

  /**
   * YAML: {@code hinton-standardized: {temperature: 2, weight: 9, crossEntropy: 0.1}}: the authors'
   * {@code --base-temp 2 --kd-weight 9}, which are those of ResNet-56 and ResNet-20 on CIFAR-100,
   * and mdistiller's cross-entropy.
   */
  @NullUnmarked
  public record Settings(
      @Nullable Double temperature, @Nullable Double weight, @Nullable Double crossEntropy)
      implements ObjectiveSettings {
    public Settings {
      temperature =
          ObjectiveSettings.temperature("temperature", temperature == null ? 2.0 : temperature);
      weight = ObjectiveSettings.notNegative("weight", weight == null ? 9.0 : weight);
      crossEntropy =
          ObjectiveSettings.notNegative("crossEntropy", crossEntropy == null ? 0.1 : crossEntropy);
    }

    @Override
    public List<Objective> build(Pairing pairing) {
      return CrossEntropy.beside(new HintonStandardized(weight, temperature), crossEntropy);
    }
  }

  private static final double EPSILON = 1e-7;

  @Override
  public String name() {
    return "hinton-standardized";
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
    return loss(step.student().logits(), step.teacher().logits(), temperature);
  }

  /**
   * The mean over images.
   *
   * @param student logits {@code [N, classes]}, at least two classes
   * @param teacher logits {@code [N, classes]}
   * @return a scalar
   */
  public static Tensor loss(Tensor student, Tensor teacher, double temperature) {
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
