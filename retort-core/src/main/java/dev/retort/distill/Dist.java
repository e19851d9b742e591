package dev.retort.distill;

import dev.retort.engine.Tensors;
import java.util.List;
import java.util.Set;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;

/**
 * Distillation from a stronger teacher (Huang et al. 2022, section 4): T²·(β·inter + γ·intra),
 * where p = softmax(z / T), inter is 1 − the Pearson correlation between the two networks of an
 * image's row of p, mean over images, and intra is 1 − that of a class's column of p over the
 * batch, mean over classes. A student need only match the teacher up to a positive linear map of
 * each row and column.
 *
 * <p>T² and the 1e-8 that is added to the product of the norms are the code's.
 *
 * @param weight the factor of the term
 * @param beta β, the factor of the relation among classes
 * @param gamma γ, the factor of the relation among images
 * @param temperature T, from 0.01 to 1000
 */
public record Dist(double weight, double beta, double gamma, double temperature)
    implements Objective {

  /**
   * YAML: {@code dist: {beta: 1, gamma: 1, temperature: 4, weight: 2, crossEntropy: 1}}: the
   * authors' for every pair on CIFAR-100 ({@code dist_cifar.yaml}), and the paper's β = γ = 2; on
   * ImageNet the temperature is 1.
   */
  @NullUnmarked
  public record Settings(
      @Nullable Double beta,
      @Nullable Double gamma,
      @Nullable Double temperature,
      @Nullable Double weight,
      @Nullable Double crossEntropy)
      implements ObjectiveSettings {
    public Settings {
      beta = ObjectiveSettings.notNegative("beta", beta == null ? 1.0 : beta);
      gamma = ObjectiveSettings.notNegative("gamma", gamma == null ? 1.0 : gamma);
      temperature =
          ObjectiveSettings.temperature("temperature", temperature == null ? 4.0 : temperature);
      weight = ObjectiveSettings.notNegative("weight", weight == null ? 2.0 : weight);
      crossEntropy =
          ObjectiveSettings.notNegative("crossEntropy", crossEntropy == null ? 1.0 : crossEntropy);
    }

    @Override
    public List<Objective> build(Pairing pairing) {
      return CrossEntropy.beside(new Dist(weight, beta, gamma, temperature), crossEntropy);
    }
  }

  private static final double EPSILON = 1e-8;

  @Override
  public String name() {
    return "dist";
  }

  @Override
  public Set<String> teacherTaps() {
    return Set.of("logits");
  }

  @Override
  public Tensor loss(Step step) {
    return loss(step.student().logits(), step.teacher().logits(), beta, gamma, temperature);
  }

  /**
   * The sum of both relations.
   *
   * @param student logits {@code [N, classes]}
   * @param teacher logits {@code [N, classes]}
   * @return a scalar
   */
  public static Tensor loss(
      Tensor student, Tensor teacher, double beta, double gamma, double temperature) {
    Tensor q = torch.softmax(Tensors.scaled(student, 1 / temperature), 1);
    Tensor p = torch.softmax(Tensors.scaled(teacher, 1 / temperature), 1);
    Tensor inter = Tensors.scaled(uncorrelated(q, p, 1), beta);
    Tensor intra = Tensors.scaled(uncorrelated(q, p, 0), gamma);
    return Tensors.scaled(inter.add(intra), temperature * temperature);
  }

  /** 1 − the correlation along a dimension, mean over the other. */
  private static Tensor uncorrelated(Tensor a, Tensor b, long along) {
    Tensor x = a.sub(a.mean(along).unsqueeze(along));
    Tensor y = b.sub(b.mean(along).unsqueeze(along));
    Tensor norms = Tensors.norms(x, along).mul(Tensors.norms(y, along)).squeeze(along);
    Tensor correlation = x.mul(y).sum(along).div(norms.add(new Scalar(EPSILON)));
    return correlation.mean().neg().add(new Scalar(1.0));
  }
}
