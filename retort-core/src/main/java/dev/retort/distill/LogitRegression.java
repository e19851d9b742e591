package dev.retort.distill;

import org.bytedeco.pytorch.Tensor;

/**
 * Regression of the teacher's logits (Ba and Caruana 2014, equation 1): the mean of (z_s − z_t)²
 * over images and classes. Centred, each vector of logits loses its mean over classes first, which
 * no softmax can see. Half of that loss, (z_s − z_t)²/2, is what {@link Hinton}'s loss tends to for
 * T → ∞ (Hinton et al. 2015, section 2.1).
 *
 * <p>The paper sums over classes and halves, which is classes / 2 times as much; public code (Kim
 * et al. 2021 and others) takes the mean, and so do we.
 *
 * @param centred whether the means are removed
 * @param weight the factor of the term
 * @param crossEntropy the weight of the student's error on the labels beside it; 0 for none
 * @see <a href="https://arxiv.org/abs/1312.6184">Do Deep Nets Really Need to be Deep?</a>
 */
record LogitRegression(boolean centred, double weight, double crossEntropy) implements LogitLoss {
  /** Weighted as Hinton's is; Kim et al. leave the cross-entropy out. */
  public static final ObjectiveKind KIND =
      new ObjectiveKind(
          "logit-regression",
          new LogitRegression(false, 0.9, 0.1),
          "the teacher's logits, as they are or without each image's mean",
          "Ba and Caruana 2014, equation 1; Kim et al. 2021");

  public LogitRegression {
    ObjectiveSettings.weights(weight, crossEntropy);
  }

  @Override
  public String name() {
    return KIND.name();
  }

  @Override
  public Tensor loss(Tensor student, Tensor teacher) {
    Tensor difference = student.sub(teacher);
    if (centred) {
      difference = difference.sub(difference.mean(1).unsqueeze(1));
    }
    return difference.square().mean();
  }
}
