package dev.retort.adversary;

import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The affine map from the student's representation to the teacher's that minimises the mean squared
 * error over the images that it was shown: hidden units of two networks have no order in common, so
 * that without it a discriminator would tell any two networks apart. Of maps each position is a
 * sample, as in a 1×1 convolution.
 */
final class LeastSquaresConnector {
  /** Relative to the mean of the diagonal: units that are always 0 leave the problem singular. */
  private static final double RIDGE = 1e-6;

  private final Tensor gram;
  private final Tensor moments;

  /**
   * A connector that has seen nothing.
   *
   * @param student the student's width
   * @param teacher the teacher's
   */
  LeastSquaresConnector(long student, long teacher) {
    this.gram =
        Tensors.of(
            new double[Math.toIntExact((student + 1) * (student + 1))], student + 1, student + 1);
    this.moments =
        Tensors.of(new double[Math.toIntExact((student + 1) * teacher)], student + 1, teacher);
  }

  /** Takes in a batch, {@code [N, d]} or {@code [N, C, H, W]}; both maps of one size. */
  void add(Tensor student, Tensor teacher) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor inputs = inputs(rows(student));
      gram.add_(inputs.t().matmul(inputs));
      moments.add_(inputs.t().matmul(rows(teacher)));
    }
  }

  /** The solution, {@code [student + 1, teacher]}, the constant in its last row, in float64. */
  Tensor solution() {
    Tensor diagonal = gram.diagonal();
    Tensor ridge = Tensors.scaled(diagonal.mean(), RIDGE);
    Tensor regular = gram.add(torch.diag(torch.ones_like(diagonal)).mul(ridge));
    return torch.linalg_solve(regular, moments);
  }

  /**
   * The student's representation brought to the teacher's.
   *
   * @param solution of {@link #solution()}
   */
  static Tensor connect(Tensor student, Tensor solution) {
    Tensor connected = inputs(rows(student)).matmul(solution).to(student.scalar_type());
    if (student.dim() == 2) {
      return connected;
    }
    return connected
        .view(student.size(0), student.size(2), student.size(3), solution.size(1))
        .permute(0, 3, 1, 2)
        .contiguous();
  }

  private static Tensor rows(Tensor representation) {
    Tensor wide = representation.to(ScalarType.Double);
    return wide.dim() == 2 ? wide : wide.permute(0, 2, 3, 1).reshape(-1, wide.size(1));
  }

  private static Tensor inputs(Tensor rows) {
    Tensor ones = torch.ones(new long[] {rows.size(0), 1}, rows.options());
    return torch.cat(new TensorVector(rows, ones), 1);
  }
}
