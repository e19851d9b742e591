package dev.retort.distill;

import java.util.List;
import java.util.Set;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;

/**
 * Distillation of softened probabilities (Hinton, Vinyals and Dean 2015, section 2): T² ·
 * KL(softmax(z_t / T) ‖ softmax(z_s / T)), summed over classes, mean over images. T² keeps the
 * gradient's scale independent of T.
 *
 * @param weight the factor of the term
 * @param temperature T, from 0.01 to 1000
 */
public record Hinton(double weight, double temperature) implements Objective {

  /**
   * YAML: {@code hinton: {temperature: 4, weight: 0.9, crossEntropy: 0.1}}, RepDistiller's and
   * mdistiller's for CIFAR-100; 0 leaves the cross-entropy out.
   */
  @NullUnmarked
  public record Settings(
      @Nullable Double temperature, @Nullable Double weight, @Nullable Double crossEntropy)
      implements ObjectiveSettings {
    public Settings {
      temperature =
          ObjectiveSettings.temperature("temperature", temperature == null ? 4.0 : temperature);
      weight = ObjectiveSettings.notNegative("weight", weight == null ? 0.9 : weight);
      crossEntropy =
          ObjectiveSettings.notNegative("crossEntropy", crossEntropy == null ? 0.1 : crossEntropy);
    }

    @Override
    public List<Objective> build(Pairing pairing) {
      return CrossEntropy.beside(new Hinton(weight, temperature), crossEntropy);
    }
  }

  @Override
  public String name() {
    return "hinton";
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
   * @param student logits {@code [N, classes]}
   * @param teacher logits {@code [N, classes]}
   * @return a scalar
   */
  public static Tensor loss(Tensor student, Tensor teacher, double temperature) {
    Scalar sharpness = new Scalar(1 / temperature);
    Tensor logP = torch.log_softmax(teacher.mul(sharpness), 1);
    Tensor logQ = torch.log_softmax(student.mul(sharpness), 1);
    Tensor divergence = logP.exp().mul(logP.sub(logQ)).sum(1);
    return divergence.mean().mul(new Scalar(temperature * temperature));
  }
}
