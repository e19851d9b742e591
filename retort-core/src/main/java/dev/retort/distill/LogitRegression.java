package dev.retort.distill;

import java.util.List;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;

/**
 * Regression of the teacher's logits (Ba and Caruana 2014, equation 1): the mean of (z_s − z_t)²
 * over images and classes. Centred, each vector of logits loses its mean over classes first, which
 * no softmax can see; half of that, (z_s − z_t)²/2, is what {@link Hinton}'s loss tends to for T →
 * ∞ (Hinton et al. 2015, section 2.1).
 *
 * <p>The paper sums over classes and halves, which is classes / 2 times as much; public code (Kim
 * et al. 2021 and others) takes the mean, and so do we.
 *
 * @param weight the factor of the term
 * @param centred whether the means are removed
 */
public record LogitRegression(double weight, boolean centred) implements Objective {

  /**
   * YAML: {@code logit-regression: {centred: false, weight: 0.9, crossEntropy: 0.1}}, weighted as
   * Hinton's is; Kim et al. leave the cross-entropy out.
   */
  @NullUnmarked
  public record Settings(
      @Nullable Boolean centred, @Nullable Double weight, @Nullable Double crossEntropy)
      implements ObjectiveSettings {
    public Settings {
      centred = centred != null && centred;
      weight = ObjectiveSettings.notNegative("weight", weight == null ? 0.9 : weight);
      crossEntropy =
          ObjectiveSettings.notNegative("crossEntropy", crossEntropy == null ? 0.1 : crossEntropy);
    }

    @Override
    public List<Objective> build(Pairing pairing) {
      return CrossEntropy.beside(new LogitRegression(weight, centred), crossEntropy);
    }
  }

  @Override
  public String name() {
    return "logit-regression";
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
    return loss(step.student().logits(), step.teacher().logits(), centred);
  }

  /**
   * The mean over images and classes.
   *
   * @param student logits {@code [N, classes]}
   * @param teacher logits {@code [N, classes]}
   * @return a scalar
   */
  public static Tensor loss(Tensor student, Tensor teacher, boolean centred) {
    Tensor difference = student.sub(teacher);
    if (centred) {
      difference = difference.sub(difference.mean(1).unsqueeze(1));
    }
    return difference.square().mean();
  }
}
