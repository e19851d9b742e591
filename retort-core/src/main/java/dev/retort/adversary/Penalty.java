package dev.retort.adversary;

import dev.retort.distill.ObjectiveSettings;
import dev.retort.engine.RandomSource;
import dev.retort.engine.Tensors;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * What D pays for the slope of its logit d in the representation that it reads (what it knows
 * beside, a label or a partner, is held). YAML: {@code penalty: {r1: 0.05, r2: 0.05,
 * gradientPenalty: 10}}; 0 for none.
 *
 * @param r1 γ of R1: γ/2 E ‖∇ d(t)‖² on the teacher's representations (Mescheder et al. 2018, eq.
 *     9)
 * @param r2 γ of R2: γ/2 E ‖∇ d(s)‖² on the student's (eq. 10)
 * @param gradientPenalty λ of λ E (‖∇ d(x)‖ − 1)² at points uniform on the segment between the
 *     teacher's and the student's representation of each image (Gulrajani et al. 2017, eq. 3); null
 *     for 0, or 10 where the loss is {@code wasserstein-gp}
 */
public record Penalty(double r1, double r2, @Nullable Double gradientPenalty) {
  /** None but what the loss has. */
  public static final Penalty DEFAULTS = new Penalty(0, 0, null);

  /** Gulrajani et al. 2017, algorithm 1. */
  private static final double OF_WASSERSTEIN = 10;

  public Penalty {
    ObjectiveSettings.notNegative("r1", r1);
    ObjectiveSettings.notNegative("r2", r2);
    ObjectiveSettings.notNegative("gradientPenalty", gradientPenalty == null ? 0 : gradientPenalty);
  }

  /** The same with the gradient penalty that the loss has where none is given. */
  Penalty with(GanLoss loss) {
    return gradientPenalty != null
        ? this
        : new Penalty(r1, r2, loss == GanLoss.WASSERSTEIN_GP ? OF_WASSERSTEIN : 0);
  }

  /** λ, where null is 0. */
  double gradientPenaltyOrZero() {
    return gradientPenalty == null ? 0 : gradientPenalty;
  }

  /** Whether there is nothing to pay. */
  boolean isNone() {
    return r1 == 0 && r2 == 0 && gradientPenaltyOrZero() == 0;
  }

  /**
   * The sum of the three, differentiable in θ, and in the representations where those are functions
   * of something.
   *
   * @param real what D read of the teacher, which its logits can be differentiated by
   * @param realLogits {@code [N]}, a function of {@code real}
   * @param fake what D read of the student
   * @param fakeLogits {@code [N]}, a function of {@code fake}
   * @param judge D's logits on other representations of the same images
   * @return a scalar
   */
  Tensor of(
      Tensor real,
      Tensor realLogits,
      Tensor fake,
      Tensor fakeLogits,
      UnaryOperator<Tensor> judge,
      RandomSource random) {
    Tensor sum = torch.zeros(new long[] {}, realLogits.options());
    if (r1 > 0) {
      sum = sum.add(squaredSlopes(realLogits, real).mean(), new Scalar(r1 / 2));
    }
    if (r2 > 0) {
      sum = sum.add(squaredSlopes(fakeLogits, fake).mean(), new Scalar(r2 / 2));
    }
    if (gradientPenaltyOrZero() > 0) {
      Tensor between = between(real, fake, random);
      // The root has no derivative at 0.
      Tensor slopes = squaredSlopes(judge.apply(between), between).add(new Scalar(1e-12)).sqrt();
      Tensor deviation = slopes.sub(new Scalar(1.0)).square().mean();
      sum = sum.add(deviation, new Scalar(gradientPenaltyOrZero()));
    }
    return sum;
  }

  /** ‖∇ d‖² of each row, {@code [N]}: rows are judged independently, so one pass gives them all. */
  private static Tensor squaredSlopes(Tensor logits, Tensor read) {
    Tensor slope = Tensors.differentiableGradients(logits.sum(), new TensorVector(read)).get(0);
    return slope.flatten(1, -1).square().sum(1);
  }

  private static Tensor between(Tensor real, Tensor fake, RandomSource random) {
    long[] perRow = new long[(int) real.dim()];
    Arrays.fill(perRow, 1);
    perRow[0] = real.size(0);
    Tensor share = random.uniform(real.scalar_type(), perRow).to(real.device(), real.scalar_type());
    Tensor point = fake.lerp(real, share);
    return point.requires_grad() ? point : point.set_requires_grad(true);
  }
}
