package dev.retort.distill;

import dev.retort.engine.Tensors;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Distillation from a stronger teacher (Huang et al. 2022, section 4): T²·(β·inter + γ·intra), with
 * p = softmax(z / T). For an image's row of p, inter is 1 − the Pearson correlation between the two
 * networks, the mean over images. For a class's column of p over the batch, intra is the same, the
 * mean over classes. A student need only match the teacher up to a positive linear map of each row
 * and column. Of two classes an image's row correlates by 1 or −1, without a gradient: half of the
 * loss then teaches nothing. Where all of an image's logits are equal, as of a last layer that
 * begins at zero, its gradient is millions of times as large as elsewhere.
 *
 * <p>T² and the 1e-8 that is added to the product of the norms are the code's. β = γ = 2 with a
 * weight of 1 is the default, written otherwise.
 *
 * @param beta β, the factor of the relation among classes
 * @param gamma γ, the factor of the relation among images
 * @param temperature T, from 0.01 to 1000
 * @param weight the factor of the term
 * @param crossEntropy the weight of the student's error on the labels beside it; 0 for none
 * @see <a href="https://arxiv.org/abs/2205.10536">Knowledge Distillation from A Stronger
 *     Teacher</a>
 */
record Dist(double beta, double gamma, double temperature, double weight, double crossEntropy)
    implements LogitLoss {
  /**
   * The values are the authors' for every pair on CIFAR-100 ({@code dist_cifar.yaml}), and the
   * paper's β = γ = 2; on ImageNet the temperature is 1.
   */
  public static final ObjectiveKind KIND =
      new ObjectiveKind(
          "dist",
          new Dist(1, 1, 4, 2, 1),
          "the correlations of the teacher's probabilities over classes and over images",
          "Huang et al. 2022, section 4");

  private static final double EPSILON = 1e-8;

  public Dist {
    ObjectiveSettings.notNegative("beta", beta);
    ObjectiveSettings.notNegative("gamma", gamma);
    ObjectiveSettings.notBothZero("beta", beta, "gamma", gamma);
    ObjectiveSettings.temperature("temperature", temperature);
    ObjectiveSettings.weights(weight, crossEntropy);
  }

  @Override
  public String name() {
    return KIND.name();
  }

  @Override
  public boolean isMeanOverImages() {
    return false;
  }

  /** The sum of both relations. */
  @Override
  public Tensor loss(Tensor student, Tensor teacher) {
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
